import Foundation
import Ledger
import Primitives
import Testing

@Suite struct CrashTests {
    /// A party stops at each of its exchanges in a session, when its message went to none, one or
    /// both of its peers.
    ///
    /// Stopping after it received the others' messages is the same: only then does
    /// anything change.
    @Test(
        "After a stop at any point all converge, and no cosignature was for another log",
        arguments: 0..<3)
    func stop(party: Int) throws {
        let template = try LedgerFixture()
        try template.append([template.intent(1)])
        try template.open(1).recordPending(template.aborted(1, by: 1))
        let crashes = (0..<7).flatMap { exchange in
            (0...2).map { TestNetwork.Crash(party: party, exchange: exchange, sentTo: $0) }
        }
        for crash in crashes {
            let fixture = try LedgerFixture()
            for name in try FileManager.default.contentsOfDirectory(atPath: template.folder.path) {
                try FileManager.default.copyItem(
                    at: template.folder.appendingPathComponent(name),
                    to: fixture.folder.appendingPathComponent(name))
            }
            let network = TestNetwork(crash: crash)
            let intent = fixture.intent(2)
            let results = fixture.session(over: network) { ledger, peers in
                try ledger.synchronize(with: peers)
                _ = try ledger.append(intent, with: peers)
            }
            #expect(throws: TestNetwork.Stopped.self) { try results[crash.party].get() }

            let next = fixture.intent(3)
            let recovery = TestNetwork()
            for result in fixture.session(
                over: recovery,
                { ledger, peers in
                    try ledger.synchronize(with: peers)
                    _ = try ledger.append(next, with: peers)
                })
            {
                #expect(throws: Never.self, "\(crash)") { try result.get() }
            }

            let logs = try (0..<3).map { try fixture.open($0).store.contents() }
            #expect(Set(logs.map { $0.entries.map(\.bytes) }).count == 1, "\(crash)")
            #expect(logs.allSatisfy { $0.pending.isEmpty && $0.prepared == nil })
            #expect((0..<3).allSatisfy { fixture.verify($0).isSound }, "\(crash)")
            let statements = try LedgerRecord.read(
                file: fixture.file(0), parties: fixture.parties
            ).map(\.statement)
            #expect(statements.first == fixture.intent(1) && statements.last == next)
            #expect(statements.contains(.outcome(try fixture.aborted(1, by: 1))))
            // Who stopped after all had cosigned the intent finds it in the log.
            if crash.exchange == 6, crash.sentTo > 0 { #expect(statements.contains(intent)) }

            let checkpoints = try logs[0].checkpoints.map {
                try CosignedCheckpoint(parsing: $0.note, parties: fixture.parties).checkpoint
            }
            for (party, bytes) in network.cosignatures + recovery.cosignatures {
                let cosignature = try #require(Cosignature(bytes, isFirst: party == 0))
                let key = fixture.parties.members[party].cosignerKey
                let fits = checkpoints.count {
                    key.verify(
                        cosignature.signature, of: Cosignature.message($0, cosignature.time))
                }
                #expect(fits == 1, "\(crash): \(party) cosigned something else")
            }
        }
    }

    @Test("A power failure between the log and the files beside it leaves a ledger that opens")
    func sideFiles() throws {
        let fixture = try LedgerFixture()
        try fixture.append([fixture.intent(1)])
        let files = LedgerFiles(database: fixture.file(0))
        let (checkpoint, digest) = (
            try Data(contentsOf: files.checkpoint), try Data(contentsOf: files.digest)
        )
        try fixture.append([fixture.intent(2)])
        try checkpoint.write(to: files.checkpoint)
        try digest.write(to: files.digest)
        #expect(!fixture.verify(0).isSound)
        #expect(try fixture.open(0).count == 2)
        #expect(fixture.verify(0).isSound)
        for file in [files.checkpoint, files.digest] {
            try FileManager.default.removeItem(at: file)
        }
        #expect(fixture.verify(0).findings.count == 2)
        #expect(try fixture.open(0).count == 2)
        #expect(fixture.verify(0).isSound)
    }

    @Test("Two sessions of one party at a time: one of them is refused")
    func twoSessions() throws {
        let fixture = try LedgerFixture()
        let (one, other) = (try fixture.open(0), try fixture.open(0))
        let message = try fixture.intent(1).message
        let signatures = fixture.keys.enumerated().map { ($0, $1.statement.sign(message)) }
        let entry = try Entry(
            fixture.intent(1), signatures: Dictionary(uniqueKeysWithValues: signatures),
            parties: fixture.parties)
        _ = try one.prepare(entry)
        let error = #expect(throws: LedgerError.self) { try other.prepare(entry) }
        #expect(error?.description.contains("synchronize first") == true)
    }

    @Test(
        "A power failure at the very beginning leaves a ledger that opens; a vanished one does not")
    func beginning() throws {
        let fixture = try LedgerFixture()
        #expect(FileManager.default.createFile(atPath: fixture.file(0).path, contents: nil))
        #expect(try fixture.open(0).count == 0)
        try FileManager.default.removeItem(at: LedgerFiles(database: fixture.file(0)).digest)
        #expect(try fixture.open(0).count == 0)

        try fixture.append([fixture.intent(1)])
        try FileManager.default.removeItem(at: fixture.file(0))
        #expect(throws: LedgerError.self) { try fixture.open(0) }
        #expect(FileManager.default.createFile(atPath: fixture.file(0).path, contents: nil))
        #expect(throws: LedgerError.self) { try fixture.open(0) }
    }

    @Test("A hostile party that shows different entries as prepared makes nobody prepare any")
    func equivocation() throws {
        let fixture = try LedgerFixture()
        try fixture.append([fixture.intent(1)])
        let claims = try ["one", "another"].map { reason in
            let statement = Statement.outcome(
                .ended(
                    .aborted, session: LedgerFixture.digest("session 1"),
                    intent: try fixture.intentHash(1), step: "input", accuser: "bank-c",
                    culprit: nil, reason: reason, time: 1_790_000_000))
            let signature = fixture.keys[2].statement.sign(try statement.message)
            return try Entry(statement, signatures: [2: signature], parties: fixture.parties)
        }
        let network = TestNetwork { from, to, step, bytes in
            guard from == 2, step == "compare the ledgers",
                let state = try? CanonicalJSON.decode(
                    LedgerState.self, from: bytes, as: "a state"),
                let changed = try? CanonicalJSON.encode(
                    LedgerState(
                        size: state.size, root: state.root, note: state.note,
                        prepared: Data(claims[to].bytes)))
            else { return bytes }
            return changed
        }
        for result in fixture.session(over: network, { try $0.synchronize(with: $1) }).prefix(2) {
            #expect(throws: (any Error).self) { try result.get() }
        }
        for party in 0...1 {
            #expect(try fixture.open(party).store.contents().prepared == nil)
        }
        try fixture.append([fixture.intent(2)])
    }
}
