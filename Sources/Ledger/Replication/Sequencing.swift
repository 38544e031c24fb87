import Foundation
import Primitives

/// The sequencer's side: it asks the other replicas, which check and cosign.
struct Sequencing<Peers: LedgerPeers> {
    private let replica: Replica
    private let peers: Peers

    init(_ replica: Replica, _ peers: Peers) { (self.replica, self.peers) = (replica, peers) }

    /// Brings everybody who can be reached to the same log, completes what was interrupted, and
    /// appends everybody's pending statements.
    func synchronize() throws {
        try round()
        try end()
    }

    /// As ``synchronize()``, without telling the others that nothing more comes.
    func round() throws {
        // 1. Where is everybody?
        var states = try self.states()
        // 2. This replica takes what it lacks, then gives others what they lack.
        try catchUp(with: states)
        try bringUp(states)
        // 3. What somebody has cosigned is completed before anything else.
        if try complete(states) { states = try self.states() }
        // 4. A new ledger is founded.
        if try replica.head().size == 0 {
            let genesis = Genesis(replica.expected, time: replica.clock.wallSeconds)
            try append(.genesis(genesis))
        }
        // 5. Pending statements, this party's first.
        try appendPending(states)
    }

    func end() throws {
        for (party, response) in try askAll(peers.reachable, { _ in .end }) where response != .done
        {
            throw misbehaved(party, "end", response)
        }
    }

    // MARK: Asking

    /// Asks parties at once, and waits for everybody's answer or failure before anything else, so that
    /// no answer is left over.
    private func ask(
        _ parties: [String], _ request: (String) throws -> ReplicaRequest
    ) throws -> [(party: String, response: Result<ReplicaResponse, any Error>)] {
        send(try parties.map { ($0, try CanonicalJSON.encode(try request($0))) })
    }

    private func send(
        _ requests: [(party: String, request: [UInt8])]
    ) -> [(party: String, response: Result<ReplicaResponse, any Error>)] {
        let sent = requests.map { party, request in
            Result { try peers.send(request, to: party) }
        }
        return zip(requests, sent).map { request, sent in
            let party = request.party
            return (
                party,
                Result {
                    try sent.get()
                    let message = try peers.receive(from: party)
                    do throws(LedgerError) {
                        return try CanonicalJSON.read(
                            ReplicaResponse.self, from: message, as: "its message")
                    } catch {
                        throw LedgerError.misbehaved(
                            party: party, step: "answer the sequencer", reason: error.description)
                    }
                }
            )
        }
    }

    /// Asks parties each of whom must answer.
    private func askAll(
        _ parties: [String], _ request: (String) throws -> ReplicaRequest
    ) throws -> [(party: String, response: ReplicaResponse)] {
        try ask(parties, request).map { ($0.party, try $0.response.get()) }
    }

    private func misbehaved(
        _ party: String, _ step: String, _ response: ReplicaResponse
    ) -> LedgerError {
        if case .refused(let reason) = response {
            return .diverged("\(party) refuses to \(step): \(reason)")
        }
        return .misbehaved(party: party, step: step, reason: "its answer is of another kind")
    }

    private func states() throws -> [String: ReplicaState] {
        var states: [String: ReplicaState] = [:]
        for (party, response) in try askAll(peers.reachable, { _ in .state }) {
            guard case .state(let state) = response else {
                throw misbehaved(party, "tell its state", response)
            }
            states[party] = state
        }
        return states
    }

    // MARK: One log

    /// Fetches what others have committed and this replica has not, as after a restored backup.
    private func catchUp(with states: [String: ReplicaState]) throws {
        guard let (party, longest) = states.max(by: { $0.value.size < $1.value.size }) else {
            return
        }
        while try replica.head().size < longest.size {
            let size = try replica.head().size
            guard let (_, response) = try askAll([party], { _ in .fetch(size) }).first,
                case .batches(let batches) = response, !batches.isEmpty
            else {
                throw LedgerError.misbehaved(
                    party: party, step: "hand over batches", reason: "it has none after \(size)")
            }
            try replica.extend(batches, from: party)
        }
    }

    /// Compares everybody's newest checkpoint with this log, and sends the batches after it.
    private func bringUp(_ states: [String: ReplicaState]) throws {
        for (party, state) in states {
            try check(state, of: party)
            var size = state.size
            while try size < replica.head().size {
                let batches = try replica.batches(after: size, for: party)
                guard let last = batches.last else { break }
                let response = try askAll([party], { _ in .extend(batches) }).first?.response
                guard response == .done else {
                    throw misbehaved(party, "take batches", response ?? .done)
                }
                size = try Checkpoint(parsing: SignedNote(parsing: Array(last.note)).text).size
            }
        }
    }

    private func check(_ state: ReplicaState, of party: String) throws {
        guard let note = state.note.map({ Array($0) }) else {
            guard state.size == 0 else {
                throw LedgerError.misbehaved(
                    party: party, step: "tell its state", reason: "entries without a checkpoint")
            }
            return
        }
        let theirs: Checkpoint
        do throws(LedgerError) {
            theirs = try Checkpoint(parsing: SignedNote(parsing: note).text)
        } catch {
            throw LedgerError.misbehaved(
                party: party, step: "tell its state", reason: error.description)
        }
        let head = try replica.head()
        guard theirs.size == state.size, theirs.origin == head.checkpoint.origin,
            theirs.size <= head.size
        else {
            throw LedgerError.diverged(
                "\(party) has a checkpoint of \(theirs.size) entries of \(theirs.origin), this "
                    + "party \(head.size) of \(head.checkpoint.origin)")
        }
        guard try TiledTree(replica.store, size: head.size).root(of: theirs.size) == theirs.root
        else {
            // Only what the parties really signed is evidence against them.
            guard let parties = head.parties,
                (try? CosignedCheckpoint(parsing: note, parties: parties)) != nil
            else {
                throw LedgerError.diverged(
                    "\(party) has another log of \(theirs.size) entries, and no checkpoint of it that "
                        + "the parties signed")
            }
            let mine = try replica.store.checkpoints(from: theirs.size, limit: 1).first?.note ?? []
            throw try replica.forked(with: party, mine: mine, theirs: note)
        }
    }

    // MARK: Appending

    /// Completes a batch that this party or another has cosigned; whether there was one.
    private func complete(_ states: [String: ReplicaState]) throws -> Bool {
        let size = try replica.head().size
        if try replica.preparedBatch(isResumed: true) == nil {
            // Another's batch goes on from a log that may have grown in between.
            let batches = try states.compactMapValues(\.prepared).filter {
                try Checkpoint(parsing: SignedNote(parsing: Array($0.value.note)).text).size > size
            }
            guard let (_, batch) = batches.first else { return false }
            _ = try replica.cosign(batch)
        }
        guard let batch = try replica.preparedBatch(isResumed: true) else { return false }
        try commit(batch)
        return true
    }

    /// Has all parties sign a statement, and appends it.
    func append(_ statement: Statement) throws {
        let names = try (replica.head().parties ?? replica.expected).names
        var signatures = [
            replica.me: try replica.sign(statement, stating: statement)
        ]
        let others = names.filter { $0 != replica.me }
        try checkReachable(others)
        for (party, response) in try askAll(others, { _ in .sign(statement) }) {
            guard case .signature(let signature) = response else {
                throw misbehaved(party, "sign the statement", response)
            }
            signatures[party] = Array(signature)
        }
        let signed = try Entry.joining(
            statement, names.map { PartySignature(party: $0, signature: signatures[$0] ?? []) })
        let sequenced = try replica.sequence([
            CarriedStatement(entry: signed, payload: nil, sealed: [:])
        ])
        if let rejected = sequenced.rejected.first { throw rejected.reason }
        if let batch = sequenced.batch { try commit(batch) }
    }

    private func checkReachable(_ parties: [String]) throws(LedgerError) {
        let missing = parties.filter { !peers.reachable.contains($0) }
        guard missing.isEmpty else { throw .waiting(for: missing) }
    }

    /// Appends pending statements in batches, as long as there are any that can be.
    private func appendPending(_ states: [String: ReplicaState]) throws {
        var waiting = states.sorted { $0.key < $1.key }.flatMap(\.value.pending)
        while true {
            let mine = try replica.carriedStatements()
            guard !mine.isEmpty || !waiting.isEmpty else { return }
            let sequenced = try replica.sequence(mine + waiting)
            try reject(sequenced.rejected)
            waiting = waiting.filter {
                let digest = $0.entry.statementDigest
                return !sequenced.rejected.contains { $0.statement == digest }
            }
            guard let batch = sequenced.batch else {
                // What is left is of the future, or there is nothing more.
                guard sequenced.rejected.isEmpty else { continue }
                return
            }
            try commit(batch)
            // What did not fit comes next; what others have still more, with the next round.
            waiting = try waiting.filter {
                try replica.store.position(of: $0.entry.statementDigest) == nil
            }
        }
    }

    private func reject(
        _ rejected: [(statement: Digest, author: String?, reason: LedgerError)]
    ) throws {
        for (digest, author, reason) in rejected {
            guard let author, author != replica.me else {
                try replica.store.dropPending(digest)
                continue
            }
            guard peers.reachable.contains(author) else { continue }
            _ = try askAll([author], { _ in .reject(digest, reason.description) })
        }
    }

    /// Has the prepared batch cosigned, and everybody told once the policy is met.
    private func commit(_ batch: ProposedBatch) throws {
        let parties = try replica.cosigners()
        let others = peers.reachable.filter { parties.names.contains($0) }
        let checkpoint = try SequencedCheckpoint(
            parsing: Array(batch.note), key: parties.logKey)
        // 1. The batch, with what is sealed for each.
        let outgoing = try replica.store.outgoing()
        let plain = try CanonicalJSON.encode(ReplicaRequest.propose(batch))
        let responses = send(
            try others.map { party in
                let own = outgoing.filter { $0.recipient == party }
                return (
                    party,
                    own.isEmpty
                        ? plain
                        : try CanonicalJSON.encode(ReplicaRequest.propose(batch.adding(own)))
                )
            })
        // 2. Their cosignatures, and this party's own.
        var cosignatures: [Int: Cosignature] = [:]
        var refusal: (any Error)?
        for (party, response) in responses {
            guard let index = parties.index(of: party) else { continue }
            do {
                let response = try response.get()
                guard case .cosignature(let bytes) = response,
                    let cosignature = Cosignature(Array(bytes)),
                    cosignature.isValid(checkpoint.checkpoint, by: parties.cosignerKeys[index])
                else { throw misbehaved(party, "cosign the checkpoint", response) }
                cosignatures[index] = cosignature
            } catch {
                refusal = refusal ?? error
            }
        }
        if let index = parties.index(of: replica.me), let prepared = try replica.store.prepared() {
            cosignatures[index] = Cosignature(prepared.cosignature)
        }
        guard parties.suffices(Set(cosignatures.keys)) else {
            throw refusal
                ?? LedgerError.waiting(
                    for: parties.missing(Set(cosignatures.keys)))
        }
        // 3. It counts; everybody learns it.
        let note = try CosignedCheckpoint(checkpoint, cosignatures, parties: parties).bytes
        try replica.commit(note)
        let informed = others.filter {
            parties.index(of: $0).map { cosignatures[$0] != nil } ?? false
        }
        for (party, response) in try askAll(informed, { _ in .commit(Data(note)) })
        where response != .done {
            throw misbehaved(party, "commit", response)
        }
    }
}

extension ProposedBatch {
    /// The batch with what is sealed for one party.
    fileprivate func adding(_ own: [Outgoing]) -> ProposedBatch {
        let contents = Dictionary(uniqueKeysWithValues: own.map { ($0.statement, $0.sealed) })
        var sealed: [Int: Data] = [:]
        for (index, carried) in entries.enumerated() {
            sealed[index] = contents[carried.entry.statementDigest].map { Data($0) }
        }
        return ProposedBatch(entries: entries, note: note, sealed: sealed, isResumed: isResumed)
    }
}
