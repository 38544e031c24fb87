package import Foundation
package import Primitives

/// What a party tells the others about its ledger at the start of a session.
package struct LedgerState: Hashable, Codable {
    package let size: Int
    package let root: Digest
    /// The newest checkpoint's note; absent in an empty ledger.
    package let note: Data?
    /// The entry that is prepared; absent if there is none.
    package let prepared: Data?

    package init(size: Int, root: Digest, note: Data?, prepared: Data?) {
        (self.size, self.root, self.note, self.prepared) = (size, root, note, prepared)
    }
}

extension SharedLedger {
    private static let comparing = "compare the ledgers"
    private static let pending = "bring in pending statements"
    /// As many pending entries as surely fit in one message.
    private static let pendingCount = 7

    /// Brings all parties to the same log, and their pending statements into it.
    ///
    /// Two rounds if there is nothing to do. Of each party's pending statements the first seven are
    /// taken; the others wait for the next time, so that nobody can keep the others busy.
    ///
    /// - Throws: ``LedgerError/diverged(_:)`` or ``LedgerError/forked(with:mine:theirs:)`` if the
    ///   logs differ in another way than an interrupted append leaves, other ``LedgerError`` on
    ///   hostile messages, or what `peers` throws.
    public func synchronize(with peers: some LedgerPeers) throws {
        var states = try exchangeStates(with: peers)
        if Set(states.map(\.size)).count > 1 {
            try catchUp(states)
            states = try exchangeStates(with: peers)
        }
        try checkEqual(states)
        try completePrepared(states, with: peers)
        try appendPending(with: peers)
    }

    // MARK: Comparing

    private func exchangeStates(with peers: some LedgerPeers) throws -> [LedgerState] {
        let mine = LedgerState(
            size: count, root: store.frontier.root, note: store.newest.map { Data($0.bytes) },
            prepared: try store.contents().prepared.map { Data($0.bytes) })
        let messages = try exchange(
            try CanonicalJSON.encode(mine), with: peers, step: Self.comparing)
        return try messages.enumerated().map { index, message in
            do throws(LedgerError) {
                let state = try CanonicalJSON.decode(
                    LedgerState.self, from: message, as: "its ledger's state")
                try check(state)
                return state
            } catch {
                throw misbehaved(index, Self.comparing, error.description)
            }
        }
    }

    /// Whether the claimed size and root are those of a checkpoint that all signed.
    private func check(_ state: LedgerState) throws(LedgerError) {
        guard let note = state.note else {
            guard state.size == 0, state.root == MerkleTree.emptyRoot else {
                throw .malformed("it claims entries without a checkpoint")
            }
            return
        }
        let checkpoint = try CosignedCheckpoint(parsing: Array(note), parties: parties).checkpoint
        guard checkpoint.size == state.size, checkpoint.root == state.root else {
            throw .malformed("its checkpoint is not that of its log")
        }
    }

    /// Equal sizes must have equal roots: all signed both checkpoints, so anything else is a fork.
    private func checkEqual(_ states: [LedgerState]) throws(LedgerError) {
        for (index, theirs) in states.enumerated() where theirs.size != count {
            throw .diverged(sizes(states, and: "\(parties.names[index]) did not catch up"))
        }
        for (index, theirs) in states.enumerated() where theirs.root != store.frontier.root {
            let (mine, notes) = (store.newest?.bytes ?? [], Array(theirs.note ?? Data()))
            try store.addFork(with: parties.names[index], mine: mine, theirs: notes)
            throw .forked(
                with: parties.names[index], mine: String(decoding: mine, as: UTF8.self),
                theirs: String(decoding: notes, as: UTF8.self))
        }
    }

    private func sizes(_ states: [LedgerState], and reason: String) -> String {
        let list = zip(parties.names, states).map { "\($0) has \($1.size) entries" }
        return list.joined(separator: ", ") + "; " + reason
    }

    // MARK: Catching up

    /// A party that stopped between cosigning an entry and committing it takes the checkpoint from
    /// one that did commit; every signature in it is verified.
    private func catchUp(_ states: [LedgerState]) throws {
        guard let longest = states.max(by: { $0.size < $1.size }) else { return }
        for theirs in states where theirs.size != longest.size {
            guard theirs.size == longest.size - 1, theirs.prepared != nil else {
                let advice = "an older copy of a ledger was put back: restore the newest"
                throw LedgerError.diverged(sizes(states, and: advice))
            }
        }
        guard count < longest.size, let note = longest.note,
            let prepared = try store.contents().prepared
        else { return }
        let entry = try Entry(prepared.bytes, parties: parties)
        let cosigned = try CosignedCheckpoint(parsing: Array(note), parties: parties)
        guard cosigned.checkpoint == store.checkpoint(appending: entry) else {
            let reason = "this party prepared another entry than the one that was committed"
            throw LedgerError.diverged(sizes(states, and: reason))
        }
        try store.commit(entry, cosigned)
    }

    // MARK: Completing

    /// If anybody prepared an entry, its cosignature may be out: everybody completes that entry.
    private func completePrepared(
        _ states: [LedgerState], with peers: some LedgerPeers
    ) throws {
        let held = Set(states.compactMap(\.prepared))
        guard let bytes = held.first else { return }
        guard held.count == 1 else {
            throw LedgerError.diverged("parties prepared different entries number \(count + 1)")
        }
        let entry = try Entry(Array(bytes), parties: parties)
        try checkPlace(of: entry)
        try compare(entry, with: peers)
        let mine: Cosignature
        if let stored = try store.contents().prepared {
            guard let own = Cosignature(stored.cosignature, isFirst: me == 0) else {
                throw LedgerError.storage("the ledger's own prepared cosignature is damaged")
            }
            mine = own
        } else {
            mine = try prepare(entry)
        }
        try cosign(entry, mine, with: peers)
    }

    // MARK: Pending statements

    /// Appends every party's pending statements, in party order.
    private func appendPending(with peers: some LedgerPeers) throws {
        let mine = try store.contents().pending.prefix(Self.pendingCount)
        var message: [UInt8] = []
        for bytes in mine {
            message.append(littleEndian: UInt32(bytes.count))
            message.append(contentsOf: bytes)
        }
        let messages = try exchange(message, with: peers, step: Self.pending)
        for (index, message) in messages.enumerated() {
            for entry in try pendingEntries(message, of: index) {
                _ = try append(entry, with: peers)
            }
        }
    }

    /// The entries in a message, each an aborted run's outcome that this party alone signed.
    private func pendingEntries(_ message: [UInt8], of index: Int) throws -> [Entry] {
        var entries: [Entry] = []
        var rest = message[...]
        do throws(LedgerError) {
            while !rest.isEmpty {
                let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
                guard rest.count >= 4, length <= rest.count - 4 else {
                    throw LedgerError.malformed("its message is cut short")
                }
                let entry = try Entry(
                    Array(rest.dropFirst(4).prefix(length)), parties: parties)
                guard entry.isAborted, entry.signers == [parties.names[index]] else {
                    throw LedgerError.malformed("its statement is not its own about an aborted run")
                }
                try checkPlace(of: entry)
                entries.append(entry)
                rest = rest.dropFirst(4 + length)
            }
        } catch {
            throw misbehaved(index, Self.pending, error.description)
        }
        return entries
    }
}
