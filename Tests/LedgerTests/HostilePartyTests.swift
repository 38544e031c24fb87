import Foundation
import GRDB
import Ledger
import Primitives
import Synchronization
import TestSupport
import Testing

/// A hostile party's messages.
struct FakeState: Encodable {
    var size: Int
    var note: Data?
    var prepared: ProposedBatch?
    var pending: [FakeCarried] = []
    var time = LedgerFixture.now

    var message: [UInt8] {
        get throws { try CanonicalJSON.encode(["state": ["_0": self]]) }
    }
}
struct FakeCarried: Encodable {
    let entry: Entry
    var sealed: [String: Data] = [:]
}
struct FakeEntry: Encodable {
    let entry: Entry
}
struct FakeCommitted: Encodable {
    let entries: [FakeEntry]
    let note: Data
}
struct FakeProposed: Codable {
    let entries: [FakeCarriedEntry]
    let note: Data
    let sealed: [Int: Data]
    let isResumed: Bool
}
struct FakeCarriedEntry: Codable {
    let entry: Entry
}

extension ProposedBatch {
    static func fake(_ entries: [Entry], _ note: [UInt8]) throws -> ProposedBatch {
        try CanonicalJSON.read(
            ProposedBatch.self,
            from: try CanonicalJSON.encode(
                FakeProposed(
                    entries: entries.map { FakeCarriedEntry(entry: $0) }, note: Data(note),
                    sealed: [:],
                    isResumed: true)), as: "x")
    }
}

func state(of ledger: SharedLedger) throws -> ReplicaState {
    guard case .state(let state) = try ledger.replica.answer(.state, from: "bank-a", stating: nil)
    else { throw TestNetwork.Stopped() }
    return state
}

/// What one party tried against the others in a review of the ledger.
@Suite struct HostilePartyTests {
    static func four() throws -> LedgerFixture {
        let four = try LedgerFixture(count: 4, needed: 3)
        try four.append([])
        return four
    }

    /// bank-a leads rounds, bank-b and bank-c follow, bank-d answers as `hostile` says.
    static func led(
        _ fixture: LedgerFixture, rounds: Int = 1,
        hostile: @escaping @Sendable (ReplicaRequest, SharedLedger) throws -> [UInt8]
    ) -> (error: (any Error)?, failures: [String: String]) {
        let failures = Mutex<[String: String]>([:])
        let error = Mutex<(any Error)?>(nil)
        _ = fixture.session { ledger, peers in
            switch peers.me {
            case 0:
                for _ in 0..<rounds {
                    do {
                        for (party, failure) in try ledger.lead(peers) {
                            failures.withLock { $0[party] = "\(failure)" }
                        }
                    } catch let caught { error.withLock { $0 = caught } }
                }
                throw TestNetwork.Stopped()
            case 3:
                while true {
                    let request = try CanonicalJSON.read(
                        ReplicaRequest.self, from: try peers.receive(from: "bank-a"), as: "")
                    try peers.send(
                        try hostile(request, ledger), to: "bank-a")
                }
            default: try ledger.follow("bank-a", peers)
            }
        }
        return (error.withLock { $0 }, failures.withLock { $0 })
    }

    func proposal(_ fixture: LedgerFixture, by party: Int, _ action: Proposal.Action, time: Int64)
        throws -> Entry
    {
        let genesis = try fixture.open(0).entry(0)
        let base = try Entry(parsing: genesis).statementDigest
        return try Entry.signing(
            [
                .proposal(
                    Proposal(
                        author: fixture.parties.names[party], base: base, action: action, time: time
                    ))
            ],
            by: fixture.parties.names[party], key: fixture.keys[party].statement,
            origin: fixture.parties.origin)[0]
    }

    @Test("Entries of the future, handed over by one of four, do not stop the other three")
    func clockStopsAll() throws {
        for kind in 0..<2 {
            let fixture = try Self.four()
            let digest = try fixture.open(1).post("goes on", collection: "c", to: nil)
            let entry = try proposal(
                fixture, by: 3, .removeMember("bank-a"), time: LedgerFixture.now + 1000
            ).retimed(to: LedgerFixture.now)
            let result = Self.led(fixture, rounds: 3) { request, ledger in
                switch request {
                case .state:
                    let state = try state(of: ledger)
                    if kind == 0 { return try FakeState(size: 9, note: state.note).message }
                    let note = SequencedCheckpoint(
                        Checkpoint(
                            origin: fixture.parties.origin, size: 2, root: LedgerFixture.digest("x")
                        ),
                        key: fixture.keys[3].log
                    ).bytes
                    return try FakeState(
                        size: state.size, note: state.note,
                        prepared: try ProposedBatch.fake([entry], note)
                    ).message
                case .fetch:
                    return try CanonicalJSON.encode([
                        "batches": [
                            "_0": [FakeCommitted(entries: [FakeEntry(entry: entry)], note: Data())]
                        ]
                    ])
                default:
                    return try CanonicalJSON.encode(
                        try ledger.replica.answer(request, from: "bank-a", stating: nil))
                }
            }
            #expect(result.error == nil, "\(kind)")
            #expect(try fixture.open(1).position(of: digest) != nil, "\(kind)")
        }
    }

    @Test(
        "A state of too many statements, or of another's, leaves its party out",
        arguments: [1, 1000])
    func manyPending(_ count: Int) throws {
        let fixture = try Self.four()
        let digest = try fixture.open(1).post("goes on", collection: "c", to: nil)
        // Signed in the name of another; or its own, too many.
        let statements = (0..<count).map {
            Statement.ballot(
                Ballot(
                    author: "bank-d", proposal: LedgerFixture.digest("p"), approves: true,
                    time: Int64($0)))
        }
        var made: [FakeCarried] = []
        for start in stride(from: 0, to: count, by: 250) {
            made += try Entry.signing(
                Array(statements[start..<min(start + 250, count)]),
                by: count == 1 ? "bank-b" : "bank-d", key: fixture.keys[3].statement,
                origin: fixture.parties.origin
            ).map { FakeCarried(entry: $0) }
        }
        let pending = made
        let result = Self.led(fixture) { request, ledger in
            let response = try ledger.replica.answer(request, from: "bank-a", stating: nil)
            guard case .state(let state) = response else {
                return try CanonicalJSON.encode(response)
            }
            return try FakeState(size: state.size, note: state.note, pending: pending).message
        }
        #expect(result.error == nil)
        #expect(result.failures["bank-d"]?.contains("too many or another's") == true)
        #expect(try fixture.open(1).position(of: digest) != nil)
    }

    @Test("A message of escapes is read in a time that goes with its length")
    func escapes() throws {
        func seconds(_ character: String, _ count: Int) throws -> Double {
            let content = Array(repeating: Array(character.utf8), count: count).joined()
            let text = Array("{\"refused\":{\"_0\":\"".utf8) + content + Array("\"}}".utf8)
            let start = Date()
            guard
                case .refused(let reason) = try CanonicalJSON.read(
                    ReplicaResponse.self, from: text, as: "x")
            else { throw TestNetwork.Stopped() }
            #expect(reason.utf8.count == count)
            return -start.timeIntervalSinceNow
        }
        let plain = try seconds("a", 600_000)
        let escaped = try seconds("\\u001f", 100_000)
        #expect(escaped < 200 * max(plain, 0.001))
    }

    @Test("Keys one of which begins with another are written and read in one order")
    func order() throws {
        let value = ["bank": Data([1]), "bank!": Data([2])]
        let bytes = try CanonicalJSON.encode(value)
        #expect(throws: Never.self) {
            try CanonicalJSON.decode([String: Data].self, from: bytes, as: "x")
        }
    }

    @Test("A batch that makes another the sequencer ends the round, whatever else waits")
    func sequencerChanges() throws {
        let fixture = try LedgerFixture()
        try fixture.append([])
        let proposal = try fixture.open(1).propose(.setSequencer("bank-b"))
        try fixture.synchronize()
        _ = try fixture.open(2).vote(on: proposal, approves: true)
        let note = try fixture.open(2).post("after the vote", collection: "c", to: nil)
        for result in fixture.session({ try $0.synchronize(with: $1) }) {
            #expect(throws: Never.self) { try result.get() }
        }
        #expect(try fixture.open(0).parties.sequencer == "bank-b")
        try fixture.synchronize()
        #expect(try fixture.open(0).position(of: note) != nil)
    }

    @Test("A sequencer whose clock is ahead prepares nothing")
    func clockAhead() throws {
        let fixture = try LedgerFixture()
        try fixture.append([])
        try fixture.open(0, clock: ManualClock(wallSeconds: LedgerFixture.now + 315_360_000))
            .post("in ten years", collection: "c", to: nil)
        _ = fixture.session(clocks: [0: ManualClock(wallSeconds: LedgerFixture.now + 315_360_000)])
        {
            try $0.synchronize(with: $1)
        }
        let digest = try fixture.open(1).post("now", collection: "c", to: nil)
        for _ in 0..<2 { _ = fixture.session { try $0.synchronize(with: $1) } }
        let prepared = try fixture.open(0).replica.store.prepared()
        #expect(prepared == nil)
        #expect(try fixture.open(1).position(of: digest) != nil)
    }

    /// A batch made by `party` in a copy of its ledger.
    private func batch(
        _ fixture: LedgerFixture, by party: Int, _ name: String, clock: Int64 = LedgerFixture.now,
        _ state: (SharedLedger) throws -> Void
    ) throws -> ProposedBatch {
        let copy = fixture.folder.appendingPathComponent(name)
        try fixture.copy(party).write(to: copy)
        let ledger = try SharedLedger(
            file: copy, parties: fixture.parties, me: Party(party), keys: fixture.keys[party],
            clock: ManualClock(wallSeconds: clock))
        try state(ledger)
        let made = try ledger.replica.sequence(ledger.replica.carriedStatements()).batch
        return try #require(made)
    }

    @Test("One of four cannot stop the ledger by leading one party while the sequencer is away")
    func deputyCheats() throws {
        let fixture = try Self.four()
        let one = try batch(fixture, by: 3, "one") { _ = try $0.propose(.removeMember("bank-a")) }
        let two = try batch(fixture, by: 3, "two") {
            _ = try $0.propose(.setSequencer("bank-b"))
            _ = try $0.propose(.setSequencer("bank-c"))
        }
        // While bank-c has no connection to bank-a: bank-d shows bank-a in its state a batch of two
        // votes, which bank-a and bank-b cosign, and is gone.
        _ = fixture.session(over: TestNetwork(reachable: [0, 1, 3]), parties: [0, 1, 3]) {
            ledger, peers in
            switch peers.me {
            case 0: _ = try ledger.lead(peers)
            case 1: try ledger.follow("bank-a", peers)
            default:
                let request = try CanonicalJSON.read(
                    ReplicaRequest.self, from: try peers.receive(from: "bank-a"), as: "")
                #expect(request == .state)
                let state = try state(of: ledger)
                try peers.send(
                    try FakeState(size: state.size, note: state.note, prepared: two).message,
                    to: "bank-a")
                while true {
                    _ = try peers.receive(from: "bank-a")
                    try peers.send(
                        try CanonicalJSON.encode(ReplicaResponse.refused("no")), to: "bank-a")
                }
            }
            throw TestNetwork.Stopped()
        }
        // bank-c follows bank-d for a moment, as its node does after 10 s without bank-a.
        _ = fixture.session(parties: [2, 3]) { ledger, peers in
            guard peers.me == 3 else { return try ledger.follow("bank-d", peers) }
            try peers.send(try CanonicalJSON.encode(ReplicaRequest.propose(one)), to: "bank-c")
            _ = try peers.receive(from: "bank-c")
            throw TestNetwork.Stopped()
        }
        let digest = try fixture.open(1).post("goes on", collection: "c", to: nil)
        for _ in 0..<3 {
            let results = fixture.session(
                over: TestNetwork(reachable: [0, 1, 2]), parties: [0, 1, 2]
            ) {
                try $0.synchronize(with: $1)
            }
            if case .failure(let error) = results[0] { print("S7", error) }
            _ = fixture.session(over: TestNetwork(reachable: [1, 2, 3]), parties: [1, 2, 3]) {
                ledger, peers in
                if peers.me == 3 { throw TestNetwork.Stopped() }
                try ledger.synchronize(with: peers)
            }
        }
        #expect(try fixture.open(1).position(of: digest) != nil)
    }

    @Test("An honest sequencer whose batch gave way is no cheat")
    func framed() throws {
        let fixture = try Self.four()
        // bank-a makes a batch of its note and one of bank-d, which reaches bank-d alone.
        let note = try fixture.open(0).post("one", collection: "c", to: nil)
        let other = try fixture.open(3).post("two", collection: "c", to: nil)
        let a = try fixture.open(0).replica
        let theirs = try fixture.open(3).replica.carriedStatements(for: "bank-a")
        let old = try #require(try a.sequence(a.carriedStatements() + theirs).batch)
        #expect(old.entries.count == 2)
        // The others go on without it: a proposal, which nobody else approves.
        _ = try fixture.open(1).propose(.setSequencer("bank-b"))
        for result in fixture.session(
            over: TestNetwork(reachable: [1, 2, 3]), parties: [1, 2, 3],
            {
                try $0.synchronize(with: $1)
            })
        { try result.get() }
        // bank-d withholds its note from now on; bank-a is back, its batch gives way, its note comes in.
        try fixture.open(3).replica.store.dropPending(other)
        for result in fixture.session({ try $0.synchronize(with: $1) }) { try result.get() }
        #expect(try fixture.open(2).position(of: note)?.index == 2)
        #expect(try fixture.open(2).count == 3)
        // bank-d shows bank-c the checkpoint of the batch that gave way.
        let posted = try Entry.signing(
            [
                .build(
                    BuildEvidence(
                        author: "bank-d", binary: LedgerFixture.digest("x"), commit: "x",
                        packages: [], quote: nil, time: LedgerFixture.now))
            ],
            by: "bank-d", key: fixture.keys[3].statement, origin: fixture.parties.origin)
        let error = #expect(throws: LedgerError.self) {
            try fixture.open(2).replica.cosign(
                try ProposedBatch.fake(posted, Array(old.note)))
        }
        if case .forked(let party, _, _)? = error { Issue.record("\(party) is framed") }
        #expect(try fixture.open(2).evidence.isEmpty)
        #expect(fixture.audit(2).isSound)
    }

    @Test("One rubbish greeting does not stop the other three")
    func greeting() throws {
        let fixture = try Self.four()
        let digest = try fixture.open(1).post("goes on", collection: "c", to: nil)
        let network = TestNetwork { from, _, bytes in
            from == 3 && bytes.starts(with: Array("{\"note\"".utf8)) ? Array("{}".utf8) : bytes
        }
        _ = fixture.session(over: network) { try $0.synchronize(with: $1) }
        #expect(try fixture.open(1).position(of: digest) != nil)
    }

    /// Does something of another process after this one has read what is prepared.
    final class RacingStore: ForwardingStore, @unchecked Sendable {
        private let afterPrepared: () -> Void
        private let isDone = Mutex(false)

        init(_ base: any LedgerStore, afterPrepared: @escaping () -> Void) {
            self.afterPrepared = afterPrepared
            super.init(base)
        }

        override func prepared() throws(LedgerError) -> PreparedBatch? {
            let found = try base.prepared()
            let isFirst = isDone.withLock { done in
                defer { done = done || found != nil }
                return found != nil && !done
            }
            if isFirst { afterPrepared() }
            return found
        }
    }

    @Test("A node that reads while a run commits goes on")
    func readWhileCommitting() throws {
        let fixture = try LedgerFixture()
        try fixture.append([])
        try fixture.open(0).post("a note", collection: "c", to: nil)
        let a = try fixture.open(0).replica
        let batch = try #require(try a.sequence(a.carriedStatements()).batch)
        let run = try fixture.open(1).replica
        _ = try run.cosign(batch)
        _ = try fixture.open(2).replica.cosign(batch)
        let text = String(decoding: Array(batch.note), as: UTF8.self).components(
            separatedBy: "\n\n")[0]
        let sequenced = SequencedCheckpoint(
            try Checkpoint(parsing: text + "\n"), key: fixture.keys[0].log)
        let signatures = (0..<3).map {
            ($0, Cosignature(sequenced.checkpoint, key: fixture.keys[$0].cosigner, time: 1))
        }
        let note = try CosignedCheckpoint(
            sequenced, Dictionary(uniqueKeysWithValues: signatures), parties: fixture.parties
        ).bytes
        let node = try fixture.open(
            1, store: { RacingStore($0, afterPrepared: { try? run.commit(note) }) })
        do { _ = try node.replica.answer(.state, from: "bank-a", stating: nil) } catch {
            if case .storage = error { Issue.record("\(error)") }
        }
    }

    @Test("A private text in the batch that removes a party is not sent to it")
    func leak() throws {
        let fixture = try Self.four()
        let proposal = try fixture.open(1).propose(.removeMember("bank-d"))
        try fixture.synchronize()
        _ = try fixture.open(1).replica.head()
        _ = try fixture.open(0).vote(on: proposal, approves: true)
        try fixture.synchronize()
        _ = try fixture.open(0).post(
            "not for bank-d's eyes", collection: "c", to: ["bank-a", "bank-b", "bank-c"])
        _ = try fixture.open(2).vote(on: proposal, approves: true)
        let leaked = Mutex<[String]>([])
        let network = TestNetwork { from, to, bytes in
            if from == 0, to == 3,
                case .propose(let batch)? = try? CanonicalJSON.read(
                    ReplicaRequest.self, from: bytes, as: "x")
            {
                leaked.withLock { $0 += batch.entries.compactMap { $0.payload?.contents } }
            }
            return bytes
        }
        _ = fixture.session(over: network) { try $0.synchronize(with: $1) }
        #expect(leaked.withLock { $0 }.isEmpty)
    }

    @Test("A text for all in the batch that adds a party reaches the others")
    func lostContent() throws {
        let fixture = try LedgerFixture()
        try fixture.append([])
        let proposal = try fixture.open(1).propose(
            .addMember(LedgerFixture.keys(seed: 50).member(name: "bank-d")))
        try fixture.synchronize()
        _ = try fixture.open(0).vote(on: proposal, approves: true)
        try fixture.synchronize()
        let note = try fixture.open(0).post("for all", collection: "c", to: nil)
        _ = try fixture.open(2).vote(on: proposal, approves: true)
        for result in fixture.session({ try $0.synchronize(with: $1) }) {
            // That the membership is no longer the roster's is what is expected at the end.
            if case .failure(let error) = result { print("S16", error) }
        }
        _ = fixture.session { try $0.synchronize(with: $1) }
        for party in 0..<3 {
            let ledger = try fixture.open(party)
            #expect(try ledger.position(of: note) != nil)
            #expect(try ledger.replica.store.content(of: note) != nil, "\(party)")
        }
    }
}
