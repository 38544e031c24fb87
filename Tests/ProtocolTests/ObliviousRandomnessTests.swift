import Algebra
import Circuits
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport
import Testing

/// One party's seat in a run that checks correlations by opening them; everything of a run is made
/// with the same transfers, which take most of the time to set up.
struct OpenedCorrelations {
    let session: Session
    let work: ObliviousSession
    private(set) var failures: [String] = []
    /// The shares of large vectors: no two may be the same.
    private var seen = Set<[UInt64]>()

    /// What every party finds wrong.
    static func failures(
        parties n: Int, _ program: @escaping @Sendable (inout OpenedCorrelations) throws -> Void
    ) throws -> [String] {
        try runParties(InMemoryTransport.mesh(partyCount: n)) { session in
            var opened = OpenedCorrelations(
                session: session, work: try ObliviousSession(session))
            try program(&opened)
            try session.flush()
            return opened.failures
        }.flatMap { try $0.get() ?? [] }
    }

    mutating func expect(_ isRight: Bool, _ what: @autoclosure () -> String) {
        if !isRight { failures.append("party \(session.party.index): \(what())") }
    }

    mutating func expectFresh(_ words: [[UInt64]], _ what: @autoclosure () -> String) {
        for words in words where words.count > 15 {
            expect(seen.insert(words).inserted, "\(what()) repeats")
        }
    }

    mutating func triples<R: Ring>(_ ring: R, _ count: Int) throws {
        var randomness = ObliviousRandomness(ring, over: work)
        let t = try randomness.makeTriples(count)
        expectFresh([t.a, t.b, t.c].map(\.share.limbs), "a triple")
        let plain = try session.open([t.a, t.b, t.c].map(\.share))
        expect(
            plain[0].count == count && plain[2] == plain[0] * plain[1],
            "\(count) triples \(ring.name)")
    }

    mutating func squares<R: Ring>(_ ring: R, _ count: Int) throws {
        var randomness = ObliviousRandomness(ring, over: work)
        let s = try randomness.makeSquares(count)
        expectFresh([s.a, s.c].map(\.share.limbs), "a square")
        let plain = try session.open([s.a, s.c].map(\.share))
        expect(
            plain[0].count == count && plain[1] == plain[0] * plain[0],
            "\(count) squares \(ring.name)")
    }

    mutating func bitTriples(words: Int) throws {
        var randomness = ObliviousRandomness(Z64(), over: work)
        let t = try randomness.makeBitTriples(words: words)
        let f = try randomness.makeForkedBitTriples(words: words)
        let shares = [t.a, t.b, t.c, f.a, f.b.0, f.c.0, f.b.1, f.c.1].map(\.share)
        expectFresh(shares.map(\.words), "a bit triple")
        let plain = try session.open(shares)
        expect(
            plain[0].count == 64 * words && plain[2] == plain[0] & plain[1],
            "\(words) words of bit triples")
        expect(
            plain[5] == plain[3] & plain[4] && plain[7] == plain[3] & plain[6],
            "\(words) words of forked bit triples")
    }

    mutating func bits<R: Ring>(_ ring: R, _ count: Int) throws {
        var randomness = ObliviousRandomness(ring, over: work)
        let d = try randomness.makeDaBits(count)
        let e = try randomness.makeEdaBits(count)
        expectFresh([d.arithmetic.share.limbs, e.r.share.limbs], "a mask")
        let numbers = try session.open([d.arithmetic.share, e.r.share])
        let bit = try session.open([d.bits.share])[0]
        expect(
            bit.count == count && numbers[0] == Vector(ring, bits: bit),
            "\(count) daBits \(ring.name)")
        expect(
            try session.open([e.monomials.share])[0]
                == monomials(
                    ofBits: Self.bits(numbers[1]), shape: MonomialShape(for: ring, blockBits: 2)),
            "\(count) edaBits \(ring.name)")
    }

    mutating func masks<R: Ring>(_ ring: R, by m: Int) throws {
        var randomness = ObliviousRandomness(ring, over: work)
        let mask = try randomness.makeTruncationMasks(128, by: m)
        let numbers = try session.open([mask.r.share, mask.high.share])
        expect(numbers[1] == numbers[0].shiftedRight(by: m), "high by \(m), \(ring.name)")
        let shape = TruncationShape(for: ring, bits: m, blockBits: 2)
        expect(
            try session.open([mask.monomials.share])[0]
                == monomials(ofBits: Self.bits(numbers[0]), shape: shape.all)
                && mask.shape == shape,
            "truncation masks by \(m), \(ring.name)")
    }

    mutating func matrices<R: Ring>(_ ring: R, _ rows: Int, _ inner: Int, _ columns: Int) throws {
        let shape = MatrixShape(rows: rows, inner: inner, columns: columns)
        var randomness = ObliviousRandomness(ring, over: work)
        guard let t = try randomness.makeMatrixTriple(shape) else {
            expect(false, "no matrix triple")
            return
        }
        // Of different lengths: opened one by one.
        let plain = try [t.a, t.b, t.c].map { try session.open([$0.share])[0] }
        expect(
            plain[2]
                == Vector.matrixProduct(
                    plain[0], plain[1], rows: rows, inner: inner, columns: columns),
            "matrix triple \(rows) x \(inner) x \(columns), \(ring.name)")
    }

    private static func bits<R: Ring>(_ x: Vector<R>) -> BitMatrix {
        BitMatrix(
            integers: x.decoded(), limbsPerInteger: x.ring.limbsPerElement, bits: x.ring.bitWidth)
    }
}

/// Every correlation made by oblivious transfers.
@Suite struct ObliviousRandomnessTests {
    @Test("Triples and squares", arguments: [2, 3, 5])
    func triplesAndSquares(parties: Int) throws {
        let failures = try OpenedCorrelations.failures(parties: parties) { opened in
            func check(_ ring: some Ring, _ sizes: [Int]) throws {
                for size in sizes {
                    try opened.triples(ring, size)
                    try opened.squares(ring, size)
                }
            }
            let sizes = parties == 2 ? [0, 1, 63, 64, 65, 1000] : [65]
            try check(Z64(), sizes)
            try check(Z128(), sizes)
            try check(Prime62(), sizes)
            try check(Prime126(), sizes)
            try check(ToyPrime(251), sizes)
            try check(PrimeField.largest(bits: 61), [65])
            try check(PrimeField.largest(bits: 128), [1, 65])
            // More than two chunks, so that their steps interleave.
            try check(Z64(), [5000])
            try check(ToyPrime(251), parties == 2 ? [30_000] : [])
        }
        #expect(failures == [])
    }

    @Test("Bits in all forms", arguments: [2, 3, 5])
    func bits(parties: Int) throws {
        let failures = try OpenedCorrelations.failures(parties: parties) { opened in
            for words in [0, 1, 2, 16] + (parties == 5 ? [] : [3000]) {
                try opened.bitTriples(words: words)
            }
            for count in parties == 5 ? [64] : [0, 64, 1024] {
                try opened.bits(Z64(), count)
                try opened.bits(Z128(), count)
                try opened.bits(Prime62(), count)
                try opened.bits(Prime126(), count)
                try opened.bits(ToyPrime(5), count)
                try opened.bits(ToyPrime(131), count)
            }
            try opened.bits(PrimeField.largest(bits: 128), 64)
            // Several groups of chunks.
            try opened.bits(ToyPrime(5), parties == 2 ? 400_000 : 64)
        }
        #expect(failures == [])
    }

    @Test("Truncation masks", arguments: [2, 3])
    func truncationMasks(parties: Int) throws {
        let failures = try OpenedCorrelations.failures(parties: parties) { opened in
            for m in [1, 16, 31] {
                try opened.masks(Z64(), by: m)
                try opened.masks(Prime62(), by: m)
                try opened.masks(Prime126(), by: m)
                // Its wraps are not local: all bits are needed.
                try opened.masks(PrimeField(modulus: .largestPrime(below: 3 << 61)), by: m)
            }
        }
        #expect(failures == [])
    }

    @Test("Matrix triples", arguments: [2, 3])
    func matrixTriples(parties: Int) throws {
        let failures = try OpenedCorrelations.failures(parties: parties) { opened in
            for (rows, inner, columns) in [
                (1, 1, 1), (3, 2, 5), (5, 2, 3), (70, 3, 2), (2, 3, 70), (0, 2, 3), (3, 0, 2),
            ] {
                try opened.matrices(Z64(), rows, inner, columns)
                try opened.matrices(Prime62(), rows, inner, columns)
            }
            // Several blocks of a column.
            try opened.matrices(Z64(), 5000, 2, 1)
            try opened.matrices(Prime126(), 4, 5, 6)
            try opened.matrices(ToyPrime(251), 4, 5, 6)
            try opened.matrices(PrimeField.largest(bits: 128), 3, 2, 2)
        }
        #expect(failures == [])
    }

    @Test func tenParties() throws {
        let failures = try OpenedCorrelations.failures(parties: 10) { opened in
            try opened.triples(Prime62(), 65)
            try opened.bits(ToyPrime(5), 64)
            try opened.bitTriples(words: 2)
        }
        #expect(failures == [])
    }

    @Test func threePartiesHaveNoLeafTransfers() throws {
        let failures = try OpenedCorrelations.failures(parties: 3) { opened in
            var randomness = ObliviousRandomness(Z64(), over: opened.work)
            let none = try randomness.makeLeafOTs(64, sender: Party(0)) == nil
            opened.expect(none, "leaf transfers among three")
        }
        #expect(failures == [])
    }

    @Test("Leaf OTs", arguments: [Party(0), Party(1)])
    func leafTransfers(sender: Party) throws {
        let counts = [0, 64, 1024, 20_032]
        let parts = try runParties(InMemoryTransport.mesh(partyCount: 2)) { session in
            var randomness = ObliviousRandomness(Z64(), session: session)
            let made = try counts.map { try randomness.makeLeafOTs($0, sender: sender) }
            try session.flush()
            return made
        }.compactMap { try $0.get() }
        for (k, count) in counts.enumerated() {
            guard case .sender(let pads) = parts[sender.index][k],
                case .receiver(let choice, let pad) = parts[1 - sender.index][k]
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

    @Test func howToCompare() throws {
        for (n, method) in [
            (2, ComparisonMethod.leafOTs(blockBits: 2)), (3, .masked(blockBits: 2)),
        ] {
            let methods = try runParties(InMemoryTransport.mesh(partyCount: n)) { session in
                ObliviousRandomness(Z64(), session: session).comparing
            }.map { try $0.get() }
            #expect(methods.allSatisfy { $0 == method })
        }
    }
}
