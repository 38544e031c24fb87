import Approval
import Foundation
import Primitives
import Script
import TestSupport
import Testing

/// Texts that are no policy end in a line for people, whatever they are.
@Suite struct PolicyReaderTests {
    private static let good = """
        version: 1
        purposes: [Benchmark *]
        parties: [bank-b]
        security: {against: malicious, corrupt: 2}
        shortcuts:
          - the exact number of rows of hits
        tables:
          loan:
            runs: 4 per year
            columns:
              a row: {all: group of at least 10}
              amount:
                bank-b: exact to holder
                holders: exact
        """

    private func error(_ text: String) -> String? {
        do {
            _ = try Policy(yaml: Array(text.utf8))
            return nil
        } catch { return error.description }
    }

    /// The error after one part was replaced.
    private func error(_ part: String, _ other: String) -> String? {
        let text = Self.good.replacing(part, with: other)
        #expect(text != Self.good)
        return error(text)
    }

    @Test("Both styles of YAML are read")
    func reads() throws {
        let policy = try Policy(yaml: Array(Self.good.utf8))
        #expect(policy.purposes == ["Benchmark *"] && policy.parties == ["bank-b"])
        #expect(policy.security == .some(.init(isMalicious: true, corrupt: 2)))
        #expect(policy.shortcuts == ["the exact number of rows of hits"])
        let loan = try #require(policy.tables["loan"])
        #expect(loan.budget == .some(.init(runs: 4, per: .year)))
        #expect(
            loan.columns == [
                "a row": ["all": .group(atLeast: 10)],
                "amount": ["bank-b": .exactToHolder, "holders": .exact],
            ])
    }

    @Test("What is unknown, missing, twice or no value is told with its line")
    func strict() {
        #expect(
            error("purposes:", "purpose:")
                == "policy, line 2: the policy has no purpose; did you mean purposes?")
        #expect(
            error("    runs: 4", "    limit: 3\n    runs: 4")
                == "policy, line 9: tables.loan has no limit; there are runs, columns")
        #expect(error("    runs: 4 per year\n", "") == "policy, line 9: tables.loan lacks runs")
        #expect(error("parties: [bank-b]\n", "") == "policy, line 1: the policy lacks parties")
        #expect(
            error("version: 1", "version: 2")
                == "policy, line 1: version is 1, the only one known")
        #expect(
            error("        holders: exact", "        bank-b: none")?.hasSuffix("has bank-b twice")
                == true)
        #expect(
            error("to holder", "to holders")
                == "policy, line 13: tables.loan.columns.amount.bank-b is no level: none, bit, "
                + "band, group of at least N, pick of at least N, exact to holder, exact")
        #expect(
            error("4 per year", "often")
                == "policy, line 9: tables.loan.runs is written as `4 per month`; units are day, "
                + "week, month, quarter, year")
        #expect(error("4 per year", "-4 per year") != nil)
        #expect(error("4 per year", "44444444444 per year") != nil)
        #expect(
            error("corrupt: 2", "corrupt: 0")
                == "policy, line 4: security.corrupt is how many may collude at least: 1 to 9")
        #expect(
            error("against: malicious", "against: all")
                == "policy, line 4: security.against is semi-honest or malicious")
        #expect(
            error("[bank-b]", "bank-b") == "policy, line 3: parties is not a list: `- ...` lines")
        #expect(
            error("[bank-b]", "[[bank-b]]") == "policy, line 3: a text or number is expected here")
        #expect(
            error("{all: group of at least 10}", "bit")?.contains("a row is not `KEY: VALUE`")
                == true)
        #expect(error("") == "policy: is empty")
        #expect(error("version: 1\n---\nversion: 1")?.contains("is not YAML") == true)
    }

    @Test("Anchors, aliases, structures as keys, other alphabets and giants are refused unread")
    func hostile() {
        let bomb =
            "a: &a [x, x]\n"
            + (1...30).map { "b\($0): &b\($0) [*\($0 == 1 ? "a" : "b\($0 - 1)"), x]" }
            .joined(separator: "\n")
        #expect(error(bomb) == "policy, line 1: has an anchor (&): write values out")
        #expect(error("a: *b")?.hasPrefix("policy, line 1: is not YAML: ") == true)
        #expect(error("{\"a\":&x b}") == "policy, line 1: has an anchor (&): write values out")
        #expect(error("? [a]\n: b") == "policy, line 1: has a key after `?`: write `KEY: VALUE`")
        #expect(
            error(String(repeating: "[", count: 60_000)) == "policy, line 1: is nested too deeply")
        #expect(error("a:\tb")?.contains("beyond ASCII") == true)
        #expect(error("# ü")?.contains("beyond ASCII") == true)
        #expect(
            error(String(repeating: " ", count: 70_000)) == "policy: has 70000 bytes; at most 65536"
        )
        // An ampersand or a star within a text is no anchor.
        #expect(error("Benchmark *", "Fraud & AML *") == nil)
        for deep in ["- ", "a: ", "- - ? ", "-\n "] {
            #expect(error(String(repeating: deep, count: 60_000 / deep.count)) != nil)
        }
        let nested = (0..<340).map { String(repeating: " ", count: $0) + "a:" }
        #expect(error(nested.joined(separator: "\n")) != nil)
    }

    @Test("Random bytes and damaged policies: an error or a policy, soon")
    func fuzz() {
        var generator = SeededGenerator(seed: 6)
        let signs = Array("[]{}:,-?!|>'\"%@`#&* \n\\ab1~=<".utf8)
        let good = Array(Self.good.utf8)
        for round in 0..<3_000 {
            var bytes: [UInt8]
            switch round % 3 {
            case 0:
                bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
            case 1:
                bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                    signs[Int.random(in: 0..<signs.count, using: &generator)]
                }
            default:
                bytes = good
                for _ in 0...Int.random(in: 0...3, using: &generator) {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    bytes[place] = signs[Int.random(in: 0..<signs.count, using: &generator)]
                }
            }
            do {
                _ = try Policy(yaml: bytes)
            } catch {
                #expect(!error.description.contains("\n"))
            }
        }
    }
}
