import Algebra
import Script
import Testing

/// What checking costs: in proportion to the script, whatever the number of rows.
@Suite(.serialized) struct ScriptSizeTests {
    /// A script of about so many lines.
    private static func text(lets: Int) -> String {
        var body = ""
        for number in 0..<lets / 2 {
            body += """
                let a\(number) = select id, amount, kind from every t where amount > \(number)
                let b\(number) = select id, sum(amount) as total, count(*) as n from a\(number) group by id

                """
        }
        return header + body + "reveal id from b0 where total >= 10 to the bank holding id\n"
    }

    private static func seconds(lets: Int) throws -> Double {
        let source = SourceText(name: "size", text(lets: lets))
        let times = try (0..<5).map { _ in
            try ContinuousClock().measure {
                let script = try #require(
                    Checker.check(source, limit: Z64().numberLimit).script)
                #expect(!Manifest(of: script).text.isEmpty)
            }
        }
        return try #require(times.min()) / .seconds(1)
    }

    @Test("Checking takes time in proportion to the script's length")
    func time() throws {
        // Eight times as long: 64 times as slow if it were quadratic.
        let (short, long) = (try Self.seconds(lets: 50), try Self.seconds(lets: 400))
        #expect(long / short < 32)
    }

    @Test("A program has as many steps for many rows as for few", arguments: bundledNames)
    func steps(name: String) throws {
        func labels(_ text: String) throws -> [String] {
            let checked = Checker.check(SourceText(name: name, text), limit: Z64().numberLimit)
            return try #require(checked.script, "\(checked.diagnostics)").program.steps.map(\.label)
        }
        let text = try bundled(name)
        let few = text.replacing(/at most [0-9_]+ rows/, with: "at most 50 rows")
        #expect(try labels(few) == labels(text))
    }
}
