import Algebra
import MPC
import Networking
import Primitives
import TestSupport
import Testing

/// Signs and zero tests at the ends of the range, for rings of every kind.
private struct Signs: ConformanceProgram {
    func run<E: Engine & ~Copyable>(_ engine: inout E, _ inputs: Inputs) throws(MPCError)
        -> [String]
    {
        let ring = engine.ring
        let half = (ring.order - 1) >> 1
        var edges = [0, 1, -1, half, half - 1, BigInteger(0) - half, BigInteger(1) - half]
        for power in stride(from: 1, to: ring.bitWidth - 1, by: 5) {
            for delta: BigInteger in [-1, 0, 1] {
                let value = (BigInteger(1) << power) + delta
                if value < half { edges += [value, BigInteger(0) - value] }
            }
        }
        let values = Vector(ring, big: edges)
        let mine = inputs.me == nil || inputs.me == Party(0) ? values : nil
        let x = try engine.input(mine, count: edges.count, from: Party(0))
        let negative = try engine.output(bits: engine.isNegative(x), to: .all)?.bools ?? []
        let zero = try engine.output(bits: engine.isZero(x), to: .all)?.bools ?? []
        let bits = try engine.output(bits: engine.bits(of: x), to: .all)
        return [
            negative == edges.map { $0 < 0 } ? "signs" : "wrong signs",
            zero == edges.map { $0 == 0 } ? "zeros" : "wrong zeros",
            bits?.integers(limbsPerInteger: ring.limbsPerElement) == values.decoded()
                ? "bits" : "wrong bits",
        ]
    }
}

@Suite struct EdgeCaseTests {
    static let right = ["signs", "zeros", "bits"]

    func check(_ ring: some Ring) throws {
        let run = try conformance(ring, parties: 2, numbers: [], program: Signs())
        #expect(run.plain == Self.right)
        for party in run.engine { #expect(party == Self.right) }
        #expect(run.engine.count == 2)
    }

    @Test("Signs, zeros and bits are exact at the ends of the range")
    func builtIn() throws {
        try check(Z64())
        try check(Z128())
        try check(Prime62())
        try check(Prime126())
    }

    @Test(
        "The same just above and just below powers of two",
        arguments: [
            "32771", "65521", "65537", "4294967291", "4294967311", "18446744073709551557",
            "18446744073709551629", "170141183460469231731687303715884105727",
            "340282366920938463463374607431768211507",
        ])
    func primes(text: String) throws {
        try check(PrimeField(modulus: try #require(BigInteger(text))))
    }

    @Test(
        "Every operation over primes just above powers of two",
        arguments: [
            "65537", "4294967311", "18446744073709551629",
        ])
    func operations(text: String) throws {
        let ring = try PrimeField(modulus: try #require(BigInteger(text)))
        for count in [63, 64, 65] {
            let numbers = AdditiveEngineTests.numbers(parties: 2, count: count, bits: 13)
            let run = try conformance(ring, parties: 2, numbers: numbers)
            for party in run.engine { #expect(party == run.plain) }
        }
    }
}
