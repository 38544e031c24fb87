import Ledger
import MPC
import Networking
import Primitives
import Runner
import Testing

/// Why a run was aborted, in the common log: nothing of the local text gets there.
struct PublicReasonTests {
    private static let secret = "/srv/bank/loan.csv line 7: 4711"
    private static let peer = Participant.party(Party(1))

    private static var errors: [any Error] {
        let own: [RunFailure] = [
            .init(.cannotCreate, secret), .init(.badInput, secret), .init(.refused, secret),
            .init(.internal, secret), .init(.ledgerDamaged, secret),
        ]
        let ledger: [LedgerError] = [
            .malformed(secret), .storage(secret), .diverged(secret), .clock(secret), .busy(secret),
            .misbehaved(party: "bank-b", step: secret, reason: secret),
        ]
        let protocols: [MPCError] = [
            .preprocessingStore(secret), .local(step: secret),
            .transport(.tls(peer, reason: secret), step: secret),
            .transport(.malformedFrame(peer, reason: secret), step: secret),
            .disagreement(
                field: secret, values: [Disagreement(participant: peer, value: secret)]),
        ]
        return own as [any Error] + ledger + protocols
            + [
                TransportError.cannotListen(address: secret, reason: secret),
                OtherError(description: secret),
            ]
    }

    private struct OtherError: Error, CustomStringConvertible { let description: String }

    @Test("No error's own text is in the reason, whatever the error")
    func nothingLocal() {
        for error in Self.errors {
            let reason = RunFailure.publicReason(error) { "party \($0)" }
            #expect(!reason.isEmpty && !reason.contains("srv") && !reason.contains("4711"))
            #expect(reason.utf8.count < 200, "\(reason)")
        }
    }

    @Test("What kind of failure it was, and who is seen as its cause, are told")
    func kinds() {
        func reason(_ error: any Error) -> String {
            RunFailure.publicReason(error) { _ in "bank-b" }
        }
        #expect(
            reason(MPCError.transport(.disconnected(Self.peer), step: "sort"))
                == "bank-b closed the connection")
        #expect(
            reason(MPCError.cheating(.releaseSignature, by: Party(1)))
                == "bank-b broke the protocol: a signature over the release does not verify")
        #expect(reason(RunFailure(.cannotCreate, "x")) == "this party cannot write a file")
        #expect(reason(MPCError.transport(.cancelled, step: "sort")) == "cancelled")
    }
}
