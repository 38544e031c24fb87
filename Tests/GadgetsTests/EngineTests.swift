import Algebra
import DishonestMajority
import Gadgets
import HonestMajority
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport
import Testing

/// Gadgets on shares equal the same gadgets on public values, bit for bit.
@Suite struct EngineTests {
    /// All numeric gadgets on a few numbers.
    static func program<E: Engine & ~Copyable>(_ engine: inout E, mine: Bool, count n: Int)
        throws(MPCError) -> [[BigInteger]]
    {
        let ring = engine.ring
        let few: [Int64] = [1, 65_536, 98_304, 7, 1 << 28, 12_345_678, 300_000]
        let numbers = (0..<n).map { few[$0 % few.count] }
        let signed = (0..<n).map { (few[$0 * 3 % few.count] - 500_000) * ($0 % 2 == 0 ? 1 : -1) }
        let x = try engine.input(mine ? Vector(ring, numbers) : nil, count: n, from: Party(0))
        let y = try engine.input(mine ? Vector(ring, signed) : nil, count: n, from: Party(0))
        let results = [
            try engine.product(x, y), try engine.minimum(x, y).value,
            try engine.absoluteValue(y).value, try engine.reciprocal(x, integerBits: 14),
            try engine.quotient(y, x, xBits: 14, yBits: 14),
            try engine.divide(y, by: 1000, numeratorBits: 30),
            try engine.divide(y, by: 1000, numeratorBits: 45),
            try engine.squareRoot(x, integerBits: 14),
            try engine.reciprocalSquareRoot(x, integerBits: 14),
            try engine.exponential(engine.truncate(y, by: 10)),
            try engine.logarithm(x, integerBits: 14),
            try engine.sigmoid(y),
        ]
        var values: [[BigInteger]] = []
        for result in results {
            values.append(try engine.output(result, to: .all)?.signedIntegers ?? [])
        }
        return values
    }

    func check<R: Ring>(_ ring: R, parties: Int, count: Int = 9) throws {
        let mesh = InMemoryTransport.mesh(partyCount: parties, dealer: true)
        let results = runParties(
            mesh, dealer: { try TrustedDealer(ring, session: $0).serve() }
        ) { session -> [[BigInteger]] in
            var engine = SemiHonestAdditive(
                ring, session: session,
                source: PreparedRandomness(DealtRandomness(ring, session: session)))
            let values = try Self.program(
                &engine, mine: session.party == Party(0), count: count)
            try engine.finish()
            return values
        }
        var plain = PlainEngine(ring)
        let expected = try Self.program(&plain, mine: true, count: count)
        for result in results.dropLast() { #expect(try result.get() == expected) }
    }

    func checkReplicated<R: Ring>(_ ring: R, count: Int = 9) throws {
        let results = runParties(InMemoryTransport.mesh(partyCount: 3)) { session in
            var engine = try Replicated3(ring, session: session)
            return try Self.program(
                &engine, mine: session.party == Party(0), count: count)
        }
        var plain = PlainEngine(ring)
        let expected = try Self.program(&plain, mine: true, count: count)
        for result in results { #expect(try result.get() == expected) }
    }

    @Test("Every numeric gadget on the three-party engine")
    func replicated() throws {
        for count in [0, 1, 63, 64, 65] { try checkReplicated(Z64(), count: count) }
        try checkReplicated(Prime62())
        try checkReplicated(Prime126())
        try checkReplicated(Z128())
    }

    @Test("Every numeric gadget on the additive engine")
    func additive() throws {
        for count in [0, 1, 65] { try check(Z64(), parties: 2, count: count) }
        try check(Prime62(), parties: 3)
        try check(Prime126(), parties: 2)
        try check(Z128(), parties: 2)
    }
}
