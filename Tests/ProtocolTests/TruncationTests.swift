import Algebra
import MPC
import Networking
import Preprocessing
import Primitives
import TestSupport
import Testing

/// Truncations of numbers by several widths, as signed integers.
private struct Truncations: ConformanceProgram {
    let numbers: [BigInteger]
    let widths: [Int]

    func run<E: Engine & ~Copyable>(_ engine: inout E, _ inputs: Inputs) throws(MPCError)
        -> [String]
    {
        let mine = inputs.me == nil || inputs.me == Party(0)
        let x = try engine.input(
            mine ? Vector(engine.ring, big: numbers) : nil, count: numbers.count, from: Party(0))
        var results: [String] = []
        for bits in widths {
            let z = try engine.output(engine.truncate(x, by: bits), to: .all)
            results.append("\(z?.signedIntegers ?? [])")
        }
        return results
    }
}

@Suite struct TruncationTests {
    /// ⌊x / 2^bits⌋ by division.
    static func floor(_ x: BigInteger, _ bits: Int) -> BigInteger {
        x.quotientAndRemainder(dividingBy: BigInteger(1) << bits).quotient
    }

    func check(_ ring: some Ring, _ numbers: [BigInteger], _ widths: [Int], parties: Int = 2)
        throws
    {
        let run = try conformance(
            ring, parties: parties, numbers: [],
            program: Truncations(numbers: numbers, widths: widths))
        let expected = widths.map { bits in "\(numbers.map { Self.floor($0, bits) })" }
        #expect(run.plain == expected)
        for party in run.engine { #expect(party == expected) }
        #expect(run.engine.count == parties)
    }

    /// Ends of the range, and multiples of 2^bits with their neighbours.
    func checkEdges(_ ring: some Ring, _ widths: [Int]) throws {
        let bound = ring.numberBound
        var numbers: [BigInteger] = [0, 1, bound, bound - 1]
        for bits in widths {
            for factor: BigInteger in [1, 3, 12345] {
                let value = factor << bits
                for delta: BigInteger in [-1, 0, 1] where value + delta <= bound {
                    numbers.append(value + delta)
                }
            }
        }
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<50 {
            let limbs = (0..<(ring.bitWidth + 63) / 64).map { _ in generator.next() }
            numbers.append(BigInteger(limbs: limbs).modulo(bound))
        }
        try check(ring, numbers + numbers.map { BigInteger(0) - $0 }, widths)
    }

    @Test("Truncation is an exact floor at the ends of the range and around multiples")
    func edges() throws {
        try checkEdges(Z64(), [1, 3, 4, 15, 16, 17, 20, 32])
        try checkEdges(Prime62(), [1, 3, 4, 15, 16, 17, 20, 32])
        try checkEdges(Prime126(), [1, 16, 32, 40])
        try checkEdges(Z128(), [1, 16, 32, 40])
    }

    @Test(
        "Truncation is exact where the wrap takes a comparison, too",
        arguments: ["65521", "65537", "4294967311", "2305843009213693951", "18446744073709551629"])
    func primes(text: String) throws {
        try checkEdges(PrimeField(modulus: try #require(BigInteger(text))), [1, 4, 7, 13])
    }

    @Test(
        "Every number of a toy field, under many masks", arguments: [7, 13, 29, 31, 61, 127, 251])
    func toys(p: UInt64) throws {
        let ring = ToyPrime(p)
        let bound = Int((p - 1) / 4)
        let numbers = (-bound...bound).flatMap { Array(repeating: BigInteger($0), count: 200) }
        try check(ring, numbers, Array(1...ring.numberBound.bitWidth), parties: 3)
    }
}
