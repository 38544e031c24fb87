import Foundation
import GRDB
import Ledger
import Primitives
import Testing

@Suite struct AuditorTests {
    let fixture: LedgerFixture
    let file: URL

    init() throws {
        fixture = try LedgerFixture()
        for number in 1...3 {
            try fixture.append([fixture.intent(number), fixture.completed(number)])
        }
        file = fixture.file(0)
        for party in 0..<3 { _ = try fixture.copy(party) }
    }

    private func audit() -> LedgerReport { fixture.audit(0) }

    /// Changes the file as somebody with all means but the keys does: triggers are put back.
    private func tamper(_ statements: String...) throws {
        let database = try DatabaseQueue(path: file.path)
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

    private func entries() -> [Int?] { audit().findings.map(\.entry) }

    @Test("A sound ledger has no findings")
    func sound() {
        for party in 0..<3 {
            let report = fixture.audit(party)
            #expect(
                report.findings.isEmpty && report.entries == 7 && report.pending == 0
                    && report.checkpoints == 7)
        }
    }

    @Test("A changed byte in each class of stored bytes is found")
    func everyClass() throws {
        let original = try fixture.copy(0)
        for (table, column) in [
            ("entries", "leaf_hash"), ("entries", "statement_hash"), ("entries", "bytes"),
            ("checkpoints", "note"),
        ] {
            for place in [0, 7, 31] {
                try fixture.put(original, 0)
                let database = try DatabaseQueue(path: file.path)
                let value = try database.read {
                    try Data.fetchOne($0, sql: "SELECT \(column) FROM \(table) WHERE rowid = 3")
                }
                try database.close()
                var bytes = Array(try #require(value))
                bytes[place] ^= 1
                try tamper("UPDATE \(table) SET \(column) = x'\(bytes.hex)' WHERE rowid = 3")
                #expect(!audit().isSound, "\(table).\(column), byte \(place)")
            }
        }
        try fixture.put(original, 0)
        try tamper("UPDATE entries SET kind = 'note' WHERE position = 3")
        #expect(entries() == [3])
        try fixture.put(original, 0)
        #expect(audit().isSound)
    }

    @Test("A changed byte of an entry is found with its number")
    func entryBytes() throws {
        let original = try fixture.copy(0)
        for index in 1...6 {
            // The session tells entries apart, what follows it the intent from the outcome.
            let session = LedgerFixture.digest("session \((index + 1) / 2)").hex
            let next = index % 2 == 1 ? "time" : "status"
            let text = Data("\"session\":\"\(session)\",\"\(next)".utf8)
            let start = try #require(original.range(of: text))
            var changed = original
            changed[start.lowerBound + 60] ^= 1
            try fixture.put(changed, 0)
            #expect(entries().contains(index))
        }
    }

    @Test(
        "An entry deleted is found, with and without its checkpoint, in the middle and at the end")
    func deleted() throws {
        let kept = fixture.folder.appendingPathComponent("kept.tlog-proof")
        try Data(fixture.open(0).proof(at: 1).text).write(to: kept)
        let original = try fixture.copy(0)
        for position in 0..<7 {
            try fixture.put(original, 0)
            try tamper("DELETE FROM entries WHERE position = \(position)")
            #expect(entries().contains(position))
            try tamper("DELETE FROM checkpoints WHERE size = \(position + 1)")
            // The last one with its checkpoint is an older copy, which only a kept proof shows.
            if position < 6 { #expect(entries().contains(position)) }
            #expect(
                fixture.audit(0, checkpoints: [kept]).findings.map(\.entry).contains(position))
        }
    }

    @Test("An entry deleted and the later ones moved up is found")
    func movedUp() throws {
        try tamper(
            "DELETE FROM entries WHERE position = 2",
            "UPDATE entries SET position = position - 1 WHERE position > 2",
            "DELETE FROM checkpoints WHERE size = 7")
        #expect(entries().contains(2))
    }

    @Test("Two entries swapped are found")
    func swapped() throws {
        try tamper(
            "UPDATE entries SET position = 99 WHERE position = 1",
            "UPDATE entries SET position = 1 WHERE position = 3",
            "UPDATE entries SET position = 3 WHERE position = 99")
        let message = "its checkpoint has another size or root than the entries up to it"
        let found = audit().findings.filter { $0.message == message }
        #expect(found.map(\.entry) == [1, 2, 3, 4, 5, 6])
    }

    @Test("An older copy is found by a newer checkpoint or proof kept elsewhere")
    func olderCopy() throws {
        let old = try fixture.copy(0)
        try fixture.append([fixture.intent(4)])
        let ledger = try fixture.open(0)
        let (note, proof) = (
            fixture.folder.appendingPathComponent("kept"),
            fixture.folder.appendingPathComponent("kept.tlog-proof")
        )
        let stored = try ledger.replica.store.newest()
        let newest = try #require(stored)
        try Data(newest.note).write(to: note)
        try Data(ledger.proof(at: 7).text).write(to: proof)
        #expect(fixture.audit(0, checkpoints: [note, proof]).isSound)
        try fixture.put(old, 0)
        #expect(audit().isSound)
        for kept in [note, proof] {
            #expect(fixture.audit(0, checkpoints: [kept]).findings.map(\.entry) == [7])
        }
        // An older one is fine, a forged one of the same size is not.
        let older = Data(
            try fixture.open(1).replica.store.checkpoints(from: 3, limit: 1)[0].note)
        try older.write(to: note)
        #expect(fixture.audit(0, checkpoints: [note]).isSound)
        try (older.prefix(40) + Data("A".utf8) + older.dropFirst(41)).write(to: note)
        #expect(!fixture.audit(0, checkpoints: [note]).isSound)
    }

    @Test("A signature replaced, by another one or by an outsider's, is found")
    func signatures() throws {
        let original = try fixture.copy(0)
        let stored = try fixture.open(0).replica.store.entries(3..<4)[0].bytes
        let outsider = LedgerFixture.keys(seed: 77).statement
        let text = String(decoding: stored, as: UTF8.self)
        let signatures = text.components(separatedBy: "\"").filter { $0.count == 88 }
        #expect(signatures.count == 3)
        let forged = Data(outsider.sign(Array("anything".utf8))).base64EncodedString()
        for replacement in [signatures[0], forged] {
            let changed = Array(
                text.replacingOccurrences(of: signatures[1], with: replacement).utf8)
            let leaf = MerkleTree.leafHash(changed)
            try fixture.put(original, 0)
            try tamper(
                """
                UPDATE entries SET bytes = x'\(changed.hex)', leaf_hash = x'\(leaf.hex)'
                WHERE position = 3
                """)
            #expect(
                audit().findings.contains {
                    $0.entry == 3 && $0.message == "the signature of bank-b does not verify"
                })
        }
    }

    @Test("A log that outsiders signed throughout is found, whatever it contains")
    func rewritten() throws {
        let other = try LedgerFixture(seed: 100)
        try other.append([other.intent(1)])
        #expect(other.audit(0).isSound)
        try fixture.put(try other.copy(0), 0)
        let findings = audit().findings
        #expect(findings.count == 1)
        #expect(findings.first?.message.contains("are those of the policy or roster") == true)
    }

    @Test("A stored hash, a trigger, an index and what else the file says are checked")
    func rest() throws {
        let original = try fixture.copy(0)
        for (statement, entry) in [
            (
                "UPDATE checkpoints SET note = CAST(replace(note, '—', '-') AS BLOB) WHERE size = 3",
                2
            ),
            ("UPDATE checkpoints SET size = 9 WHERE size = 7", 7),
            ("UPDATE entries SET leaf_hash = zeroblob(32) WHERE position = 4", 4),
            ("DELETE FROM checkpoints WHERE size = 7", 6),
            ("INSERT INTO nodes (level, number, hash) VALUES (1, 0, zeroblob(32))", nil),
            ("DROP INDEX contents_by_collection", nil),
            ("DROP TABLE pending", nil), ("PRAGMA user_version = 7", nil),
            (
                """
                INSERT INTO contents (position, collection, content) VALUES (999, 'a', x'7B7D')
                """, nil
            ),
        ] as [(String, Int?)] {
            try fixture.put(original, 0)
            try tamper(statement)
            #expect(entries().contains(entry), "\(statement)")
        }
        try fixture.put(original, 0)
        try DatabaseQueue(path: file.path).write {
            try $0.execute(sql: "DROP TRIGGER entries_no_delete")
        }
        #expect(!entries().isEmpty)
    }

    @Test("Files that are no ledger, cut short or absent end in a finding")
    func noLedger() throws {
        let original = Array(try fixture.copy(0))
        for count in [0, 1, 100, 4096, original.count / 2, original.count - 1] {
            try fixture.put(Data(original.prefix(count)), 0)
            #expect(!audit().isSound, "\(count) bytes")
        }
        try Data(repeating: 0xAB, count: 20_000).write(to: file)
        #expect(!audit().isSound)
        try FileManager.default.removeItem(at: file)
        #expect(!audit().isSound)
    }

    @Test("Rewriting the database page by page never crashes the verifier")
    func noise() throws {
        let original = Array(try fixture.copy(0))
        for round in 0..<60 {
            var changed = original
            for index in 0..<16 {
                let noise = SHA256.hash([UInt8(round), UInt8(index)]).bytes
                let offset = noise.prefix(4).reduce(0) { $0 << 8 | Int($1) } % changed.count
                changed[offset] = noise[31]
            }
            try fixture.put(Data(changed), 0)
            _ = audit()
        }
        try fixture.put(Data(original), 0)
        #expect(audit().isSound)
    }

    @Test("The database itself refuses to change or delete what is in the log")
    func triggers() throws {
        let database = try DatabaseQueue(path: file.path)
        for statement in [
            "UPDATE entries SET position = 10 WHERE position = 1", "DELETE FROM entries",
            "UPDATE checkpoints SET size = 10", "DELETE FROM checkpoints",
        ] {
            #expect(throws: DatabaseError.self) {
                try database.write { try $0.execute(sql: statement) }
            }
        }
    }

    @Test(
        "A separate program in Python, with its own SQLite and Ed25519, finds the same log sound",
        .enabled(if: AuditorTests.python("import cryptography, sqlite3") == 0))
    func reference() throws {
        let policy = fixture.folder.appendingPathComponent("policy")
        try Data(fixture.parties.policyText.utf8).write(to: policy)
        let tests = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent()
        let script = tests.appendingPathComponent("Reference/ledger_reference.py").path
        let statementKeys = fixture.parties.members.map { "\($0.name)=\($0.statementKey.hex)" }
        #expect(Self.run(["python3", script, file.path, policy.path] + statementKeys) == 0)
        try tamper(
            "UPDATE checkpoints SET note = CAST(replace(note, '7', '8') AS BLOB) WHERE size = 7")
        #expect(Self.run(["python3", script, file.path, policy.path] + statementKeys) != 0)
    }

    static func python(_ code: String) -> Int32 { run(["python3", "-c", code]) }

    private static func run(_ arguments: [String]) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
