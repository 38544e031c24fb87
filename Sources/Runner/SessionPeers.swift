import Ledger
import MPC

/// The ledger's peers over a session's broadcasts: one round an exchange, two from three
/// parties on.
struct SessionPeers: LedgerPeers {
    private let session: Session

    init(_ session: Session) { self.session = session }

    func exchange(_ mine: [UInt8], step: String) throws -> [[UInt8]] {
        let mark = session.costs.begin("ledger: \(step)")
        defer { session.costs.end(mark) }
        let messages = try session.broadcast(mine, atMost: LedgerMessage.maxBytes)
        // Who sends different things to different parties must not make one honest party accuse
        // another, as the ledger does with whoever states something else.
        try session.verifyBroadcasts()
        return messages
    }
}
