import Foundation
import MPC
import Networking
import Primitives

/// What every command that meets the other parties begins with.
extension Seat {
    /// This member's index.
    func party(_ identity: TLSIdentity) throws(RunFailure) -> Party {
        try roster.party(identity)
    }

    /// The mesh and the agreement; without a use for a dealer it does not wait for one.
    ///
    /// - Parameters:
    ///   - computing: how many of the roster's parties compute, which come first; all if nil.
    ///   - wrap: what the session's frames go through.
    func connect(
        _ me: Party, _ identity: TLSIdentity, on terms: AgreementTerms, computing: Int? = nil,
        signer: ReleaseSigner?,
        _ monitor: RunMonitor, _ clock: any ParleyClock,
        randomness: any RandomSource = SystemRandomness(),
        through wrap: (any Transport) -> any Transport = { $0 }
    ) throws -> Session {
        var connector = MeshConnector(roster: roster, me: .party(me), identity: identity)
        connector.withDealer = protocolChoice.needsDealer
        connector.isClient = me.index >= computing ?? roster.parties.count
        connector.deadline = timeout
        connector.connectDeadline = connectTimeout
        connector.cancellation = monitor.cancellation
        connector.waiting = monitor.progress
        monitor.progress("connecting to the other participants")
        return try Session.agree(
            on: terms, over: wrap(try connector.connect()), computing: computing,
            randomness: randomness, clock: clock, signer: signer, progress: monitor.progress)
    }
}
