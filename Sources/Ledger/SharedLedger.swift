public import Foundation
public import Primitives

/// One party's end of the ledger that all parties keep together.
///
/// Each party holds the whole log. An entry is in it when every party signed the statement and
/// cosigned the checkpoint that contains it; nobody can then change or drop it without the others'
/// copies showing it. Call ``synchronize(with:)`` at the start of a session, before the first
/// ``append(_:with:)``.
///
/// **Crash safety.** A party stores an entry as *prepared* before its cosignature leaves the machine
/// and never cosigns another checkpoint of that size: a prepared entry is only ever completed.
/// Whatever the moment at which parties stop, the next synchronization brings them to the same log.
public final class SharedLedger {
    /// Where an appended entry is.
    public struct Position: Hashable, Sendable {
        /// The entry's number in the log, from 0.
        public let index: Int
        /// What proofs and outcomes name it by.
        public let leafHash: Digest

        package init(index: Int, leafHash: Digest) {
            (self.index, self.leafHash) = (index, leafHash)
        }
    }

    let parties: LedgerParties
    package let me: Int
    let keys: LedgerKeys
    let clock: any ParleyClock
    package let store: LedgerStore

    /// Opens this party's copy in `file`, or makes an empty one.
    ///
    /// - Parameter me: this party's index; `keys` must be those of that member.
    public init(
        file: URL, parties: LedgerParties, me: Party, keys: LedgerKeys,
        clock: any ParleyClock = SystemClock()
    ) throws(LedgerError) {
        guard parties.members.indices.contains(me.index),
            keys.member(name: parties.names[me.index]) == parties.members[me.index]
        else {
            throw .malformed("the ledger's keys are not those that the roster has for this party")
        }
        (self.parties, self.me, self.keys, self.clock) = (parties, me.index, keys, clock)
        store = try LedgerStore(file: file, parties: parties)
    }

    /// The number of entries that all cosigned.
    public var count: Int { store.frontier.count }

    /// The newest checkpoint; nil in an empty ledger.
    public var checkpoint: Checkpoint? { store.newest?.checkpoint }

    /// Signs the statement together with all parties and appends it to the log.
    ///
    /// Three rounds: at most 65,536 bytes to each peer in each. Every party calls it with an equal
    /// statement, its time included.
    ///
    /// - Throws: ``LedgerError``, or what `peers` throws. The statement may then still be in the log
    ///   after the next ``synchronize(with:)``, at all parties or at none.
    public func append(
        _ statement: Statement, with peers: some LedgerPeers
    ) throws -> Position {
        try append(try sign(statement, with: peers), with: peers)
    }

    /// Keeps an aborted run's outcome, signed by this party alone, for the next synchronization,
    /// which brings it into the log of all.
    public func recordPending(_ outcome: Outcome) throws(LedgerError) {
        let statement = Statement.outcome(outcome)
        let signature = keys.statement.sign(try statement.message)
        let entry = try Entry(statement, signatures: [me: signature], parties: parties)
        try checkPlace(of: entry)
        try store.addPending(entry)
    }

    // MARK: Appending

    /// 1. All parties hold the same statement, and each signs it.
    private func sign(_ statement: Statement, with peers: some LedgerPeers) throws -> Entry {
        let step = "sign the statement"
        try statement.check(parties)
        let message = try statement.message
        let digest = SHA256.hash(message).bytes
        let messages = try exchange(
            digest + keys.statement.sign(message), with: peers, step: step)
        var signatures: [Int: [UInt8]] = [:]
        for (index, theirs) in messages.enumerated() {
            let length = digest.count + VerifyingKey.signatureByteCount
            guard theirs.count == length, Array(theirs.prefix(digest.count)) == digest else {
                throw misbehaved(index, step, "it states something else than this party")
            }
            let signature = Array(theirs.dropFirst(digest.count))
            guard parties.members[index].statementKey.verify(signature, of: message) else {
                throw misbehaved(index, step, "its signature does not verify")
            }
            signatures[index] = signature
        }
        return try Entry(statement, signatures: signatures, parties: parties)
    }

    /// 2. All parties hold the same entry, store it and then cosign; 3. all cosigned, so it counts.
    func append(_ entry: Entry, with peers: some LedgerPeers) throws -> Position {
        try checkPlace(of: entry)
        try compare(entry, with: peers)
        try cosign(entry, try prepare(entry), with: peers)
        return Position(index: count - 1, leafHash: entry.leafHash)
    }

    /// Makes sure that honest parties prepare the same entry, also if a hostile one shows different
    /// entries, or different signatures of one statement, to different parties.
    func compare(_ entry: Entry, with peers: some LedgerPeers) throws {
        let step = "compare the entry"
        let leaf = entry.leafHash.bytes
        for (index, theirs) in try exchange(leaf, with: peers, step: step).enumerated()
        where theirs != leaf {
            throw misbehaved(index, step, "it holds another entry than this party")
        }
    }

    /// Our cosignature for the log with this entry, stored before anybody sees it.
    package func prepare(_ entry: Entry) throws(LedgerError) -> Cosignature {
        let cosignature = Cosignature(
            store.checkpoint(appending: entry), keys: keys, isFirst: me == 0,
            time: UInt64(max(0, clock.wallSeconds)))
        try store.prepare(entry, cosignature)
        return cosignature
    }

    func cosign(
        _ entry: Entry, _ mine: Cosignature, with peers: some LedgerPeers
    ) throws {
        let step = "cosign the checkpoint"
        var cosignatures: [Cosignature] = []
        for (index, theirs) in try exchange(mine.bytes, with: peers, step: step).enumerated() {
            guard let cosignature = Cosignature(theirs, isFirst: index == 0) else {
                throw misbehaved(index, step, "its cosignature has a wrong length")
            }
            cosignatures.append(cosignature)
        }
        let cosigned = try CosignedCheckpoint(
            store.checkpoint(appending: entry), cosignatures, parties: parties
        ) { misbehaved($0, step, "its signature of the checkpoint does not verify") }
        try store.commit(entry, cosigned)
    }

    /// Whether the entry may come next: it is new, and an outcome ends a session's intent.
    func checkPlace(of entry: Entry) throws(LedgerError) {
        guard try store.entry(entry.leafHash) == nil else {
            throw .malformed("the entry is in the ledger already")
        }
        guard case .outcome(let outcome) = entry.statement else { return }
        guard case .intent(let intent)? = try store.entry(outcome.intent)?.statement,
            intent.session == outcome.session
        else {
            throw .malformed("an outcome names no intent of its session in the ledger")
        }
    }

    // MARK: Peers

    /// Exchanges messages, and takes none that are missing or too long.
    func exchange(
        _ mine: [UInt8], with peers: some LedgerPeers, step: String
    ) throws -> [[UInt8]] {
        precondition(mine.count <= LedgerMessage.maxBytes, "a message to the peers is too long")
        let messages = try peers.exchange(mine, step: step)
        precondition(messages.count == parties.members.count, "one message a party")
        for (index, message) in messages.enumerated() where message.count > LedgerMessage.maxBytes {
            throw misbehaved(index, step, "its message is too long")
        }
        return messages
    }

    func misbehaved(_ index: Int, _ step: String, _ reason: String) -> LedgerError {
        .misbehaved(party: parties.names[index], step: step, reason: reason)
    }
}
