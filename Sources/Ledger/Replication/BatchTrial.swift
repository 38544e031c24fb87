import Primitives

/// A batch that is taken on trial, entry by entry, on top of a committed log.
///
/// An entry that is refused leaves it as it was.
struct BatchTrial {
    private(set) var head: LogHead
    private(set) var entries: [NewEntry] = []
    private var rule = BatchRule()
    /// Whether the batch must end here.
    var isClosed: Bool { rule.isClosed }
    /// Whether there is nothing but votes about the sequencer in it, so that another may sign for it.
    private(set) var isSuccession = true

    private let find: LogHead.Lookup
    private let taken = StatementIndex()
    private var builder: TileBuilder

    /// - Parameter find: looks up a statement in the committed log.
    init(
        _ head: LogHead, _ store: any LedgerStore, find: @escaping LogHead.Lookup
    ) throws(LedgerError) {
        (self.head, self.find) = (head, find)
        builder = try TileBuilder(head.size) { (level, numbers) throws(LedgerError) in
            level == 0
                ? try store.leafHashes(numbers) : try store.nodes(level: level, numbers)
        }
    }

    /// The new roots of full tiles.
    var nodes: [TileNode] { builder.nodes }

    /// Whether an entry may be in this batch; if not, it may be in the next.
    func allows(_ entry: Entry) -> Bool { rule.allows(entry) }

    mutating func add(_ entry: Entry, content: Content?) throws(LedgerError) {
        guard rule.allows(entry) else {
            throw .malformed(
                "a batch goes on after its end, has entries of several times, or a statement of all "
                    + "that is not alone in it")
        }
        let (taken, find) = (taken, find)
        let isVote = head.isAboutSequencer(entry.statement)
        let isChanged = try head.admit(entry) { (digest) throws(LedgerError) in
            if let statement = taken.statements[digest] { return statement }
            return try find(digest)
        }
        isSuccession = isSuccession && isVote
        rule.take(entry, isChanged: isChanged)
        taken.statements[entry.statementDigest] = entry.statement
        builder.append(entry.leafHash)
        entries.append(NewEntry(entry, content: content))
    }
}

/// Which entries can be one batch, under one checkpoint.
///
/// At most 256, all of one time; a statement that all parties sign is alone; a change of the membership is
/// the last. So an auditor knows of most batches where they end, and misses a checkpoint that was
/// removed.
struct BatchRule {
    /// Whether no other entry can follow.
    private(set) var isClosed = false
    private var count = 0
    private var time: Int64 = 0

    func allows(_ entry: Entry) -> Bool {
        count == 0
            || !isClosed && count < Batch.maxCount && entry.time == time
                && entry.statement.signers != .all
    }

    mutating func take(_ entry: Entry, isChanged: Bool) {
        isClosed = isChanged || entry.statement.signers == .all
        (count, time) = (count + 1, entry.time)
    }
}

/// Statements by digest, to be looked up while more are taken.
final class StatementIndex {
    var statements: [Digest: Statement] = [:]
    var positions: [Digest: Int] = [:]
}

extension Statement {
    /// Who has the content of a note or a file, and what commits to it; nil for other statements.
    var claims: (recipients: [String], digest: Digest)? {
        switch self {
        case .note(let note): (note.recipients, note.claims)
        case .file(let file): (file.recipients, file.claims)
        default: nil
        }
    }
}
