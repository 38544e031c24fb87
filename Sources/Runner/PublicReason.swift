import Ledger
import MPC
import Networking
package import Primitives

extension RunFailure {
    /// Why a run was aborted, as everybody may read it in the common log.
    ///
    /// What kind of failure, and who is seen as its cause; never an error's own text, in which there may
    /// be a path or a value, and no text of a peer. The step is said beside it.
    package static func publicReason(
        _ error: any Error, naming name: (Participant) -> String
    ) -> String {
        switch error {
        case let error as MPCError: reason(error, name)
        case let error as TransportError: reason(error, name)
        case let error as LedgerError: reason(error)
        case let failure as RunFailure:
            switch failure.code {
            case .refused: "this party refuses to go on"
            case .cannotCreate: "this party cannot write a file"
            case .ledgerDamaged: "this party's ledger does not verify"
            default: "a failure of this party's own"
            }
        default: "a failure of this party's own"
        }
    }

    private static func reason(_ error: MPCError, _ name: (Participant) -> String) -> String {
        switch error {
        case .cheating(let check, let party):
            "\(party.map { name(.party($0)) } ?? "a party") broke the protocol: \(check)"
        case .malformedFromDealer: "the dealer sent corrections of the wrong form"
        case .disagreement: "the participants do not run the same thing"
        case .transport(let error, _): reason(error, name)
        case .aborted(let notice): "\(name(notice.accuser)) gave up"
        case .partyCount: "the protocol is for another number of parties"
        case .preprocessingExhausted: "the preparation is used up"
        case .preprocessingStore: "this party's preparation cannot be used"
        case .local: "a failure of this party's own"
        }
    }

    private static func reason(_ error: TransportError, _ name: (Participant) -> String) -> String {
        switch error {
        case .disconnected(let peer): "\(name(peer)) closed the connection"
        case .timedOut(let peer, _): "\(name(peer)) was silent for too long"
        case .stalled(let peer, _): "nothing came from \(name(peer)), though everybody was alive"
        case .malformedFrame(let peer, _): "\(name(peer)) sent a malformed frame"
        case .refused(let peer, _): "no mesh with \(name(peer))"
        case .unreachable(let peers, _):
            "no mesh without \(peers.map(name).joined(separator: ", "))"
        case .cannotListen: "this party cannot listen at its address"
        case .aborted(let peer, _): "\(name(peer)) gave up"
        case .tls(let peer, _): "the TLS channel to \(name(peer)) failed"
        case .cancelled: "cancelled"
        }
    }

    private static func reason(_ error: LedgerError) -> String {
        switch error {
        case .misbehaved(let party, _, _): "\(party) broke the rules of the ledger"
        case .forked: "the ledger forked"
        case .diverged: "the parties' statements for the ledger differ"
        case .storage: "this party cannot use its ledger's file"
        case .waiting, .busy: "the ledger was not available"
        case .clock: "the parties' clocks differ"
        case .malformed: "the ledger does not allow it"
        }
    }
}
