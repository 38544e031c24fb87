import Algebra
import Foundation
import Script
import Testing

/// What scripts tell to whom, in the words that people sign.
@Suite struct ManifestTests {
    private func manifest(_ text: String) throws -> Manifest {
        let checked = Checker.check(
            SourceText(name: "test", text), limit: Z64().numberLimit)
        return Manifest(of: try #require(checked.script, "\(checked.diagnostics)"))
    }

    /// A changed sentence is a decision: update the file with `parley explain`.
    @Test(arguments: bundledNames)
    func bundledScriptsTellWhatWasAgreed(_ name: String) throws {
        let golden = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Golden/\(name).txt")
        #expect(
            try manifest(try bundled(name)).text == String(contentsOf: golden, encoding: .utf8))
    }

    @Test(arguments: bundledNames)
    func jsonSaysTheSame(_ name: String) throws {
        let manifest = try manifest(try bundled(name))
        let data = try JSONEncoder().encode(manifest)
        #expect(try JSONDecoder().decode(Manifest.self, from: data) == manifest)
    }

    private func flows(_ body: String) throws -> [String: Level] {
        let items = try manifest(header + body).items
        let all = items.flatMap(\.flows).map { ($0.table + "." + $0.column, $0.level) }
        return Dictionary(all, uniquingKeysWith: max)
    }

    @Test func levelsFollowWhatIsDone() throws {
        let bit = try flows(
            """
            let s = select id, sum(amount) as total from every t group by id
            reveal id from s where total >= 10 to the bank holding id
            """)
        #expect(bit["t.amount"] == .bit)
        let band = try flows(
            """
            let s = select id, sum(amount) as total from every t group by id
            reveal id, band(total, 10, 20) as level from s to the bank holding id
            """)
        #expect(band["t.amount"] == .band)
        let group = try flows(
            """
            let s = select kind, sum(amount) as total, max(amount) as most from every t group by kind
            reveal kind, total from s to all at most 2 rows, groups of at least 12 rows
            """)
        #expect(group["t.amount"] == .group(atLeast: 12))
        #expect(group["t.kind"] == .group(atLeast: 12))
        let pick = try flows(
            """
            let s = select kind, max(amount) as most from every t group by kind
            reveal kind, most from s to all at most 2 rows, groups of at least 12 rows
            """)
        #expect(pick["t.amount"] == .pick(atLeast: 12))
        // What was a band before a sum is a band no longer.
        let sum = try flows(
            """
            let s = select kind, band(amount, 10) as level from every t
            let u = select kind, sum(level) as levels from s group by kind
            reveal kind, levels from u to all at most 2 rows, groups of at least 12 rows
            """)
        #expect(sum["t.amount"] == .group(atLeast: 12))
    }

    @Test func ownRowsAreNoDisclosure() throws {
        let own = try flows(
            """
            let s = select id, amount from every t where kind = 'cash'
            reveal id, amount from s to the bank holding id
            """)
        #expect(own.isEmpty)
        // The same value through a join may be another bank's.
        let found = Checker.check(
            SourceText(
                name: "test",
                header + """
                    let s = select a.id, o.amount from every t a join own o on o.id = a.id
                    reveal id, amount from s to the bank holding id
                    """), limit: Z64().numberLimit)
        #expect(found.diagnostics.map(\.rule) == ["R10"])
    }

    @Test func levelsAreALattice() {
        let levels: [Level] = [
            .none, .bit, .band, .group(atLeast: 20), .group(atLeast: 10), .pick(atLeast: 20),
            .exactToHolder, .exact,
        ]
        #expect(levels == levels.sorted())
        for level in levels { #expect(Level(level.description) == level) }
        #expect(Level("group of at least 0") == nil)
    }
}
