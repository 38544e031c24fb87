public import Foundation
public import Primitives

/// One party's end of the ledger that all parties keep together.
///
/// Each party holds the whole log. An entry is in it when its authors signed the statement and as many
/// parties as the policy asks for, all by default, cosigned a checkpoint that contains it; nobody can
/// then change or drop it without the others' copies showing it. One party, the *sequencer*, orders
/// the entries; it can delay one, but not forge, reorder or hide any that is in. Call
/// ``synchronize(with:)`` at the start of a session, before the first ``append(_:with:)``.
///
/// While they are in these calls, the other parties answer the sequencer's requests; see `Replica`
/// for what they check.
public final class SharedLedger: Sendable {
    /// Where an appended entry is.
    public struct Position: Hashable, Sendable {
        /// The entry's number in the log, from 0.
        public let index: Int
        public let leafHash: Digest
        /// What other statements name it by.
        public let statement: Digest
    }

    package let replica: Replica

    /// Opens this party's copy in `file`, or makes an empty one.
    ///
    /// - Parameters:
    ///   - parties: as this party's roster has them; they found the ledger if there is none yet.
    ///   - keys: must be those of `me` in the roster.
    ///   - report: gets a line when a statement of this party is given up, as no log can hold it, and
    ///     when the others go on without a party that failed.
    public convenience init(
        file: URL, parties: LedgerParties, me: Party, keys: LedgerKeys,
        clock: any ParleyClock = SystemClock(),
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(LedgerError) {
        try self.init(
            SQLiteLedgerStore(file: file), parties: parties, me: me, keys: keys, clock: clock,
            report: report)
    }

    package init(
        _ store: any LedgerStore, parties: LedgerParties, me: Party, keys: LedgerKeys,
        clock: any ParleyClock = SystemClock(),
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(LedgerError) {
        guard parties.members.indices.contains(me.index),
            keys.member(name: parties.names[me.index]) == parties.members[me.index]
        else {
            throw .malformed("the ledger's keys are not those that the roster has for this party")
        }
        replica = try Replica(
            store, me: parties.names[me.index], keys: keys, expected: parties, clock: clock,
            report: report)
    }

    /// The number of entries that are cosigned.
    public var count: Int { get throws(LedgerError) { try replica.head().size } }

    /// The newest checkpoint; nil in an empty ledger.
    public var checkpoint: Checkpoint? {
        get throws(LedgerError) {
            let head = try replica.head()
            return head.size > 0 ? head.checkpoint : nil
        }
    }

    /// The newest checkpoint with all its signatures, as a signed note; nil in an empty ledger.
    ///
    /// Kept elsewhere, it shows when the ledger was replaced by an older copy, or another.
    public var cosignedCheckpoint: [UInt8]? {
        get throws(LedgerError) { try replica.store.newest()?.note }
    }

    /// The membership now; as the roster has it in an empty ledger.
    public var parties: LedgerParties {
        get throws(LedgerError) { try replica.head().parties ?? replica.expected }
    }

    // MARK: Sessions

    /// Brings all parties to the same log, and their pending statements into it.
    ///
    /// An empty ledger is founded: all sign its genesis entry. If the sequencer is not among those
    /// within reach, and not all must cosign, the next member after it leads: it completes what the
    /// sequencer began, and brings in votes about the sequencer and nothing else.
    ///
    /// - Throws: ``LedgerError``, or what `peers` throws.
    public func synchronize(with peers: some LedgerPeers) throws {
        let (leader, isDeputy) = try leader(greeting: peers)
        if leader == replica.me {
            let sequencing = Sequencing(replica, peers)
            try sequencing.synchronize()
            for (party, error) in sequencing.failures {
                replica.report("the ledger went on without \(party): \(error)")
            }
        } else {
            try Following(replica, peers, leader).serve(isDeputy: isDeputy)
        }
        try checkMembership()
    }

    /// Appends a statement that all parties make, each with an equal one, its time included.
    ///
    /// The sequencer collects signatures, has the batch stored and cosigned, and spreads the cosigned
    /// checkpoint: three requests to each party.
    ///
    /// - Throws: ``LedgerError``, or what `peers` throws. The statement may then still be in the log
    ///   after the next ``synchronize(with:)``, at all parties or at none.
    public func append(
        _ statement: Statement, with peers: some LedgerPeers
    ) throws -> Position {
        let digest = try statement.digest
        let (sequencer, first) = (try parties.sequencer, try count)
        do {
            if sequencer == replica.me {
                try Sequencing(replica, peers).append(statement)
            } else {
                try Following(replica, peers, sequencer).serve(appending: statement)
            }
        } catch {
            // Another session of this party, such as its node's, may have completed the batch.
            guard let position = try position(of: digest), position.index >= first else {
                throw error
            }
            return position
        }
        guard let position = try position(of: digest) else {
            throw LedgerError.diverged("the statement was not appended")
        }
        return position
    }

    /// One round of a lasting connection, as its sequencer: see ``synchronize(with:)``.
    ///
    /// - Returns: whom the others went on without, and why.
    /// - Throws: ``LedgerError/waiting(for:)`` while the policy is not met by those within reach.
    @discardableResult
    public func lead(_ peers: some LedgerPeers) throws -> [String: any Error] {
        let sequencing = Sequencing(replica, peers)
        try sequencing.round()
        try checkMembership()
        return sequencing.failures
    }

    /// Tells those within reach that this party does not lead them any longer.
    public func stopLeading(_ peers: some LedgerPeers) throws {
        try Sequencing(replica, peers).end()
    }

    /// Answers a sequencer on a lasting connection until it stops leading; who leads without being the
    /// sequencer can bring this copy up to date and nothing else.
    ///
    /// - Throws: ``LedgerError/malformed(_:)`` if the ledger, once this copy is up to date, is kept by
    ///   others than the roster has.
    public func follow(_ sequencer: String, _ peers: some LedgerPeers) throws {
        try Following(replica, peers, sequencer).serve(afterRound: checkMembership)
    }

    /// Where a statement is in the log; nil if it is not.
    public func position(of statement: Digest) throws(LedgerError) -> Position? {
        guard let index = try replica.store.position(of: statement), try index < count else {
            return nil
        }
        return Position(
            index: index, leafHash: try replica.store.leafHashes(index..<index + 1)[0],
            statement: statement)
    }

    /// The proof that an entry is in the log, against the newest checkpoint.
    public func proof(at index: Int) throws(LedgerError) -> TlogProof {
        guard let newest = try replica.store.newest(), (0..<newest.size).contains(index) else {
            throw .malformed("entry \(index) is under no checkpoint yet")
        }
        return try TlogProof(
            index: index,
            hashes: try TiledTree(replica.store, size: newest.size).inclusionProof(of: index),
            checkpoint: newest.note)
    }

    /// Who leads this session: the sequencer or, if it is out of reach, its deputy.
    private func leader(
        greeting peers: some LedgerPeers
    ) throws -> (name: String, isDeputy: Bool) {
        let sequencer = try sequencer(greeting: peers)
        let present = Set(peers.reachable + [replica.me])
        if present.contains(sequencer) { return (sequencer, false) }
        guard try count > 0, let deputy = try parties.deputy(among: present) else {
            throw LedgerError.waiting(for: [sequencer])
        }
        return (deputy, true)
    }

    /// Who orders entries according to the longest of the parties' logs: a new or restored copy does
    /// not know by itself.
    ///
    /// A longer log is believed if its newest checkpoint is cosigned by so many parties that this one
    /// knows, from its log or its roster, that an honest one is among them.
    private func sequencer(greeting peers: some LedgerPeers) throws -> String {
        let mine = ReplicaGreeting(
            size: try count, sequencer: try parties.sequencer,
            note: try replica.store.newest().map { Data($0.note) })
        for party in peers.reachable {
            try peers.send(try CanonicalJSON.encode(mine), to: party)
        }
        var longest = mine
        for party in peers.reachable {
            let message = try peers.receive(from: party)
            do throws(LedgerError) {
                let greeting = try CanonicalJSON.read(
                    ReplicaGreeting.self, from: message, as: "its greeting")
                guard greeting.size > longest.size, try isVouchedFor(greeting) else { continue }
                longest = greeting
            } catch {
                // Where the others can do without it, it is left out later, if it goes on like this.
                if try parties.canDoWithoutSequencer { continue }
                throw LedgerError.misbehaved(
                    party: party, step: "greet", reason: error.description)
            }
        }
        return longest.sequencer
    }

    private func isVouchedFor(_ greeting: ReplicaGreeting) throws(LedgerError) -> Bool {
        guard let note = greeting.note else { return false }
        let (known, roster) = (try parties, replica.expected)
        let signed = try SignedNote(parsing: Array(note))
        let checkpoint = try Checkpoint(parsing: signed.text)
        guard checkpoint.size == greeting.size, checkpoint.origin == known.origin else {
            return false
        }
        let keys = Set(known.cosignerKeys + roster.cosignerKeys)
        let cosigners = signed.lines.compactMap { line in
            keys.first {
                $0.name == line.name && $0.id == line.id
                    && Cosignature(line.signature)?.isValid(checkpoint, by: $0) == true
            }?.name
        }
        return Set(cosigners).count > known.policy.faulty
    }

    /// The log's membership must be the roster's.
    private func checkMembership() throws(LedgerError) {
        let parties = try parties
        guard parties.members == replica.expected.members else {
            throw .malformed(
                "the ledger's members, \(parties.names.joined(separator: ", ")), or their keys are "
                    + "not those of the roster: use the roster that they agreed on, or propose the "
                    + "change (`parley ledger propose`)")
        }
    }

    // MARK: Own statements

    /// Keeps an aborted run's outcome, signed by this party alone, for the next synchronization,
    /// which brings it into the log of all.
    public func recordPending(_ outcome: Outcome) throws(LedgerError) {
        try record([.outcome(outcome)])
    }

    /// Posts texts for the next synchronization; the log will hold a salted digest of each.
    ///
    /// - Parameters:
    ///   - contents: texts of at most 8,192 bytes, up to 256 under one signature.
    ///   - collection: 1 to 256 bytes.
    ///   - recipients: who has the texts besides this party; all if nil.
    /// - Returns: the statements' digests, by which they can be found later.
    @discardableResult
    public func post(
        _ contents: [String], collection: String, to recipients: [String]?
    ) throws(LedgerError) -> [Digest] {
        let recipients = try self.recipients(recipients)
        var (statements, payloads) = ([Statement](), [Payload]())
        for text in contents {
            let payload = try Payload(
                collection: collection, contents: text, using: SystemRandomness())
            statements.append(
                .note(
                    Note(
                        author: replica.me, recipients: recipients, claims: payload.claims,
                        time: replica.clock.wallSeconds)))
            payloads.append(payload)
        }
        return try record(statements, contents: payloads)
    }

    /// Posts one text, as ``post(_:collection:to:)-([String],_,_)`` does several.
    @discardableResult
    public func post(
        _ contents: String, collection: String, to recipients: [String]?
    ) throws(LedgerError) -> Digest {
        try post([contents], collection: collection, to: recipients)[0]
    }

    /// The recipients in the ledger's order, this party among them.
    package func recipients(_ names: [String]?) throws(LedgerError) -> [String] {
        let parties = try parties
        guard let names else { return parties.names }
        if let stranger = names.first(where: { !parties.names.contains($0) }) {
            throw .malformed(
                "\(stranger) is not in the ledger; its parties are "
                    + parties.names.joined(separator: ", "))
        }
        return parties.names.filter { names.contains($0) || $0 == replica.me }
    }

    /// Signs statements of this party alone and keeps them for the next synchronization.
    ///
    /// - Parameter contents: what each note and file commits to; nil for other statements.
    /// - Returns: their digests.
    @discardableResult
    package func record(
        _ statements: [Statement], contents: [Payload?]? = nil
    ) throws(LedgerError) -> [Digest] {
        let parties = try parties
        var entries: [Entry] = []
        for start in stride(from: 0, to: statements.count, by: Batch.maxCount) {
            entries += try Entry.signing(
                Array(statements[start..<min(start + Batch.maxCount, statements.count)]),
                by: replica.me, key: replica.keys.statement, origin: parties.origin)
        }
        var pending: [PendingStatement] = []
        var memo = SignatureMemo()
        for (index, entry) in entries.enumerated() {
            try entry.verify(parties, &memo)
            let content = contents?[index].map {
                Content(statement: entry.statementDigest, payload: $0)
            }
            pending.append(PendingStatement(entry, content: content))
        }
        try replica.store.addPending(pending)
        return entries.map(\.statementDigest)
    }
}
