import Ledger
import MPC

/// The ledger's peers over a session's broadcasts: one round an exchange.
struct SessionPeers: LedgerPeers {
    private let session: Session

    init(_ session: Session) { self.session = session }

    func exchange(_ mine: [UInt8], step: String) throws -> [[UInt8]] {
        let mark = session.costs.begin("ledger: \(step)")
        defer { session.costs.end(mark) }
        return try session.broadcast(mine, atMost: LedgerMessage.maxBytes)
    }
}
