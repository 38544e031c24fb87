import Foundation
import Ledger
import Primitives
import Synchronization
import TestSupport
import Testing

/// One party that answers wrongly, is away, or changes its file from two programs at once.
@Suite struct FaultyPartyTests {
    /// Changes the first field of that name in a JSON message.
    private static func replacing(_ bytes: [UInt8], _ old: String, _ new: String) -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let range = text.range(of: old, options: .regularExpression) else { return bytes }
        return Array(text.replacingCharacters(in: range, with: new).utf8)
    }

    @Test(
        "With three of four, one that answers rubbish or lies is left out and named",
        arguments: 0..<5)
    func leftOut(kind: Int) throws {
        let four = try LedgerFixture(count: 4, needed: 3)
        try four.append([])
        let digest = try four.open(1).post("goes on", collection: "c", to: nil)
        let network = TestNetwork { from, to, bytes in
            guard from == 3, to == 0 else { return bytes }
            switch kind {
            case 0: return Array("{}".utf8)
            case 1: return []
            // It claims entries that it does not have, a checkpoint that is none, nonsense as pending.
            case 2: return Self.replacing(bytes, "\"size\":1", "\"size\":9000000")
            case 3: return Self.replacing(bytes, "\"note\":\"[^\"]*\"", "\"note\":\"AAAA\"")
            default:
                return Self.replacing(
                    bytes, "\"pending\":\\[\\]", "\"pending\":[{\"entry\":\"AAAA\",\"sealed\":{}}]")
            }
        }
        let named = Mutex(Set<String>())
        _ = four.session(over: network) { ledger, peers in
            guard peers.me == 0 else { return try ledger.follow("bank-a", peers) }
            for _ in 0..<2 {
                let failures = try ledger.lead(peers)
                named.withLock { $0.formUnion(failures.keys) }
            }
            throw TestNetwork.Stopped()
        }
        for party in 0..<3 { #expect(try four.open(party).position(of: digest)?.index == 1) }
        #expect(named.withLock { $0 } == ["bank-d"])
        // The next time it is honest, and has everything.
        try four.synchronize()
        #expect(try four.open(3).position(of: digest)?.index == 1)
        #expect((0..<4).allSatisfy { four.audit($0).findings.isEmpty })
    }

    @Test("Under the policy of all a wrong answer stops the others, and names its party")
    func named() throws {
        let fixture = try LedgerFixture()
        try fixture.append([])
        let network = TestNetwork { from, to, bytes in
            from == 2 && to == 0 ? Array("{}".utf8) : bytes
        }
        let results = fixture.session(over: network) { ledger, peers in
            guard peers.me == 0 else { return try ledger.follow("bank-a", peers) }
            try ledger.lead(peers)
        }
        let error = #expect(throws: LedgerError.self) { try results[0].get() }
        guard case .misbehaved("bank-c", _, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("A greeting that nobody vouches for makes nobody the leader")
    func greeting() throws {
        let fixture = try LedgerFixture()
        try fixture.append([])
        let digest = try fixture.open(1).post("goes on", collection: "c", to: nil)
        let network = TestNetwork { from, _, bytes in
            guard from == 2, String(decoding: bytes, as: UTF8.self).contains("\"sequencer\"")
            else { return bytes }
            let longer = Self.replacing(bytes, "\"size\":[0-9]+", "\"size\":900")
            return Self.replacing(longer, "\"sequencer\":\"bank-a\"", "\"sequencer\":\"bank-x\"")
        }
        for result in fixture.session(over: network, { try $0.synchronize(with: $1) }) {
            try result.get()
        }
        #expect(try fixture.open(0).position(of: digest) != nil)
    }

    @Test("A recipient that was away gets its private content when it catches up, and only then")
    func privateContent() throws {
        let four = try LedgerFixture(count: 4, needed: 3)
        try four.append([])
        let old = try four.copy(3)
        let digest = try four.open(1).post("for bank-d", collection: "c", to: ["bank-d"])
        for result in four.session(
            over: TestNetwork(reachable: [0, 1, 2]), parties: [0, 1, 2],
            { try $0.synchronize(with: $1) })
        { try result.get() }
        #expect(try four.open(0).replica.store.outgoing().map(\.recipient) == ["bank-d"])
        #expect(four.audit(0).findings.isEmpty)
        try four.synchronize()
        let content = try four.open(3).replica.store.content(of: digest)
        #expect(content?.payload.contents == "for bank-d")
        // It has the entries now; nothing stays with the sequencer.
        try four.synchronize()
        #expect(try four.open(0).replica.store.outgoing().isEmpty)
        // What was not kept is not delivered again, which the entry's recipient can see.
        try four.put(old, 3)
        try four.synchronize()
        #expect(try four.open(3).position(of: digest) != nil)
        let missing = try four.records(3).first { $0.hasContent == false }
        #expect(missing?.index == 1)
    }

    @Test("Another session that changes the file at the same time is no damage of it")
    func concurrentChange() throws {
        let fixture = try LedgerFixture()
        try fixture.append([])
        let store = try fixture.open(1).replica.store
        // What a replica gets whose trial began before another program's batch.
        let extending = #expect(throws: LedgerError.self) {
            try store.extend(
                first: 0, size: 1, note: [], nodes: [], [], absent: [], erasing: [],
                prepared: nil, isReplacing: false)
        }
        let committing = #expect(throws: LedgerError.self) {
            try store.commit(size: 2, note: [], absent: [], erasing: [])
        }
        for error in [extending, committing] {
            guard case .busy? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test("What a party's node completes while its run appends it is no failure of the run")
    func completedByOther() throws {
        // The run of bank-a has prepared its intent; before it asks for cosignatures, bank-a's node
        // completes the batch from the same file.
        let fixture = try LedgerFixture()
        try fixture.append([])
        let isDone = Mutex(false)
        let network = TestNetwork { from, to, bytes in
            guard from == 0, to == 1,
                case .propose? = try? CanonicalJSON.decode(
                    ReplicaRequest.self, from: bytes, as: ""),
                isDone.withLock({ done in
                    defer { done = true }
                    return !done
                })
            else { return bytes }
            for result in fixture.session({ ledger, peers in
                guard peers.me == 0 else { return try ledger.follow("bank-a", peers) }
                try ledger.lead(peers)
                try ledger.stopLeading(peers)
            }) { #expect(throws: Never.self) { try result.get() } }
            return bytes
        }
        let results = fixture.session(over: network) { try $0.append(fixture.intent(1), with: $1) }
        for result in results { #expect(throws: Never.self) { try result.get() } }
        #expect(try fixture.open(0).count == 2)
    }

    @Test("A party learns which of its statements was given up, and why")
    func givenUp() throws {
        let fixture = try LedgerFixture()
        try fixture.append([fixture.intent(1), fixture.completed(1)])
        let lines = Mutex([String]())
        for party in 0..<2 {
            try fixture.open(party).recordPending(fixture.aborted(1, by: party))
        }
        for result in fixture.session({ (_, peers) in
            let ledger = try SharedLedger(
                SQLiteLedgerStore(file: fixture.file(peers.me)), parties: fixture.parties,
                me: Party(peers.me), keys: fixture.keys[peers.me],
                clock: ManualClock(wallSeconds: LedgerFixture.now),
                report: { line in lines.withLock { $0.append(line) } })
            try ledger.synchronize(with: peers)
        }) { try result.get() }
        let said = lines.withLock { $0 }
        #expect(said.count == 2)
        #expect(said.allSatisfy { $0.contains("all have signed this run's outcome already") })
        #expect(try fixture.open(0).count == 3)
        for party in 0..<2 {
            #expect(try fixture.open(party).replica.store.pendingCount() == 0)
        }
    }
}
