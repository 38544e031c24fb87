import Ledger
import Primitives

/// A store that hands every call on to another one; what inherits from it changes single calls.
///
/// Invariant of the unchecked conformance: nothing is stored here that changes.
class ForwardingStore: LedgerStore, @unchecked Sendable {
    let base: any LedgerStore

    init(_ base: any LedgerStore) { self.base = base }

    func newest() throws(LedgerError) -> (size: Int, note: [UInt8])? { try base.newest() }
    func prepared() throws(LedgerError) -> PreparedBatch? { try base.prepared() }
    func entries(_ positions: Range<Int>) throws(LedgerError) -> [StoredEntry] {
        try base.entries(positions)
    }
    func leafHashes(_ positions: Range<Int>) throws(LedgerError) -> [Digest] {
        try base.leafHashes(positions)
    }
    func nodes(level: Int, _ numbers: Range<Int>) throws(LedgerError) -> [Digest] {
        try base.nodes(level: level, numbers)
    }
    func positions(of kinds: [Statement.Kind]) throws(LedgerError) -> [Int] {
        try base.positions(of: kinds)
    }
    func positions(of statements: [Digest]) throws(LedgerError) -> [Digest: Int] {
        try base.positions(of: statements)
    }
    func checkpoints(
        from size: Int, limit: Int
    ) throws(LedgerError) -> [(size: Int, note: [UInt8])] {
        try base.checkpoints(from: size, limit: limit)
    }
    func prepare(
        _ batch: PreparedBatch, first: Int, _ entries: [NewEntry], nodes: [TileNode],
        outgoing: [Outgoing]
    ) throws(LedgerError) {
        try base.prepare(batch, first: first, entries, nodes: nodes, outgoing: outgoing)
    }
    func outgoing() throws(LedgerError) -> [Outgoing] { try base.outgoing() }
    func dropOutgoing(to recipient: String, below size: Int) throws(LedgerError) {
        try base.dropOutgoing(to: recipient, below: size)
    }
    func commit(
        size: Int, note: [UInt8], absent: [String], erasing: [Digest]
    ) throws(LedgerError) {
        try base.commit(size: size, note: note, absent: absent, erasing: erasing)
    }
    func extend(
        first: Int, size: Int, note: [UInt8], nodes: [TileNode], _ entries: [NewEntry],
        absent: [String], erasing: [Digest], prepared: [UInt8]?, isReplacing: Bool
    ) throws(LedgerError) {
        try base.extend(
            first: first, size: size, note: note, nodes: nodes, entries, absent: absent,
            erasing: erasing, prepared: prepared, isReplacing: isReplacing)
    }
    func pending(limit: Int) throws(LedgerError) -> [PendingStatement] {
        try base.pending(limit: limit)
    }
    func pendingCount() throws(LedgerError) -> Int { try base.pendingCount() }
    func addPending(_ statements: [PendingStatement]) throws(LedgerError) {
        try base.addPending(statements)
    }
    func dropPending(_ statement: Digest) throws(LedgerError) {
        try base.dropPending(statement)
    }
    func content(of statement: Digest) throws(LedgerError) -> Content? {
        try base.content(of: statement)
    }
    func positions(
        inCollection name: String, _ positions: Range<Int>, limit: Int, newestFirst: Bool
    ) throws(LedgerError) -> [Int] {
        try base.positions(
            inCollection: name, positions, limit: limit, newestFirst: newestFirst)
    }
    func collections(after name: String?, limit: Int) throws(LedgerError) -> [String] {
        try base.collections(after: name, limit: limit)
    }
    func addChunk(_ bytes: [UInt8], number: Int, of file: Digest) throws(LedgerError) {
        try base.addChunk(bytes, number: number, of: file)
    }
    func chunk(_ number: Int, of file: Digest) throws(LedgerError) -> [UInt8]? {
        try base.chunk(number, of: file)
    }
    func dropChunks(of file: Digest) throws(LedgerError) {
        try base.dropChunks(of: file)
    }
    func dropStrayChunks() throws(LedgerError) { try base.dropStrayChunks() }
    func addEvidence(_ evidence: ForkEvidence) throws(LedgerError) {
        try base.addEvidence(evidence)
    }
    func evidence() throws(LedgerError) -> [ForkEvidence] { try base.evidence() }
}
