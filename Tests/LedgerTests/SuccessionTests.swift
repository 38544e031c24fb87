import Foundation
import Ledger
import Primitives
import Synchronization
import TestSupport
import Testing

/// A sequencer that is lost, and who stands in for it: four parties, of which three cosign.
@Suite struct SuccessionTests {
    let fixture: LedgerFixture

    init() throws {
        fixture = try LedgerFixture(count: 4, needed: 3)
        try fixture.append([])
    }

    /// The named parties synchronize, which must succeed.
    private func meet(_ parties: [Int], of fixture: LedgerFixture) throws {
        for result in fixture.session(
            over: TestNetwork(reachable: parties), parties: parties,
            { try $0.synchronize(with: $1) })
        { try result.get() }
    }

    /// The others put bank-b in the place of bank-a, without it.
    private func replaceSequencer(of fixture: LedgerFixture) throws {
        let proposal = try fixture.open(1).propose(.setSequencer("bank-b"))
        try meet([1, 2, 3], of: fixture)
        for voter in 2...3 { _ = try fixture.open(voter).vote(on: proposal, approves: true) }
        try meet([1, 2, 3], of: fixture)
        for party in 1...3 { #expect(try fixture.open(party).parties.sequencer == "bank-b") }
    }

    /// A batch as `party` would make it from its pending statements in a copy of its ledger.
    private func batch(by party: Int, _ name: String, _ state: (SharedLedger) throws -> Void) throws
        -> ProposedBatch
    {
        let copy = fixture.folder.appendingPathComponent(name)
        try fixture.copy(party).write(to: copy)
        let ledger = try SharedLedger(
            file: copy, parties: fixture.parties, me: Party(party), keys: fixture.keys[party],
            clock: ManualClock(wallSeconds: LedgerFixture.now))
        try state(ledger)
        let made = try ledger.replica.sequence(ledger.replica.carriedStatements()).batch
        return try #require(made)
    }

    private func checkpoint(of note: [UInt8]) throws -> Checkpoint {
        let text = String(decoding: note, as: UTF8.self).components(separatedBy: "\n\n")[0]
        return try Checkpoint(parsing: text + "\n")
    }

    /// The same batch, signed as the log by another party.
    private func resigned(_ batch: ProposedBatch, by party: Int) throws -> ProposedBatch {
        let checkpoint = try checkpoint(of: Array(batch.note))
        let note = SequencedCheckpoint(checkpoint, key: fixture.keys[party].log).bytes
        return ProposedBatch(
            entries: batch.entries, note: Data(note), sealed: [:], isResumed: false)
    }

    @Test("A sequencer lost at any message is replaced; it comes back with its batch, and follows")
    func lostAnywhere() throws {
        let digest = try fixture.open(1).post("kept", collection: "c", to: nil)
        for party in 0..<4 { _ = try fixture.copy(party) }
        func fresh() throws -> LedgerFixture {
            let other = try LedgerFixture(count: 4, needed: 3)
            for party in 0..<4 {
                try FileManager.default.copyItem(at: fixture.file(party), to: other.file(party))
            }
            return other
        }
        let whole = TestNetwork()
        for result in try fresh().session(over: whole, { try $0.synchronize(with: $1) }) {
            try result.get()
        }
        let count = try #require(whole.counts[0])
        #expect(count > 12)
        var dropped = 0
        // The first three messages are greetings.
        for message in 3..<count {
            let fixture = try fresh()
            let network = TestNetwork(crash: .init(party: 0, message: message))
            let results = fixture.session(over: network) { try $0.synchronize(with: $1) }
            // Nothing depends on its last message, which ends the session.
            if message < count - 1 {
                #expect(throws: TestNetwork.Stopped.self) { try results[0].get() }
            }
            let left = try fixture.open(0).replica.store.prepared()
            try replaceSequencer(of: fixture)
            try fixture.synchronize()
            if let left {
                let signed = try fixture.open(0).replica.store.checkpoints(
                    from: left.size, limit: 1)
                let theirs = try checkpoint(of: #require(signed.first).note)
                if try checkpoint(of: left.note) != theirs { dropped += 1 }
            }
            #expect(Set(try (0..<4).map { try fixture.open($0).checkpoint }).count == 1)
            for party in 0..<4 {
                let ledger = try fixture.open(party)
                #expect(try ledger.parties.sequencer == "bank-b", "\(message)")
                #expect(try ledger.position(of: digest) != nil, "\(message)")
                #expect(try ledger.replica.store.content(of: digest) != nil, "\(message)")
                #expect(try ledger.replica.store.prepared() == nil, "\(message)")
                #expect(try ledger.replica.store.pendingCount() == 0, "\(message)")
                #expect(fixture.audit(party).findings.isEmpty, "\(message) \(party)")
            }
        }
        #expect(dropped > 0)
    }

    @Test("A sequencer's batch that somebody has cosigned is completed without it, never replaced")
    func completed() throws {
        let digest = try fixture.open(0).post("cosigned by one", collection: "c", to: nil)
        let ledger = try fixture.open(0)
        let made = try ledger.replica.sequence(ledger.replica.carriedStatements()).batch
        _ = try fixture.open(2).replica.cosign(try #require(made))
        try replaceSequencer(of: fixture)
        #expect(try fixture.open(3).position(of: digest)?.index == 1)
        try fixture.synchronize()
        #expect((0..<4).allSatisfy { fixture.audit($0).isSound })
    }

    @Test("A deputy signs for nothing but votes about the sequencer, and for nothing under all")
    func votesOnly() throws {
        let note = try batch(by: 0, "note") { try $0.post("a note", collection: "c", to: nil) }
        let votes = try batch(by: 0, "votes") { _ = try $0.propose(.setSequencer("bank-b")) }
        let other = try batch(by: 0, "other") { _ = try $0.propose(.removeMember("bank-d")) }
        let mixed = try batch(by: 0, "mixed") {
            _ = try $0.propose(.removeMember("bank-a"))
            try $0.post("a note", collection: "c", to: nil)
        }
        #expect(mixed.entries.count == 2)
        let replica = try fixture.open(2).replica
        for refused in [note, other, mixed] {
            let error = #expect(throws: LedgerError.self) {
                try replica.cosign(try resigned(refused, by: 1))
            }
            #expect(error?.description.contains("sequencer alone") == true)
        }
        #expect(throws: Never.self) { try replica.cosign(try resigned(votes, by: 1)) }
        // A deputy leaves everything else for later, and finds the votes among however much else.
        let deputy = try fixture.open(1)
        for _ in 0..<2 {
            try deputy.post(Array(repeating: "a note", count: 256), collection: "c", to: nil)
        }
        try fixture.open(0).post("a note", collection: "c", to: nil)
        let notes = try fixture.open(0).replica.carriedStatements()
        let nothing = try deputy.replica.sequence(notes)
        #expect(notes.count == 1 && nothing.batch == nil && nothing.rejected.isEmpty)
        _ = try deputy.propose(.setSequencer("bank-b"))
        let sequenced = try deputy.replica.sequence(deputy.replica.carriedStatements())
        #expect(sequenced.batch?.entries.count == 1)
        // Under the policy of all, a vote needs the sequencer's signature too.
        let all = try SuccessionTests(policyOfAll: ())
        let vote = try all.batch(by: 0, "votes") { _ = try $0.propose(.setSequencer("bank-b")) }
        #expect(throws: LedgerError.self) {
            try all.fixture.open(2).replica.cosign(try all.resigned(vote, by: 1))
        }
    }

    private init(policyOfAll: Void) throws {
        fixture = try LedgerFixture(count: 4)
        try fixture.append([])
    }

    @Test("Without its sequencer a ledger of all waits, and so does a deputy with too few others")
    func waiting() throws {
        let all = try SuccessionTests(policyOfAll: ()).fixture
        _ = try all.open(1).propose(.setSequencer("bank-b"))
        for result in all.session(
            over: TestNetwork(reachable: [1, 2, 3]), parties: [1, 2, 3],
            { try $0.synchronize(with: $1) })
        {
            #expect(throws: LedgerError.waiting(for: ["bank-a"])) { try result.get() }
        }
        _ = try fixture.open(1).propose(.setSequencer("bank-b"))
        let two = fixture.session(over: TestNetwork(reachable: [1, 2]), parties: [1, 2]) {
            try $0.synchronize(with: $1)
        }
        #expect(throws: LedgerError.waiting(for: ["bank-a", "bank-d"])) { _ = try two[0].get() }
        #expect(try fixture.open(1).replica.store.prepared() == nil)
    }

    @Test("Nodes take batches of the sequencer alone: nobody else can make them wait for its own")
    func nodes() throws {
        _ = try fixture.open(1).propose(.setSequencer("bank-b"))
        let present = TestNetwork(reachable: [1, 2, 3])
        let results = fixture.session(over: present, parties: [1, 2, 3]) { ledger, peers in
            guard peers.me == 1 else { return try ledger.follow("bank-b", peers) }
            try ledger.lead(peers)
        }
        for result in results {
            let error = #expect(throws: LedgerError.self) { try result.get() }
            #expect(error?.description.contains("bank-b is not the ledger's sequencer") == true)
        }
        #expect(try fixture.open(2).replica.store.prepared() == nil)
        // What bank-b has prepared gives way to the sequencer's next batch.
        try fixture.open(0).post("goes on", collection: "c", to: nil)
        try meet([0, 2, 3], of: fixture)
        try fixture.synchronize()
        #expect((0..<4).allSatisfy { fixture.audit($0).findings.isEmpty })
        #expect(try fixture.open(1).openProposals.count == 1)
    }

    @Test("A deputy that shows two batches is refused, and both are kept as evidence against it")
    func equivocation() throws {
        let one = try batch(by: 1, "one") { _ = try $0.propose(.setSequencer("bank-b")) }
        let other = try batch(by: 1, "other") { _ = try $0.propose(.setSequencer("bank-c")) }
        let victim = try fixture.open(2)
        _ = try victim.replica.cosign(one)
        let error = #expect(throws: LedgerError.self) { try victim.replica.cosign(other) }
        guard case .forked("bank-b", _, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try victim.evidence.count == 1)
    }

    @Test("A sequencer and its deputy that go on at the same time are no evidence of a fork")
    func twoLeaders() throws {
        let old = try batch(by: 0, "old") { try $0.post("a note", collection: "c", to: nil) }
        let new = try batch(by: 1, "new") { _ = try $0.propose(.setSequencer("bank-b")) }
        for (first, second) in [(old, new), (new, old)] {
            let victim = try fixture.open(first.note == old.note ? 2 : 3)
            _ = try victim.replica.cosign(first)
            let error = #expect(throws: LedgerError.self) { try victim.replica.cosign(second) }
            guard case .diverged? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try victim.evidence.isEmpty)
        }
    }

    @Test("Auditors, policies and proofs take a deputy's checkpoint of votes, and no other")
    func audited() throws {
        _ = try fixture.open(1).propose(.setSequencer("bank-b"))
        try meet([1, 2, 3], of: fixture)
        let ledger = try fixture.open(1)
        let note = try #require(try ledger.replica.store.newest()).note
        #expect(throws: LedgerError.self) {
            try CosignedCheckpoint(parsing: note, parties: fixture.parties)
        }
        let policy = try LedgerPolicyFile(parsing: ledger.parties.policyText)
        #expect(throws: Never.self) { try policy.verify(note) }
        let kept = fixture.folder.appendingPathComponent("kept.txt")
        try Data(note).write(to: kept)
        let folder = fixture.folder.appendingPathComponent("tiles")
        try ledger.export(to: folder)
        #expect(fixture.audit(1, checkpoints: [kept]).findings.isEmpty)
        #expect(LedgerAuditor(.policy(policy)).audit(folder, checkpoints: [kept]).findings.isEmpty)
        // The same signatures under a note's batch.
        let store = try fixture.open(0).replica.store
        let made = try batch(by: 0, "note") { try $0.post("a note", collection: "c", to: nil) }
        let entry = try #require(made.entries.first).entry
        let checkpoint = try checkpoint(of: Array(made.note))
        let cosignatures = (0..<4).map {
            ($0, Cosignature(checkpoint, key: fixture.keys[$0].cosigner, time: 1))
        }
        let forged = try CosignedCheckpoint(
            SequencedCheckpoint(checkpoint, key: fixture.keys[1].log),
            Dictionary(uniqueKeysWithValues: cosignatures), parties: fixture.parties)
        try store.extend(
            first: 1, size: 2, note: forged.bytes, nodes: [], [NewEntry(entry, content: nil)],
            absent: [], erasing: [], prepared: nil, isReplacing: false)
        #expect(
            fixture.audit(0).findings.contains { $0.message.contains("the ledger's sequencer") })
    }

    @Test("The texts of a batch that gives way are in no file any longer")
    func textsOfWhatGaveWay() throws {
        let text = "a text that nobody else has"
        let old = try batch(by: 0, "old") { try $0.post(text, collection: "c", to: nil) }
        let vote = try batch(by: 1, "vote") { _ = try $0.propose(.setSequencer("bank-b")) }
        // Its files stay open: closing them would take the write-ahead log away.
        let ledger = try fixture.open(2)
        func traces() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path).filter {
                guard $0.hasPrefix(fixture.file(2).lastPathComponent) else { return false }
                let bytes = try Data(contentsOf: fixture.folder.appendingPathComponent($0))
                return bytes.range(of: Data(text.utf8)) != nil
            }
        }
        _ = try ledger.replica.cosign(old)
        #expect(try !traces().isEmpty)
        let checkpoint = try checkpoint(of: Array(vote.note))
        let cosignatures = [0, 1, 3].map {
            ($0, Cosignature(checkpoint, key: fixture.keys[$0].cosigner, time: 1))
        }
        let note = try CosignedCheckpoint(
            SequencedCheckpoint(checkpoint, key: fixture.keys[1].log),
            Dictionary(uniqueKeysWithValues: cosignatures), parties: fixture.parties)
        struct Committed: Encodable {
            let entries: [CarriedEntry]
            let note: Data
        }
        let taken = try CanonicalJSON.read(
            CommittedBatch.self,
            from: CanonicalJSON.encode(Committed(entries: vote.entries, note: Data(note.bytes))),
            as: "batch")
        try ledger.replica.extend([taken], from: "bank-b")
        #expect(try traces().isEmpty)
        #expect(try ledger.count == 2 && fixture.audit(2).isSound)
    }

    @Test("Others' batch is not committed over one that another process cosigns at that moment")
    func extendedWhileCosigning() throws {
        let vote = try batch(by: 1, "vote") { _ = try $0.propose(.removeMember("bank-a")) }
        try fixture.open(0).post("a note", collection: "c", to: nil)
        try meet([0, 1, 3], of: fixture)
        let batches = try fixture.open(0).replica.batches(after: 1, for: "bank-c")
        let other = try fixture.open(2).replica
        let node = try fixture.open(2) {
            RacingStore($0) { #expect(throws: Never.self) { try other.cosign(vote) } }
        }
        let error = #expect(throws: LedgerError.self) {
            try node.replica.extend(batches, from: "bank-a")
        }
        guard case .busy? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(fixture.audit(2).isSound)
        // Compared once more, the others' batch replaces it.
        try node.replica.extend(batches, from: "bank-a")
        #expect(try node.replica.store.prepared() == nil && fixture.audit(2).isSound)
        #expect(try node.count == 2)
    }
}

/// Another process does something once, right before this one adds what others committed.
private final class RacingStore: ForwardingStore, @unchecked Sendable {
    private let before: () -> Void
    private let isDone = Mutex(false)

    init(_ base: any LedgerStore, before: @escaping () -> Void) {
        self.before = before
        super.init(base)
    }

    override func extend(
        first: Int, size: Int, note: [UInt8], nodes: [TileNode], _ entries: [NewEntry],
        absent: [String], erasing: [Digest], prepared: [UInt8]?, isReplacing: Bool
    ) throws(LedgerError) {
        let isFirst = isDone.withLock { isDone in
            defer { isDone = true }
            return !isDone
        }
        if isFirst { before() }
        try base.extend(
            first: first, size: size, note: note, nodes: nodes, entries, absent: absent,
            erasing: erasing, prepared: prepared, isReplacing: isReplacing)
    }
}
