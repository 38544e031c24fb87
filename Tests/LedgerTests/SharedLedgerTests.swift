import Foundation
import Ledger
import Primitives
import Synchronization
import TestSupport
import Testing

@Suite struct SharedLedgerTests {
    let fixture: LedgerFixture

    init() throws { fixture = try LedgerFixture() }

    /// MTH of RFC 6962, section 2.1, as it is written there.
    private func root(_ entries: ArraySlice<[UInt8]>) -> [UInt8] {
        guard let first = entries.first else { return SHA256.hash().bytes }
        if entries.count == 1 { return SHA256.hash([0], first).bytes }
        var k = 1
        while k * 2 < entries.count { k *= 2 }
        return SHA256.hash([1], root(entries.prefix(k)), root(entries.dropFirst(k))).bytes
    }

    @Test("Three parties append; all hold the same log, whose roots a separate computation gives")
    func append() throws {
        for number in 1...3 {
            try fixture.append([fixture.intent(number), fixture.completed(number)])
        }
        for party in 0..<3 {
            #expect(fixture.audit(party).findings.isEmpty)
            let store = try fixture.open(party).replica.store
            let entries = try store.entries(0..<100).map(\.bytes)
            #expect(try entries.count == 7 && store.prepared() == nil)
            let checkpoints = try store.checkpoints(from: 1, limit: 100)
            #expect(checkpoints.map(\.size) == [1, 2, 3, 4, 5, 6, 7])
            for stored in checkpoints {
                let cosigned = try CosignedCheckpoint(
                    parsing: stored.note, parties: fixture.parties)
                #expect(cosigned.checkpoint.root.bytes == root(entries.prefix(stored.size)))
            }
        }
        #expect(
            Set(try (0..<3).map { try fixture.open($0).replica.store.newest()?.note }).count == 1)
        let records = try fixture.records(1)
        #expect(records.map(\.index) == [0, 1, 2, 3, 4, 5, 6])
        #expect(records[4].statement == (try fixture.completed(2)))
        guard case .genesis(let genesis) = records[0].statement else {
            Issue.record("entry 0 is no genesis")
            return
        }
        #expect(genesis.members == fixture.parties.members && genesis.sequencer == "bank-a")
    }

    @Test(
        "A position names the entry, its proof leads to the checkpoint; files are the owner's alone"
    )
    func position() throws {
        let intent = fixture.intent(1)
        let results = fixture.session { ledger, peers in
            try ledger.synchronize(with: peers)
            let position = try ledger.append(intent, with: peers)
            return (position, try ledger.proof(at: position.index))
        }
        for result in results {
            let (position, proof) = try result.get()
            #expect(try position.index == 1 && position.statement == intent.digest)
            #expect(proof.includes(position.leafHash) && proof.size == 2)
            _ = try CosignedCheckpoint(parsing: proof.checkpoint, parties: fixture.parties)
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path) {
            let path = fixture.folder.appendingPathComponent(name).path
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect((mode as? NSNumber)?.intValue == 0o600, "\(name)")
        }
    }

    @Test("Parties that state different things append nothing, and know why")
    func disagreement() throws {
        try fixture.append([])
        let (one, other) = (fixture.intent(1), fixture.intent(2))
        let results = fixture.session { ledger, peers in
            _ = try ledger.append(peers.me == 2 ? other : one, with: peers)
        }
        let reason = "the sequencer states something else than this party"
        #expect(throws: LedgerError.malformed(reason)) { try results[2].get() }
        #expect(throws: LedgerError.diverged("bank-c refuses to sign the statement: \(reason)")) {
            try results[0].get()
        }
        #expect((0..<3).allSatisfy { fixture.audit($0).entries == 1 })
        try fixture.append([one])
    }

    @Test("An outcome needs its intent in the log, and nothing is appended twice")
    func places() throws {
        try fixture.append([])
        let (intent, completed) = (fixture.intent(1), try fixture.completed(1))
        let reason = "an outcome names no intent of its session in the ledger"
        let results = fixture.session { _ = try $0.append(completed, with: $1) }
        #expect(throws: LedgerError.malformed(reason)) { try results[0].get() }
        try fixture.append([intent])
        // A statement that can never be appended is dropped, and keeps nobody from going on.
        let stranger = Outcome.ended(
            .aborted, session: LedgerFixture.digest("session 2"),
            intent: try fixture.intentDigest(1), step: "input", accuser: nil, culprit: nil,
            reason: "another session's intent", time: LedgerFixture.now)
        try fixture.open(1).recordPending(stranger)
        try fixture.synchronize()
        #expect(try fixture.open(1).replica.store.pendingCount() == 0)
        #expect(try fixture.open(0).count == 2)
        let again = fixture.session { _ = try $0.append(intent, with: $1) }
        #expect(throws: LedgerError.malformed("the statement is in the ledger already")) {
            try again[0].get()
        }
    }

    @Test("What survivors state alone about an aborted run is shown, then cosigned next time")
    func pending() throws {
        try fixture.append([fixture.intent(1)])
        for party in 0...1 {
            let ledger = try fixture.open(party)
            try ledger.recordPending(fixture.aborted(1, by: party))
            try ledger.recordPending(fixture.aborted(1, by: party))
        }
        let before = try fixture.records(0)
        #expect(before.map(\.index) == [0, 1, nil] && before[2].signers == ["bank-a"])
        let report = fixture.audit(0)
        #expect(report.pending == 1 && report.isSound && report.unfinished.map(\.entry) == [1])
        try fixture.append([fixture.intent(2)])
        for party in 0..<3 {
            #expect(try fixture.records(party).map(\.signers.count) == [3, 3, 1, 1, 3])
            let report = fixture.audit(party)
            #expect(report.isSound && report.pending == 0 && report.unfinished.map(\.entry) == [4])
        }
    }

    @Test("Several hundred statements of several parties go in batches under few checkpoints")
    func batches() throws {
        try fixture.append([])
        for party in 0..<3 {
            let ledger = try fixture.open(party)
            for part in 0..<2 {
                try ledger.record(
                    (0..<200).map {
                        .service(
                            ServiceCertificate(
                                author: "bank-\(["a", "b", "c"][party])",
                                fingerprint: LedgerFixture.digest("\(party) \(part) \($0)"),
                                time: LedgerFixture.now))
                    })
            }
        }
        try fixture.synchronize()
        try fixture.synchronize()
        for party in 0..<3 {
            let report = fixture.audit(party)
            #expect(report.findings.isEmpty && report.entries == 1201 && report.pending == 0)
            #expect(report.checkpoints < 12)
            let store = try fixture.open(party).replica.store
            #expect(try store.nodes(level: 1, 0..<4).count == 4)
        }
    }

    @Test(
        "Whatever a hostile party sends as any of its messages, the others go on the next time",
        arguments: 0..<3, [0, 1, 2, 3])
    func hostile(party: Int, kind: Int) throws {
        var refused = 0
        for number in 0..<8 {
            let fixture = try LedgerFixture()
            try fixture.append([fixture.intent(1)])
            let counter = Counter()
            let network = TestNetwork { from, _, bytes in
                guard from == party, counter.next() == number else { return bytes }
                switch kind {
                case 0: return Array(repeating: 0x7B, count: 100_000)
                case 1: return []
                case 2: return Array(bytes.dropLast())
                default:
                    var changed = bytes
                    changed[bytes.count / 2] ^= 1
                    return changed
                }
            }
            let intent = fixture.intent(2)
            let results = fixture.session(over: network) { ledger, peers in
                try ledger.synchronize(with: peers)
                _ = try ledger.append(intent, with: peers)
            }
            if results.contains(where: { (try? $0.get()) == nil }) { refused += 1 }
            try fixture.append([fixture.intent(3)])
            #expect((0..<3).allSatisfy { fixture.audit($0).isSound })
        }
        // A party that follows sends five messages; some changes of one bit change nothing.
        #expect(refused >= (kind == 3 ? 3 : 5))
    }

    @Test(
        "A ledger put back from an older copy takes what it lacks from the others", arguments: 0..<3
    )
    func olderCopy(party: Int) throws {
        try fixture.append([fixture.intent(1)])
        let old = try fixture.copy(party)
        try fixture.append([fixture.intent(2), fixture.intent(3)])
        try fixture.put(old, party)
        try fixture.append([fixture.intent(4)])
        #expect(fixture.audit(party).isSound && fixture.audit(party).entries == 5)
        // A lost ledger too.
        try FileManager.default.removeItem(at: fixture.file(party))
        try fixture.append([fixture.intent(5)])
        #expect(fixture.audit(party).isSound && fixture.audit(party).entries == 6)
        #expect(try Set((0..<3).map { try fixture.open($0).checkpoint }).count == 1)
    }

    @Test("Two logs of one size that all signed are named a fork, and both notes are kept")
    func fork() throws {
        try fixture.append([fixture.intent(1)])
        // Two histories can only come about when every party goes back to an older copy.
        let old = try (0..<3).map { try fixture.copy($0) }
        try fixture.append([fixture.intent(2)])
        let forked = try fixture.copy(1)
        for party in 0..<3 { try fixture.put(old[party], party) }
        try fixture.append([fixture.intent(3)])
        try fixture.put(forked, 1)
        let results = fixture.session { try $0.synchronize(with: $1) }
        guard
            case .forked("bank-b", let mine, let theirs)? =
                #expect(throws: LedgerError.self, performing: { try results[0].get() })
        else {
            Issue.record("no fork was found")
            return
        }
        #expect(mine != theirs)
        #expect(try fixture.open(0).replica.store.evidence().count == 1)
        #expect(fixture.audit(0).findings.contains { $0.message.contains("forked") })
    }

    @Test("A sequencer that shows two logs is refused, and both its signed checkpoints are kept")
    func equivocation() throws {
        try fixture.append([fixture.intent(1)])
        let victim = try fixture.open(1)
        func proposal(_ reason: String) throws -> ProposedBatch {
            let copy = fixture.folder.appendingPathComponent(reason)
            try fixture.copy(0).write(to: copy)
            let ledger = try SharedLedger(
                file: copy, parties: fixture.parties, me: Party(0), keys: fixture.keys[0],
                clock: ManualClock(wallSeconds: LedgerFixture.now))
            try ledger.recordPending(
                .ended(
                    .aborted, session: LedgerFixture.digest("session 1"),
                    intent: fixture.intentDigest(1), step: "input", accuser: nil, culprit: nil,
                    reason: reason, time: LedgerFixture.now))
            let pending = try ledger.replica.carriedStatements()
            let made = try ledger.replica.sequence(pending).batch
            return try #require(made)
        }
        let (one, other) = (try proposal("one"), try proposal("other"))
        let cosignature = try victim.replica.cosign(one)
        #expect(try victim.replica.cosign(one) == cosignature)
        let error = #expect(throws: LedgerError.self) { try victim.replica.cosign(other) }
        guard case .forked("bank-a", _, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let kept = try victim.replica.store.evidence()
        let evidence = try #require(kept.first)
        #expect(evidence.mine == Array(one.note) && evidence.theirs == Array(other.note))
        // Nor does it follow a log that lacks what it has.
        let behind = try fixture.open(2)
        #expect(throws: LedgerError.self) {
            try behind.replica.cosign(
                ProposedBatch(
                    entries: Array(one.entries.prefix(0)), note: one.note, sealed: [:],
                    isResumed: false))
        }
    }

    @Test("Clocks that differ by more than a minute, or go back, are named; nothing is lost")
    func clocks() throws {
        try fixture.append([fixture.intent(1)])
        try fixture.open(1).recordPending(fixture.aborted(1, by: 1))
        let before = fixture.session(
            clocks: [0: ManualClock(wallSeconds: LedgerFixture.now - 61)]
        ) { try $0.synchronize(with: $1) }
        let back = #expect(throws: LedgerError.self) { try before[0].get() }
        #expect(back?.description.contains("set back") == true)
        let ahead = fixture.session(
            clocks: [0: ManualClock(wallSeconds: LedgerFixture.now + 61)]
        ) { try $0.synchronize(with: $1) }
        let refused = #expect(throws: LedgerError.self) { try ahead[0].get() }
        #expect(refused?.description.contains("61 s ahead of another's") == true)
        #expect(try fixture.open(0).replica.store.prepared() == nil)
        // A sequencer that does not look at the others' clocks is refused by them.
        let early = try fixture.open(
            0, clock: ManualClock(wallSeconds: LedgerFixture.now + 61))
        let waiting = try fixture.open(1).replica.carriedStatements(for: "bank-a")
        let made = try early.replica.sequence(waiting).batch
        let batch = try #require(made)
        let alone = #expect(throws: LedgerError.self) {
            try fixture.open(1).replica.cosign(batch)
        }
        #expect(alone?.description.contains("61 s ahead of bank-b's clock") == true)
        // What was prepared is completed when the clocks agree again.
        for result in fixture.session(
            clocks: Dictionary(
                uniqueKeysWithValues: (0..<3).map {
                    ($0, ManualClock(wallSeconds: LedgerFixture.now + 300))
                }), { try $0.synchronize(with: $1) })
        { try result.get() }
        #expect((0..<3).allSatisfy { fixture.audit($0).isSound })
        #expect(try fixture.open(2).count == 3)
    }
}

/// Counts calls from several threads.
final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
        count.withLock { count in
            defer { count += 1 }
            return count
        }
    }
}
