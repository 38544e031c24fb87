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
        let kept = try store.outgoing().filter { $0.recipient == party }
        let outgoing = Dictionary(uniqueKeysWithValues: kept.map { ($0.statement, $0.sealed) })
        var (batches, first, byteCount) = ([CommittedBatch](), size, 0)
        for checkpoint in try store.checkpoints(from: size + 1, limit: Batch.maxCount) {
            let (entries, sealed) = try carried(first..<checkpoint.size, to: party, outgoing)
            byteCount += entries.reduce(0) {
                $0 + $1.entry.bytes.count + ($1.payload?.byteCount ?? 0)
            }
            byteCount += sealed.values.reduce(0) { $0 + $1.count }
            if byteCount > 2 * Self.maxBatchBytes, !batches.isEmpty { break }
            batches.append(
                CommittedBatch(
                    entries: entries, note: Data(checkpoint.note),
                    sealed: sealed.isEmpty ? nil : sealed))
            first = checkpoint.size
        }
        return batches
    }

    /// Entries with the contents that `party` is to have: as this party has them too, or as they were
    /// sealed for it.
    private func carried(
        _ positions: Range<Int>, to party: String, _ outgoing: [Digest: [UInt8]]
    ) throws(LedgerError) -> ([CarriedEntry], sealed: [Int: Data]) {
        var (carried, sealed) = ([CarriedEntry](), [Int: Data]())
        for (index, stored) in try store.entries(positions).enumerated() {
            let entry = try Entry(parsing: stored.bytes)
            var payload: Payload?
            if entry.statement.claims?.recipients.contains(party) == true {
                payload = try store.content(of: entry.statementDigest)?.payload
                if payload == nil {
                    sealed[index] = outgoing[entry.statementDigest].map { Data($0) }
                }
            }
            carried.append(CarriedEntry(entry: entry, payload: payload))
        }
        return (carried, sealed)
    }

    /// Adds batches that others have committed.
    package func extend(
        _ batches: [CommittedBatch], from party: String
    ) throws(LedgerError) {
        for batch in batches {
            let head = try head()
            let trial = try admit(
                batch.entries, sealed: batch.sealed ?? [:], after: head, isContentNeeded: false)
            guard let parties = head.parties ?? trial.head.parties else {
                throw .malformed("a ledger's first entry is its genesis")
            }
            let note = Array(batch.note)
            let cosigned = try CosignedCheckpoint(
                parsing: note, parties: parties, isSuccession: trial.isSuccession)
            if head.size == 0 { try checkOrigin(parties) }
            guard cosigned.checkpoint == trial.head.checkpoint else {
                throw .malformed("\(party) hands over a checkpoint that is not that of its entries")
            }
            let prepared = try store.prepared()
            try store.extend(
                first: head.size, size: cosigned.checkpoint.size, note: note, nodes: trial.nodes,
                trial.entries, absent: parties.missing(Set(cosigned.cosignatures.keys)),
                erasing: Self.erased(by: trial.entries), prepared: prepared?.note,
                isReplacing: try gives(prepared, wayTo: cosigned, parties))
            heads.withLock { $0 = Heads(committed: trial.head) }
        }
    }

    /// Whether a batch was prepared that a cosigned one replaces.
    ///
    /// - Throws: ``LedgerError`` if one member signed both as the log.
    private func gives(
        _ prepared: PreparedBatch?, wayTo cosigned: CosignedCheckpoint, _ parties: LedgerParties
    ) throws(LedgerError) -> Bool {
        guard let prepared,
            try Checkpoint(parsing: SignedNote(parsing: prepared.note).text)
                != cosigned.checkpoint
        else { return false }
        guard parties.logSigner(of: prepared.note) != parties.logSigner(of: cosigned.bytes) else {
            throw try contradiction(
                prepared.note, cosigned.bytes, parties, isSameLog: true)
        }
        return true
    }
}

extension Payload {
    var byteCount: Int { collection.utf8.count + contents.utf8.count }
}
