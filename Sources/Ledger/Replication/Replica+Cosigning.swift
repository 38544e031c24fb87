import Foundation
import Primitives
import Synchronization

// What a replica checks before it takes or cosigns a batch.
extension Replica {
    /// - Parameter entries: those to be tried, each of which will be looked up.
    func trial(after head: LogHead, of entries: [Entry]) throws(LedgerError) -> BatchTrial {
        let own = Set(entries.map(\.statementDigest))
        let known = try store.positions(of: Array(own))
        return try BatchTrial(head, store) { (digest) throws(LedgerError) in
            if own.contains(digest), known[digest] == nil { return nil }
            return try self.statement(digest, before: head.size)
        }
    }

    /// Checks everything about a batch after `head`.
    func admit(
        _ carried: [CarriedEntry], sealed: [Int: Data], after head: LogHead, isContentNeeded: Bool
    ) throws(LedgerError) -> BatchTrial {
        guard (1...Batch.maxCount).contains(carried.count) else {
            throw .malformed("a batch has 1 to \(Batch.maxCount) entries")
        }
        var trial = try trial(after: head, of: carried.map(\.entry))
        for (index, carried) in carried.enumerated() {
            try trial.add(
                carried.entry,
                content: try content(
                    of: carried.entry, carried.payload, sealed[index], isNeeded: isContentNeeded))
        }
        return trial
    }

    /// The content that this party keeps for an entry, if it is a recipient.
    func content(
        of entry: Entry, _ payload: Payload?, _ sealed: Data?, isNeeded: Bool
    ) throws(LedgerError) -> Content? {
        guard let (recipients, claims) = entry.statement.claims, recipients.contains(me) else {
            return nil
        }
        guard isNeeded else {
            // A batch that was interrupted goes on also if an author sealed rubbish.
            return try? self.content(of: entry, payload, sealed, isNeeded: true)
        }
        var found = payload
        if found == nil, let sealed {
            guard let opened = keys.delivery.open(Array(sealed)) else {
                throw .malformed("a content for this party was sealed to another key")
            }
            found = try Payload(parsing: opened)
        }
        guard let found else {
            throw .malformed("the content of a note for this party was not delivered")
        }
        guard found.claims == claims else {
            throw .malformed("the content of a note is not the one that its entry commits to")
        }
        return Content(statement: entry.statementDigest, payload: found)
    }

    // MARK: Cosigning

    /// Stores a proposed batch with this party's cosignature, which is returned; the same one again if
    /// it is asked again.
    package func cosign(_ batch: ProposedBatch) throws(LedgerError) -> Cosignature {
        let head = try head()
        let note = Array(batch.note)
        let prepared = try store.prepared()
        if let prepared, prepared.note == note {
            guard let stored = Cosignature(prepared.cosignature) else {
                throw .storage("the ledger is damaged: its own cosignature is none")
            }
            return stored
        }
        let trial = try admit(
            batch.entries, sealed: batch.sealed, after: head, isContentNeeded: !batch.isResumed)
        guard let parties = head.parties ?? trial.head.parties else {
            throw .malformed("a ledger's first entry is its genesis")
        }
        if head.size == 0 { try checkFounding(parties) }
        let sequenced = try SequencedCheckpoint(
            parsing: note, keys: parties.logKeys(isSuccession: trial.isSuccession))
        guard sequenced.checkpoint == trial.head.checkpoint else {
            throw try conflict(note, head)
        }
        if let prepared {
            throw try contradiction(prepared.note, note, parties, isSameLog: true)
        }
        try checkTimes(trial.entries.map(\.entry.time), isResumed: batch.isResumed)
        return try prepare(trial, sequenced, first: head.size, outgoing: [])
    }

    /// A new log must be the one that this party's roster describes.
    private func checkFounding(_ parties: LedgerParties) throws(LedgerError) {
        guard parties == expected else {
            throw .malformed("the founded ledger has other parties than this party's roster")
        }
    }

    /// An empty replica follows only a log that its roster's parties founded: nothing else vouches for
    /// what a stranger could invent.
    func checkOrigin(_ parties: LedgerParties) throws(LedgerError) {
        guard parties.members == expected.members else {
            throw .malformed(
                "the ledger was founded by other parties or keys than this party's roster has: take "
                    + "what `parley ledger export` makes of another party's, and `parley ledger rebuild`"
            )
        }
    }

    func prepare(
        _ trial: BatchTrial, _ sequenced: SequencedCheckpoint, first: Int, outgoing: [Outgoing]
    ) throws(LedgerError) -> Cosignature {
        let cosignature = Cosignature(
            sequenced.checkpoint, key: keys.cosigner, time: UInt64(max(0, clock.wallSeconds)))
        try store.prepare(
            PreparedBatch(
                size: sequenced.checkpoint.size, note: sequenced.bytes,
                cosignature: cosignature.bytes),
            first: first, trial.entries, nodes: trial.nodes, outgoing: outgoing)
        heads.withLock {
            $0.prepared = CheckedBatch(
                note: sequenced.bytes, head: trial.head, entries: trial.entries,
                isSuccession: trial.isSuccession)
        }
        return cosignature
    }

    /// Why a note cannot be cosigned: if it contradicts what this party has committed, both are kept.
    private func conflict(
        _ note: [UInt8], _ head: LogHead
    ) throws(LedgerError) -> LedgerError {
        let theirs = try Checkpoint(parsing: SignedNote(parsing: note).text)
        guard let parties = head.parties,
            (try? SequencedCheckpoint(
                parsing: note, keys: parties.logKeys(isSuccession: true))) != nil
        else { return .malformed("a checkpoint is not signed by the ledger's sequencer alone") }
        guard theirs.size <= head.size else {
            return .malformed("the checkpoint is not that of this party's log with the new entries")
        }
        let root = try TiledTree(store, size: head.size).root(of: theirs.size)
        guard root != theirs.root,
            let mine = try store.checkpoints(from: theirs.size, limit: 1).first?.note
        else { return .diverged("the sequencer asks again for what is in the log already") }
        return try contradiction(mine, note, parties, isSameLog: false)
    }

    /// What it means that a party shows another checkpoint than this party has.
    ///
    /// If one key signed both as the log, for one size, they are evidence against its owner, and are
    /// kept. Otherwise two members went on from one log at the same time, which is no fault.
    ///
    /// - Parameter isSameLog: whether both are known to follow the same entries. Under k of n an honest
    ///   sequencer may have asked for one that gave way to its deputy's, and sign that size again.
    func contradiction(
        _ mine: [UInt8], _ theirs: [UInt8], _ parties: LedgerParties, isSameLog: Bool
    ) throws(LedgerError) -> LedgerError {
        let own = try Checkpoint(parsing: SignedNote(parsing: mine).text).size
        let other = try Checkpoint(parsing: SignedNote(parsing: theirs).text).size
        if own == other, isSameLog || !parties.canDoWithoutSequencer,
            let signer = parties.logSigner(of: theirs),
            signer == parties.logSigner(of: mine)
        {
            return try forked(with: signer, mine: mine, theirs: theirs)
        }
        return .diverged(
            "another batch, up to \(other) entries, is asked for than the one up to \(own) that "
                + "this party has; synchronize")
    }

    func forked(
        with party: String, mine: [UInt8], theirs: [UInt8]
    ) throws(LedgerError) -> LedgerError {
        try store.addEvidence(ForkEvidence(party: party, mine: mine, theirs: theirs))
        return .forked(
            with: party, mine: String(decoding: mine, as: UTF8.self),
            theirs: String(decoding: theirs, as: UTF8.self))
    }

    /// Entries are of now; those of a batch that was interrupted may be older.
    private func checkTimes(_ times: [Int64], isResumed: Bool) throws(LedgerError) {
        let now = clock.wallSeconds
        for time in times {
            guard time <= now + LogHead.tolerance else {
                throw .clock(
                    "an entry's time is \(time - now) s ahead of \(me)'s clock; at most "
                        + "\(LogHead.tolerance) s are allowed: set the clocks right")
            }
            guard isResumed || time >= now - LogHead.tolerance else {
                throw .clock(
                    "an entry's time is \(now - time) s behind \(me)'s clock; at most "
                        + "\(LogHead.tolerance) s are allowed: set the clocks right")
            }
        }
    }

    /// Why the log can take a statement neither now nor later; nil if it can.
    package func refusal(of entry: Entry) throws(LedgerError) -> LedgerError? {
        let head = try head()
        do throws(LedgerError) {
            var trial = try trial(after: head, of: [entry])
            try trial.add(
                entry.retimed(to: max(clock.wallSeconds, head.time)), content: nil)
            return nil
        } catch {
            if case .malformed = error { return error }
            return nil
        }
    }
}
