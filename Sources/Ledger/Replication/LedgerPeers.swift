/// The other parties' replicas, as far as they can be reached.
///
/// Messages between two parties arrive in order. They are anything that a hostile party may send; the
/// ledger checks them.
public protocol LedgerPeers {
    /// The names of the parties with whom messages can be exchanged now.
    var reachable: [String] { get }
    /// - Parameter message: at most ``LedgerMessage/maxBytes`` bytes.
    func send(_ message: [UInt8], to party: String) throws
    /// Waits for the party's next message.
    func receive(from party: String) throws -> [UInt8]
}

/// Bounds of what replicas send each other.
public enum LedgerMessage {
    /// The longest message, in bytes.
    public static let maxBytes = 1 << 26
}
