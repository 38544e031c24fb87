/// Why the ledger cannot go on; each prints one line: what happened, where, what to do.
public enum LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A statement, entry, note or key that breaks its format.
    case malformed(String)
    /// A party sent something that an honest party does not send: its name, the step, what is wrong.
    case misbehaved(party: String, step: String, reason: String)
    /// The ledgers differ in a way that the protocol never leaves behind.
    case diverged(String)
    /// The policy is not met yet: whose cosignatures are missing. What was to be appended is kept.
    case waiting(for: [String])
    /// This party's clock, or another's, is wrong.
    case clock(String)
    /// Two complete checkpoints of one ledger contradict each other: the proof that it forked.
    case forked(with: String, mine: String, theirs: String)
    /// The ledger's file cannot be read or written.
    case storage(String)
    /// Another session of this party changed the ledger's file in between; the next attempt succeeds.
    case busy(String)

    public var description: String {
        switch self {
        case .malformed(let reason): reason
        case .misbehaved(let party, let step, let reason):
            "\(party) broke the ledger's protocol at the step \"\(step)\": \(reason)"
        case .diverged(let reason): "the parties' ledgers differ: \(reason)"
        case .waiting(let names):
            "waiting for \(names.joined(separator: ", ")): the entry is kept and will be in the "
                + "ledger when they cosign; do not enter it again"
        case .clock(let reason): reason
        case .forked(let party, _, _):
            "the ledger has forked: \(party) and this party have contradicting signed checkpoints; "
                + "both are kept as evidence, stop and compare them (`parley ledger evidence`)"
        case .storage(let reason), .busy(let reason): reason
        }
    }
}
