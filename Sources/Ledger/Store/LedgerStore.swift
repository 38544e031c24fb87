package import Primitives

/// An entry as a store keeps it.
package struct StoredEntry: Hashable, Sendable {
    package let leafHash: Digest
    package let bytes: [UInt8]

    package init(leafHash: Digest, bytes: [UInt8]) {
        (self.leafHash, self.bytes) = (leafHash, bytes)
    }
}

/// An entry on its way into a store.
package struct NewEntry: Sendable {
    package let entry: Entry
    /// What this party keeps beside the log for it; nil for nothing.
    package let content: Content?

    package init(_ entry: Entry, content: Content?) {
        (self.entry, self.content) = (entry, content)
    }
}

/// The root of a full tile's subtree: 256 to the power of `level` leaves.
package struct TileNode: Hashable, Sendable {
    /// At least 1.
    package let level: Int
    package let number: Int
    package let hash: Digest

    package init(level: Int, number: Int, hash: Digest) {
        (self.level, self.number, self.hash) = (level, number, hash)
    }
}

/// A batch that this party has cosigned and that is not yet known to be cosigned by enough others.
package struct PreparedBatch: Hashable, Sendable {
    /// The log's size with it.
    package let size: Int
    /// The checkpoint that the sequencer signed.
    package let note: [UInt8]
    /// This party's cosignature of it.
    package let cosignature: [UInt8]

    package init(size: Int, note: [UInt8], cosignature: [UInt8]) {
        (self.size, self.note, self.cosignature) = (size, note, cosignature)
    }
}

/// Two signed checkpoints that cannot both be of one log.
package struct ForkEvidence: Hashable, Sendable {
    package let party: String
    package let mine, theirs: [UInt8]

    package init(party: String, mine: [UInt8], theirs: [UInt8]) {
        (self.party, self.mine, self.theirs) = (party, mine, theirs)
    }
}

/// Where one party keeps its copy of the log.
///
/// What a checkpoint covers, checkpoints and evidence are only ever added. Every call is one transaction:
/// it happens as a whole or not at all. What ``prepare(_:nodes:_:outgoing:)`` and
/// ``extend(first:size:note:nodes:_:absent:erasing:prepared:isReplacing:)`` store survives a power failure;
/// ``commit(size:note:absent:erasing:)`` may be lost by one, since a prepared batch is always completed again. All
/// calls may be made from any thread, and by
/// several processes at once: what does not continue the stored log is refused.
package protocol LedgerStore: AnyObject, Sendable {
    /// The number of entries that are covered by a cosigned checkpoint, and that checkpoint's note.
    func newest() throws(LedgerError) -> (size: Int, note: [UInt8])?
    func prepared() throws(LedgerError) -> PreparedBatch?

    /// Entries by position, those of a prepared batch included; stops where there are no more.
    func entries(_ positions: Range<Int>) throws(LedgerError) -> [StoredEntry]
    /// The leaf hashes at these positions, which must be there.
    func leafHashes(_ positions: Range<Int>) throws(LedgerError) -> [Digest]
    func nodes(level: Int, _ numbers: Range<Int>) throws(LedgerError) -> [Digest]
    /// Positions of statements of these kinds, ascending.
    ///
    /// - Parameter kinds: among genesis, proposal, ballot, retention, intent and outcome; others are
    ///   not found.
    func positions(of kinds: [Statement.Kind]) throws(LedgerError) -> [Int]
    /// Where these statements are, those of a prepared batch included, as far as they are there.
    func positions(of statements: [Digest]) throws(LedgerError) -> [Digest: Int]
    /// Checkpoints of at least this size, ascending.
    func checkpoints(from size: Int, limit: Int) throws(LedgerError) -> [(size: Int, note: [UInt8])]

    /// Adds a batch at the end of the committed log together with this party's cosignature.
    ///
    /// - Parameters:
    ///   - first: the committed log's size.
    ///   - outgoing: sealed contents for other parties, kept until they have the entries.
    func prepare(
        _ batch: PreparedBatch, first: Int, _ entries: [NewEntry], nodes: [TileNode],
        outgoing: [Outgoing]
    ) throws(LedgerError)
    func outgoing() throws(LedgerError) -> [Outgoing]
    /// Forgets what was sealed for a party that has all entries below `size`.
    func dropOutgoing(to recipient: String, below size: Int) throws(LedgerError)
    /// Makes the prepared batch part of the log.
    ///
    /// - Parameters:
    ///   - absent: who has not cosigned: what is sealed for them is kept.
    ///   - erasing: statements whose contents, sealed ones included, and files whose chunks, it
    ///     deletes for good.
    func commit(
        size: Int, note: [UInt8], absent: [String], erasing: [Digest]
    ) throws(LedgerError)
    /// Adds entries that others have committed; forgets a prepared batch that they contain.
    ///
    /// - Parameters:
    ///   - first: the committed log's size; what is prepared after it is there already.
    ///   - entries: all from `first` to `size`.
    ///   - absent: as in ``commit(size:note:absent:erasing:)``.
    ///   - erasing: as there, contents of these entries included.
    ///   - prepared: the note of the prepared batch that the caller has compared with these entries;
    ///     nil if there was none.
    ///   - isReplacing: whether what is prepared is another batch, which is deleted.
    /// - Throws: ``LedgerError/busy(_:)`` if by now another batch is prepared than `prepared`, or none,
    ///   or the log has grown: another session did it, and nobody has compared its batch with these.
    func extend(
        first: Int, size: Int, note: [UInt8], nodes: [TileNode], _ entries: [NewEntry],
        absent: [String], erasing: [Digest], prepared: [UInt8]?, isReplacing: Bool
    ) throws(LedgerError)

    /// Statements of this party that are neither in the log nor in the prepared batch, oldest first.
    func pending(limit: Int) throws(LedgerError) -> [PendingStatement]
    /// How many statements of this party are not in the log, those in the prepared batch included.
    func pendingCount() throws(LedgerError) -> Int
    func addPending(_ statements: [PendingStatement]) throws(LedgerError)
    /// Forgets a statement that can never be appended.
    func dropPending(_ statement: Digest) throws(LedgerError)

    /// The content of a statement in the log or the prepared batch; nil if it is not here, or was
    /// erased, after which it never comes back.
    func content(of statement: Digest) throws(LedgerError) -> Content?
    /// Positions of notes in a collection, ascending or descending.
    func positions(
        inCollection name: String, _ positions: Range<Int>, limit: Int, newestFirst: Bool
    ) throws(LedgerError) -> [Int]
    func collections(after name: String?, limit: Int) throws(LedgerError) -> [String]

    /// Keeps a part of a file beside the log; the same again replaces it.
    func addChunk(_ bytes: [UInt8], number: Int, of file: Digest) throws(LedgerError)
    func chunk(_ number: Int, of file: Digest) throws(LedgerError) -> [UInt8]?
    func dropChunks(of file: Digest) throws(LedgerError)
    /// Deletes chunks of files that no statement speaks of, as an interrupted ``addChunk(_:number:of:)``
    /// leaves them.
    func dropStrayChunks() throws(LedgerError)

    func addEvidence(_ evidence: ForkEvidence) throws(LedgerError)
    func evidence() throws(LedgerError) -> [ForkEvidence]
}

extension LedgerStore {
    package func position(of statement: Digest) throws(LedgerError) -> Int? {
        try positions(of: [statement])[statement]
    }
}

/// What a party keeps beside the log for a note or a file.
package struct Content: Hashable, Sendable {
    package let statement: Digest
    package let payload: Payload

    package init(statement: Digest, payload: Payload) {
        (self.statement, self.payload) = (statement, payload)
    }
}

/// A content that was sealed for one other party.
package struct Outgoing: Hashable, Sendable, Codable {
    package let statement: Digest
    package let recipient: String
    package let sealed: [UInt8]

    package init(statement: Digest, recipient: String, sealed: [UInt8]) {
        (self.statement, self.recipient, self.sealed) = (statement, recipient, sealed)
    }
}

/// A statement of this party that waits to be appended.
package struct PendingStatement: Hashable, Sendable {
    /// At its statement's own time.
    package let entry: Entry
    package let content: Content?

    package init(_ entry: Entry, content: Content? = nil) {
        (self.entry, self.content) = (entry, content)
    }
}
