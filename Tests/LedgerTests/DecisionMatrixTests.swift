import Foundation
import GRDB
import Ledger
import Primitives
import TestSupport
import Testing

/// The decision matrix of the founding article (figure 7): in each of its eight rows our ledger meets
/// what the column *SQL ledger* asks for and what *ACL* (Azure Confidential Ledger) asks for.
///
/// Three banks keep one ledger; bank-a has tables in its copy.
@Suite struct DecisionMatrixTests {
    let fixture: LedgerFixture

    init() throws {
        fixture = try LedgerFixture()
        try fixture.append([])
    }

    // MARK: Centralized and decentralized

    @Test("Centralized system that requires tamper-evidence")
    func centralized() throws {
        // SQL: one party keeps the database, and an altered row is found by its key.
        let digest = try fill()
        #expect(try tables().verify([digest]).isSound)
        try tamper(0, "UPDATE accounts SET balance = 0 WHERE id = 1")
        #expect(try tables().verify([digest]).findings.first?.key == "id = 1, id = 2")
        // ACL: evidence rests with others: the owner who writes all tables anew contradicts the log.
        let other = try DecisionMatrixTests()
        _ = try other.fill(owner: "Eve")
        #expect(other.fixture.audit(0).isSound)
        try other.forgetTables()
        let rewritten = try other.fill(owner: "Ann", inLog: false)
        #expect(try other.tables().verify([rewritten]).isSound)
        #expect(other.fixture.audit(0).findings.map(\.message).contains { $0.contains("digest") })
    }

    @Test("Decentralized system that requires data to be tamper-proof")
    func decentralized() throws {
        // SQL: what a run reveals is in a table of every party, and each has a digest in the log.
        for party in 0..<3 {
            let ledger = try fixture.open(party)
            try ledger.keepResults(
                [["A-1"]], columns: ["account"], in: "results",
                session: LedgerFixture.digest("session"))
            _ = try ledger.digestTables()
        }
        try fixture.append([fixture.intent(1)])
        for party in 0..<3 {
            let report = fixture.audit(party)
            #expect(report.isSound && report.lastVerifiedBlockID == 0)
            try tamper(party, "UPDATE results SET account = 'B-2'")
            #expect(!fixture.audit(party).isSound)
            try tamper(party, "UPDATE results SET account = 'A-1'")
            #expect(fixture.audit(party).isSound)
        }
        // ACL: no party alone, the sequencer included, makes the others hold another history.
        let old = try fixture.copy(0)
        try fixture.append([fixture.intent(2)])
        let agreed = try fixture.open(1).checkpoint
        try fixture.put(old, 0)
        try fixture.open(0).post("another history", collection: "c", to: nil)
        try fixture.synchronize()
        for party in 0..<3 {
            let entry = try fixture.open(party).entry(try #require(agreed).size - 1)
            #expect(try Entry(parsing: entry).statement == fixture.intent(2))
        }
    }

    // MARK: Protection from tampering

    @Test("Protecting relational data from tampering")
    func relationalData() throws {
        let digest = try fill()
        // SQL: writes past the ledger are refused, and the history keeps every earlier state.
        #expect(throws: DatabaseError.self) { try write("UPDATE accounts SET balance = 0") }
        let states = """
            SELECT balance FROM accounts_Ledger WHERE id = 2 AND ledger_operation_type = 1
            ORDER BY balance
            """
        #expect(try query(states) == ["20.0", "25.0"])
        // ACL: its keeper cannot remove anything unnoticed either; the log has the digest.
        #expect(fixture.audit(0).isSound)
        try write("DROP TABLE alerts")
        #expect(!fixture.audit(0).isSound)
        #expect(try !tables().verify([digest]).isSound)
    }

    @Test("Protecting unstructured data (files) from tampering")
    func files() throws {
        let (file, bytes) = try makeFile()
        let statement = try fixture.open(0).put(file, to: nil)
        try fixture.synchronize()
        // SQL: a row of a table names the file by its statement, and the digest covers the row.
        _ = try fill(owner: statement.hex)
        let named = try query("SELECT owner FROM accounts WHERE id = 1")
        #expect(named == [statement.hex] && fixture.audit(0).isSound)
        // ACL: a changed byte is found where the file is kept, and no other file passes for it.
        try (bytes.dropLast() + [1]).write(to: file)
        #expect(throws: LedgerError.self) { try fixture.open(1).accept(statement, file: file) }
        try bytes.write(to: file)
        try fixture.open(1).accept(statement, file: file)
        try tamper(1, "UPDATE chunks SET bytes = zeroblob(length(bytes))")
        #expect(throws: LedgerError.self) { try get(statement, from: 1) }
        #expect(fixture.audit(1).findings.map(\.message).contains { $0.contains("stored file") })
        #expect(try get(statement, from: 0) == bytes)
    }

    // MARK: Stores beside a chain

    @Test("Secure off-chain store of chain data in a blockchain")
    func chainData() throws {
        // SQL: rows refer to the log's entry by its session, and a digest of them is in the log.
        try fixture.append([fixture.intent(1)])
        let session = LedgerFixture.digest("session 1")
        let ledger = try fixture.open(0)
        try ledger.keepResults(
            [["DE02 1203"]], columns: ["account"], in: "results", session: session)
        let digest = try ledger.digestTables()
        try fixture.synchronize()
        let joined = """
            SELECT r.account, e.position FROM results r JOIN entries e
            ON json_extract(CAST(e.bytes AS TEXT), '$.statement.body.session') = r.session
            WHERE e.kind = 'intent'
            """
        #expect(try query(joined) == ["DE02 1203|1"])
        // ACL: the log has the digest alone, and a proof of it that needs no server.
        let kept = try fixture.open(1).proof(at: 2)
        let entry = try fixture.open(1).entry(2)
        #expect(kept.includes(entry: entry))
        guard case .digest(let stated) = try Entry(parsing: entry).statement else {
            Issue.record("entry 2 is no digest")
            return
        }
        #expect(stated.document == digest.json)
        for party in 1..<3 {
            #expect(try fixture.copy(party).range(of: Data("DE02 1203".utf8)) == nil)
        }
        try tamper(0, "UPDATE results SET account = 'DE03'")
        #expect(!fixture.audit(0).isSound)
    }

    @Test("Secure off-chain store for files referenced from a blockchain")
    func chainFiles() throws {
        let (file, bytes) = try makeFile()
        let statement = try fixture.open(0).put(file, to: ["bank-b"])
        try fixture.synchronize()
        try fixture.open(1).accept(statement, file: file)
        try fixture.synchronize()
        // SQL: the content is rows of the same database, found by SQL.
        let stored = "SELECT count(*), sum(length(bytes)) FROM chunks"
        #expect(try query(stored) == ["2|\(bytes.count)"])
        // ACL: the log refers to it by a salted hash, and has the receipt of who has it too.
        let kinds = try fixture.records(2).map(\.statement.kind)
        #expect(kinds == [.genesis, .file, .receipt])
        let sample = Data(bytes.prefix(64))
        #expect(try fixture.copy(2).range(of: sample) == nil)
        #expect(try fixture.copy(1).range(of: sample) != nil)
        #expect(try get(statement, from: 1) == bytes)
        #expect((0..<3).allSatisfy { fixture.audit($0).isSound })
    }

    // MARK: Queries

    @Test("Rich queryability of relational data")
    func queries() throws {
        let digest = try fill()
        // SQL: joins, groups and windows over current rows, history and catalogue.
        let sums = """
            SELECT t.principal_name, count(*), sum(v.balance) FROM accounts_Ledger v
            JOIN database_ledger_transactions t ON t.transaction_id = v.ledger_transaction_id
            GROUP BY t.principal_name
            """
        #expect(try query(sums) == ["clerk|4|75.0"])
        let running = """
            SELECT account, sum(total) OVER (ORDER BY ledger_start_transaction_id,
                ledger_start_sequence_number) FROM alerts
            """
        #expect(try query(running) == ["A-1|700", "A-2|705"])
        // ACL: what a query returns is what the digest in the log covers.
        #expect(try tables().verify([digest]).lastVerifiedBlockID == 0)
        let report = fixture.audit(0)
        #expect(report.isSound && report.lastVerifiedBlockID == 0)
    }

    @Test("Queryability of unstructured stored data")
    func contents() throws {
        for number in 1...3 {
            try fixture.open(1).post("case \(number)", collection: "reports", to: nil)
            try fixture.open(2).post("other \(number)", collection: "other", to: ["bank-b"])
        }
        try fixture.synchronize()
        // SQL: contents are rows of JSON beside the log, for SQL to search.
        let found = """
            SELECT json_extract(CAST(content AS TEXT), '$.contents') FROM contents
            WHERE collection = 'reports' ORDER BY position
            """
        #expect(try query(found) == ["case 1", "case 2", "case 3"])
        // ACL: by collection and number, each with a receipt that others can verify.
        let node = LedgerNode(try fixture.open(0))
        #expect(try node.collections(after: nil, limit: 10) == ["reports"])
        let notes = try node.notes(in: "reports", from: 0, to: nil, limit: 10)
        #expect(notes.map(\.contents) == ["case 1", "case 2", "case 3"])
        #expect(try node.newestNote(in: "reports") == notes.last)
        let identity = try ServiceIdentity.create(
            in: fixture.folder, name: "bank-a", hosts: ["localhost"],
            validFrom: LedgerFixture.now, days: 1)
        for note in notes {
            let window = try node.receiptWindow(at: note.index)
            let receipt = ConfidentialReceipt(
                of: note.index, note: note, in: try #require(window),
                proof: try node.inclusionProof(at: note.index), identity: identity)
            let proof = try receipt.verify(service: identity.service, at: LedgerFixture.now + 1)
            try LedgerPolicyFile(parsing: fixture.parties.policyText)
                .verify(try #require(proof).checkpoint)
        }
    }

    // MARK: Helpers

    private func tables() throws -> LedgerTables {
        let store = try SQLiteLedgerStore(file: fixture.file(0))
        return LedgerTables(
            store.database, clock: ManualClock(wallSeconds: LedgerFixture.now),
            randomness: SeededRandomness(seed: 7))
    }

    /// Two tables with rows, in block 0, and their digest, by default in the log of all.
    private func fill(owner: String = "Ann", inLog: Bool = true) throws -> TablesDigest {
        let tables = try tables()
        try tables.prepare(databaseName: "bank-a")
        try tables.create(
            LedgerTable(
                name: "accounts", kind: .updatable,
                columns: [.init("id", .integer), .init("owner", .text), .init("balance", .real)],
                primaryKey: ["id"]), principal: "admin")
        try tables.create(
            LedgerTable(
                name: "alerts", kind: .appendOnly,
                columns: [.init("account", .text), .init("total", .integer)], primaryKey: []),
            principal: "admin")
        try tables.transaction(principal: "clerk") { transaction throws(LedgerError) in
            try transaction.insert(
                [
                    [.integer(1), .text(owner), .real(10)],
                    [.integer(2), .text("Bob"), .real(20)],
                ], into: "accounts")
            try transaction.insert(
                [[.text("A-1"), .integer(700)], [.text("A-2"), .integer(5)]], into: "alerts")
        }
        try tables.transaction(principal: "clerk") { transaction throws(LedgerError) in
            try transaction.update([[.integer(2), .text("Bob"), .real(25)]], in: "accounts")
        }
        guard inLog else { return try tables.digest() }
        let digest = try fixture.open(0).digestTables()
        try fixture.synchronize()
        return digest
    }

    /// Removes all ledger tables and their catalogue, as their owner can.
    private func forgetTables() throws {
        let names = """
            SELECT type, name FROM sqlite_schema WHERE type IN ('view', 'table')
            AND (name LIKE '%ledger%' OR name IN ('accounts', 'alerts'))
            ORDER BY type DESC
            """
        for item in try query(names).map({ $0.split(separator: "|").map(String.init) }) {
            try write("DROP \(item[0]) \"\(item[1])\"")
        }
    }

    /// A file of two chunks.
    private func makeFile() throws -> (URL, Data) {
        var generator = SeededGenerator(seed: 5)
        let bytes = Data(
            (0..<(1 << 20) + 12_345).map { _ in UInt8.random(in: 2...255, using: &generator) })
        let file = fixture.folder.appendingPathComponent("model.bin")
        try bytes.write(to: file)
        return (file, bytes)
    }

    private func get(_ statement: Digest, from party: Int) throws -> Data {
        let out = fixture.folder.appendingPathComponent("out-\(party)")
        _ = try fixture.open(party).get(statement, to: out)
        return try Data(contentsOf: out)
    }

    /// Changes a party's file as somebody with all means does: triggers are put back afterwards.
    private func tamper(_ party: Int, _ statement: String) throws {
        let database = try DatabaseQueue(path: fixture.file(party).path)
        try database.write { database in
            let triggers = try Row.fetchAll(
                database, sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            for trigger in triggers {
                try database.execute(sql: "DROP TRIGGER \"\(trigger[0] as String)\"")
            }
            try database.execute(sql: statement)
            for trigger in triggers { try database.execute(sql: trigger[1]) }
        }
    }

    private func write(_ statement: String) throws {
        try DatabaseQueue(path: fixture.file(0).path).write { try $0.execute(sql: statement) }
    }

    /// The rows of a query of bank-a's file as texts, columns separated by bars.
    private func query(_ sql: String) throws -> [String] {
        try DatabaseQueue(path: fixture.file(0).path).read { database in
            try Row.fetchAll(database, sql: sql).map { row in
                row.databaseValues.map { $0.isNull ? "NULL" : "\($0.storage.value ?? "")" }
                    .joined(separator: "|")
            }
        }
    }
}
