import Algebra
import Circuits
import DishonestMajority
import Foundation
import Gadgets
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
                    let numbers = Array(repeating: Int64(5), count: count)
                    let x = try engine.input(
                        session.isFirst ? Vector(ring, numbers) : nil, count: count, from: Party(0))
                    _ = try engine.multiply(x, x)
                    _ = try engine.square(x)
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
                        table, by: session.isFirst ? .identity(count) : nil, knownTo: Party(0))
                }
            }
            return session.costs.report
        }
        var measurement = Measurement()
        for report in try results.compactMap({ try $0.get() }) {
            for row in report.rows where row.phase != "preprocessing" {
                let name = row.phase.hasPrefix("key") ? row.phase : row.operator
                measurement.rounds[name] = row.cost.rounds
                measurement.bytes[name, default: 0] += row.cost.bytesSent
            }
        }
        return measurement
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
}
