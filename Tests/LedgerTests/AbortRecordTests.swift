import Foundation
import Ledger
import Primitives
import Testing

/// What the Runner records when a run is aborted, with everything a peer or a dealer can cause.
@Suite struct AbortRecordTests {
    private func record(accuser: String, step: String, reason: String) throws {
        let fixture = try LedgerFixture()
        try fixture.append([fixture.intent(1)])
        try fixture.open(0).recordPending(
            .ended(
                .aborted, session: LedgerFixture.digest("session 1"),
                intent: fixture.intentDigest(1), step: step, accuser: accuser, culprit: nil,
                reason: reason, time: 1_790_000_005))
    }

    @Test("A run whose outcome all signed cannot be called aborted, nor completed again")
    func afterwards() throws {
        let fixture = try LedgerFixture()
        try fixture.append([fixture.intent(1), fixture.completed(1)])
        try fixture.open(2).recordPending(fixture.aborted(1, by: 2))
        try fixture.synchronize()
        for party in 0..<3 {
            #expect(try fixture.open(party).count == 3)
            #expect(try fixture.open(party).replica.store.pendingCount() == 0)
        }
        // A run that one party called aborted may still be completed by all.
        try fixture.append([fixture.intent(2)])
        try fixture.open(2).recordPending(fixture.aborted(2, by: 2))
        try fixture.append([fixture.completed(2)])
        #expect(try fixture.open(0).count == 6)
        #expect((0..<3).allSatisfy { fixture.audit($0).findings.isEmpty })
    }

    @Test("Nobody accuses in another party's name")
    func accuser() throws {
        let fixture = try LedgerFixture()
        try fixture.append([fixture.intent(1)])
        for accuser in ["bank-a", "bank-b", "dealer", "somebody", nil] {
            let outcome = Outcome.ended(
                .aborted, session: LedgerFixture.digest("session 1"),
                intent: try fixture.intentDigest(1), step: "input", accuser: accuser,
                culprit: nil, reason: "because", time: LedgerFixture.now)
            let ledger = try fixture.open(0)
            let digest = try ledger.record([.outcome(outcome)])[0]
            let entry = try ledger.replica.store.pending(limit: 9).map(\.entry)
                .first { $0.statementDigest == digest }
            let refusal = try ledger.replica.refusal(of: #require(entry))
            #expect((refusal == nil) == (accuser != "bank-b" && accuser != "somebody"))
        }
    }

    @Test("A dealer's abort is recorded")
    func dealer() {
        #expect(throws: Never.self) {
            try record(accuser: "dealer", step: "preprocessing", reason: "it gave up")
        }
    }
}
