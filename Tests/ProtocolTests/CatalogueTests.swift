import Algebra
import Circuits
import DishonestMajority
import Foundation
import Gadgets
import HonestMajority
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport
import Testing

/// `Protocols/README.md` states rounds and bytes; this measures them and compares.
@Suite struct CatalogueTests {
    static let count = 1000

    /// Rounds and bytes over all parties of each operator online, and the dealer's bytes.
    struct Measurement: Sendable {
        var rounds: [String: Int] = [:]
        var bytes: [String: Int] = [:]

        init(_ reports: [CostReport]) {
            for report in reports {
                for row in report.rows where row.phase != "preprocessing" {
                    let name = row.phase.hasPrefix("key") ? row.phase : row.operator
                    rounds[name] = row.cost.rounds
                    bytes[name, default: 0] += row.cost.bytesSent
                }
            }
        }
    }

    static func measure<R: Ring>(_ ring: R, parties: Int) throws -> Measurement {
        let mesh = InMemoryTransport.mesh(partyCount: parties, dealer: true)
        let results = runParties(
            mesh, dealer: { try TrustedDealer(ring, session: $0).serve() }
        ) { session -> CostReport in
            try withAdditiveEngine(ring, session) { (engine) throws(MPCError) in
                var budget = Budget()
                budget.triples = count
                budget.squares = count
                budget.daBits = 1024
                budget.edaBits = 3 * 1024
                budget.bitTripleWords = 100_000
                budget.forkedBitTripleWords = 100_000
                budget.truncationMasks = [16: 1024]
                budget.daBits += 2 * 1024
                let rows = Budget.shuffle(
                    rows: count, numbers: 1, recordBits: 64, parties: parties)
                try engine.prepare(
                    budget + rows
                        + .permutation(rows: count, numbers: 1, recordBits: 64, by: Party(0)))
                try session.phase("online") { () throws(MPCError) in
                    let x = try operations(&engine, session)
                    _ = try engine.square(x)
                }
            }
            return session.costs.report
        }
        return Measurement(try results.compactMap { try $0.get() })
    }

    static func measureReplicated<R: Ring>(_ ring: R) throws -> Measurement {
        let results = runParties(InMemoryTransport.mesh(partyCount: 3)) { session in
            var engine = try Replicated3(ring, session: session)
            let x = try operations(&engine, session)
            _ = try engine.innerProducts(x, x, length: 10)
            _ = try engine.matrixProduct(x, x, rows: 25, inner: 40, columns: 25)
            _ = try engine.reveal(x)
            return session.costs.report
        }
        return Measurement(try results.compactMap { try $0.get() })
    }

    /// One of each, which every engine offers.
    static func operations<E: Engine & ~Copyable>(_ engine: inout E, _ session: Session)
        throws(MPCError) -> E.Shares
    {
        let numbers = Array(repeating: Int64(5), count: count)
        let x = try engine.input(
            session.party.index == 0 ? Vector(engine.ring, numbers) : nil, count: count,
            from: Party(0))
        _ = try engine.multiply(x, x)
        let negative = try engine.isNegative(x)
        _ = try engine.isZero(x)
        _ = try engine.bits(of: x)
        _ = try engine.fromBits(negative)
        _ = try engine.and(negative, negative)
        _ = try engine.output(x, to: .all)
        _ = try engine.truncate(x, by: 16)
        let keys = engine.constant(bits: BitMatrix(rows: 64, count: count))
        // Circuits of ANDs: told apart by their phases.
        try session.phase("key compare") { () throws(MPCError) in
            _ = try engine.isLess(keys, than: keys)
        }
        try session.phase("key equal") { () throws(MPCError) in
            _ = try engine.isEqual(keys, to: keys)
        }
        let table = Columns(numbers: [x], records: keys.transposed())
        _ = try engine.shuffle(table)
        _ = try engine.permute(
            table, by: session.party.index == 0 ? .identity(count) : nil, knownTo: Party(0))
        return x
    }

    @Test("Rounds and bytes of the catalogue are those measured")
    func catalogue() throws {
        let readme = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Protocols/README.md"), encoding: .utf8)
        let p62 = try [2, 3, 5].map { try ($0, Self.measure(Prime62(), parties: $0)) }
        let z64 = try [2].map { try ($0, Self.measure(Z64(), parties: $0)) }
        var checked = 0
        for (ring, measurements) in [("p62", p62), ("z64", z64)] {
            for (parties, measured) in measurements {
                for name in [
                    "multiply", "square", "compare", "equal", "bits", "from bits", "and", "output",
                    "truncate", "key compare", "key equal", "shuffle", "permute",
                ] {
                    guard let rounds = measured.rounds[name], let bytes = measured.bytes[name]
                    else {
                        Issue.record("\(name) was not measured")
                        continue
                    }
                    let row = "| \(name) | \(ring) | \(parties) | \(rounds) | \(bytes) |"
                    #expect(readme.contains(row), "the catalogue lacks \(row)")
                    checked += 1
                }
            }
        }
        #expect(checked == 52)
    }

    @Test("Rounds and bytes of the three-party engine are those measured")
    func replicated() throws {
        let readme = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Protocols/README.md"), encoding: .utf8)
        let rings = [
            ("z64", try Self.measureReplicated(Z64())),
            ("z128", try Self.measureReplicated(Z128())),
            ("p62", try Self.measureReplicated(Prime62())),
        ]
        for name in [
            "input", "multiply", "inner products", "matrix product", "reveal", "and", "compare",
            "equal", "bits", "from bits", "truncate", "key compare", "key equal", "shuffle",
            "permute", "output",
        ] {
            var cells = ""
            for (ring, measured) in rings {
                guard let rounds = measured.rounds[name], let bytes = measured.bytes[name] else {
                    Issue.record("\(name) was not measured over \(ring)")
                    continue
                }
                cells += " \(rounds) | \(bytes) |"
            }
            #expect(
                readme.contains("| \(name) |\(cells)"), "the catalogue lacks | \(name) |\(cells)")
        }
    }
}
