import Applications
import Approval
import Foundation
import Ledger
import Primitives
import Script
import Testing

/// What a standing policy refuses, and the smallest change that it asks for.
@Suite struct PolicyTests {
    private let structuring: SignableScript
    private let statistics: SignableScript
    private let draft: String

    init() throws {
        structuring = try ApprovalFixture.signable(ScriptLibrary.structuring.text)
        statistics = try ApprovalFixture.signable(ScriptLibrary.statistics.text)
        draft = Policy.draft(for: structuring, party: "bank-a")
    }

    private func policy(_ text: String) throws -> Policy { try Policy(yaml: Array(text.utf8)) }

    /// Replaces a part of the draft.
    private func refusals(_ part: String, _ other: String) throws -> [PolicyRefusal] {
        let text = draft.replacing(part, with: other)
        #expect(text != draft)
        return try policy(text).refusals(of: structuring, for: "bank-a")
    }

    @Test("The draft of a script as a compliance officer gets it")
    func drafted() {
        #expect(
            draft == """
                # What bank-a's data may be used for. Whatever no line allows is refused.
                # This is the least that allows structuring version 1: read every line before you keep it.
                version: 1
                # For what; a * at the end stands for any ending.
                purposes:
                  - "Find customers who split cash deposits over several banks (AML)"
                # With whom.
                parties:
                  - "bank-b"
                  - "bank-c"
                # The least that the protocol withstands: behaviour, and how many collude.
                security:
                  against: semi-honest
                  corrupt: 1
                # For each table how often it is read, and who learns how much of it.
                tables:
                  cash:
                    runs: 1 per month
                    columns:
                      a row:
                        holders: band
                      amount:
                        holders: band
                      bank:
                        holders: bit
                      customer:
                        holders: bit
                      day:
                        holders: bit

                """)
    }

    @Test("Drafts allow their script", arguments: ScriptLibrary.allCases)
    func draftsAllow(_ name: ScriptLibrary) throws {
        let script = try ApprovalFixture.signable(name.text)
        for party in script.checked.parties.map(\.name) {
            let draft = try policy(Policy.draft(for: script, party: party))
            #expect(draft.refusals(of: script, for: party).isEmpty)
        }
    }

    @Test("A draft without any one of its lines allows less", arguments: ScriptLibrary.allCases)
    func everyLineIsNeeded(_ name: ScriptLibrary) throws {
        let script = try ApprovalFixture.signable(name.text)
        for party in script.checked.parties.map(\.name) {
            let lines = Policy.draft(for: script, party: party).split(separator: "\n")
            for index in lines.indices where !lines[index].hasPrefix("#") {
                var rest = lines
                rest.remove(at: index)
                let isRefused =
                    (try? policy(rest.joined(separator: "\n")))
                    .map { !$0.refusals(of: script, for: party).isEmpty } ?? true
                #expect(isRefused, "\(name), \(party), without \(lines[index])")
            }
        }
    }

    @Test("A draft of one script does not allow another")
    func draftsAllowNoOther() throws {
        for name in ScriptLibrary.allCases where name != .structuring {
            let other = try ApprovalFixture.signable(name.text)
            #expect(try !policy(draft).refusals(of: other, for: "bank-a").isEmpty)
        }
    }

    @Test("A removed line is what the refusal asks for, with the path to the recipient")
    func removedLine() throws {
        let refused = try refusals("      amount:\n        holders: band\n", "")
        #expect(refused.count == 1)
        #expect(
            refused.first?.reason
                == "cash.amount -> amount < EUR 10_000.00 -> by customer -> "
                + "bank-b, bank-c: band, but the policy allows none")
        #expect(
            refused.first?.change == """
                tables:
                  cash:
                    columns:
                      amount:
                        holders: band

                """)
    }

    @Test("A level that is too low, and a party that is left out, are asked for alone")
    func levels() throws {
        let low = try refusals(
            "customer:\n        holders: bit", "customer:\n        holders: none")
        #expect(
            low.count == 1
                && low[0].reason.hasSuffix("bank-b, bank-c: bit, but the policy allows none"))
        let one = try refusals(
            "customer:\n        holders: bit", "customer:\n        bank-c: exact")
        #expect(
            one.count == 1 && one[0].reason.hasSuffix("-> bank-b: bit, but the policy allows none"))
        #expect(one[0].change.hasSuffix("      customer:\n        bank-b: bit\n"))
        #expect(
            try refusals("customer:\n        holders: bit", "customer:\n        all: band").isEmpty)
        #expect(
            try refusals(
                "customer:\n        holders: bit",
                "customer:\n        bank-b: bit\n        bank-c: exact"
            ).isEmpty)
    }

    @Test("Purpose, company, security and a table that is not named")
    func header() throws {
        let purpose = try refusals("Find customers", "Count customers")
        #expect(
            purpose.map(\.reason) == [
                "the purpose \"Find customers who split cash deposits over several banks (AML)\" is "
                    + "none that the policy allows"
            ])
        #expect(purpose[0].change.hasPrefix("purposes:\n  - \"Find customers who"))
        #expect(
            try refusals("customers who split cash deposits over several banks (AML)", "*").isEmpty)
        #expect(try refusals("Find customers who split", "Find merchants *").count == 1)

        let company = try refusals("  - \"bank-c\"\n", "")
        #expect(
            company.map(\.reason)
                == ["bank-c takes part, with whom the policy allows nothing"])
        #expect(company[0].change == "parties:\n  - \"bank-c\"\n")

        for (part, other, asked) in [
            ("semi-honest", "malicious", "1 corrupt parties, malicious,"),
            ("corrupt: 1", "corrupt: 2", "2 corrupt parties, semi-honest,"),
        ] {
            let security = try refusals(part, other)
            #expect(
                security.map(\.reason) == [
                    "the script withstands 1 corrupt, semi-honest; the policy asks for \(asked) or "
                        + "more"
                ])
            #expect(
                security[0].change == "security:\n  against: semi-honest\n  corrupt: 1\n")
        }

        let table = try refusals("  cash:\n", "  money:\n")
        #expect(
            table[0].reason == "the script reads cash, which the policy does not name")
        #expect(table[0].change == "tables:\n  cash:\n    runs: 1 per month\n")
    }

    @Test("What leaks for speed must be allowed, too")
    func shortcuts() throws {
        let text = ScriptLibrary.structuring.text.replacing(
            "\nreveal customer",
            with: "\ndisclose size of hits to all for speed\n\nreveal customer")
        let script = try ApprovalFixture.signable(ApprovalFixture.canonical(text))
        let refused = try policy(draft).refusals(of: script, for: "bank-a")
        #expect(
            refused.contains {
                $0.change.hasPrefix("shortcuts:\n  - \"the exact number of rows of hits")
            }, "\(refused.map(\.change))")
        let other = try policy(Policy.draft(for: script, party: "bank-a"))
        #expect(other.refusals(of: script, for: "bank-a").isEmpty)
    }

    @Test("R7: a script's groups are no smaller than the owner's limit")
    func groups() throws {
        let draft = Policy.draft(for: statistics, party: "bank-b")
        #expect(draft.contains("group of at least 10") && draft.contains("pick of at least 10"))
        func refusals(_ limit: Int) throws -> [PolicyRefusal] {
            let text = draft.replacing("at least 10", with: "at least \(limit)")
            return try policy(text).refusals(of: statistics, for: "bank-b")
        }
        for limit in [1, 9, 10] { #expect(try refusals(limit).isEmpty) }
        for refusal in try refusals(11) {
            #expect(refusal.reason.contains("of at least 10, but the policy allows"))
        }
        #expect(try !refusals(11).isEmpty)
        // A sum over single rows tells more than a median of ten, wherever the lattice has it.
        let sums = ScriptLibrary.statistics.text.replacing(
            "groups of at least 10 rows", with: "groups of at least 2 rows")
        let loose = try ApprovalFixture.signable(ApprovalFixture.canonical(sums))
        let picks = draft.replacing("group of at least 10", with: "pick of at least 10")
        #expect(
            try policy(picks).refusals(of: loose, for: "bank-b").contains {
                $0.reason.hasSuffix(
                    "group of at least 2, but the policy allows pick of at least 10")
            })
    }

    @Test("What is refused is told in lines, with all changes together at the end")
    func told() throws {
        #expect([PolicyRefusal]().text.isEmpty)
        var less = draft.replacing("      amount:\n        holders: band\n", with: "")
        less = less.replacing("  - \"bank-c\"\n", with: "")
        let refused = try policy(less).refusals(of: structuring, for: "bank-a")
        try #require(refused.count == 2 && refused.allSatisfy { !$0.reason.contains("\n") })
        #expect(
            refused.text == """
                \(refused[0].reason)
                \(refused[1].reason)
                to allow exactly this, put into policy.yaml:
                  parties:
                    - "bank-c"
                  tables:
                    cash:
                      columns:
                        amount:
                          holders: band
                """)
    }

    @Test("Budgets count the runs of all scripts that read the table, reruns once")
    func budgets() throws {
        let fixture = try ApprovalFixture()
        let policy = try policy(draft.replacing("1 per month", with: "2 per week"))
        func refused(_ intents: [Statement], run: ScriptRun? = nil) throws -> [String] {
            policy.overdrafts(of: run ?? fixture.run(), for: "bank-a", try RunHistory(intents))
                .map(\.reason)
        }
        let other = ApprovalFixture.digest("other script")
        let first = fixture.intent("s1", period: "2026-10", text: other)
        let rerun = fixture.intent("s2", period: "2026-10", text: other, rerun: "s1")
        let third = fixture.intent("s3")
        #expect(try refused([first, rerun]).isEmpty)
        let all = try refused([first, rerun, third])
        #expect(all.count == 1)
        #expect(
            all.first?.hasPrefix(
                "cash may be read by 2 runs per week, and in 2026-W48 was by sessions ") == true)
        #expect(try refused([first, rerun, third], run: fixture.run(rerun: "s3")).isEmpty)
        // The week before, another party's table, another table, nothing released.
        let before = fixture.intent("s3", time: ApprovalFixture.now - 86_400)
        #expect(try refused([first, before]).isEmpty)
        let foreign = fixture.intent(
            "s3", inputs: Array(ApprovalFixture.inputs().dropFirst()))
        #expect(try refused([first, foreign]).isEmpty)
        let aborted = try ApprovalFixture.outcome(third, .aborted)
        #expect(try refused([first, third, aborted]).isEmpty)
    }
}
