import Algebra
import Costs
import Gadgets
import MPC
import Networking
import Primitives
import TestSupport
import Testing

/// One of each operation of an engine, on n elements.
struct AllPrimitives: CostedProgram {
    let count: Int

    func run<E: Engine & ~Copyable>(
        _ engine: inout E, me: Party?, done: (String) -> Void
    ) throws {
        let (n, ring) = (count, engine.ring)
        func mine<Value>(_ owner: Int, _ value: Value) -> Value? {
            me?.index == owner ? value : nil
        }
        let x = try engine.input(mine(1, Vector(ring, zeros: n)), count: n, from: Party(1))
        done("input")
        let b = try engine.input(
            bits: mine(0, BitMatrix(rows: 3, count: n)), rows: 3, count: n, from: Party(0))
        done("input bits")
        let bit = b[0..<1]
        _ = try engine.multiply(x, x)
        done("multiply")
        _ = try engine.square(x)
        done("square")
        let pairs = E.Shares.concatenating([x, x])
        _ = try engine.innerProducts(pairs, pairs, length: 2)
        done("inner products")
        let three = x.gathering(n == 0 ? [] : [0, 0, 0])
        _ = try engine.matrixProduct(
            x, three[0..<min(1, three.count)], rows: n, inner: 1, columns: n == 0 ? 0 : 1)
        done("matrix product")
        _ = try engine.matrixProduct(
            three, pairs.gathering((0..<UInt32(3 * n)).map { $0 % UInt32(2 * n) }),
            rows: n == 0 ? 0 : 1, inner: n == 0 ? 0 : 3, columns: n)
        done("wide matrix product")
        _ = try engine.and(b, b)
        done("and")
        _ = try engine.and(AndLayer(bit, bit, fork: (b, b, b)))
        done("forked and")
        _ = try engine.and([(b, b), (bit, bit)], into: [0, 1, 0, 2])
        done("sums of products")
        _ = try engine.isNegative(x)
        done("compare")
        _ = try engine.isZero(x)
        done("equal")
        _ = try engine.bits(of: x)
        done("bits")
        _ = try engine.bits(of: x, count: 5)
        done("low bits")
        _ = try engine.fromBits(b)
        done("from bits")
        _ = try engine.multiply(bits: bit, x)
        done("multiply by bits")
        _ = try engine.truncate(x, by: 16)
        done("truncate")
        _ = try engine.truncate(x, by: 7)
        done("truncate by 7")
        let wide = engine.constant(bits: BitMatrix(rows: 84, count: n))
        _ = try engine.isLess(wide, than: wide)
        done("key compare")
        _ = try engine.isEqual(wide, to: wide)
        done("key equal")
        let records = wide.transposed()
        let keys = try engine.sortKeys(records, bits: (3..<70).map { $0 })
        done("sort keys")
        if n > 0 {
            _ = try engine.isLess(keys, than: keys)
            done("compare keys")
        }
        _ = try engine.shuffle(Columns(numbers: [x, x], records: records))
        done("shuffle")
        _ = try engine.shuffle(Columns(numbers: [x], records: records.lanes(0..<0)))
        done("shuffle of numbers")
        let table = Columns(numbers: [x], records: records)
        _ = try engine.permute(table, by: mine(1, .identity(n)), knownTo: Party(1))
        done("permute")
        let two = me.map { $0.index < 2 } == true
        _ = try engine.permute(
            table, by: two ? .identity(n) : nil, knownTo: (Party(1), Party(0)))
        done("permute by two")
        _ = try engine.reveal(x)
        done("reveal")
        _ = try engine.reveal(bits: b)
        done("reveal bits")
        _ = try engine.open([x, x])
        done("open")
        _ = try engine.open(bits: b)
        done("open bits")
        _ = try engine.output(x, to: .all)
        done("output")
        _ = try engine.output(bits: b, to: .only(Party(1)))
        done("output to one")
        _ = try engine.outputs(bits: [
            (b, .only(Party(0))), (bit, .only(Party(1))), (bit, .all),
        ])
        done("outputs")
    }
}

/// Plans of single operations are exact: each frame and each round of a real run.
@Suite struct PrimitiveTests {
    static func expectExact<R: Ring>(
        _ program: some CostedProgram, over ring: R, on engine: PlannedEngine
    ) throws {
        let real = try RealRun(program, over: ring, on: engine)
        let plan = try Plan(program, over: ring, on: engine)
        #expect(real.parts.count == plan.parts.count)
        // The agreement comes first in a run; a plan adds it at the end. A dealer's part of a
        // moment is known at the end alone.
        let parties = engine.parties
        let start = plan.estimate.setUp
        func difference(_ parts: [Spent], _ i: Int, _ first: Spent?) -> Spent {
            var part = parts[i]
            part.bytes = Array(part.bytes.prefix(parties))
            part.messages = Array(part.messages.prefix(parties))
            guard let before = i > 0 ? parts[i - 1] : first else { return part }
            return part.since(before)
        }
        for i in real.parts.indices {
            var expected = difference(real.parts, i, Spent("set-up", start))
            expected.seconds = nil
            let planned = difference(plan.parts, i, nil)
            #expect(planned == expected, "\(engine), \(ring.name): \(expected.name)")
        }
        #expect(plan.estimate.total.bytesSent == real.total.bytes)
        #expect(plan.estimate.total.messagesSent == real.total.messages)
        #expect(plan.estimate.total.rounds == real.total.rounds)
        #expect(plan.estimate.preprocessing.rounds == real.preprocessing.rounds)
        #expect(
            Array(plan.estimate.preprocessing.bytesSent.prefix(parties))
                == real.preprocessing.bytes)
    }

    static let sizes = [0, 1, 63, 64, 65, 1000]

    @Test("Three-party operations", arguments: sizes + [5000])
    func replicated(count: Int) throws {
        try Self.expectExact(AllPrimitives(count: count), over: Z64(), on: .replicated3)
        try Self.expectExact(AllPrimitives(count: count), over: Prime126(), on: .replicated3)
    }

    @Test("Additive operations with a dealer", arguments: sizes, [2, 3, 5])
    func dealer(count: Int, parties: Int) throws {
        let engine = PlannedEngine.additiveDealer(parties: parties)
        try Self.expectExact(AllPrimitives(count: count), over: Z64(), on: engine)
        try Self.expectExact(AllPrimitives(count: count), over: Prime126(), on: engine)
    }

    @Test("Additive operations between two parties", arguments: sizes)
    func pair(count: Int) throws {
        let engine = PlannedEngine.additiveOT(parties: 2)
        try Self.expectExact(AllPrimitives(count: count), over: Z64(), on: engine)
        try Self.expectExact(AllPrimitives(count: count), over: Prime126(), on: engine)
    }

    @Test("Operations over a prime that is chosen at run time")
    func primeField() throws {
        let ring = try PrimeField(modulus: (BigInteger(1) << 128) - 159)
        for engine in [
            PlannedEngine.replicated3, .additiveDealer(parties: 3), .additiveOT(parties: 2),
        ] {
            try Self.expectExact(AllPrimitives(count: 65), over: ring, on: engine)
        }
    }

    @Test("Additive operations by oblivious transfers", arguments: [0, 1, 65, 200], [3, 5])
    func transfers(count: Int, parties: Int) throws {
        let engine = PlannedEngine.additiveOT(parties: parties)
        try Self.expectExact(AllPrimitives(count: count), over: Z64(), on: engine)
        if parties == 3 {
            try Self.expectExact(AllPrimitives(count: count), over: Prime126(), on: engine)
        }
    }
}
