import Algebra
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport
import Testing

/// Bytes of correlated randomness without a dealer, exactly, and beside the formulas of the papers.
@Suite struct CorrelationCostTests {
    /// Bits that one oblivious transfer takes with trees of four levels, chosen or random.
    static let (chosen, random) = (32, 31)
    static let header = FrameHeader.byteCount

    /// What all parties together send for one call, once the transfers are set up.
    static func bytes<R: Ring>(
        _ ring: R, parties n: Int,
        _ make: @escaping @Sendable (inout ObliviousRandomness<R>) throws -> Void
    ) throws -> Int {
        try runParties(InMemoryTransport.mesh(partyCount: n)) { session in
            var randomness = ObliviousRandomness(ring, session: session)
            _ = try randomness.makeBitTriples(words: 1)
            let start = session.costs.report.total.bytesSent
            try make(&randomness)
            try session.flush()
            return session.costs.report.total.bytesSent - start
        }.reduce(0) { try $0 + ($1.get() ?? 0) }
    }

    /// - Parameters:
    ///   - live: bits of the corrections of one product, whole bytes of each.
    ///   - formula: bits of the corrections in the paper.
    func triples<R: Ring>(_ ring: R, parties n: Int, live: Int, formula: Int) throws {
        let (count, l) = (2048, ring.bitWidth)
        let made = try Self.bytes(ring, parties: n) { _ = try $0.makeTriples(count) }
        let lanes = (1 << 16) / l / 64 * 64
        let chunks = (count + lanes - 1) / lanes
        let transfer = n == 2 && ring.isPowerOfTwo ? Self.random : Self.chosen
        let products = count * (l * transfer + live) / 8 + 2 * chunks * Self.header
        #expect(made == n * (n - 1) * products, "\(ring.name), \(n) parties")
        let expected = Double(count * n * (n - 1) * (32 * l + formula)) / 8
        #expect(abs(Double(made) - expected) < expected / 10, "\(ring.name), \(n) parties")
    }

    @Test("Triples", arguments: [2, 3, 5])
    func triples(parties n: Int) throws {
        try triples(Z64(), parties: n, live: 64 * 36, formula: 64 * 65 / 2)
        try triples(Z128(), parties: n, live: 64 * 136, formula: 128 * 129 / 2)
        try triples(Prime62(), parties: n, live: 62 * 64, formula: 62 * 62)
        try triples(Prime126(), parties: n, live: 126 * 128, formula: 126 * 126)
    }

    @Test("Squares take half the products", arguments: [2, 3])
    func squares(parties n: Int) throws {
        let made = try Self.bytes(Z64(), parties: n) { _ = try $0.makeSquares(1024) }
        let product = 1024 * (64 * Self.chosen + 64 * 36) / 8 + 2 * Self.header
        #expect(made == n * (n - 1) / 2 * product)
    }

    @Test("Bit triples", arguments: [2, 3, 5])
    func bitTriples(parties n: Int) throws {
        for (width, count) in [(1, 6400), (2, 6400)] {
            let made = try Self.bytes(Z64(), parties: n) {
                if width == 1 {
                    _ = try $0.makeBitTriples(words: count / 64)
                } else {
                    _ = try $0.makeForkedBitTriples(words: count / 64)
                }
            }
            let pair =
                n == 2
                ? count * Self.random / 8 + Self.header
                : count * (Self.chosen + width) / 8 + 2 * Self.header
            #expect(made == n * (n - 1) * pair, "\(n) parties, width \(width)")
        }
    }

    @Test("daBits: a transfer and an element a pair", arguments: [2, 3, 5])
    func daBits(parties n: Int) throws {
        let made = try Self.bytes(Prime62(), parties: n) { _ = try $0.makeDaBits(6400) }
        let pair = 6400 * (Self.chosen + 64) / 8 + 2 * Self.header
        #expect(made == n * (n - 1) / 2 * pair)
    }

    /// Bits to the field, products of two bits, and the comparison with p.
    @Test("edaBits", arguments: [2, 3])
    func edaBits(parties n: Int) throws {
        let count = 6400
        let made = try Self.bytes(Prime62(), parties: n) { _ = try $0.makeEdaBits(count) }
        let gates = Budget.comparisonTreeGates(blocks: 31)
        #expect(31 + gates.plain + gates.forked == 61)
        // n(n−1)/2 · k(c + |F|) and a bit triple for each of k − 1 gates.
        let formula =
            n * (n - 1) / 2 * 62 * (32 + 62) + 61 * (n * (n - 1) * 32 + 4 * (n - 1))
        let expected = Double(count * formula) / 8
        #expect(abs(Double(made) - expected) < expected / 10, "\(n) parties: \(made)")
    }

    @Test func leafTransfersAreFourTransfers() throws {
        let made = try Self.bytes(Z64(), parties: 2) {
            _ = try $0.makeLeafOTs(6400, sender: Party(1))
        }
        #expect(made == 6400 * 4 * Self.random / 8 + Self.header)
    }

    /// The transfers serve all rows: their bytes vanish beside those of the corrections.
    @Test func matrixTriples() throws {
        let shape = MatrixShape(rows: 4096, inner: 2, columns: 1)
        let made = try Self.bytes(Z64(), parties: 2) { _ = try $0.makeMatrixTriple(shape) }
        let corrections = 4096 * 2 * 288
        // Two elements of 64 bits, in one word of lanes.
        let transfers = 64 * 64 * Self.chosen / 8
        #expect(made == 2 * (corrections + transfers + 3 * Self.header))
    }
}
