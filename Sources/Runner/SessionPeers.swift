import Ledger
import MPC
import Primitives

/// The ledger's peers over a session's channels, for one step of all parties.
struct SessionPeers: LedgerPeers {
    private let session: Session
    private let operation: UInt32
    private let parties: [String: Party]

    let reachable: [String]

    /// - Parameter names: the parties', in index order.
    init(_ session: Session, names: [String]) {
        self.session = session
        operation = session.nextOperation()
        parties = Dictionary(uniqueKeysWithValues: zip(names, session.allParties))
        reachable = session.otherParties.map { names[$0.index] }
    }

    func send(_ message: [UInt8], to party: String) throws {
        guard let party = parties[party] else { throw LedgerError.waiting(for: [party]) }
        try session.send(.ledger, to: .party(party), operation: operation, payload: message)
        try session.flush()
    }

    func receive(from party: String) throws -> [UInt8] {
        guard let party = parties[party] else { throw LedgerError.waiting(for: [party]) }
        session.countRound()
        return Array(
            try session.receive(
                .ledger, from: .party(party), operation: operation, atMost: LedgerMessage.maxBytes))
    }
}
