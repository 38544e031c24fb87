import Primitives

/// A batch that is taken on trial, entry by entry, on top of a committed log.
///
/// An entry that is refused leaves it as it was.
struct BatchTrial {
    private(set) var head: LogHead
    private(set) var entries: [NewEntry] = []
    /// Whether the membership changed, after which the batch must end.
    private(set) var isClosed = false
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

    mutating func add(_ entry: Entry, content: Content?) throws(LedgerError) {
        let (taken, find) = (taken, find)
        let isVote = head.isAboutSequencer(entry.statement)
        isClosed = try head.admit(entry) { (digest) throws(LedgerError) in
            if let statement = taken.statements[digest] { return statement }
            return try find(digest)
        }
        isSuccession = isSuccession && isVote
        taken.statements[entry.statementDigest] = entry.statement
        builder.append(entry.leafHash)
        entries.append(NewEntry(entry, content: content))
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
