import Foundation
package import Primitives
import Synchronization

/// One party's copy of the log and what it does for others: it checks, stores, cosigns.
///
/// **The rule of cosigning.** A replica stores a batch together with its cosignature before the
/// cosignature leaves the machine, and never cosigns another checkpoint of that size: a prepared batch
/// is only ever completed. Whatever the moment at which parties stop, the next synchronization brings
/// them to the same log. What it asks of a consistency proof it has by itself: it holds all entries,
/// and computes the new root from its own.
package final class Replica: Sendable {
    package let store: any LedgerStore
    package let me: String
    let keys: LedgerKeys
    let clock: any ParleyClock
    /// The membership as this party's roster has it.
    let expected: LedgerParties

    /// A batch that was checked: what it holds and the log with it.
    struct CheckedBatch {
        let note: [UInt8]
        let head: LogHead
        let entries: [NewEntry]
    }

    /// The committed log, and the prepared batch if it was checked by this process.
    private struct Heads {
        var committed = LogHead()
        var prepared: CheckedBatch?
    }
    private let heads: Mutex<Heads>

    /// - Parameter expected: in an empty log, who founds it.
    package init(
        _ store: any LedgerStore, me: String, keys: LedgerKeys, expected: LedgerParties,
        clock: any ParleyClock
    ) throws(LedgerError) {
        (self.store, self.me, self.keys) = (store, me, keys)
        (self.expected, self.clock) = (expected, clock)
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

    private static func load(_ store: any LedgerStore) throws(LedgerError) -> LogHead {
        guard let newest = try store.newest() else { return LogHead() }
        var states: [(statement: Statement, digest: Digest)] = []
        for position in try store.positions(of: [.genesis, .proposal, .ballot, .retention])
        where position < newest.size {
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

    // MARK: Taking batches

    private func trial(after head: LogHead) throws(LedgerError) -> BatchTrial {
        try BatchTrial(head, store) { (digest) throws(LedgerError) in
            try self.statement(digest, before: head.size)
        }
    }

    /// Checks everything about a batch after `head`.
    private func admit(
        _ carried: [CarriedEntry], sealed: [Int: Data], after head: LogHead, isContentNeeded: Bool
    ) throws(LedgerError) -> BatchTrial {
        guard (1...Batch.maxCount).contains(carried.count) else {
            throw .malformed("a batch has 1 to \(Batch.maxCount) entries")
        }
        var trial = try trial(after: head)
        for (index, carried) in carried.enumerated() {
            let entry = try Entry(parsing: Array(carried.entry))
            try trial.add(
                entry,
                content: try content(
                    of: entry, carried.payload, sealed[index], isNeeded: isContentNeeded))
        }
        return trial
    }

    /// The content that this party keeps for an entry, if it is a recipient.
    private func content(
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
            found = try CanonicalJSON.decode(Payload.self, from: opened, as: "a sealed content")
        }
        guard let found else {
            throw .malformed("the content of a note for this party was not delivered")
        }
        try found.check()
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
        if let prepared = try store.prepared() {
            guard prepared.note == note, let stored = Cosignature(prepared.cosignature) else {
                throw try conflict(prepared.note, note, head)
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
            parsing: note, key: parties.logKey)
        guard sequenced.checkpoint == trial.head.checkpoint else {
            throw try conflict(nil, note, head)
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
    private func checkOrigin(_ parties: LedgerParties) throws(LedgerError) {
        guard parties.members == expected.members else {
            throw .malformed(
                "the ledger was founded by other parties or keys than this party's roster has: copy "
                    + "another party's ledger.sqlite, and verify it with `parley-audit`")
        }
    }

    private func prepare(
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
                note: sequenced.bytes, head: trial.head, entries: trial.entries)
        }
        return cosignature
    }

    /// Why a note cannot be cosigned: if it contradicts what this party has, both are kept.
    private func conflict(
        _ prepared: [UInt8]?, _ note: [UInt8], _ head: LogHead
    ) throws(LedgerError) -> LedgerError {
        let theirs = try Checkpoint(parsing: SignedNote(parsing: note).text)
        guard let parties = head.parties,
            (try? SequencedCheckpoint(parsing: note, key: parties.logKey)) != nil
        else { return .malformed("a checkpoint is not signed by the ledger's sequencer alone") }
        let mine: [UInt8]
        if let prepared {
            let size = try Checkpoint(parsing: SignedNote(parsing: prepared).text).size
            guard theirs.size == size else {
                return .diverged(
                    "the sequencer goes on to \(theirs.size) entries while this party still waits "
                        + "for \(size); synchronize")
            }
            mine = prepared
        } else if theirs.size <= head.size {
            let root = try TiledTree(store, size: head.size).root(of: theirs.size)
            guard root != theirs.root, let newest = try store.newest() else {
                return .diverged("the sequencer asks again for what is in the log already")
            }
            mine = newest.note
        } else {
            return .malformed("the checkpoint is not that of this party's log with the new entries")
        }
        return try forked(with: parties.sequencer, mine: mine, theirs: note)
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

    /// Whether the log as it is could take a statement, now or later.
    func isPossible(_ entry: Entry) throws(LedgerError) -> Bool {
        let head = try head()
        do throws(LedgerError) {
            var trial = try trial(after: head)
            try trial.add(
                entry.retimed(to: max(clock.wallSeconds, head.time)), content: nil)
            return true
        } catch {
            if case .malformed = error { return false }
            return true
        }
    }

    // MARK: Sequencing

    /// What became of statements that were to be appended.
    package struct Sequenced {
        package let batch: ProposedBatch?
        /// Those that can never be appended, and why.
        package let rejected: [(statement: Digest, author: String?, reason: LedgerError)]
    }

    /// Makes a batch of as many statements as fit, and stores it with this party's cosignature.
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
        var trial = try trial(after: head)
        var outgoing: [Outgoing] = []
        var byteCount = 0
        var rejected: [(statement: Digest, author: String?, reason: LedgerError)] = []
        for carried in statements.prefix(Batch.maxCount) where !trial.isClosed {
            do throws(LedgerError) {
                let entry = try Entry(parsing: Array(carried.entry))
                    .retimed(to: max(now, head.time))
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
                let entry = try Entry(parsing: Array(carried.entry))
                rejected.append((entry.statementDigest, entry.signers.first, error))
            }
        }
        guard let parties = head.parties ?? trial.head.parties, !trial.entries.isEmpty else {
            return Sequenced(batch: nil, rejected: rejected)
        }
        guard parties.sequencer == me else {
            throw .malformed("\(me) is not the ledger's sequencer")
        }
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
        let everybody = (checked.head.parties ?? expected).names
        return ProposedBatch(
            entries: checked.entries.map { new in
                let isOpen = new.entry.statement.claims?.recipients == everybody
                return CarriedEntry(
                    entry: Data(new.entry.bytes),
                    payload: isOpen ? new.content?.payload : nil)
            }, note: Data(checked.note), sealed: [:], isResumed: isResumed)
    }

    /// The prepared batch; checked again if another process prepared it.
    func checkedBatch() throws(LedgerError) -> CheckedBatch? {
        guard let prepared = try store.prepared() else { return nil }
        let head = try head()
        let known = heads.withLock { $0.prepared }
        if let known, known.note == prepared.note { return known }
        guard prepared.size > head.size else {
            throw .storage(
                "the ledger is damaged: its prepared batch ends at \(prepared.size), the log at "
                    + "\(head.size); verify it, and rebuild it from another party's")
        }
        var trial = try trial(after: head)
        for stored in try store.entries(head.size..<prepared.size) {
            let entry = try Entry(parsing: stored.bytes)
            try trial.add(entry, content: try store.content(of: entry.statementDigest))
        }
        return CheckedBatch(
            note: prepared.note, head: trial.head, entries: trial.entries)
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
            guard let newest = try store.newest(), newest.note == note else {
                throw .malformed("a checkpoint is committed that this party did not cosign")
            }
            return
        }
        let parties = try cosigners()
        let cosigned = try CosignedCheckpoint(parsing: note, parties: parties)
        guard cosigned.checkpoint == checked.head.checkpoint else {
            throw try forked(with: parties.sequencer, mine: checked.note, theirs: note)
        }
        try store.commit(
            size: checked.head.size, note: note, erasing: Self.erased(by: checked.entries))
        heads.withLock { $0 = Heads(committed: checked.head) }
    }

    /// The statements whose contents their authors have erased.
    private static func erased(by entries: [NewEntry]) -> [Digest] {
        entries.compactMap {
            if case .erasure(let erasure) = $0.entry.statement { erasure.subject } else { nil }
        }
    }

    // MARK: Catching up

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
            byteCount += entries.reduce(0) { $0 + $1.entry.count + ($1.payload?.byteCount ?? 0) }
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
            carried.append(CarriedEntry(entry: Data(stored.bytes), payload: payload))
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
                trial.entries, erasing: Self.erased(by: trial.entries))
            heads.withLock { $0 = Heads(committed: trial.head) }
        }
    }
}

extension Payload {
    var byteCount: Int { collection.utf8.count + contents.utf8.count }
}

extension CarriedStatement {
    var contentBytes: Int {
        (payload?.byteCount ?? 0) + sealed.values.reduce(0) { $0 + $1.count }
    }
}
