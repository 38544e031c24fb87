package import Primitives

/// Everything about a log that decides what may come next.
///
/// Every replica and every auditor folds the same entries into it and so comes to the same membership,
/// votes and retentions. A value: a copy takes a batch on trial.
package struct LogHead: Sendable {
    /// What an entry needs to know of earlier ones.
    package typealias Lookup = (Digest) throws(LedgerError) -> Statement?

    package private(set) var frontier = MerkleFrontier()
    /// Nil before the genesis entry.
    package private(set) var governance: Governance?
    /// The newest entry's time.
    package private(set) var time: Int64 = 0
    private(set) var retentions: [Digest: Retention] = [:]
    /// Intents whose outcome all have signed, after which nobody has a word to say.
    private var finished: Set<Digest> = []
    private var memo = SignatureMemo()

    package init() {}

    /// Continues a stored log: its right edge, and its governance and retention entries so far.
    init(
        frontier: MerkleFrontier, time: Int64, states: [(statement: Statement, digest: Digest)]
    ) throws(LedgerError) {
        for (statement, digest) in states { _ = try fold(statement, digest) }
        (self.frontier, self.time) = (frontier, time)
    }

    package var size: Int { frontier.count }
    package var parties: LedgerParties? { governance?.parties }

    /// Whether a statement is a vote about the sequencer, which another member may bring in for it.
    func isAboutSequencer(_ statement: Statement) -> Bool {
        governance?.isAboutSequencer(statement) ?? false
    }

    /// The checkpoint of the log so far.
    package var checkpoint: Checkpoint {
        Checkpoint(origin: parties?.origin ?? "", size: size, root: frontier.root)
    }

    /// Takes the next entry after checking all that it says, its signatures and its place.
    ///
    /// - Parameter find: the statement with a digest in the log so far, this batch included.
    /// - Returns: whether the membership changed, so that a batch must end here.
    package mutating func admit(
        _ entry: Entry, find: Lookup
    ) throws(LedgerError) -> Bool {
        if case .genesis(let genesis) = entry.statement {
            guard governance == nil else { throw .malformed("a ledger has one genesis entry") }
            try entry.verify(try genesis.parties, &memo)
        } else {
            guard let parties else { throw .malformed("a ledger's first entry is its genesis") }
            try entry.verify(parties, &memo)
        }
        guard try find(entry.statementDigest) == nil else {
            throw .malformed("the statement is in the ledger already")
        }
        try checkTime(entry)
        try checkReferences(entry, find)
        let isChanged = try fold(entry.statement, entry.statementDigest)
        frontier.append(entry.leafHash)
        time = entry.time
        return isChanged
    }

    /// Goes on after an entry that was refused, so that an auditor can look at what follows.
    mutating func skip(_ leaf: Digest) { frontier.append(leaf) }

    /// An entry follows the one before; what all sign is of that time; nothing is of the future.
    private func checkTime(_ entry: Entry) throws(LedgerError) {
        guard entry.time >= time else {
            throw .malformed(
                "an entry's time runs back by \(time - entry.time) s: set the sequencer's clock")
        }
        let stated = entry.statement.time
        let oldest = entry.statement.signers == .all ? entry.time - Self.tolerance : 0
        guard (oldest...entry.time + Self.tolerance).contains(stated) else {
            throw .clock(
                "a statement's time is \(abs(stated - entry.time)) s off its entry's; at most "
                    + "\(Self.tolerance) s are allowed: compare the clocks")
        }
    }

    /// How far two clocks may differ, in seconds.
    package static let tolerance: Int64 = 60

    private func checkReferences(_ entry: Entry, _ find: Lookup) throws(LedgerError) {
        switch entry.statement {
        case .outcome(let outcome):
            guard case .intent(let intent)? = try find(outcome.intent),
                intent.session == outcome.session
            else {
                throw .malformed("an outcome names no intent of its session in the ledger")
            }
            guard !finished.contains(outcome.intent) else {
                throw .malformed("all have signed this run's outcome already")
            }
            // Nobody speaks for another party; a dealer has no voice of its own in the ledger.
            guard let accuser = outcome.accuser else { return }
            guard entry.signers.contains(accuser) || accuser == intent.participants.dealer else {
                throw .malformed(
                    "an outcome's accuser is its signer or the dealer, not \(accuser)")
            }
        case .receipt(let receipt):
            guard try find(receipt.subject) != nil else {
                throw .malformed("a receipt names no statement in the ledger")
            }
        case .retention(let retention):
            try checkAuthor(retention.author, of: retention.subject, find)
            guard let earlier = retentions[retention.subject], earlier.isLocked else { return }
            guard retention.isLocked, retention.until >= earlier.until else {
                throw .malformed(
                    "a locked retention can only be lengthened, and stays locked; it ends at "
                        + "\(earlier.until)")
            }
        case .erasure(let erasure):
            try checkAuthor(erasure.author, of: erasure.subject, find)
            guard let retention = retentions[erasure.subject] else { return }
            guard retention.holds.isEmpty, entry.time > retention.until else {
                throw .malformed(
                    retention.holds.isEmpty
                        ? "the content must be kept until \(retention.until) (seconds since 1970)"
                        : "the content is on hold: \(retention.holds.joined(separator: "; "))")
            }
        default: break
        }
    }

    /// Only who posted content decides about it.
    private func checkAuthor(
        _ author: String, of subject: Digest, _ find: Lookup
    ) throws(LedgerError) {
        let owner: String? =
            switch try find(subject) {
            case .note(let note): note.author
            case .file(let file): file.author
            default: nil
            }
        guard owner == author else {
            throw .malformed("\(author) has posted no note or file with this digest")
        }
    }

    private mutating func fold(
        _ statement: Statement, _ digest: Digest
    ) throws(LedgerError) -> Bool {
        switch statement {
        case .genesis(let genesis):
            governance = try Governance(genesis, digest: digest)
            return true
        case .proposal, .ballot:
            return try governance?.admit(statement, digest: digest) ?? false
        case .retention(let retention):
            retentions[retention.subject] = retention
            return false
        case .outcome(let outcome):
            if statement.signers == .all { finished.insert(outcome.intent) }
            return false
        default:
            return false
        }
    }
}
