import Foundation
import Primitives
import Testing

@testable import Ledger

/// What the Runner records when a run is aborted, with everything a peer or a dealer can cause.
@Suite struct AbortRecordTests {
    private func record(accuser: String, step: String, reason: String) throws {
        let fixture = try LedgerFixture()
        try fixture.append([fixture.intent(1)])
        try fixture.open(0).recordPending(
            .ended(
                .aborted, session: LedgerFixture.digest("session 1"),
                intent: fixture.intentHash(1), step: step, accuser: accuser, culprit: nil,
                reason: reason, time: 1_790_000_005))
    }

    @Test("A dealer's abort is recorded")
    func dealer() {
        withKnownIssue("FINDING 3: the accuser must be a party of the ledger") {
            #expect(throws: Never.self) {
                try record(accuser: "dealer", step: "preprocessing", reason: "it gave up")
            }
        }
    }

    @Test(
        "An abort with a peer's texts, empty or of 400 bytes, is recorded",
        arguments: [
            ("", "it gave up"), (String(repeating: "s", count: 400), "it gave up"),
            ("online", String(repeating: "r", count: 400)),
        ])
    func texts(step: String, reason: String) {
        withKnownIssue("FINDING 3: a peer's text is refused, and with it the entry") {
            #expect(throws: Never.self) {
                try record(accuser: "bank-b", step: step, reason: reason)
            }
        }
    }
}
