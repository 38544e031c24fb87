import Algebra
import MPC
import Networking
import Preprocessing
import Primitives
import TestSupport
import Testing

/// Orders and equalities of keys given as bits.
private struct Keys: ConformanceProgram {
    let width: Int
    let pairs: [(UInt128, UInt128)]

    func run<E: Engine & ~Copyable>(_ engine: inout E, _ inputs: Inputs) throws(MPCError)
        -> [String]
    {
        func bits(_ keys: [UInt128]) -> BitMatrix {
            let limbs = keys.flatMap {
                [UInt64(truncatingIfNeeded: $0), UInt64(truncatingIfNeeded: $0 >> 64)]
            }
            return BitMatrix(integers: limbs, limbsPerInteger: 2, bits: width)
        }
        let mine = inputs.me == nil || inputs.me == Party(0)
        let n = pairs.count
        let x = try engine.input(
            bits: mine ? bits(pairs.map(\.0)) : nil, rows: width, count: n, from: Party(0))
        let y = try engine.input(
            bits: mine ? bits(pairs.map(\.1)) : nil, rows: width, count: n, from: Party(0))
        let less = try engine.output(bits: engine.isLess(x, than: y), to: .all)
        let equal = try engine.output(bits: engine.isEqual(x, to: y), to: .all)
        return [Self.text(less?.bools ?? []), Self.text(equal?.bools ?? [])]
    }

    static func text(_ bools: [Bool]) -> String { String(bools.map { $0 ? "1" : "0" }) }
}

@Suite struct KeyComparisonTests {
    /// All pairs of small keys; else equal, adjacent, extreme, one bit apart and random ones.
    static func pairs(width: Int) -> [(UInt128, UInt128)] {
        if width <= 4 {
            return (0..<UInt128(1) << UInt128(width)).flatMap { x in
                (0..<UInt128(1) << UInt128(width)).map { (x, $0) }
            }
        }
        var generator = SeededGenerator(seed: UInt64(width))
        let top = UInt128.max >> UInt128(128 - width)
        func random() -> UInt128 {
            (UInt128(generator.next()) << 64 | UInt128(generator.next())) & top
        }
        var pairs: [(UInt128, UInt128)] = [(0, 0), (0, top), (top, 0), (top, top), (top - 1, top)]
        for bit in 0..<width {
            let x = random()
            let other = x ^ UInt128(1) << UInt128(bit)
            pairs += [(x, x), (x, other), (other, x)]
            if x < top { pairs += [(x, x + 1), (x + 1, x)] }
        }
        return pairs + (0..<100).map { _ in (random(), random()) }
    }

    @Test("Keys of every width compare as integers", arguments: Array(1...20) + [63, 64, 84, 128])
    func widths(width: Int) throws {
        let pairs = Self.pairs(width: width)
        let run = try conformance(
            Prime62(), parties: 2, numbers: [], program: Keys(width: width, pairs: pairs))
        let expected = [
            Keys.text(pairs.map { $0 < $1 }), Keys.text(pairs.map { $0 == $1 }),
        ]
        #expect(run.plain == expected)
        for party in run.engine { #expect(party == expected) }
        #expect(run.engine.count == 2)
    }
}
