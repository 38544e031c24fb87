import Foundation
package import Primitives
import Synchronization

// Making a batch, and the batch that is prepared until enough have cosigned it.
extension Replica {
    /// What became of statements that were to be appended.
    package struct Sequenced {
        package let batch: ProposedBatch?
        /// Those that can never be appended, and why.
        package let rejected: [(statement: Digest, author: String?, reason: LedgerError)]
    }

    /// Makes a batch of as many statements as fit, and stores it with this party's cosignature.
    ///
    /// A party that is not the sequencer takes only votes about the sequencer, which it signs with its
    /// own log key.
    package func sequence(
        _ statements: [CarriedStatement]
    ) throws(LedgerError) -> Sequenced {
        let head = try head()
        guard try store.prepared() == nil else {
            throw .diverged("a batch is not completed yet; synchronize")
        }
        let now = clock.wallSeconds
        guard head.time - now <= LogHead.tolerance else {
            throw .clock(
                "this party's clock is \(head.time - now) s behind the newest entry: was it set "
                    + "back? set it right")
        }
        let isDeputy = try !isSequencer(me)
        guard !isDeputy || head.parties?.canDoWithoutSequencer == true else {
            throw .malformed("\(me) is not the ledger's sequencer")
        }
        var trial = try trial(after: head, of: statements.map(\.entry))
        var outgoing: [Outgoing] = []
        var byteCount = 0
        var rejected: [(statement: Digest, author: String?, reason: LedgerError)] = []
        for carried in statements
        where !trial.isClosed && trial.entries.count < Batch.maxCount {
            if isDeputy, !trial.head.isAboutSequencer(carried.entry.statement) { continue }
            do throws(LedgerError) {
                let entry = try carried.entry.retimed(to: max(now, head.time))
                guard trial.allows(entry) else { continue }
                byteCount += entry.bytes.count + carried.contentBytes
                if byteCount > Self.maxBatchBytes, !trial.entries.isEmpty { break }
                try trial.add(
                    entry,
                    content: try content(
                        of: entry, carried.payload, carried.sealed[me], isNeeded: true))
                outgoing += carried.sealed.filter { $0.key != me }.map {
                    Outgoing(
                        statement: entry.statementDigest, recipient: $0.key,
                        sealed: Array($0.value))
                }
            } catch {
                // A statement of the future waits; what is wrong for ever is given up.
                if case .clock = error { continue }
                guard case .malformed = error else { throw error }
                rejected.append(
                    (carried.entry.statementDigest, carried.entry.signers.first, error))
            }
        }
        guard !trial.entries.isEmpty else { return Sequenced(batch: nil, rejected: rejected) }
        _ = try prepare(
            trial, SequencedCheckpoint(trial.head.checkpoint, key: keys.log), first: head.size,
            outgoing: outgoing)
        return Sequenced(batch: try preparedBatch(isResumed: false), rejected: rejected)
    }

    /// The most bytes of entries and contents in one batch.
    static let maxBatchBytes = 1 << 20

    /// The prepared batch as it is sent to others, but for what is sealed for each of them, which is in
    /// ``LedgerStore/outgoing()``.
    package func preparedBatch(isResumed: Bool) throws(LedgerError) -> ProposedBatch? {
        guard let checked = try checkedBatch() else { return nil }
        // Who cosigns it: the members before it, one of whom may leave with it.
        let everybody = try cosigners().names
        return ProposedBatch(
            entries: checked.entries.map { new in
                let isOpen = new.entry.statement.claims?.recipients == everybody
                return CarriedEntry(
                    entry: new.entry, payload: isOpen ? new.content?.payload : nil)
            }, note: Data(checked.note), sealed: [:], isResumed: isResumed)
    }

    /// The prepared batch; checked again if another process prepared it.
    func checkedBatch() throws(LedgerError) -> CheckedBatch? {
        guard let prepared = try store.prepared() else { return nil }
        let head = try head()
        let known = heads.withLock { $0.prepared }
        if let known, known.note == prepared.note { return known }
        guard prepared.size > head.size else {
            guard try store.prepared() == prepared else {
                throw .busy("another session completed the batch at the same time")
            }
            throw .storage(
                "the ledger is damaged: its prepared batch ends at \(prepared.size), the log at "
                    + "\(head.size); verify it, and rebuild it from another party's")
        }
        var entries: [Entry] = []
        for stored in try store.entries(head.size..<prepared.size) {
            entries.append(try Entry(parsing: stored.bytes))
        }
        var trial = try trial(after: head, of: entries)
        for entry in entries {
            try trial.add(entry, content: try store.content(of: entry.statementDigest))
        }
        return CheckedBatch(
            note: prepared.note, head: trial.head, entries: trial.entries,
            isSuccession: trial.isSuccession)
    }

    /// Whose cosignatures the prepared batch needs.
    func cosigners() throws(LedgerError) -> LedgerParties {
        guard let checked = try checkedBatch() else {
            throw .diverged("no batch is prepared")
        }
        // A genesis is cosigned by the parties that it names.
        let before = try head().parties
        guard let parties = before ?? checked.head.parties else {
            throw .storage("the ledger is damaged: it does not begin with its genesis")
        }
        return parties
    }

    /// Makes the prepared batch part of the log, once enough have cosigned it.
    package func commit(_ note: [UInt8]) throws(LedgerError) {
        guard let checked = try checkedBatch() else {
            // Another session of this party may have committed it, with other cosignatures.
            guard
                try Checkpoint(parsing: SignedNote(parsing: note).text) == head().checkpoint
            else { throw .malformed("a checkpoint is committed that this party did not cosign") }
            return
        }
        let parties = try cosigners()
        let cosigned = try CosignedCheckpoint(
            parsing: note, parties: parties, isSuccession: checked.isSuccession)
        guard cosigned.checkpoint == checked.head.checkpoint else {
            throw try contradiction(checked.note, note, parties, isSameLog: false)
        }
        try store.commit(
            size: checked.head.size, note: note,
            absent: parties.missing(Set(cosigned.cosignatures.keys)),
            erasing: Self.erased(by: checked.entries))
        heads.withLock { $0 = Heads(committed: checked.head) }
    }

    /// The statements whose contents their authors have erased.
    static func erased(by entries: [NewEntry]) -> [Digest] {
        entries.compactMap {
            if case .erasure(let erasure) = $0.entry.statement { erasure.subject } else { nil }
        }
    }
}

extension CarriedStatement {
    var contentBytes: Int {
        (payload?.byteCount ?? 0) + sealed.values.reduce(0) { $0 + $1.count }
    }
}
