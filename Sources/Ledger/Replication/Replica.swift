import Foundation
package import Primitives
import Synchronization

/// One party's copy of the log and what it does for others: it checks, stores, cosigns.
///
/// **The rule of cosigning.** A replica stores a batch together with its cosignature before the
/// cosignature leaves the machine, and never cosigns another one after the same log: a prepared batch
/// is only ever completed, or gives way to one of another log key that enough members have cosigned.
/// (Two such sets share an honest member, so the prepared one was never complete, and now never will
/// be.) Whatever the moment at which parties stop, the next synchronization brings them to the same
/// log. What it asks of a consistency proof it has by itself: it holds all entries, and computes the
/// new root from its own.
package final class Replica: Sendable {
    package let store: any LedgerStore
    package let me: String
    let keys: LedgerKeys
    let clock: any ParleyClock
    /// Gets a line when a statement of this party is given up, or a party is left out.
    let report: @Sendable (String) -> Void
    /// The membership as this party's roster has it.
    let expected: LedgerParties

    /// A batch that was checked: what it holds and the log with it.
    struct CheckedBatch {
        let note: [UInt8]
        let head: LogHead
        let entries: [NewEntry]
        /// Whether another than the sequencer may have signed it as the log.
        let isSuccession: Bool
    }

    /// The committed log, and the prepared batch if it was checked by this process.
    struct Heads {
        var committed = LogHead()
        var prepared: CheckedBatch?
    }
    let heads: Mutex<Heads>

    /// - Parameter expected: in an empty log, who founds it.
    package init(
        _ store: any LedgerStore, me: String, keys: LedgerKeys, expected: LedgerParties,
        clock: any ParleyClock, report: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(LedgerError) {
        (self.store, self.me, self.keys) = (store, me, keys)
        (self.expected, self.clock, self.report) = (expected, clock, report)
        heads = Mutex(Heads(committed: try Self.load(store)))
    }

    // MARK: The log so far

    /// The committed log, as it is now in the store.
    package func head() throws(LedgerError) -> LogHead {
        let size = try store.newest()?.size ?? 0
        return try heads.withLock { heads throws(LedgerError) in
            if heads.committed.size != size { heads = Heads(committed: try Self.load(store)) }
            return heads.committed
        }
    }

    /// Whether a party orders the entries: by the log, or by the roster if there is none yet.
    func isSequencer(_ party: String) throws(LedgerError) -> Bool {
        try (head().parties ?? expected).sequencer == party
    }

    private static func load(_ store: any LedgerStore) throws(LedgerError) -> LogHead {
        guard let newest = try store.newest() else { return LogHead() }
        var states: [(statement: Statement, digest: Digest)] = []
        for position in try store.positions(of: [
            .genesis, .proposal, .ballot, .retention, .outcome,
        ]) where position < newest.size {
            let entry = try entry(at: position, of: store)
            states.append((entry.statement, entry.statementDigest))
        }
        let last = try entry(at: newest.size - 1, of: store)
        let head = try LogHead(
            frontier: TiledTree(store, size: newest.size).frontier(), time: last.time,
            states: states)
        let signed = try Checkpoint(parsing: SignedNote(parsing: newest.note).text)
        guard signed == head.checkpoint else {
            throw .storage(
                "the ledger is damaged: its newest checkpoint is not that of its entries; verify "
                    + "it, and rebuild it from another party's")
        }
        return head
    }

    static func entry(at position: Int, of store: any LedgerStore) throws(LedgerError) -> Entry {
        guard let stored = try store.entries(position..<position + 1).first else {
            throw .storage("the ledger is damaged: entry \(position) is missing")
        }
        return try Entry(parsing: stored.bytes)
    }

    /// The statement with this digest in the committed log.
    package func statement(_ digest: Digest, before size: Int) throws(LedgerError) -> Statement? {
        guard let position = try store.position(of: digest), position < size else { return nil }
        return try Self.entry(at: position, of: store).statement
    }
}
