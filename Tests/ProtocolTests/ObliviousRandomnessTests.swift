import Algebra
import Circuits
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport
import Testing

/// Every correlation made by oblivious transfers, put together from all parties' shares.
@Suite struct ObliviousRandomnessTests {
    static let sizes = [0, 1, 63, 64, 65, 1000]

    /// What each party's `program` returns, on `n` parties.
    static func run<R: Ring, T: Sendable>(
        _ ring: R, parties n: Int,
        _ program: @escaping @Sendable (inout ObliviousRandomness<R>, Session) throws -> T
    ) throws -> [T] {
        try runParties(InMemoryTransport.mesh(partyCount: n)) { session in
            var randomness = ObliviousRandomness(ring, session: session)
            let result = try program(&randomness, session)
            try session.flush()
            return result
        }.compactMap { try $0.get() }
    }

    static func sum<R: Ring>(_ shares: [Vector<R>]) -> Vector<R> {
        shares.dropFirst().reduce(shares[0], +)
    }

    static func sum(_ shares: [BitMatrix]) -> BitMatrix {
        shares.dropFirst().reduce(shares[0], ^)
    }

    /// No two shares, and no two halves of one, are the same.
    static func isFresh<R: Ring>(_ shares: [Vector<R>]) -> Bool {
        Set(shares.map(\.limbs)).count == shares.count
    }

    func triples<R: Ring>(_ ring: R, parties: Int, sizes: [Int] = sizes) throws {
        let shares = try Self.run(ring, parties: parties) { randomness, _ in
            try sizes.map { size in
                let t = try randomness.makeTriples(size)
                return [t.a, t.b, t.c].map(\.share)
            }
                + sizes.map { size in
                    let s = try randomness.makeSquares(size)
                    return [s.a, s.a, s.c].map(\.share)
                }
        }
        for (k, size) in (sizes + sizes).enumerated() {
            let (a, b, c) = (
                Self.sum(shares.map { $0[k][0] }), Self.sum(shares.map { $0[k][1] }),
                Self.sum(shares.map { $0[k][2] })
            )
            #expect(a.count == size && c == a * b, "\(ring.name), \(parties) parties, \(size)")
        }
        // Nothing repeats from call to call or from party to party.
        let large = sizes.indices.filter { sizes[$0] > 60 }
        #expect(Self.isFresh(shares.flatMap { mine in large.map { mine[$0][0][0..<60] } }))
    }

    @Test("Triples and squares", arguments: [2, 3, 5])
    func triplesAndSquares(parties: Int) throws {
        let sizes = parties == 5 ? [65] : Self.sizes
        try triples(Z64(), parties: parties, sizes: sizes)
        try triples(Z128(), parties: parties, sizes: sizes)
        try triples(Prime62(), parties: parties, sizes: sizes)
        try triples(Prime126(), parties: parties, sizes: sizes)
        try triples(try PrimeField.largest(bits: 128), parties: parties, sizes: [1, 65])
        try triples(try PrimeField.largest(bits: 61), parties: parties, sizes: [65])
        try triples(ToyPrime(251), parties: parties, sizes: sizes)
    }

    @Test func tenParties() throws {
        try triples(Prime62(), parties: 10, sizes: [65])
        try bits(Prime62(), parties: 10, count: 64)
    }

    /// More than two chunks, so that steps of several chunks interleave.
    @Test func severalChunks() throws {
        try triples(Z64(), parties: 2, sizes: [5000])
        try triples(Prime62(), parties: 3, sizes: [4500])
    }

    @Test("Bit triples, plain and forked", arguments: [2, 3, 5])
    func bitTriples(parties: Int) throws {
        for words in [0, 1, 2, 16, 3000] {
            let shares = try Self.run(Z64(), parties: parties) { randomness, _ in
                let t = try randomness.makeBitTriples(words: words)
                let f = try randomness.makeForkedBitTriples(words: words)
                return [t.a, t.b, t.c, f.a, f.b.0, f.c.0, f.b.1, f.c.1].map(\.share)
            }
            let t = (0..<8).map { k in Self.sum(shares.map { $0[k] }) }
            #expect(t[0].count == 64 * words)
            #expect(t[2] == t[0] & t[1], "\(parties) parties, \(words) words")
            #expect(t[5] == t[3] & t[4] && t[7] == t[3] & t[6], "\(parties) parties")
            if words > 1 {
                #expect(Set(shares.flatMap { $0.map(\.words) }).count == 8 * parties)
            }
        }
    }

    func bits<R: Ring>(_ ring: R, parties: Int, count: Int) throws {
        let shares = try Self.run(ring, parties: parties) { randomness, _ in
            let d = try randomness.makeDaBits(count)
            let e = try randomness.makeEdaBits(count)
            return (d.arithmetic.share, d.bits.share, e.r.share, e.monomials.share)
        }
        let shape = MonomialShape(for: ring, blockBits: 2)
        let bits = Self.sum(shares.map(\.1))
        #expect(Self.sum(shares.map(\.0)) == Vector(ring, bits: bits))
        let r = Self.sum(shares.map(\.2))
        let plain = BitMatrix(
            integers: r.decoded(), limbsPerInteger: ring.limbsPerElement, bits: ring.bitWidth)
        #expect(r.count == count)
        #expect(
            Self.sum(shares.map(\.3)) == monomials(ofBits: plain, shape: shape),
            "\(ring.name), \(parties) parties, \(count)")
    }

    @Test("daBits and edaBits", arguments: [2, 3, 5])
    func bits(parties: Int) throws {
        for count in parties == 5 ? [64] : [0, 64, 1024] {
            try bits(Z64(), parties: parties, count: count)
            try bits(Z128(), parties: parties, count: count)
            try bits(Prime62(), parties: parties, count: count)
            try bits(Prime126(), parties: parties, count: count)
            try bits(ToyPrime(5), parties: parties, count: count)
            try bits(ToyPrime(131), parties: parties, count: count)
        }
        try bits(try PrimeField.largest(bits: 128), parties: parties, count: 64)
    }

    func masks<R: Ring>(_ ring: R, parties: Int, by m: Int) throws {
        let shares = try Self.run(ring, parties: parties) { randomness, _ in
            let mask = try randomness.makeTruncationMasks(128, by: m)
            return (mask.r.share, mask.high.share, mask.monomials.share)
        }
        let shape = TruncationShape(for: ring, bits: m, blockBits: 2)
        let r = Self.sum(shares.map(\.0))
        let plain = BitMatrix(
            integers: r.decoded(), limbsPerInteger: ring.limbsPerElement, bits: ring.bitWidth)
        #expect(Self.sum(shares.map(\.1)) == r.shiftedRight(by: m))
        #expect(
            Self.sum(shares.map(\.2)) == monomials(ofBits: plain, shape: shape.all),
            "\(ring.name), \(parties) parties, \(m) bits")
    }

    @Test("Truncation masks", arguments: [2, 3])
    func truncationMasks(parties: Int) throws {
        for m in [1, 16, 31] {
            try masks(Z64(), parties: parties, by: m)
            try masks(Prime62(), parties: parties, by: m)
            try masks(Prime126(), parties: parties, by: m)
            // Its wraps are not local: all bits are needed.
            try masks(
                try PrimeField(modulus: .largestPrime(below: 3 << 61)), parties: parties, by: m)
        }
    }

    func matrices<R: Ring>(_ ring: R, parties: Int, _ shape: MatrixShape) throws {
        let shares = try Self.run(ring, parties: parties) { randomness, _ in
            try randomness.makeMatrixTriple(shape).map { [$0.a.share, $0.b.share, $0.c.share] }
        }.compactMap { $0 }
        #expect(shares.count == parties)
        let t = (0..<3).map { k in Self.sum(shares.map { $0[k] }) }
        let product = Vector.matrixProduct(
            t[0], t[1], rows: shape.rows, inner: shape.inner, columns: shape.columns)
        #expect(t[2] == product, "\(ring.name), \(parties) parties, \(shape)")
    }

    @Test("Matrix triples", arguments: [2, 3])
    func matrixTriples(parties: Int) throws {
        for (rows, inner, columns) in [
            (1, 1, 1), (3, 2, 5), (5, 2, 3), (70, 3, 2), (2, 3, 70), (0, 2, 3), (3, 0, 2),
        ] {
            let shape = MatrixShape(rows: rows, inner: inner, columns: columns)
            try matrices(Z64(), parties: parties, shape)
            try matrices(Prime62(), parties: parties, shape)
        }
        let tall = MatrixShape(rows: 5000, inner: 3, columns: 1)
        try matrices(Z64(), parties: parties, tall)
        try matrices(Prime126(), parties: parties, MatrixShape(rows: 4, inner: 5, columns: 6))
        try matrices(ToyPrime(251), parties: parties, MatrixShape(rows: 4, inner: 5, columns: 6))
    }

    @Test("Leaf OTs", arguments: [Party(0), Party(1)])
    func leafTransfers(sender: Party) throws {
        for count in [0, 64, 1024, 20_032] {
            let parts = try Self.run(Z64(), parties: 2) { randomness, _ in
                try randomness.makeLeafOTs(count, sender: sender)
            }
            guard case .sender(let pads) = parts[sender.index],
                case .receiver(let choice, let pad) = parts[1 - sender.index]
            else {
                Issue.record("wrong roles")
                return
            }
            #expect(pads.rows == 32 && choice.rows == 4 && pad.rows == 2 && pads.count == count)
            var wrong = 0
            var seen = Set<Int>()
            for lane in 0..<count {
                let value = (0..<4).reduce(0) { $0 | (choice[row: $1, lane: lane] ? 1 << $1 : 0) }
                seen.insert(value)
                for m in 0..<2 where pads[row: 2 * value + m, lane: lane] != pad[row: m, lane: lane]
                { wrong += 1 }
            }
            #expect(wrong == 0)
            #expect(count < 1024 || seen.count == 16)
        }
    }

    @Test func onlyTwoPartiesHaveLeafTransfers() throws {
        let parts = try Self.run(Z64(), parties: 3) { randomness, _ in
            (try randomness.makeLeafOTs(64, sender: Party(0)) == nil, randomness.comparing)
        }
        #expect(parts.allSatisfy { $0.0 && $0.1 == .masked(blockBits: 2) })
        let two = try Self.run(Z64(), parties: 2) { randomness, _ in randomness.comparing }
        #expect(two == [.leafOTs(blockBits: 2), .leafOTs(blockBits: 2)])
    }
}
