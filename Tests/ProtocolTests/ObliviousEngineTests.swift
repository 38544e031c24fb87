import Algebra
import DishonestMajority
import Gadgets
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport
import Testing

/// The additive engine on correlated randomness that the parties make among themselves.
@Suite struct ObliviousEngineTests {
    typealias Oblivious<R: Ring> = SemiHonestAdditive<R, PreparedRandomness<ObliviousRandomness<R>>>

    static func engine<R: Ring>(_ ring: R, _ session: Session) -> Oblivious<R> {
        Oblivious(
            ring, session: session,
            source: PreparedRandomness(ObliviousRandomness(ring, session: session)))
    }

    private func check<R: Ring>(_ ring: R, parties: Int, count: Int, bits: UInt64 = 59) throws {
        let numbers = AdditiveEngineTests.numbers(parties: parties, count: count, bits: bits)
        let mesh = InMemoryTransport.mesh(partyCount: parties, deadline: .seconds(60))
        let results = runParties(mesh) { session -> [String] in
            var engine = Self.engine(ring, session)
            return try AllOperations().run(
                &engine, Inputs(numbers: numbers, me: session.party))
        }
        var plain = PlainEngine(ring)
        let expected = try AllOperations().run(&plain, Inputs(numbers: numbers, me: nil))
        for result in results { #expect(try result.get() == expected) }
    }

    @Test("Two parties: every operation equals the plaintext engine", arguments: [0, 1, 65, 1000])
    func twoParties(count: Int) throws {
        try check(Z64(), parties: 2, count: count)
        try check(Prime62(), parties: 2, count: count)
    }

    @Test("Two parties over rings of other widths")
    func widths() throws {
        try check(Z128(), parties: 2, count: 20)
        try check(Prime126(), parties: 2, count: 20)
        try check(PrimeField(modulus: (1 << 127) - 1), parties: 2, count: 20)
    }

    @Test("More parties", arguments: [3, 5])
    func moreParties(count: Int) throws {
        try check(Z64(), parties: count, count: 20)
        try check(Prime62(), parties: count, count: 20)
    }

    @Test(
        "A sort's keys, as numbers between two parties and as bits among three", arguments: [2, 3])
    func sorts(parties: Int) throws {
        // Ties, and keys with the top bits set; 40 and 84 bits with the rows' numbers.
        for width in [20, 64] {
            let keys = (0..<100).map { UInt64($0 * 7919 % 13) << UInt64(width - 5) | 3 }
            let mesh = InMemoryTransport.mesh(partyCount: parties, deadline: .seconds(60))
            let results = runParties(mesh) { session -> [UInt64] in
                var engine = Self.engine(Z64(), session)
                let bits = BitMatrix(integers: keys, limbsPerInteger: 1, bits: width).transposed()
                let x = try engine.input(
                    bits: session.party == Party(0) ? bits : nil, rows: keys.count, count: width,
                    from: Party(0))
                let sorted = try engine.sort(
                    Columns(numbers: [], records: x), by: 0..<width, batch: 1 << 12)
                let records = try engine.output(bits: sorted.records, to: .all)
                return records?.transposed().integers(limbsPerInteger: 1) ?? []
            }
            for result in results { #expect(try result.get() == keys.sorted()) }
        }
    }

    @Test(
        "Keys as numbers compare as integers, also where one and two words end",
        arguments: [1, 4, 63, 64, 127])
    func keysAsNumbers(width: Int) throws {
        let pairs = KeyComparisonTests.pairs(width: width)
        let records = [pairs.map(\.0), pairs.map(\.1)].map { keys in
            BitMatrix(
                integers: keys.flatMap {
                    [UInt64(truncatingIfNeeded: $0), UInt64(truncatingIfNeeded: $0 >> 64)]
                }, limbsPerInteger: 2, bits: width
            ).transposed()
        }
        let mesh = InMemoryTransport.mesh(partyCount: 2, deadline: .seconds(60))
        let results = runParties(mesh) { session -> [Bool] in
            var engine = Self.engine(Z64(), session)
            var keys: [AdditiveSortKeys] = []
            for matrix in records {
                let x = try engine.input(
                    bits: session.isFirst ? matrix : nil, rows: matrix.rows, count: width,
                    from: Party(0))
                keys.append(try engine.sortKeys(x, bits: Array(0..<UInt32(width))))
            }
            guard case .numbers = keys[0] else { return [] }
            return try engine.reveal(bits: engine.isLess(keys[0], than: keys[1])).value.bools
        }
        for result in results { #expect(try result.get() == pairs.map { $0 < $1 }) }
    }
}
