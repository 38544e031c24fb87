import Foundation
import Primitives

/// A party that answers the sequencer.
struct Following<Peers: LedgerPeers> {
    private let replica: Replica
    private let peers: Peers
    private let sequencer: String

    init(_ replica: Replica, _ peers: Peers, _ sequencer: String) {
        (self.replica, self.peers, self.sequencer) = (replica, peers, sequencer)
    }

    /// Answers until the sequencer has nothing more, or has committed what is being appended.
    ///
    /// - Parameters:
    ///   - statement: what this party also states; it signs nothing else.
    ///   - isDeputy: whether who leads may propose batches without being the sequencer.
    ///   - check: made whenever a round, which begins with a question for the state, has ended.
    func serve(
        appending statement: Statement? = nil, isDeputy: Bool = false,
        afterRound check: () throws(LedgerError) -> Void = {}
    ) throws {
        let digest = try statement?.digest
        var isLater = false
        while true {
            let message = try peers.receive(from: sequencer)
            var failure: LedgerError?
            let response: ReplicaResponse
            var isEnd = false
            do throws(LedgerError) {
                let request = try CanonicalJSON.read(
                    ReplicaRequest.self, from: message, as: "the sequencer's message")
                isEnd = request == .end
                if request == .state {
                    if isLater { try check() }
                    isLater = true
                }
                if case .propose = request, !isDeputy, try !replica.isSequencer(sequencer) {
                    throw .malformed("\(sequencer) is not the ledger's sequencer")
                }
                response = try replica.answer(request, from: sequencer, stating: statement)
            } catch {
                failure = error
                response = .refused(error.description)
            }
            try peers.send(try CanonicalJSON.encode(response), to: sequencer)
            if let failure { throw failure }
            if isEnd { return }
            if let digest, let position = try replica.store.position(of: digest),
                position < (try replica.head().size)
            {
                return
            }
        }
    }
}

extension Replica {
    /// Answers one request of the sequencer.
    ///
    /// - Parameter statement: what this party states together with the others now; nil for nothing.
    package func answer(
        _ request: ReplicaRequest, from party: String, stating statement: Statement?
    ) throws(LedgerError) -> ReplicaResponse {
        switch request {
        case .state:
            return .state(try state(for: party))
        case .sign(let proposed):
            return .signature(Data(try sign(proposed, stating: statement)))
        case .propose(let batch):
            return .cosignature(Data(try cosign(batch).bytes))
        case .commit(let note):
            try commit(Array(note))
        case .extend(let batches):
            try extend(batches, from: party)
        case .fetch(let size):
            return .batches(try batches(after: size, for: party))
        case .reject(let digest):
            try dropIfImpossible(digest)
        case .end: break
        }
        return .done
    }

    /// Gives up a statement that can never be appended, which this party finds out for itself.
    func dropIfImpossible(_ digest: Digest) throws(LedgerError) {
        let pending = try store.pending(limit: Batch.maxCount)
        guard let entry = pending.first(where: { $0.entry.statementDigest == digest })?.entry,
            let reason = try refusal(of: entry)
        else { return }
        try giveUp(digest, reason)
    }

    func giveUp(_ statement: Digest, _ reason: LedgerError) throws(LedgerError) {
        try store.dropPending(statement)
        report("the statement \(statement.hex) cannot be in the ledger and is given up: \(reason)")
    }

    /// What this party tells who leads.
    func state(for leader: String) throws(LedgerError) -> ReplicaState {
        let newest = try store.newest()
        return ReplicaState(
            size: newest?.size ?? 0, note: newest.map { Data($0.note) },
            prepared: try preparedBatch(isResumed: true),
            pending: try carriedStatements(for: leader), time: clock.wallSeconds)
    }

    /// Pending statements, with contents sealed for those who are to have them.
    ///
    /// - Parameter leader: this party if nil; for a deputy the votes about the sequencer alone, however
    ///   much else waits.
    package func carriedStatements(
        for leader: String? = nil
    ) throws(LedgerError) -> [CarriedStatement] {
        let head = try head()
        let parties = head.parties ?? expected
        let isWhole = try isSequencer(leader ?? me)
        var (carried, byteCount) = ([CarriedStatement](), 0)
        for pending in try store.pending(limit: isWhole ? Batch.maxCount : .max)
        where isWhole || head.isAboutSequencer(pending.entry.statement) {
            guard let (recipients, _) = pending.entry.statement.claims,
                let payload = pending.content?.payload
            else {
                carried.append(
                    CarriedStatement(
                        entry: pending.entry, payload: nil, sealed: [:]))
                if carried.count == Batch.maxCount { break }
                continue
            }
            var sealed: [String: Data] = [:]
            if recipients != parties.names {
                let plain = payload.bytes
                for member in parties.members where recipients.contains(member.name) {
                    guard let bytes = member.deliveryKey.seal(plain) else {
                        throw .malformed("\(member.name)'s delivery key is not one")
                    }
                    sealed[member.name] = Data(bytes)
                }
            }
            let item = CarriedStatement(
                entry: pending.entry, payload: sealed.isEmpty ? payload : nil,
                sealed: sealed)
            byteCount += item.contentBytes
            if byteCount > Self.maxBatchBytes, !carried.isEmpty { break }
            carried.append(item)
            if carried.count == Batch.maxCount { break }
        }
        return carried
    }

    /// Signs what this party states too: the founding of the log that its roster describes, or what
    /// its run is about to append.
    func sign(_ proposed: Statement, stating statement: Statement?) throws(LedgerError) -> [UInt8] {
        if case .genesis(let genesis) = proposed {
            guard try head().size == 0, try genesis.parties == expected else {
                throw .malformed("the sequencer founds another ledger than this party's roster")
            }
        } else if try proposed.digest != statement?.digest {
            throw .malformed("the sequencer states something else than this party")
        }
        let parties = try head().parties ?? expected
        try proposed.body.check(parties)
        guard abs(proposed.time - clock.wallSeconds) <= LogHead.tolerance else {
            throw .clock(
                "a statement's time is \(abs(proposed.time - clock.wallSeconds)) s off this "
                    + "party's clock; set the clocks right")
        }
        return keys.statement.sign(
            Entry.message(
                origin: parties.origin, size: 1,
                root: MerkleTree.root(of: [try proposed.digest])))
    }
}
