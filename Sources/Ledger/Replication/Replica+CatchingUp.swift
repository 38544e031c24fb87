import Foundation
import Primitives
import Synchronization

// Batches that others have committed, given and taken.
extension Replica {
    /// Batches after `size` for `party`, with the contents that are for all or for it.
    package func batches(
        after size: Int, for party: String
    ) throws(LedgerError) -> [CommittedBatch] {
        guard try (0...head().size).contains(size) else {
            throw .malformed("batches are asked for after \(size) entries, which are not there")
        }
        var (batches, first, byteCount) = ([CommittedBatch](), size, 0)
        for checkpoint in try store.checkpoints(from: size + 1, limit: Batch.maxCount) {
            let entries = try carried(first..<checkpoint.size, to: party)
            byteCount += entries.reduce(0) {
                $0 + $1.entry.bytes.count + ($1.payload?.byteCount ?? 0)
            }
            if byteCount > 2 * Self.maxBatchBytes, !batches.isEmpty { break }
            batches.append(CommittedBatch(entries: entries, note: Data(checkpoint.note)))
            first = checkpoint.size
        }
        return batches
    }

    /// Entries with the contents that `party` is to have.
    private func carried(
        _ positions: Range<Int>, to party: String
    ) throws(LedgerError) -> [CarriedEntry] {
        var carried: [CarriedEntry] = []
        for stored in try store.entries(positions) {
            let entry = try Entry(parsing: stored.bytes)
            var payload: Payload?
            if entry.statement.claims?.recipients.contains(party) == true {
                payload = try store.content(of: entry.statementDigest)?.payload
            }
            carried.append(CarriedEntry(entry: entry, payload: payload))
        }
        return carried
    }

    /// Adds batches that others have committed.
    package func extend(
        _ batches: [CommittedBatch], from party: String
    ) throws(LedgerError) {
        for batch in batches {
            let head = try head()
            let trial = try admit(
                batch.entries, sealed: [:], after: head, isContentNeeded: false)
            guard let parties = head.parties ?? trial.head.parties else {
                throw .malformed("a ledger's first entry is its genesis")
            }
            let note = Array(batch.note)
            let cosigned = try CosignedCheckpoint(parsing: note, parties: parties)
            if head.size == 0 { try checkOrigin(parties) }
            let prepared = try store.prepared()
            if let prepared, prepared.size == cosigned.checkpoint.size,
                try Checkpoint(parsing: SignedNote(parsing: prepared.note).text)
                    != cosigned.checkpoint
            {
                throw try forked(with: party, mine: prepared.note, theirs: note)
            }
            guard cosigned.checkpoint == trial.head.checkpoint else {
                throw .malformed("\(party) hands over a checkpoint that is not that of its entries")
            }
            try store.extend(
                first: head.size, size: cosigned.checkpoint.size, note: note, nodes: trial.nodes,
                trial.entries)
            heads.withLock { $0 = Heads(committed: trial.head) }
            try carryOutErasures(trial.entries)
        }
    }
}

extension Payload {
    var byteCount: Int { collection.utf8.count + contents.utf8.count }
}
