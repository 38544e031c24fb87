import Applications
import Approval
import Foundation
import Ledger
import Primitives
import Script
import Testing

/// Dates, periods that are used up, and reruns.
@Suite struct PeriodTests {
    private let fixture: ApprovalFixture

    init() throws { fixture = try ApprovalFixture() }

    private func short(_ session: String) -> String {
        "\(ApprovalFixture.digest(session).hex.prefix(8))…"
    }

    private func refusals(_ statements: [Statement]) throws -> [String] {
        try refusals(fixture.run(), statements)
    }

    private func refusals(
        _ run: ScriptRun, _ statements: [Statement], inputs: [Intent.Input]? = nil
    ) throws -> [String] {
        try fixture.refusals(run, fixture.approvals() + statements, inputs: inputs)
    }

    @Test("A script past its last day, and a period of another unit")
    func dates() throws {
        let last = try #require(fixture.script.checked.runs.until)
        #expect(try refusals(fixture.run(today: last), []).isEmpty)
        #expect(
            try refusals(fixture.run(today: last + 1), []) == [
                "structuring version 1 may run until 2028-06-30, and today is 2028-07-01: a new "
                    + "version must be signed"
            ])
        #expect(
            try refusals(fixture.run(period: "2026-W48"), [])
                == ["2026-W48 is no month: write 2026-11"])
        #expect(try refusals(fixture.run(period: "2025-01"), []).isEmpty)
        #expect(
            try refusals(fixture.run(period: "2026-12"), []) == [
                "2026-12 has not begun, as today is 2026-11-23 (UTC): wait for it"
            ])
    }

    @Test("A script without a column of its period runs for this one and the one before alone")
    func unboundPeriod() throws {
        let text = ApprovalFixture.canonical(
            ScriptLibrary.structuring.text.replacing(
                "day in m", with: "day in 2020-01-01 .. 2029-12-31"))
        let unbound = try ApprovalFixture(text)
        let approvals = try unbound.approvals()
        for period in ["2026-11", "2026-10"] {
            #expect(try unbound.refusals(unbound.run(period: period), approvals).isEmpty)
        }
        for period in ["2026-09", "2025-11"] {
            #expect(
                try unbound.refusals(unbound.run(period: period), approvals) == [
                    "structuring version 1 has no column whose days are those of its period, so that "
                        + "it would run on the same rows for any: it may run for 2026-11 and 2026-10, "
                        + "not for \(period)"
                ])
        }
        // The rows of what is repeated are those that it had.
        let earlier = unbound.intent("s1", period: "2026-01")
        #expect(
            try unbound.refusals(
                unbound.run(period: "2026-01", rerun: "s1"), approvals + [earlier],
                inputs: ApprovalFixture.inputs()
            ).isEmpty)
    }

    @Test("A script that names no period is counted by today, whatever the command line says")
    func withoutPeriod() throws {
        let daily = try ApprovalFixture(ScriptLibrary.exposure.text)
        let approvals = try daily.approvals()
        #expect(try daily.refusals(daily.run(period: "2026-11-23"), approvals).isEmpty)
        #expect(
            try daily.refusals(daily.run(period: "2026-11-20"), approvals) == [
                "exposure version 1 names no period, so its runs are counted by today's day, "
                    + "2026-11-23, not by 2026-11-20"
            ])
    }

    @Test("A period is used up by a run that may have told something")
    func used() throws {
        let intent = fixture.intent("s1")
        let used = [
            "structuring version 1 may run 1 per month, and 2026-11 is used up by session "
                + "\(short("s1")): wait for another month, or repeat a run with the inputs that "
                + "it had (--rerun SESSION)"
        ]
        func outcomes(_ ends: (Outcome.Status, Bool)...) throws -> [Statement] {
            [intent]
                + (try ends.map {
                    try ApprovalFixture.outcome(intent, $0.0, hasReleases: $0.1)
                })
        }
        // Without an outcome nobody knows.
        #expect(try refusals(outcomes()) == used)
        #expect(try refusals(outcomes((.completed, true))) == used)
        #expect(try refusals(outcomes((.suppressed, false))) == used)
        #expect(try refusals(outcomes((.aborted, true))) == used)
        #expect(try refusals(outcomes((.aborted, false), (.completed, true))) == used)
        // Nobody's claim that nothing was released undoes another's that something was.
        #expect(try refusals(outcomes((.aborted, false), (.aborted, true))) == used)
        #expect(try refusals(outcomes((.aborted, false))).isEmpty)
        #expect(try refusals(outcomes((.aborted, false), (.refused, false))).isEmpty)
        // Of another month, or another text.
        #expect(try refusals([fixture.intent("s1", period: "2026-10")]).isEmpty)
        let other = fixture.intent("s1", text: ApprovalFixture.digest("other"))
        #expect(try refusals([other]).isEmpty)
    }

    @Test("One party's word that nothing was released does not free a period")
    func oneParty() throws {
        let intent = fixture.intent("s1")
        let aborted = try ApprovalFixture.outcome(intent, .aborted)
        func refusals(_ signers: [[String]]) throws -> Int {
            var entries: [(statement: Statement, signers: [String])] = []
            for statement in try fixture.approvals() + [intent] { entries.append((statement, [])) }
            for signers in signers { entries.append((aborted, signers)) }
            return RunGate(fixture.run(), try RunHistory(entries), inputs: nil).refusals.count
        }
        #expect(try refusals([["bank-a"], ["bank-a"], ["bank-b"]]) == 1)
        #expect(try refusals([["bank-a"], ["bank-b"], ["bank-c"]]) == 0)
    }

    @Test("Of several runs a period all count, and a person sees which it is")
    func several() throws {
        let yearly = try ApprovalFixture(ScriptLibrary.statistics.text)
        let run = yearly.run(period: "2026")
        let intents = (1...4).map { yearly.intent("s\($0)", period: "2026") }
        let gate = RunGate(
            run, try RunHistory(yearly.approvals() + intents.prefix(3)), inputs: nil)
        #expect(gate.refusals.isEmpty && gate.notes.last == "run 4 of 4 in 2026")
        #expect(
            try yearly.refusals(run, yearly.approvals() + intents) == [
                "statistics version 1 may run 4 per year, and 2026 is used up by sessions "
                    + "\(short("s1")), \(short("s2")), \(short("s3")) and 1 more: wait for another "
                    + "year, or repeat a run with the inputs that it had (--rerun SESSION)"
            ])
    }

    @Test("A rerun of the same inputs may, and does not count")
    func rerun() throws {
        let first = fixture.intent("s1")
        let run = fixture.run(rerun: "s1")
        let inputs = ApprovalFixture.inputs()
        #expect(try refusals(run, [first], inputs: inputs).isEmpty)
        let second = fixture.intent("s2", rerun: "s1")
        #expect(try refusals(fixture.run(rerun: "s2"), [first, second], inputs: inputs).isEmpty)
        let gate = RunGate(
            run, try RunHistory(fixture.approvals() + [first, second]), inputs: inputs)
        #expect(gate.notes.last == "repeats session \(short("s1")), run 1 of 1 in 2026-11")
        // One month, one set of inputs: a new run is refused for the first and for its rerun.
        #expect(try refusals([first, second]).count == 1)
    }

    @Test("What was aborted and then repeated counts like any other run")
    func abortedAndRepeated() throws {
        let first = fixture.intent("s1")
        let aborted = try ApprovalFixture.outcome(first, .aborted)
        let again = fixture.intent("s2", rerun: "s1")
        #expect(try refusals([first, aborted]).isEmpty)
        #expect(try refusals([first, aborted, again]).count == 1)
        // With the month used by another run, what never counted cannot be repeated.
        let other = fixture.intent("s3")
        #expect(
            try refusals(
                fixture.run(rerun: "s1"), [first, aborted, other],
                inputs: ApprovalFixture.inputs()
            ).first?.contains("2026-11 is used up by session \(short("s3"))") == true)
    }

    @Test("A rerun with another input is refused: whose, and which table")
    func changedInputs() throws {
        let what = "session \(short("s1")), which is to be repeated,"
        func refusal(_ inputs: [Intent.Input]) throws -> [String] {
            try refusals(fixture.run(rerun: "s1"), [fixture.intent("s1")], inputs: inputs)
        }
        #expect(
            try refusal(ApprovalFixture.inputs(salt: "x"))
                == ["\(what) had other rows in bank-b's table cash"])
        #expect(
            try refusal(ApprovalFixture.inputs([3, 4, 6]))
                == ["\(what) had 5 rows in bank-c's table cash, which has 6 now"])
        #expect(
            try refusal(Array(ApprovalFixture.inputs().dropFirst()))
                == ["\(what) had bank-a's table cash, which is missing now"])
        let more = Intent.Input(party: "bank-a", table: "loan", rows: 1, commitment: .zero)
        #expect(
            try refusal(ApprovalFixture.inputs() + [more])
                == ["\(what) had no bank-a's table loan"])
    }

    @Test("A rerun of nothing, of another text, period or choice")
    func otherRuns() throws {
        let what = "session \(short("s1")), which is to be repeated,"
        let run = fixture.run(rerun: "s1")
        #expect(
            try refusals(run, []) == [
                "\(what) is not in the ledger: `parley ledger show` lists sessions"
            ])
        let other = ApprovalFixture.digest("other")
        #expect(
            try refusals(run, [fixture.intent("s1", text: other)]) == [
                "\(what) ran the text \(other.hex.prefix(8))… of structuring; this is "
                    + "\(fixture.script.text.hex.prefix(8))…"
            ])
        #expect(
            try refusals(run, [fixture.intent("s1", period: "2026-10")])
                == ["\(what) was for 2026-10; this is for 2026-11"])
        let (low, high) = (
            Intent.Threshold(name: "choice ceiling", value: "EUR 10_000.00"),
            Intent.Threshold(name: "choice ceiling", value: "EUR 15_000.00")
        )
        #expect(
            try refusals(
                fixture.run(choices: [high], rerun: "s1"), [fixture.intent("s1", choices: [low])])
                == [
                    "\(what) had choice ceiling EUR 10_000.00; this has choice ceiling EUR 15_000.00"
                ])
    }
}
