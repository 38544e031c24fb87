import Ledger
import MPC
import Networking
import Primitives

extension RunFailure {
    /// Any error of a run as a line for people and an exit code.
    init(_ error: any Error, roster: Roster) {
        func name(_ participant: Participant) -> String {
            roster[participant]?.name ?? "\(participant)"
        }
        switch error {
        case let failure as RunFailure: self = failure
        case let error as TransportError:
            self.init(.unavailable, error.message(naming: roster))
        case let error as MPCError:
            let code: Code =
                switch error {
                case .cheating, .malformedFromDealer: .protocolViolation
                case .disagreement, .partyCount, .preprocessingExhausted: .refused
                case .preprocessingStore: .badInput
                case .transport, .aborted: .unavailable
                case .local: .internal
                }
            self.init(code, error.message(naming: name))
        case let error as LedgerError:
            let code: Code =
                switch error {
                case .misbehaved, .forked: .protocolViolation
                case .malformed, .diverged: .refused
                case .storage: .cannotCreate
                case .waiting, .busy: .unavailable
                case .clock: .refused
                }
            self.init(code, "\(error)")
        default: self.init(.internal, "\(error)")
        }
    }
}
