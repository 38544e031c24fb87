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

    @Test("A dealer's abort is recorded")
    func dealer() {
        #expect(throws: Never.self) {
            try record(accuser: "dealer", step: "preprocessing", reason: "it gave up")
        }
    }
}
