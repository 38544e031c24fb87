import Foundation
import Ledger
import Primitives
import Synchronization
import Testing

@Suite struct CrashTests {
    /// What all parties do in the session in which one of them stops.
    private static func work(_ intent: Statement)
        -> @Sendable (SharedLedger, TestPeers) throws ->
        Void
    {
        { ledger, peers in
            try ledger.synchronize(with: peers)
            _ = try ledger.append(intent, with: peers)
        }
    }

    /// A log with an intent, and an aborted outcome that waits at one party.
    private func template() throws -> LedgerFixture {
        let template = try LedgerFixture()
        try template.append([template.intent(1)])
        try template.open(1).recordPending(template.aborted(1, by: 1))
        for party in 0..<3 { _ = try template.copy(party) }
        return template
    }

    private func fixture(like template: LedgerFixture) throws -> LedgerFixture {
        let fixture = try LedgerFixture()
        for party in 0..<3 {
            try FileManager.default.copyItem(at: template.file(party), to: fixture.file(party))
        }
        return fixture
    }

    /// After a stop, the next session brings all to one log in which nothing is missing or half.
    private func recover(
        _ fixture: LedgerFixture, _ stopped: TestNetwork, isIntentCertain: Bool, _ what: String
    ) throws {
        let next = fixture.intent(3)
        let recovery = TestNetwork()
        for result in fixture.session(over: recovery, Self.work(next)) {
            #expect(throws: Never.self, "\(what)") { try result.get() }
        }
        let notes = try (0..<3).map { try fixture.open($0).replica.store.newest()?.note }
        #expect(Set(notes).count == 1, "\(what)")
        for party in 0..<3 {
            let store = try fixture.open(party).replica.store
            #expect(try store.prepared() == nil && store.pendingCount() == 0, "\(what)")
            #expect(fixture.audit(party).findings.isEmpty, "\(what)")
        }
        let statements = try fixture.records(0).map(\.statement)
        #expect(statements[1] == fixture.intent(1) && statements.last == next, "\(what)")
        #expect(statements.contains(.outcome(try fixture.aborted(1, by: 1))), "\(what)")
        if isIntentCertain { #expect(statements.contains(fixture.intent(2)), "\(what)") }
        // No cosignature was ever given for anything but this log.
        let checkpoints = try fixture.open(0).replica.store.checkpoints(from: 1, limit: 100).map {
            try CosignedCheckpoint(parsing: $0.note, parties: fixture.parties).checkpoint
        }
        for (party, bytes) in stopped.cosignatures + recovery.cosignatures {
            let cosignature = try #require(Cosignature(bytes))
            let key = fixture.parties.members[party].cosignerKey
            let fits = checkpoints.count {
                key.verify(cosignature.signature, of: Cosignature.message($0, cosignature.time))
            }
            #expect(fits == 1, "\(what): \(party) cosigned something else")
        }
    }

    @Test("A party that stops instead of sending any of its messages", arguments: 0..<3)
    func messages(party: Int) throws {
        let template = try template()
        let whole = TestNetwork()
        let trial = try fixture(like: template)
        for result in trial.session(over: whole, Self.work(trial.intent(2))) { try result.get() }
        let count = try #require(whole.counts[party])
        #expect(count >= 7)
        for message in 0..<count {
            let fixture = try fixture(like: template)
            let network = TestNetwork(crash: .init(party: party, message: message))
            let results = fixture.session(over: network, Self.work(fixture.intent(2)))
            // A party that stopped after its commit has what it wanted.
            if try fixture.open(party).position(of: fixture.intentDigest(2)) == nil {
                #expect(throws: TestNetwork.Stopped.self) { try results[party].get() }
            }
            let isIntentCertain = results.contains { (try? $0.get()) != nil }
            try recover(
                fixture, network, isIntentCertain: isIntentCertain, "\(party) at \(message)")
        }
    }

    @Test("A party that stops before or after any of its writes", arguments: 0..<3)
    func writes(party: Int) throws {
        let template = try template()
        for write in 0..<5 {
            for isAfter in [false, true] {
                let fixture = try fixture(like: template)
                let network = TestNetwork()
                let isStopped = Mutex(false)
                let results = fixture.session(
                    over: network,
                    stores: [
                        party: { store in
                            StoppingStore(store, .init(write: write, isAfter: isAfter)) {
                                isStopped.withLock { $0 = true }
                                network.stop(party)
                            }
                        }
                    ], Self.work(fixture.intent(2)))
                guard isStopped.withLock({ $0 }) else {
                    // There are not so many writes; all went well.
                    #expect(write == 4, "\(write)")
                    for result in results { try result.get() }
                    continue
                }
                let isIntentCertain = results.contains { (try? $0.get()) != nil }
                try recover(
                    fixture, network, isIntentCertain: isIntentCertain,
                    "\(party), write \(write), after \(isAfter)")
            }
        }
    }

    @Test("A commit that a power failure takes back is made again")
    func lostCommit() throws {
        let fixture = try template()
        // The state after the prepared batch was durable, and before the commit reached the disk.
        let network = TestNetwork()
        _ = fixture.session(
            over: network,
            stores: [
                2: { store in
                    StoppingStore(store, .init(write: 3, isAfter: false)) { network.stop(2) }
                }
            ], Self.work(fixture.intent(2)))
        #expect(try fixture.open(2).replica.store.prepared()?.size == 4)
        #expect(try fixture.open(0).count == 4)
        try recover(fixture, network, isIntentCertain: true, "lost commit")
    }

    @Test("Two sessions of one party at a time: one of them is refused")
    func twoSessions() throws {
        let fixture = try LedgerFixture()
        try fixture.append([fixture.intent(1)])
        let (one, other) = (try fixture.open(0), try fixture.open(0))
        try one.recordPending(fixture.aborted(1, by: 0))
        let statements = try one.replica.carriedStatements()
        #expect(try one.replica.sequence(statements).batch != nil)
        let error = #expect(throws: LedgerError.self) { try other.replica.sequence(statements) }
        #expect(error?.description.contains("synchronize") == true)
    }
}
