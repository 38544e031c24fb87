import Algebra
import DishonestMajority
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport
import Testing

@Suite struct AdditiveEngineTests {
    /// Edge values, then random ones of at most 59 bits; ties at every third place.
    static func numbers(parties: Int, count: Int, bits: UInt64 = 59) -> [[Int64]] {
        var generator = SeededGenerator(seed: UInt64(count))
        let bound = Int64(1) << Int64(bits)
        let edges: [Int64] = [0, 1, -1, bound, -bound, 7, 6, 8]
        return (0..<parties).map { party in
            (0..<count).map { i in
                if i < edges.count { return edges[(i + party * 3) % edges.count] }
                if i % 3 == 0 { return Int64(i) }
                let value = Int64(bitPattern: generator.next() >> (63 - bits))
                return i % 2 == 0 ? value : -value
            }
        }
    }

    @Test(
        "Every operation equals the plaintext engine, for every shape",
        arguments: [
            0, 1, 2, 63, 64, 65, 1000,
        ])
    func shapes(count: Int) throws {
        let run = try conformance(
            Prime62(), parties: 3, numbers: Self.numbers(parties: 3, count: count))
        for party in run.engine { #expect(party == run.plain) }
        #expect(run.engine.count == 3)
    }

    @Test(
        "Every operation equals the plaintext engine, for 2 to 10 parties",
        arguments: [
            2, 3, 4, 5, 10,
        ])
    func parties(count: Int) throws {
        let run = try conformance(
            Prime62(), parties: count, numbers: Self.numbers(parties: count, count: 20))
        for party in run.engine { #expect(party == run.plain) }
    }

    @Test("Every operation equals the plaintext engine over ℤ modulo 2⁶⁴ and 2¹²⁸")
    func powersOfTwo() throws {
        try check(Z64())
        try check(Z128())
    }

    @Test("Every operation equals the plaintext engine over 2¹²⁶ − 2¹⁸ + 1")
    func prime126() throws {
        try check(Prime126())
    }

    @Test(
        "Every operation equals the plaintext engine over run-time primes",
        arguments: [
            62, 64, 65, 127, 128, 256, 521,
        ])
    func primeField(bits: Int) throws {
        try check(PrimeField.largest(bits: bits))
    }

    @Test("Every operation equals the plaintext engine over a 16-bit prime")
    func smallPrime() throws {
        let numbers = Self.numbers(parties: 2, count: 70, bits: 13)
        let run = try conformance(PrimeField.largest(bits: 16), parties: 2, numbers: numbers)
        for party in run.engine { #expect(party == run.plain) }
    }

    func check<R: Ring>(_ ring: R) throws {
        for parties in [2, 3] {
            let run = try conformance(
                ring, parties: parties, numbers: Self.numbers(parties: parties, count: 70))
            for party in run.engine { #expect(party == run.plain) }
        }
    }

    @Test("Random bits are zeros and ones, and nobody knows which")
    func randomBits() throws {
        let ring = Prime126()
        let mesh = InMemoryTransport.mesh(partyCount: 3, dealer: true)
        let results = runParties(
            mesh, dealer: { try TrustedDealer(ring, session: $0).serve() }
        ) { session -> (bits: [String], share: [String]) in
            try withAdditiveEngine(ring, session) { (engine) throws(MPCError) in
                let bits = try engine.randomBits(200)
                let opened = try engine.output(bits, to: .all)
                return (
                    opened?.integers.map(\.description) ?? [],
                    bits.share.integers.map(\.description)
                )
            }
        }
        for result in results.dropLast() {
            let (bits, share) = try #require(try result.get())
            #expect(Set(bits) == ["0", "1"] && bits.count == 200)
            #expect((60...140).contains(bits.count { $0 == "1" }))
            #expect(Set(share).count == 200)
        }
    }

    @Test("The plaintext engine agrees with integer arithmetic")
    func oracle() throws {
        let numbers = Self.numbers(parties: 2, count: 40, bits: 29)
        var plain = PlainEngine(Prime126())
        let text = try AllOperations().run(&plain, Inputs(numbers: numbers, me: nil))
        let order = Prime126().order
        let (x, y) = (numbers[0], numbers[1])
        func mod(_ value: Int64) -> String {
            (BigInteger(value) + (value < 0 ? order : BigInteger(0))).description
        }
        func bits(_ flags: [Bool]) -> String {
            AllOperations.text(BitMatrix(flags))
        }
        #expect(text[0] == zip(x, y).map { mod($0 * $1) }.joined(separator: " "))
        #expect(text[1] == x.map { mod($0 * $0) }.joined(separator: " "))
        #expect(text[2] == mod(zip(x, y).map { $0 * $1 }.reduce(0, +)))
        #expect(text[3] == zip(x, y).map { mod(4 * $0 - $1 + 7) }.joined(separator: " "))
        #expect(text[5] == bits(zip(x, y).map { $0 < $1 }))
        #expect(text[6] == bits(x.map { $0 >= 7 }))
        #expect(text[7] == bits(zip(x, y).map { $0 == $1 }))
        #expect(text[11] == zip(x, y).map { mod(min($0, $1)) }.joined(separator: " "))
    }
}
