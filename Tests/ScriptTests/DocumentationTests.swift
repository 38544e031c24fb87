import Algebra
import Analytics
import Foundation
import MPC
import Script
import Testing

/// The pages for people who write scripts: their examples check, are canonical and run.
@Suite struct DocumentationTests {
    private static func blocks(_ page: String) throws -> [String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Script/Script.docc/\(page).md")
        let parts = try String(contentsOf: file, encoding: .utf8).split(
            separator: "```", omittingEmptySubsequences: false)
        return parts.enumerated().filter { $0.offset % 2 == 1 }.map {
            String($0.element.drop { $0 == "\n" })
        }
    }

    private static func lines(_ text: String) -> [Substring] { text.split(separator: "\n") }

    /// Checks a script, its form, and that it runs on made-up rows of small tables.
    private static func check(_ text: String) throws {
        let source = SourceText(name: "example", text)
        let syntax = try #require(Parser.parse(source).0)
        #expect(lines(Formatter.format(syntax)) == lines(text))
        let found = Checker.check(source, limit: Z64().numberLimit)
        #expect(found.diagnostics.isEmpty, "\(found.diagnostics.map { $0.text(in: source) })")
        let small = text.replacing(/at most [0-9_]+ rows/) { match in
            match.output.count > "at most 99 rows".count ? "at most 6 rows" : String(match.output)
        }
        let script = try #require(
            Checker.check(SourceText(name: "small", small), limit: Z64().numberLimit).script)
        for seed: UInt64 in 1...3 {
            var rows = RandomRows(seed: seed)
            var engine = PlainEngine(Z64())
            let results = try engine.run(script.program, inputs: rows.tables(of: script.program))
            #expect(!results.isEmpty)
        }
        #expect(!Manifest(of: script).text.isEmpty)
    }

    @Test func theReferenceIsOneScript() throws {
        try Self.check(Self.blocks("Language").joined(separator: "\n"))
    }

    /// Each construct that the reference names stands in one of its examples.
    @Test(arguments: [
        "purpose", "basis", "parties", "security", "runs", "period", "observer", "table",
        "at each bank", "at vendor", "unique", "across banks", "default", "canonical", "int in",
        "money(", "fix(", "day in", "minute in", "bool", "key(", "code(", ", 128)", "in q",
        "prepare",
        "model", "const", "choose", "from every", "where", "group by", "groups", "having",
        "order by",
        "desc", "limit", "distinct", " + ", " - ", " * ", " / ", "ratio(", "least(", "greatest(",
        "abs(", "floor(", "indicator(", "band(", "if ", "case ", " in (", " and ", " or ", "not ",
        "count(*)", "count(distinct", "sum(", "avg(", "min(", "max(", "any(", "median(",
        "quantile(",
        "score(", "join", "left join", "semi join", "anti join", "matches", "window 7 days",
        "window 60 minutes", "window rows", "window all", "row_number()", "previous(", "update",
        "repeat", "as k", "parts[k]", "reveal", "to all", "to bank-a", "to the bank holding",
        "in payment", "% of rows", "groups of at least 10 rows", "groups of at least 10 id",
        "from at least 2 banks", "rounded to", "and their number", "check", "disclose size of",
    ])
    func theReferenceShows(_ construct: String) throws {
        #expect(try Self.blocks("Language").contains { $0.contains(construct) })
    }

    @Test func theCookbookHasTenScripts() throws {
        let blocks = try Self.blocks("Cookbook")
        #expect(blocks.count == 10)
        for block in blocks { try Self.check(block) }
    }
}
