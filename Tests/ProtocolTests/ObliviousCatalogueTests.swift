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

/// `Protocols/README.md` states what additive sharing costs without a dealer; this measures it.
@Suite struct ObliviousCatalogueTests {
    private static let count = 1000

    /// Of one operation: rounds online, and all parties' bytes online and of what it takes.
    private struct Row: Sendable {
        let name: String
        var rounds = 0
        var online = 0
        var preparation = 0
    }

    private static func measure<R: Ring>(_ ring: R, parties: Int) throws -> [Row] {
        let mesh = InMemoryTransport.mesh(partyCount: parties, deadline: .seconds(60))
        let results = runParties(mesh) { session -> [Row] in
            var engine = ObliviousEngineTests.engine(ring, session)
            // The set-up is a row of its own.
            var rows: [Row] = []
            func add(
                _ name: String, _ body: (inout ObliviousEngineTests.Oblivious<R>) throws -> Void
            ) throws {
                let start = session.costs.report
                try body(&engine)
                let end = session.costs.report
                let (all, made) = (
                    end.total - start.total, end.preprocessing - start.preprocessing
                )
                rows.append(
                    Row(
                        name: name, rounds: all.rounds - made.rounds,
                        online: all.bytesSent - made.bytesSent, preparation: made.bytesSent))
            }
            let n = count
            let x = engine.constant(Vector(ring, Array(repeating: Int64(5), count: n)))
            let keys = engine.constant(bits: BitMatrix(rows: 64, count: n))
            let bit = keys[0..<1]
            let table = Columns(numbers: [x], records: keys.transposed())
            try add("set-up and 64 AND gates") {
                _ = try $0.and(keys[0..<1].lanes(0..<64), keys[0..<1].lanes(0..<64))
            }
            try add("multiply") { _ = try $0.multiply(x, x) }
            try add("square") { _ = try $0.square(x) }
            try add("matrix product") {
                _ = try $0.matrixProduct(x, x[0..<40], rows: 25, inner: 40, columns: 1)
            }
            try add("multiply by bits") { _ = try $0.multiply(bits: bit, x) }
            try add("compare") { _ = try $0.isNegative(x) }
            try add("equal") { _ = try $0.isZero(x) }
            try add("from bits") { _ = try $0.fromBits(bit) }
            try add("and") { _ = try $0.and(keys, keys) }
            try add("truncate") { _ = try $0.truncate(x, by: 16) }
            try add("key compare") { _ = try $0.isLess(keys, than: keys) }
            try add("sort keys") {
                _ = try $0.sortKeys(keys.transposed(), bits: (0..<64).map { $0 })
            }
            try add("shuffle") { _ = try $0.shuffle(table) }
            return rows
        }
        let perParty = try results.map { try #require(try $0.get()) }
        return perParty[0].enumerated().map { index, first in
            var sum = first
            sum.online = perParty.reduce(0) { $0 + $1[index].online }
            sum.preparation = perParty.reduce(0) { $0 + $1[index].preparation }
            return sum
        }
    }

    @Test("Rounds and bytes without a dealer are those of the catalogue")
    func catalogue() throws {
        let readme = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Protocols/README.md"), encoding: .utf8)
        for (ring, parties, rows) in [
            ("z64", 2, try Self.measure(Z64(), parties: 2)),
            ("p62", 2, try Self.measure(Prime62(), parties: 2)),
            ("z64", 3, try Self.measure(Z64(), parties: 3)),
        ] {
            for one in rows {
                let row =
                    "| \(one.name) | \(ring) | \(parties) | \(one.rounds) | \(one.online) | "
                    + "\(one.preparation) |"
                #expect(readme.contains(row), "the catalogue lacks \(row)")
            }
        }
    }
}
