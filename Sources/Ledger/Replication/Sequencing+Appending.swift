import Foundation
import Primitives

// Batches: what was interrupted, what all sign together, what is pending.
extension Sequencing {
    /// Completes a batch that this party or another has cosigned; whether there was one.
    func complete(_ states: [String: ReplicaState]) throws -> Bool {
        if try replica.preparedBatch(isResumed: true) == nil { try takePrepared(states) }
        guard let batch = try replica.preparedBatch(isResumed: true) else { return false }
        try commit(batch)
        return true
    }

    /// Cosigns what others have cosigned: of several batches after one log, which only a sequencer and
    /// its deputy can leave behind, the one that most have.
    private func takePrepared(_ states: [String: ReplicaState]) throws {
        let size = try replica.head().size
        var holders: [Data: [String]] = [:]
        for (party, state) in states where failures[party] == nil {
            guard let note = state.prepared?.note,
                // Another's batch goes on from a log that may have grown in between.
                let text = try? SignedNote(parsing: Array(note)).text,
                let theirs = try? Checkpoint(parsing: text), theirs.size > size
            else { continue }
            holders[note, default: []].append(party)
        }
        let members = try replica.head().parties ?? replica.expected
        for (note, parties) in holders.sorted(by: { $0.value.count > $1.value.count }) {
            // What a deputy ordered counts only if one of those who say so is honest.
            guard
                members.logSigner(of: Array(note)) == members.sequencer
                    || parties.count > members.policy.faulty
            else { continue }
            guard let batch = parties.first.flatMap({ states[$0]?.prepared }) else { continue }
            do {
                _ = try replica.cosign(batch)
                return
            } catch {
                for party in parties { try leaveOut(party, error) }
            }
        }
    }

    /// Has all parties sign a statement, and appends it.
    func append(_ statement: Statement) throws {
        let names = try (replica.head().parties ?? replica.expected).names
        var signatures = [
            replica.me: try replica.sign(statement, stating: statement)
        ]
        let others = names.filter { $0 != replica.me }
        try checkReachable(others)
        for (party, response) in try ask(others, { _ in .sign(statement) }) {
            let response = try response.get()
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
        let missing = parties.filter { !reachable.contains($0) }
        guard missing.isEmpty else { throw .waiting(for: missing) }
    }

    /// Appends pending statements in batches, as long as there are any that can be.
    ///
    /// - Returns: whether the membership changed, which ends it: contents were sealed for the members
    ///   before, and another may be the sequencer now.
    func appendPending(_ states: [String: ReplicaState]) throws -> Bool {
        try checkEnough()
        try checkClock(states)
        let parties = try replica.head().parties
        var waiting = states.sorted { $0.key < $1.key }.flatMap(\.value.pending)
        var mine = try replica.carriedStatements()
        while true {
            guard !mine.isEmpty || !waiting.isEmpty else { return false }
            let sequenced = try replica.sequence(mine + waiting)
            try reject(sequenced.rejected)
            let rejected = Set(sequenced.rejected.map(\.statement))
            waiting.removeAll { rejected.contains($0.entry.statementDigest) }
            guard let batch = sequenced.batch else {
                // What is left is of the future or not this party's to order, or there is nothing more.
                guard !sequenced.rejected.isEmpty else { return false }
                mine = try replica.carriedStatements()
                continue
            }
            // This party's next statements are read while the others check the batch.
            var next: Result<[CarriedStatement], LedgerError> = .success([])
            try commit(batch) {
                next = Result { () throws(LedgerError) in try replica.carriedStatements() }
            }
            guard try replica.head().parties == parties else { return true }
            mine = try next.get()
            // What did not fit comes next; what others have still more, with the next round.
            waiting = try waiting.filter {
                try replica.store.position(of: $0.entry.statementDigest) == nil
            }
        }
    }

    /// Nothing is begun that must stay half done.
    private func checkEnough() throws {
        guard try !areEnough else { return }
        let parties = try replica.head().parties ?? replica.expected
        throw LedgerError.waiting(
            for: parties.names.filter { $0 != replica.me && !reachable.contains($0) })
    }

    /// Nothing is prepared that the others would refuse as of the future: it would stay prepared.
    private func checkClock(_ states: [String: ReplicaState]) throws {
        let parties = try replica.head().parties ?? replica.expected
        let now = replica.clock.wallSeconds
        let agreeing = states.filter { $0.value.time >= now - LogHead.tolerance }.keys
        guard !parties.suffices(Set((agreeing + [replica.me]).compactMap(parties.index))) else {
            return
        }
        let slowest = states.values.map(\.time).min() ?? now
        throw LedgerError.clock(
            "this party's clock is \(now - slowest) s ahead of another's; at most "
                + "\(LogHead.tolerance) s are allowed: set the clocks right")
    }

    private func reject(
        _ rejected: [(statement: Digest, author: String?, reason: LedgerError)]
    ) throws {
        for (digest, author, reason) in rejected {
            guard let author, author != replica.me else {
                try replica.giveUp(digest, reason)
                continue
            }
            guard reachable.contains(author) else { continue }
            try attempt(author) { _ = try ask(author, .reject(digest)) }
        }
    }

    /// Has the prepared batch cosigned, and everybody told once the policy is met.
    ///
    /// - Parameter work: what this party does while the others check the batch.
    private func commit(_ batch: ProposedBatch, meanwhile work: () -> Void = {}) throws {
        let parties = try replica.cosigners()
        let others = reachable.filter { parties.names.contains($0) }
        let checkpoint = try SequencedCheckpoint(
            parsing: Array(batch.note), keys: parties.logKeys(isSuccession: true))
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
            }, meanwhile: work)
        // 2. Their cosignatures, and this party's own.
        var cosignatures: [Int: Cosignature] = [:]
        var refusals: [(party: String, error: any Error)] = []
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
                refusals.append((party, error))
            }
        }
        if let index = parties.index(of: replica.me), let prepared = try replica.store.prepared() {
            cosignatures[index] = Cosignature(prepared.cosignature)
        }
        guard parties.suffices(Set(cosignatures.keys)) else {
            throw refusals.first?.error
                ?? LedgerError.waiting(
                    for: parties.missing(Set(cosignatures.keys)))
        }
        for (party, error) in refusals { try leaveOut(party, error) }
        // 3. It counts; everybody learns it.
        let note = try CosignedCheckpoint(checkpoint, cosignatures, parties: parties).bytes
        let informed = others.filter {
            parties.index(of: $0).map { cosignatures[$0] != nil } ?? false
        }
        let committing = try CanonicalJSON.encode(ReplicaRequest.commit(Data(note)))
        var own = Result<Void, any Error>.success(())
        let answers = send(informed.map { ($0, committing) }) {
            own = Result { try replica.commit(note) }
        }
        try own.get()
        for (party, response) in answers {
            try attempt(party) { try expect(.done, response, party, "commit") }
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
