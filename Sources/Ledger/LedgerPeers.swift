/// The other parties of a session, as the ledger sees them.
public protocol LedgerPeers {
    /// Sends `mine` to every party and receives what each sent at the same step.
    ///
    /// - Parameters:
    ///   - mine: at most ``LedgerMessage/maxBytes`` bytes.
    ///   - step: the same at every party; a difference is an error.
    /// - Returns: each party's bytes in party order, mine included. They are anything a hostile party
    ///   may send; the ledger checks them.
    func exchange(_ mine: [UInt8], step: String) throws -> [[UInt8]]
}

/// Bounds of what parties send each other for the ledger.
public enum LedgerMessage {
    /// The longest message, in bytes.
    public static let maxBytes = 65_536
}
