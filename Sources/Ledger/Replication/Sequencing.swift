import Foundation
import Primitives

/// The sequencer's side: it asks the other replicas, which check and cosign.
///
/// A party that fails, or answers what an honest one does not, is left out from then on, as long as the
/// policy can be met without it.
final class Sequencing<Peers: LedgerPeers> {
    let replica: Replica
    let peers: Peers
    /// Who was left out, and why.
    private(set) var failures: [String: any Error] = [:]

    init(_ replica: Replica, _ peers: Peers) { (self.replica, self.peers) = (replica, peers) }

    /// Brings everybody who can be reached to the same log, completes what was interrupted, and
    /// appends everybody's pending statements.
    func synchronize() throws {
        while try round(), try replica.isSequencer(replica.me) {}
        try end()
    }

    /// As ``synchronize()``, without telling the others that nothing more comes.
    ///
    /// - Returns: whether a change of the membership ended it early.
    @discardableResult
    func round() throws -> Bool {
        // 1. Where is everybody?
        var states = try self.states()
        // 2. This replica takes what it lacks, then gives others what they lack.
        try catchUp(with: states)
        let isNews = try bringUp(states)
        // 3. What somebody has cosigned is completed before anything else.
        if try complete(states) || isNews { states = try self.states() }
        // 4. A new ledger is founded.
        if try replica.head().size == 0 {
            let genesis = Genesis(replica.expected, time: replica.clock.wallSeconds)
            try append(.genesis(genesis))
        }
        // 5. Pending statements, this party's first.
        return try appendPending(states)
    }

    func end() throws {
        for (party, response) in try ask(reachable, { _ in .end }) {
            try attempt(party) { try expect(.done, response, party, "end") }
        }
    }

    // MARK: Asking

    var reachable: [String] { peers.reachable.filter { failures[$0] == nil } }

    /// Does something with one party, which is left out if that fails.
    func attempt(_ party: String, _ body: () throws -> Void) throws {
        do { try body() } catch { try leaveOut(party, error) }
    }

    /// Goes on without a party.
    ///
    /// - Throws: the error if it is not that party's alone, or if too few are left.
    func leaveOut(_ party: String, _ error: any Error) throws {
        switch error as? LedgerError {
        case .forked, .storage, .busy: throw error
        // Another's times are that party's matter; this party's own clock is checked elsewhere.
        case .malformed, .misbehaved, .diverged, .waiting, .clock, nil: break
        }
        failures[party] = error
        guard try areEnough else { throw error }
    }

    /// Whether those who are left can meet the policy.
    var areEnough: Bool {
        get throws {
            let parties = try replica.head().parties ?? replica.expected
            return parties.suffices(Set((reachable + [replica.me]).compactMap(parties.index)))
        }
    }

    /// Asks parties at once, and waits for everybody's answer or failure before anything else, so that
    /// no answer is left over.
    func ask(
        _ parties: [String], _ request: (String) throws -> ReplicaRequest
    ) throws -> [(party: String, response: Result<ReplicaResponse, any Error>)] {
        send(try parties.map { ($0, try CanonicalJSON.encode(try request($0))) })
    }

    /// - Parameter work: what this party does while the others do what they are asked.
    func send(
        _ requests: [(party: String, request: [UInt8])], meanwhile work: () -> Void = {}
    ) -> [(party: String, response: Result<ReplicaResponse, any Error>)] {
        let sent = requests.map { party, request in
            Result { try peers.send(request, to: party) }
        }
        work()
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

    /// Asks one party, which must answer.
    func ask(_ party: String, _ request: ReplicaRequest) throws -> ReplicaResponse? {
        try ask([party]) { _ in request }.first?.response.get()
    }

    func expect(
        _ expected: ReplicaResponse, _ response: Result<ReplicaResponse, any Error>,
        _ party: String, _ step: String
    ) throws {
        let response = try response.get()
        guard response == expected else { throw misbehaved(party, step, response) }
    }

    func misbehaved(
        _ party: String, _ step: String, _ response: ReplicaResponse
    ) -> LedgerError {
        if case .refused(let reason) = response {
            return .diverged("\(party) refuses to \(step): \(reason)")
        }
        return .misbehaved(party: party, step: step, reason: "its answer is of another kind")
    }

    private func states() throws -> [String: ReplicaState] {
        var states: [String: ReplicaState] = [:]
        for (party, response) in try ask(reachable, { _ in .state }) {
            try attempt(party) {
                let response = try response.get()
                guard case .state(let state) = response else {
                    throw misbehaved(party, "tell its state", response)
                }
                guard state.pending.count <= Batch.maxCount,
                    state.pending.allSatisfy({ $0.entry.signers == [party] })
                else {
                    throw LedgerError.misbehaved(
                        party: party, step: "tell its state",
                        reason: "its statements are too many or another's")
                }
                states[party] = state
            }
        }
        return states
    }

    // MARK: One log

    /// Fetches what others have committed and this replica has not, as after a restored backup.
    private func catchUp(with states: [String: ReplicaState]) throws {
        for (party, state) in states.sorted(by: { $0.value.size > $1.value.size }) {
            try attempt(party) {
                while case let size = try replica.head().size, size < state.size {
                    guard case .batches(let batches)? = try ask(party, .fetch(size)),
                        !batches.isEmpty
                    else {
                        throw LedgerError.misbehaved(
                            party: party, step: "hand over batches",
                            reason: "it has none after \(size)")
                    }
                    try replica.extend(batches, from: party)
                }
            }
        }
    }

    /// Compares everybody's newest checkpoint with this log, and sends the batches after it; whether
    /// there were any.
    private func bringUp(_ states: [String: ReplicaState]) throws -> Bool {
        var isNews = false
        for (party, state) in states where failures[party] == nil {
            try attempt(party) {
                try check(state, of: party)
                try replica.store.dropOutgoing(to: party, below: state.size)
                var size = state.size
                while try size < replica.head().size {
                    isNews = true
                    let batches = try replica.batches(after: size, for: party)
                    guard let last = batches.last else { break }
                    let response = try ask(party, .extend(batches))
                    guard response == .done else {
                        throw misbehaved(party, "take batches", response ?? .done)
                    }
                    size = try Checkpoint(parsing: SignedNote(parsing: Array(last.note)).text).size
                }
            }
        }
        return isNews
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
                (try? CosignedCheckpoint(parsing: note, parties: parties, isSuccession: true))
                    != nil
            else {
                throw LedgerError.diverged(
                    "\(party) has another log of \(theirs.size) entries, and no checkpoint of it that "
                        + "the parties signed")
            }
            let mine = try replica.store.checkpoints(from: theirs.size, limit: 1).first?.note ?? []
            throw try replica.forked(with: party, mine: mine, theirs: note)
        }
    }
}
