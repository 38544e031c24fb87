import Foundation
import Primitives

/// One entry as an auditor finds it, nothing of it believed.
struct FoundEntry: Sendable {
    let bytes: [UInt8]
    /// What the files say about it besides; nil where they say nothing.
    var claimed: (position: Int, leafHash: [UInt8], statement: [UInt8], kind: String)?
    var content: FoundContent?
}

/// What is kept beside the log for an entry, as an auditor finds it.
struct FoundContent: Sendable {
    /// As many zeros once it is erased.
    let bytes: [UInt8]
    let isErased: Bool
    /// Under which it is listed.
    let collection: String
}

/// What the entries say about the rest of the files.
struct AuditedRest {
    /// The hashes that belong to full tiles.
    let nodes: [TileNode]
    /// The digests of ledger tables that are in the log or were kept elsewhere.
    let digests: [TablesDigest]
    /// The statements whose contents were erased.
    let erased: [Digest]
    /// The policy of the genesis; nil without one.
    let policy: String?
}

/// The files of a ledger, read in order and in pieces.
protocol AuditSource {
    /// Whether every checkpoint that was ever cosigned should be there, not the newest alone.
    var hasAllCheckpoints: Bool { get }
    /// Whether it is a whole log that is handed over, which has entries.
    var mustHold: Bool { get }
    /// The next entries; none at the end.
    mutating func next(_ limit: Int) throws -> [FoundEntry]
    func entry(at position: Int) throws -> [UInt8]?
    /// The cosigned checkpoints of these sizes, ascending.
    func checkpoints(_ sizes: Range<Int>) throws -> [(size: Int, note: [UInt8])]
    /// The batch that this party has cosigned and not seen committed; nil for none.
    func prepared() throws -> PreparedBatch?
    /// Checks what is particular to the files.
    func finish(_ rest: AuditedRest, _ report: inout LedgerReport) throws
}
