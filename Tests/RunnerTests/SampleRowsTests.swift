import Algebra
import Analytics
import Foundation
import Primitives
import Runner
import Script
import Tables
import Testing

@Suite struct SampleRowsTests {
    static let scripts = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/Applications/Scripts")

    static func bundled() throws -> [CheckedScript] {
        try FileManager.default.contentsOfDirectory(atPath: scripts.path).sorted()
            .filter { $0.hasSuffix(".parley") }
            .map { name in
                let text = try String(contentsOf: scripts.appending(path: name), encoding: .utf8)
                return try #require(
                    Checker.check(
                        SourceText(name: name, text), limit: try RingChoice.z128.numberLimit
                    ).script)
            }
    }

    /// The inputs of all parties, from files.
    static func written(_ script: CheckedScript, rows: Int, seed: UInt64) throws -> [ScriptInputs] {
        let folder = try InputFolder()
        let files = try SampleRows(script, rows: rows, seed: seed).write(to: folder.url)
        return try script.parties.compactMap { member in
            guard let party = member.party else { return nil }
            let own = files.filter {
                $0.deletingLastPathComponent().lastPathComponent == member.name
            }
            return try ScriptInputs(
                script, me: party,
                sources: Dictionary(
                    uniqueKeysWithValues: own.map {
                        ($0.deletingPathExtension().lastPathComponent, .csv($0))
                    }))
        }
    }

    @Test("Made-up rows of every party of the bundled scripts are taken as they are")
    func bundledScripts() throws {
        for script in try Self.bundled() {
            let parties = try Self.written(script, rows: 300, seed: 1)
            for (index, input) in script.program.inputs.enumerated() {
                let table = try #require(parties[input.owner.index].plain[index])
                #expect(table.count > 0 && table.count <= max(300, input.schema.bound))
            }
            #expect(!parties.contains { !$0.warnings.isEmpty })
        }
    }

    @Test("A seed gives the same rows; another one others; fewer or more rows work")
    func seeds() throws {
        let script = try #require(try Self.bundled().first { $0.name == "exposure" })
        func texts(_ rows: Int, _ seed: UInt64) throws -> [[UInt8]] {
            try SampleRows(script, rows: rows, seed: seed).tables.map {
                $0.table.encoded(as: .csv)
            }
        }
        let rows = try texts(50, 3)
        #expect(rows == (try texts(50, 3)))
        #expect(rows != (try texts(50, 4)))
        #expect(Set(rows).count == rows.count)
        #expect(try texts(1, 3).count == 6)
    }

    @Test("Parties share about a third of their keys, of which a few have many rows")
    func keys() throws {
        let script = try inputScript(
            """
            table pay at each bank (a key(x), day day in m, v int in -9 .. 9) unique (a, day) at most 500 rows
            table own at each bank (a key(x)) unique (a) at most 200 rows
            model w at vendor : logistic(3) in -0.1 .. 0.1
            let t = select a, sum(v) as v from every pay group by a
            reveal a from t to the bank holding a in own
            """, period: 9801...9830)
        let parties = try Self.written(script, rows: 500, seed: 2)
        func keys(_ party: Int, _ input: Int) -> [String] {
            parties[party].keyTexts(input: input, column: "a")
        }
        let (a, b) = (Set(keys(0, 0)), Set(keys(1, 1)))
        #expect(a.intersection(b).count * 10 > a.count)
        #expect(a.intersection(b).count < a.count)
        let counts = Dictionary(keys(0, 0).map { ($0, 1) }, uniquingKeysWith: +).values
        #expect(counts.max() ?? 0 >= 10 && counts.count { $0 == 1 } > 50)
        // A key has one holder.
        #expect(Set(keys(0, 2)).isDisjoint(with: keys(1, 3)))
        #expect(Set(keys(0, 2)).count == 200)
        let numbers = try #require(parties[0].plain[0]?.columns[2])
        guard case .numbers(let values) = numbers else {
            Issue.record("no numbers")
            return
        }
        #expect(values.contains { $0 < 0 } && values.contains { $0 > 0 })
        #expect(values.allSatisfy { (-9...9).contains($0) })
    }

    @Test("A preparation that adds up gets numbers small enough for its table")
    func smallEnough() throws {
        let script = try inputScript(
            ScriptInputsTests.prepared.replacing("0.00 .. 300.00", with: "0.00 .. 101.00"))
        let inputs = try Self.written(script, rows: 200, seed: 1)
        #expect(inputs[0].plain[0]?.count ?? 0 > 0)
    }
}
