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

    /// One call and what it is to cost all parties together.
    struct Call: Sendable {
        let name: String
        let make: @Sendable (ObliviousSession) throws -> Void
        /// Exactly, or nil where only the formula is compared.
        let bytes: Int?
        /// Bits of the catalogue's formula, from which at most a tenth is missing or too much.
        let formula: Int

        init(
            _ name: String, bytes: Int?, formula: Int,
            _ make: @escaping @Sendable (ObliviousSession) throws -> Void
        ) {
            (self.name, self.make, self.bytes, self.formula) = (name, make, bytes, formula)
        }
    }

    /// Makes all calls in one session, with transfers set up before.
    func check(parties n: Int, _ calls: [Call]) throws {
        let perParty = try runParties(InMemoryTransport.mesh(partyCount: n)) { session in
            let work = try ObliviousSession(session)
            return try calls.map { call in
                let start = session.costs.report.total.bytesSent
                try call.make(work)
                try session.flush()
                return session.costs.report.total.bytesSent - start
            }
        }.compactMap { try $0.get() }
        #expect(perParty.count == n)
        for (k, call) in calls.enumerated() {
            let made = perParty.reduce(0) { $0 + $1[k] }
            if let bytes = call.bytes { #expect(made == bytes, "\(call.name), \(n) parties") }
            let expected = Double(call.formula) / 8
            #expect(
                abs(Double(made) - expected) < expected / 10,
                "\(call.name), \(n) parties: \(made) bytes, \(expected) by the formula")
        }
    }

    /// - Parameters:
    ///   - live: bits of the corrections of one product, whole bytes of each.
    ///   - formula: bits of the corrections in the paper.
    func triples<R: Ring>(_ ring: R, parties n: Int, live: Int, formula: Int) -> Call {
        let (count, l) = (2048, ring.bitWidth)
        let lanes = (1 << 17) / l / 64 * 64
        let chunks = (count + lanes - 1) / lanes
        let transfer = n == 2 && ring.isPowerOfTwo ? Self.random : Self.chosen
        let products = count * (l * transfer + live) / 8 + 2 * chunks * Self.header
        return Call(
            "triples \(ring.name)", bytes: n * (n - 1) * products,
            formula: count * n * (n - 1) * (32 * l + formula)
        ) {
            var randomness = ObliviousRandomness(ring, over: $0)
            _ = try randomness.makeTriples(count)
        }
    }

    @Test("By the number of parties", arguments: [2, 3, 5])
    func calls(parties n: Int) throws {
        let ordered = n * (n - 1)
        var calls = [
            triples(Z64(), parties: n, live: 64 * 36, formula: 64 * 65 / 2),
            triples(Z128(), parties: n, live: 64 * 136, formula: 128 * 129 / 2),
            triples(Prime62(), parties: n, live: 62 * 64, formula: 62 * 62),
            triples(Prime126(), parties: n, live: 126 * 128, formula: 126 * 126),
        ]
        // Half the products of a triple.
        let product = 1024 * 64 * (Self.chosen + 36)
        calls.append(
            Call(
                "squares", bytes: ordered / 2 * (product / 8 + 2 * Self.header),
                formula: ordered / 2 * 1024 * (64 * 32 + 64 * 65 / 2)
            ) {
                var randomness = ObliviousRandomness(Z64(), over: $0)
                _ = try randomness.makeSquares(1024)
            })
        for width in [1, 2] {
            let pair =
                n == 2
                ? 6400 * Self.random / 8 + Self.header
                : 6400 * (Self.chosen + width) / 8 + 2 * Self.header
            calls.append(
                Call(
                    "bit triples of \(width)", bytes: ordered * pair, formula: ordered * 6400 * 32
                ) {
                    var randomness = ObliviousRandomness(Z64(), over: $0)
                    if width == 1 {
                        _ = try randomness.makeBitTriples(words: 100)
                    } else {
                        _ = try randomness.makeForkedBitTriples(words: 100)
                    }
                })
        }
        // A transfer and an element a pair.
        calls.append(
            Call(
                "daBits",
                bytes: ordered / 2 * (6400 * (Self.chosen + 64) / 8 + 2 * Self.header),
                formula: ordered / 2 * 6400 * (32 + 62)
            ) {
                var randomness = ObliviousRandomness(Prime62(), over: $0)
                _ = try randomness.makeDaBits(6400)
            })
        // Bits to the field, and a bit triple for each of k − 1 gates: the products of two bits and
        // the comparison with p.
        let gates = Budget.comparisonTreeGates(blocks: 31)
        #expect(31 + gates.plain + gates.forked == 61)
        if n < 5 {
            calls.append(
                Call(
                    "edaBits", bytes: nil,
                    formula: 6400
                        * (ordered / 2 * 62 * (32 + 62) + 61 * (ordered * 32 + 4 * (n - 1)))
                ) {
                    var randomness = ObliviousRandomness(Prime62(), over: $0)
                    _ = try randomness.makeEdaBits(6400)
                })
        }
        try check(parties: n, calls)
    }

    @Test func twoPartiesOnly() throws {
        // Two elements of 64 bits, in one word of lanes; three messages each way.
        let transfers = 64 * 64 * Self.chosen / 8
        try check(
            parties: 2,
            [
                Call(
                    "leaf transfers", bytes: 6400 * 4 * Self.random / 8 + Self.header,
                    formula: 6400 * 4 * 32
                ) {
                    var randomness = ObliviousRandomness(Z64(), over: $0)
                    _ = try randomness.makeLeafOTs(6400, sender: Party(1))
                },
                // The transfers serve all rows: they vanish beside the corrections.
                Call(
                    "matrix triple", bytes: 2 * (4096 * 2 * 288 + transfers + 3 * Self.header),
                    formula: 2 * 4096 * 2 * 64 * 36
                ) {
                    var randomness = ObliviousRandomness(Z64(), over: $0)
                    _ = try randomness.makeMatrixTriple(
                        MatrixShape(rows: 4096, inner: 2, columns: 1))
                },
            ])
    }
}
