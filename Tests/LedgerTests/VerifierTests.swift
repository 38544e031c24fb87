import Foundation
import GRDB
import Ledger
import Primitives
import Testing

@Suite struct VerifierTests {
    let fixture: LedgerFixture
    let file: URL
    let files: LedgerFiles

    init() throws {
        fixture = try LedgerFixture()
        for number in 1...3 {
            try fixture.append([fixture.intent(number), fixture.completed(number)])
        }
        file = fixture.file(0)
        files = LedgerFiles(database: file)
    }

    /// Changes the file as somebody with all means but the keys does: triggers are put back, and the
    /// digest beside the file is made to fit.
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
        try fitDigest()
    }

    private func fitDigest() throws {
        try Data(#require(files.expectedDigestText)).write(to: files.digest)
    }

    private func entries() -> [Int?] { fixture.verify(0).findings.map(\.entry) }

    @Test("A sound ledger has no findings")
    func sound() {
        for party in 0..<3 {
            let report = fixture.verify(party)
            #expect(report.findings.isEmpty && report.entries == 6 && report.pending == 0)
        }
    }

    @Test("One changed byte anywhere in the file is found")
    func everyPlace() throws {
        let original = Array(try Data(contentsOf: file))
        for place in 0..<40 {
            let offset = place < 20 ? original.count * place / 20 + 7 * place : 5 * (place - 20)
            var changed = original
            changed[offset] ^= 1 << (place % 8)
            try Data(changed).write(to: file)
            #expect(!fixture.verify(0).isSound, "byte \(offset)")
        }
        try Data(original).write(to: file)
        #expect(fixture.verify(0).isSound)
    }

    @Test("A changed byte of an entry is found with its number, also if the digest is made to fit")
    func entryBytes() throws {
        let original = try Data(contentsOf: file)
        let stored = try fixture.open(0).store.contents().entries
        #expect(stored.count == 6)
        for index in stored.indices {
            // The session tells entries apart, what follows it the intent from the outcome.
            let session = LedgerFixture.digest("session \(index / 2 + 1)").hex
            let next = index % 2 == 0 ? "time" : "status"
            let text = Data("\"session\":\"\(session)\",\"\(next)".utf8)
            let start = try #require(original.range(of: text))
            var changed = original
            changed[start.lowerBound + 60] ^= 1
            try changed.write(to: file)
            try fitDigest()
            #expect(entries().contains(index))
        }
    }

    @Test(
        "An entry deleted is found, with and without its checkpoint, in the middle and at the end")
    func deleted() throws {
        let original = try Data(contentsOf: file)
        for position in 0..<6 {
            try original.write(to: file)
            try tamper("DELETE FROM entries WHERE position = \(position)")
            #expect(entries().contains(position))
            try tamper("DELETE FROM checkpoints WHERE size = \(position + 1)")
            #expect(entries().contains(position))
        }
    }

    @Test("An entry deleted and the later ones moved up is found")
    func movedUp() throws {
        try tamper(
            "DELETE FROM entries WHERE position = 2",
            "UPDATE entries SET position = position - 1 WHERE position > 2",
            "DELETE FROM checkpoints WHERE size = 6")
        #expect(entries().contains(2))
    }

    @Test("Two entries swapped are found")
    func swapped() throws {
        try tamper(
            "UPDATE entries SET position = 99 WHERE position = 1",
            "UPDATE entries SET position = 1 WHERE position = 3",
            "UPDATE entries SET position = 3 WHERE position = 99")
        let message = "its checkpoint has another root than the entries up to it"
        let found = fixture.verify(0).findings.filter { $0.message == message }
        #expect(found.map(\.entry) == [1, 2, 3, 4, 5])
    }

    @Test("An older copy is found by the newer checkpoint beside it or elsewhere")
    func olderCopy() throws {
        let old = try [file, files.checkpoint, files.digest].map { try Data(contentsOf: $0) }
        try fixture.append([fixture.intent(4)])
        let elsewhere = fixture.folder.appendingPathComponent("kept")
        try FileManager.default.copyItem(at: files.checkpoint, to: elsewhere)
        try old[0].write(to: file)
        try old[2].write(to: files.digest)
        #expect(entries() == [6])
        // Nor may opening it replace the newer checkpoint, whether the digest fits or not.
        #expect(throws: LedgerError.self) { try fixture.open(0) }
        try Data().write(to: files.digest)
        #expect(throws: LedgerError.self) { try fixture.open(0) }
        try old[1].write(to: files.checkpoint)
        try old[2].write(to: files.digest)
        #expect(entries().isEmpty)
        #expect(fixture.verify(0, checkpoint: elsewhere).findings.map(\.entry) == [6])
    }

    @Test("A signature replaced, by another one or by an outsider's, is found")
    func signatures() throws {
        let stored = try fixture.open(0).store.contents().entries
        let original = try Data(contentsOf: file)
        let outsider = LedgerFixture.keys(seed: 77).statement
        let text = String(decoding: stored[2].bytes, as: UTF8.self)
        let list = try #require(text.range(of: #""signatures":"#))
        let signatures = text[list.upperBound...].components(separatedBy: "\"").filter {
            $0.count == 88
        }
        #expect(signatures.count == 3)
        let statement = fixture.intent(2)
        let forged = Data(outsider.sign(try statement.message)).base64EncodedString()
        for replacement in [signatures[0], forged] {
            let changed = Array(
                text.replacingOccurrences(of: signatures[1], with: replacement).utf8)
            let leaf = MerkleTree.leafHash(changed)
            try original.write(to: file)
            try tamper(
                """
                UPDATE entries SET bytes = x'\(changed.hex)', leaf_hash = x'\(leaf.hex)'
                WHERE position = 2
                """)
            let found = fixture.verify(0).findings
            #expect(
                found.contains {
                    $0.entry == 2 && $0.message == "the signature of bank-b does not verify"
                })
        }
    }

    @Test("A log that an outsider signed throughout is found, whatever it contains")
    func rewritten() throws {
        let other = try LedgerFixture()
        let keys = (0..<3).map { LedgerFixture.keys(seed: 100 + $0) }
        let parties = try LedgerParties(
            origin: fixture.parties.origin,
            members: zip(fixture.parties.names, keys).map { $1.member(name: $0) })
        let store = try LedgerStore(file: other.file(0), parties: parties)
        let statement = fixture.intent(1)
        let message = try statement.message
        let entry = try Entry(
            statement,
            signatures: Dictionary(
                uniqueKeysWithValues: keys.enumerated().map { ($0, $1.statement.sign(message)) }),
            parties: parties)
        let checkpoint = store.checkpoint(appending: entry)
        let cosignatures = keys.enumerated().map {
            Cosignature(checkpoint, keys: $1, isFirst: $0 == 0, time: 1)
        }
        let cosigned = try CosignedCheckpoint(checkpoint, cosignatures, parties: parties) { _ in
            .malformed("wrong")
        }
        try store.commit(entry, cosigned)
        #expect(LedgerVerifier.verify(file: other.file(0), parties: parties).isSound)
        #expect(other.verify(0).findings.filter { $0.entry == 0 }.count == 2)
    }

    @Test("A checkpoint's note, a stored hash, a trigger and a pending statement are checked")
    func rest() throws {
        let original = try Data(contentsOf: file)
        for (statement, entry) in [
            (
                "UPDATE checkpoints SET note = CAST(replace(note, '—', '-') AS BLOB) WHERE size = 3",
                2
            ),
            ("UPDATE checkpoints SET size = 9 WHERE size = 6", 5),
            ("UPDATE entries SET leaf_hash = zeroblob(32) WHERE position = 4", 4),
            ("INSERT INTO pending (bytes) VALUES (x'7B7D')", nil),
            ("INSERT INTO prepared (only, bytes, cosignature) VALUES (0, x'7B7D', x'00')", nil),
            ("CREATE TABLE extra (a)", nil), ("DROP TABLE pending", nil),
            ("PRAGMA user_version = 7", nil),
        ] as [(String, Int?)] {
            try original.write(to: file)
            try tamper(statement)
            #expect(entries().contains(entry), "\(statement)")
        }
        try original.write(to: file)
        try DatabaseQueue(path: file.path).write {
            try $0.execute(sql: "DROP TRIGGER entries_no_delete")
        }
        try fitDigest()
        #expect(!entries().isEmpty)
    }

    @Test("Files that are no ledger, cut short or absent end in a finding")
    func noLedger() throws {
        let original = Array(try Data(contentsOf: file))
        for count in [0, 1, 100, 4096, original.count / 2, original.count - 1] {
            try Data(original.prefix(count)).write(to: file)
            try fitDigest()
            #expect(!fixture.verify(0).isSound, "\(count) bytes")
        }
        try Data(repeating: 0xAB, count: 20_000).write(to: file)
        try fitDigest()
        #expect(!fixture.verify(0).isSound)
        try FileManager.default.removeItem(at: file)
        #expect(!fixture.verify(0).isSound)
    }

    @Test("Rewriting the database page by page never crashes the verifier")
    func noise() throws {
        let original = Array(try Data(contentsOf: file))
        for round in 0..<60 {
            var changed = original
            for index in 0..<16 {
                let noise = SHA256.hash([UInt8(round), UInt8(index)]).bytes
                let offset = noise.prefix(4).reduce(0) { $0 << 8 | Int($1) } % changed.count
                changed[offset] = noise[31]
            }
            try Data(changed).write(to: file)
            #expect(!fixture.verify(0).isSound)
        }
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
        .enabled(if: VerifierTests.python("import cryptography, sqlite3") == 0))
    func reference() throws {
        let policy = fixture.folder.appendingPathComponent("policy")
        try Data(fixture.parties.policy.utf8).write(to: policy)
        let tests = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent()
        let script = tests.appendingPathComponent("Reference/ledger_reference.py").path
        let statementKeys = fixture.parties.members.map { "\($0.name)=\($0.statementKey.hex)" }
        #expect(Self.run(["python3", script, file.path, policy.path] + statementKeys) == 0)
        try tamper(
            "UPDATE checkpoints SET note = CAST(replace(note, '6', '7') AS BLOB) WHERE size = 6")
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
