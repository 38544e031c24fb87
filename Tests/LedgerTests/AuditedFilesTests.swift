import Foundation
import GRDB
import Ledger
import Primitives
import Synchronization
import TestSupport
import Testing

/// What an audit makes of everything in the files besides the entries themselves.
@Suite struct AuditedFilesTests {
    let fixture: LedgerFixture

    init() throws {
        fixture = try LedgerFixture()
        try fixture.append([])
    }

    /// Changes a party's file as somebody with all means but the keys does: triggers are put back.
    private func tamper(_ party: Int, _ statements: String...) throws {
        _ = try fixture.copy(party)
        let database = try DatabaseQueue(path: fixture.file(party).path)
        try database.write { database in
            let triggers = try Row.fetchAll(
                database, sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            for trigger in triggers {
                try database.execute(sql: "DROP TRIGGER \(trigger[0] as String)")
            }
            for statement in statements { try database.execute(sql: statement) }
            for trigger in triggers { try database.execute(sql: trigger[1]) }
        }
        try database.close()
    }

    /// The numbers and words of an audit's findings.
    private func findings(_ party: Int) -> [String] {
        fixture.audit(party).findings.map(\.description)
    }

    /// A change of the membership, decided by all.
    private func changeSequencer(to name: String) throws {
        let proposal = try fixture.open(1).propose(.setSequencer(name))
        try fixture.synchronize()
        // All vote but the sequencer.
        let sequencer = try fixture.open(0).parties.sequencer
        for voter in [0, 2] where fixture.parties.names[voter] != sequencer {
            _ = try fixture.open(voter).vote(on: proposal, approves: true)
        }
        try fixture.synchronize()
        #expect(try fixture.open(0).parties.sequencer == name)
    }

    // MARK: Contents

    @Test("Under which number and collection a content is listed is audited")
    func moved() throws {
        try fixture.open(0).post("text", collection: "c", to: nil)
        try fixture.synchronize()
        let original = try fixture.copy(0)
        for (change, finding) in [
            ("collection = 'hidden'", "entry 1: its content is listed in another collection"),
            ("position = 77", "1 contents belong to no entry"),
            ("position = 0", "entry 0: its content is not the one that it commits to"),
            ("erased = 1", "entry 1: its content is called erased and is still there"),
        ] {
            try fixture.put(original, 0)
            try tamper(0, "UPDATE contents SET \(change)")
            #expect(findings(0) == [finding])
        }
        // A content that is gone without an erasure is only not here, as another party's is.
        try fixture.put(original, 0)
        try tamper(0, "UPDATE contents SET content = zeroblob(length(content)), erased = 1")
        #expect(fixture.audit(0).isSound && fixture.audit(0).withoutContent == 1)
    }

    @Test("An erasure that was not carried out, or was taken back, is found")
    func takenBack() throws {
        let digest = try fixture.open(0).post("text", collection: "c", to: nil)
        try fixture.synchronize()
        _ = try fixture.copy(0)
        let kept = try DatabaseQueue(path: fixture.file(0).path).read {
            try Data.fetchOne($0, sql: "SELECT content FROM contents") ?? Data()
        }
        _ = try fixture.open(0).erase(digest)
        try fixture.synchronize()
        try tamper(0, "UPDATE contents SET erased = 0, content = x'\(Array(kept).hex)'")
        #expect(findings(0) == ["entry 1: its content was erased and is still there"])
    }

    // MARK: Checkpoints

    @Test("Checkpoints that were removed are missed: by the number of entries and by signers")
    func removed() throws {
        // 1. More entries between two than a batch has.
        for _ in 0..<2 {
            try fixture.open(1).post(
                (0..<200).map(String.init), collection: "c", to: nil)
            try fixture.synchronize()
        }
        try tamper(0, "DELETE FROM checkpoints WHERE size = 201")
        #expect(
            findings(0) == [
                "entry 257: begins a batch of its own, and the checkpoint that must end the one "
                    + "before it is missing"
            ])
        // 2. A statement that all sign is a batch by itself.
        try fixture.append([fixture.intent(1)])
        try tamper(1, "DELETE FROM checkpoints WHERE size = 401")
        #expect(findings(1).map { String($0.prefix(9)) } == ["entry 401"])
    }

    @Test("A membership ends its batch: its checkpoint is missed too")
    func removedAtChange() throws {
        try changeSequencer(to: "bank-c")
        try fixture.open(0).post("after", collection: "c", to: nil)
        try fixture.synchronize()
        #expect(fixture.audit(0).isSound)
        try tamper(0, "DELETE FROM checkpoints WHERE size = 3")
        #expect(findings(0).contains { $0.hasPrefix("entry 3: begins a batch of its own") })
    }

    @Test("A batch whose time differs from the next one's: its checkpoint is missed")
    func removedByTime() throws {
        for second in 1...3 {
            let clock = ManualClock(wallSeconds: LedgerFixture.now + Int64(second))
            try fixture.open(0, clock: clock).post("\(second)", collection: "c", to: nil)
            for result in fixture.session(
                clocks: [0: clock, 1: clock, 2: clock], { try $0.synchronize(with: $1) })
            { try result.get() }
        }
        #expect(fixture.audit(0).isSound)
        try tamper(0, "DELETE FROM checkpoints WHERE size = 2")
        #expect(findings(0).count == 1 && findings(0)[0].hasPrefix("entry 2: begins a batch"))
    }

    @Test("A batch that waits for a cosigner is told as that; another one in its place is damage")
    func waiting() throws {
        try fixture.open(0).post(["waits", "too"], collection: "c", to: nil)
        fixture.synchronize(interruptedBy: 2)
        for party in 0...1 {
            let report = fixture.audit(party)
            #expect(report.isSound && report.entries == 1 && report.waiting == 2)
            #expect(report.summary(of: "x").contains("2 entries after these wait"))
        }
        let original = try fixture.copy(0)
        for change in [
            "UPDATE prepared SET size = 2", "UPDATE prepared SET note = zeroblob(100)",
            "UPDATE prepared SET cosignature = zeroblob(72)", "UPDATE prepared SET size = 0",
            "UPDATE prepared SET note = CAST(replace(note, '3', '2') AS BLOB)",
            "DELETE FROM entries WHERE position = 2",
            "DELETE FROM entries WHERE position > 0",
        ] {
            try fixture.put(original, 0)
            try tamper(0, change)
            #expect(
                findings(0).contains {
                    $0 == "the batch that waits for cosigners is not that of the last entries"
                }, "\(change)")
        }
        try fixture.put(original, 0)
        try tamper(0, "DELETE FROM prepared")
        #expect(findings(0) == ["entry 1: is not covered by any checkpoint"])
        try fixture.put(original, 0)
        try fixture.synchronize()
        #expect(fixture.audit(0).isSound && fixture.audit(0).waiting == 0)
    }

    @Test("An audit sees the file of one moment, while its owner goes on writing")
    func whileWriting() throws {
        let isOver = Mutex(false)
        let fixture = fixture
        Thread.detachNewThread {
            for number in 0..<40 {
                _ = try? fixture.open(0).post("\(number)", collection: "c", to: nil)
                try? fixture.synchronize()
            }
            isOver.withLock { $0 = true }
        }
        var sizes = Set<Int>()
        while !isOver.withLock(\.self) {
            let report = fixture.audit(0)
            #expect(report.findings.isEmpty)
            sizes.insert(report.entries)
        }
        #expect(fixture.audit(0).entries == 41 && sizes.count > 1)
    }

    @Test("A founding that waits for a cosigner is no damage either")
    func waitingGenesis() throws {
        let fixture = try LedgerFixture()
        let network = TestNetwork()
        _ = fixture.session(
            over: network,
            stores: [
                2: { StoppingStore($0, .init(write: 0, isAfter: false)) { network.stop(2) } }
            ]
        ) { try $0.synchronize(with: $1) }
        let report = fixture.audit(0)
        #expect(report.isSound && report.entries == 0 && report.waiting == 1)
    }

    @Test("Kept checkpoints and exports of every size are sound across changes of the membership")
    func acrossChanges() throws {
        let kept = fixture.folder.appendingPathComponent("kept.txt")
        for (number, name) in ["bank-c", "bank-b", "bank-a"].enumerated() {
            try changeSequencer(to: name)
            for isAfter in [false, true] {
                if isAfter {
                    try fixture.open(0).post("after", collection: "c", to: nil)
                    try fixture.synchronize()
                }
                let folder = fixture.folder.appendingPathComponent("tiles \(number) \(isAfter)")
                try fixture.open(0).export(to: folder)
                let auditor = LedgerAuditor(.parties(fixture.parties))
                #expect(auditor.audit(folder).findings.isEmpty)
                // As a mirror has it that knows C2SP's files alone.
                try? FileManager.default.removeItem(
                    at: folder.appendingPathComponent("checkpoints"))
                #expect(auditor.audit(folder).findings.isEmpty)
                for stored in try fixture.open(0).replica.store.checkpoints(from: 1, limit: 99) {
                    try Data(stored.note).write(to: kept)
                    #expect(fixture.audit(0, checkpoints: [kept]).isSound)
                    #expect(auditor.audit(folder, checkpoints: [kept]).isSound, "\(stored.size)")
                }
            }
        }
    }

    // MARK: Other tables, nothing, or no beginning

    @Test("Nothing is read from tables that are not a ledger's: they could compute for ever")
    func computed() throws {
        let file = fixture.folder.appendingPathComponent("computed.sqlite")
        let store = try SQLiteLedgerStore(file: file)
        try store.database.write {
            // Every row, however many they are, is as long as somebody likes.
            try $0.execute(
                sql: """
                    DROP TABLE entries;
                    CREATE TABLE entries (
                        position INTEGER PRIMARY KEY, leaf_hash BLOB, statement_hash BLOB, kind TEXT,
                        bytes BLOB AS (hex(zeroblob(8000))));
                    INSERT INTO entries (position, leaf_hash, statement_hash, kind)
                        VALUES (0, x'00', x'00', 'note'), (1, x'00', x'00', 'note');
                    """)
        }
        store.close()
        let findings = LedgerAuditor(.parties(fixture.parties)).audit(file).findings
        #expect(findings.count == 1)
        #expect(findings.first?.message.contains("its tables, or the triggers") == true)
    }

    @Test("An empty folder with a checkpoint that nobody signed, and a log without genesis")
    func empty() throws {
        let folder = fixture.folder.appendingPathComponent("empty")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let root = Data(MerkleTree.emptyRoot.bytes).base64EncodedString()
        let line = Data(repeating: 1, count: 68).base64EncodedString()
        try Data("x\n0\n\(root)\n\n\u{2014} x \(line)\n".utf8)
            .write(to: folder.appendingPathComponent("checkpoint"))
        let auditor = LedgerAuditor(.parties(fixture.parties))
        #expect(auditor.audit(folder).findings.map(\.message) == ["it holds no entries"])
        // A log that begins with something else.
        let entry = try Entry.signing(
            [.service(.init(author: "bank-a", fingerprint: .zero, time: LedgerFixture.now))],
            by: "bank-a", key: fixture.keys[0].statement, origin: fixture.parties.origin)[0]
        var frontier = MerkleFrontier()
        frontier.append(entry.leafHash)
        let checkpoint = Checkpoint(
            origin: fixture.parties.origin, size: 1, root: frontier.root)
        let note = try CosignedCheckpoint(
            SequencedCheckpoint(checkpoint, key: fixture.keys[0].log),
            Dictionary(
                uniqueKeysWithValues: fixture.keys.indices.map {
                    ($0, Cosignature(checkpoint, key: fixture.keys[$0].cosigner, time: 1))
                }), parties: fixture.parties
        ).bytes
        let file = fixture.folder.appendingPathComponent("headless.sqlite")
        let store = try SQLiteLedgerStore(file: file)
        try store.extend(
            first: 0, size: 1, note: note, nodes: [], [NewEntry(entry, content: nil)], absent: [],
            erasing: [], prepared: nil, isReplacing: false)
        store.close()
        #expect(
            auditor.audit(file).findings.contains {
                $0.message == "its checkpoint is of a log without a genesis"
            })
    }
}
