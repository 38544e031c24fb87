import Foundation
import GRDB
import Ledger
import Primitives
import TestSupport
import Testing

/// 32 bytes in hexadecimal.
private let zeros = String(repeating: "00", count: 32)

/// Whatever somebody with all means does to the database is found, and where.
@Suite struct TablesTamperingTests {
    let fixture: TablesFixture
    let digests: [TablesDigest]

    init() throws {
        fixture = try TablesFixture()
        digests = try fixture.fill()
    }

    private func findings(table: String? = nil) throws -> [String] {
        try fixture.tables.verify(digests, table: table).findings.map(\.description)
    }

    @Test("What nobody touched is sound, as far as the digests reach")
    func sound() throws {
        let report = try fixture.tables.verify(digests)
        #expect(report.findings.isEmpty && report.lastVerifiedBlockID == 1)
        #expect(report.transactions == 8 && report.blocks == 2)
        #expect(try fixture.tables.verify([digests[0]]).lastVerifiedBlockID == 0)
        #expect(try fixture.tables.verify([]).lastVerifiedBlockID == nil)
        for table in ["accounts", "alerts"] {
            let report = try fixture.tables.verify(digests, table: table)
            #expect(report.isSound && report.lastVerifiedBlockID == 1)
        }
        #expect(try findings(table: "nothing") == ["table nothing: there is no such ledger table"])
    }

    @Test(
        "A change of rows is found with table, key and transaction",
        arguments: [
            // A changed cell, of each type, and a NULL where something was.
            ("UPDATE accounts SET balance = 41 WHERE id = 4", "accounts", 7, "id = 4"),
            ("UPDATE accounts SET owner = 'Don' WHERE id = 4", "accounts", 7, "id = 4"),
            ("UPDATE accounts SET owner = NULL WHERE id = 4", "accounts", 7, "id = 4"),
            ("UPDATE accounts SET key = x'02' WHERE id = 1", "accounts", 3, "id = 1"),
            ("UPDATE accounts SET id = 5 WHERE id = 4", "accounts", 7, "id = 5"),
            // Bytes after a zero byte, which SQLite's own functions do not see.
            (
                "UPDATE accounts SET owner = CAST(x'44616E0041' AS TEXT) WHERE id = 4", "accounts",
                7, "id = 4"
            ),
            ("UPDATE alerts SET total = 701 WHERE account = 'A-1'", "alerts", 4, "operation 2"),
            // Deleted and added rows.
            ("DELETE FROM accounts WHERE id = 4", "accounts", 7, nil),
            ("DELETE FROM alerts WHERE account = 'A-2'", "alerts", 6, "operation 1"),
            ("INSERT INTO alerts VALUES ('A-9', 1, 6, 2)", "alerts", 6, "operation 0"),
            ("INSERT INTO alerts VALUES ('A-9', 1, 5, 0)", "alerts", 5, "operation 0"),
            ("INSERT INTO alerts VALUES ('A-9', 1, 99, 0)", "alerts", 99, "operation 0"),
            (
                "INSERT INTO alerts VALUES ('A-9', 1, \(Int64.max), 0)", "alerts", .max,
                "operation 0"
            ),
            ("INSERT INTO alerts VALUES ('A-9', 1, -1, 0)", "alerts", -1, "operation 0"),
            // Swapped rows.
            (
                "UPDATE alerts SET account = CASE account WHEN 'A-2' THEN 'A-3' ELSE 'A-2' END "
                    + "WHERE account <> 'A-1'", "alerts", 6, "operation 0"
            ),
            // The history.
            (
                "UPDATE ParleyLedgerHistoryFor_3 SET balance = 21 WHERE balance = 20", "accounts",
                3, "id = 1"
            ),
            (
                "UPDATE ParleyLedgerHistoryFor_3 SET ledger_end_sequence_number = 3 "
                    + "WHERE balance = 20", "accounts", 4, "id = 2"
            ),
            ("DELETE FROM ParleyLedgerHistoryFor_3 WHERE id = 3", "accounts", 5, nil),
            // The catalogue.
            (
                "UPDATE ledger_column_history SET operation_type_desc = 'ADD' WHERE "
                    + "object_id = 4 AND column_id = 0", "ledger_column_history", 2, "operation 1"
            ),
        ] as [(String, String, Int64, String?)])
    func rows(statement: String, table: String, transaction: Int64, key: String?) throws {
        try fixture.tamper(statement)
        let report = try fixture.tables.verify(digests)
        #expect(
            report.findings.contains {
                $0.table == table && $0.transaction == transaction
                    && (key == nil ? $0.key == nil : $0.key?.hasPrefix(key ?? "") == true)
            }, "\(report.findings)")
        #expect(report.lastVerifiedBlockID == nil)
        // The rows of other tables are as they were.
        let other = table == "alerts" ? "accounts" : "alerts"
        #expect(
            try fixture.tables.verify(digests, table: other).isSound || table.hasPrefix("ledger"))
    }

    @Test(
        "A change of transactions, blocks or the state is found",
        arguments: [
            (
                "UPDATE database_ledger_transactions SET principal_name = 'eve' WHERE transaction_id = 5",
                "block 1 has another root than its transactions"
            ),
            (
                "UPDATE database_ledger_transactions SET commit_time = '2026-09-21T14:13:41.0000000' "
                    + "WHERE transaction_id = 6", "transaction 7: was committed before"
            ),
            (
                "UPDATE database_ledger_transactions SET commit_time = 'soon' WHERE transaction_id = 6",
                "transaction 6: its commit time is none"
            ),
            (
                "UPDATE database_ledger_transactions SET salt = zeroblob(32) WHERE transaction_id = 5",
                "block 1 has another root"
            ),
            (
                "UPDATE database_ledger_transactions SET table_hashes = x'0100'",
                "transaction 5: its table hashes have no such form"
            ),
            (
                "UPDATE database_ledger_transactions SET table_hashes = x'010163000000\(zeros)' "
                    + "WHERE transaction_id = 5", "table number 99"
            ),
            (
                "UPDATE database_ledger_transactions SET transaction_id = 9 WHERE transaction_id = 8",
                "the transactions between 7 and 9 are missing"
            ),
            (
                "DELETE FROM database_ledger_transactions WHERE transaction_id = 5",
                "the transactions between 4 and 6 are missing"
            ),
            (
                "DELETE FROM database_ledger_transactions WHERE transaction_id > 4",
                "block 1 has no transactions"
            ),
            (
                "UPDATE database_ledger_transactions SET block_id = 2 WHERE transaction_id = 8",
                "block 1 says 4 transactions and has 3"
            ),
            (
                "UPDATE database_ledger_transactions SET block_id = block_id + 10",
                "transaction 1: is in block 10 after block 0"
            ),
            (
                "UPDATE database_ledger_blocks SET transactions_root_hash = zeroblob(32) "
                    + "WHERE block_id = 0", "block 0 has another root"
            ),
            (
                "UPDATE database_ledger_blocks SET block_size = 5 WHERE block_id = 0",
                "block 0 says 5 transactions"
            ),
            (
                "UPDATE database_ledger_blocks SET previous_block_hash = zeroblob(32) "
                    + "WHERE block_id = 1", "the chain is broken"
            ),
            ("DELETE FROM database_ledger_blocks WHERE block_id = 0", "block 1 is where block 0"),
            ("DELETE FROM database_ledger_blocks", "of block 1, which is not there"),
            (
                "UPDATE parley_ledger_state SET database_name = 'bank-b'",
                "is of the database bank-a, this is bank-b"
            ),
            ("UPDATE parley_ledger_state SET open_transaction_id = 9", "opened for writes"),
            ("DELETE FROM parley_ledger_state", "has 0 rows"),
            (
                "DELETE FROM ledger_table_history WHERE object_id = 4",
                "table number 4, which is none"
            ),
            (
                "UPDATE ledger_table_history SET table_name = 'x' WHERE object_id = 4",
                "the tables were changed"
            ),
            (
                "UPDATE ledger_table_history SET object_id = -1 WHERE object_id = 4",
                "says nothing sensible"
            ),
            (
                "UPDATE ledger_column_history SET column_name = 'a\"b' WHERE object_id = 4",
                "contradicts itself"
            ),
        ])
    func chain(statement: String, finding: String) throws {
        try fixture.tamper(statement)
        let found = try findings()
        #expect(found.contains { $0.contains(finding) }, "\(found)")
    }

    @Test(
        "A changed definition is found: view, trigger, column, table",
        arguments: [
            "DROP VIEW accounts_Ledger",
            "DROP VIEW accounts_Ledger; CREATE VIEW accounts_Ledger AS SELECT 1",
            "DROP TRIGGER ParleyLedger_3_delete",
            "DROP TRIGGER parley_ledger_state_delete",
            "CREATE TRIGGER mine AFTER INSERT ON ACCOUNTS BEGIN SELECT 1; END",
            "CREATE INDEX mine ON alerts (total)",
            "ALTER TABLE alerts ADD COLUMN mine TEXT",
            "ALTER TABLE alerts RENAME TO mine",
            "DROP TABLE alerts",
            "DROP TABLE database_ledger_digest_locations",
            """
            DROP TRIGGER ParleyLedger_4_delete;
            CREATE TRIGGER ParleyLedger_4_delete BEFORE DELETE ON alerts BEGIN SELECT 1; END
            """,
        ])
    func definitions(statement: String) throws {
        try fixture.write(statement)
        let found = try findings()
        #expect(found.contains { $0.hasPrefix("the tables were changed") }, "\(found)")
    }

    @Test(
        "Numbers at the end of their range are findings, and errors where they stop a writer",
        arguments: [
            (
                "UPDATE database_ledger_transactions SET block_id = \(Int64.max) "
                    + "WHERE transaction_id = 7", false
            ),
            (
                "UPDATE database_ledger_transactions SET transactional_ordinal = \(Int64.min) "
                    + "WHERE transaction_id = 8", true
            ),
            (
                "UPDATE database_ledger_transactions SET transaction_id = \(Int64.max) "
                    + "WHERE transaction_id = 8", true
            ),
            (
                "UPDATE database_ledger_blocks SET block_id = \(Int64.max), "
                    + "block_size = \(Int64.max) WHERE block_id = 1", false
            ),
            ("UPDATE ledger_table_history SET object_id = \(UInt32.max) WHERE object_id = 4", true),
            (
                "UPDATE ledger_column_history SET object_id = \(UInt32.max) WHERE object_id = 4",
                true
            ),
        ])
    func extremes(statement: String, stopsWriter: Bool) throws {
        try fixture.tamper(statement)
        #expect(try !findings().isEmpty)
        let write = {
            try fixture.tables.transaction(principal: "clerk") { transaction throws(LedgerError) in
                try transaction.insert([[.text("A-9"), .integer(1)]], into: "alerts")
            }
        }
        if stopsWriter {
            #expect(throws: LedgerError.self) { try write() }
        } else {
            try write()
        }
    }

    @Test("A view without end in the place of a table is found and not read")
    func endless() throws {
        for table in ["alerts", "database_ledger_blocks", "ledger_column_history"] {
            let columns = try fixture.query("SELECT name FROM pragma_table_info('\(table)')")
            let numbers = columns.map { "i AS \"\($0)\"" }.joined(separator: ", ")
            try fixture.write(
                "DROP TABLE \(table)",
                """
                CREATE VIEW \(table) AS
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT \(numbers) FROM n
                """)
            let found = try findings()
            #expect(found.contains { $0.contains("\(table) has another definition") }, "\(found)")
        }
    }

    @Test("Everything computed anew is found by the digest alone")
    func recomputed() throws {
        // The same writes with another amount, on the same clock and with the same salts.
        let other = try TablesFixture()
        try other.createTables()
        try other.tables.transaction(principal: "clerk") { transaction throws(LedgerError) in
            try transaction.insert([TablesFixture.account(1, "Ann", 1_000_000)], into: "accounts")
        }
        let digest = try other.tables.digest()
        #expect(try other.tables.verify([digest]).isSound)
        let report = try other.tables.verify([digests[0]])
        #expect(report.findings.count == 1)
        #expect(report.findings.first?.message.contains("another hash than the digest") == true)
        // A forged digest is found by the database.
        let json = digests[1].json
        let last = json.contains("F\",") ? "E\"," : "F\","
        let end = try #require(json.range(of: "\",\"last"))
        let forged = json.replacingCharacters(
            in: json.index(before: end.lowerBound)..<json.index(end.lowerBound, offsetBy: 2),
            with: last)
        let parsed = try TablesDigest.parse(Array(forged.utf8))
        #expect(parsed != [digests[1]])
        #expect(try !fixture.tables.verify(parsed).isSound)
        let times = json.replacing("14:13:40", with: "14:13:41")
        #expect(try !fixture.tables.verify(TablesDigest.parse(Array(times.utf8))).isSound)
    }

    @Test("An older copy does not pass for the database, given a newer digest")
    func olderCopy() throws {
        let copy = fixture.folder.appendingPathComponent("older.sqlite")
        try fixture.queue.backup(to: DatabaseQueue(path: copy.path))
        fixture.clock.advance(seconds: 60)
        try fixture.tables.transaction(principal: "clerk") { transaction throws(LedgerError) in
            try transaction.insert([[.text("A-4"), .integer(4)]], into: "alerts")
        }
        let newer = try fixture.tables.digest()
        #expect(try fixture.tables.verify(digests + [newer]).lastVerifiedBlockID == 2)
        #expect(try LedgerTables.verify(file: copy, digests).lastVerifiedBlockID == 1)
        let findings = try LedgerTables.verify(file: copy, digests + [newer]).findings
        #expect(findings.count == 1)
        #expect(findings.first?.message.contains("an older copy") == true)
    }

    @Test("All findings are reported, not the first alone, and no more than can be read")
    func manyFindings() throws {
        try fixture.tamper(
            "UPDATE accounts SET balance = 41 WHERE id = 4",
            "UPDATE alerts SET total = 701 WHERE account = 'A-1'",
            "UPDATE database_ledger_blocks SET block_size = 5 WHERE block_id = 0")
        let tables = try fixture.tables.verify(digests).findings.compactMap(\.table)
        #expect(Set(tables) == ["accounts", "alerts"])
        try fixture.tamper(
            """
            WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 3099)
            INSERT INTO alerts SELECT 'A', 1, i, 0 FROM n
            """)
        let report = try fixture.tables.verify(digests)
        #expect(report.findings.count == 1000 && report.furtherFindings >= 2000)
    }

    @Test("Values of wrong types, written past STRICT, are findings")
    func wrongTypes() throws {
        func sneak(_ table: String, _ statement: String) throws {
            try fixture.tamper(
                "PRAGMA writable_schema = ON",
                "UPDATE sqlite_schema SET sql = replace(sql, ' STRICT', '') WHERE name = '\(table)'",
                "PRAGMA writable_schema = RESET")
            try fixture.tamper(statement)
            try fixture.tamper(
                "PRAGMA writable_schema = ON",
                "UPDATE sqlite_schema SET sql = sql || ' STRICT' WHERE name = '\(table)'",
                "PRAGMA writable_schema = RESET")
        }
        try sneak("alerts", "UPDATE alerts SET total = 'x' WHERE account = 'A-1'")
        let found = try findings()
        #expect(found.contains { $0.hasPrefix("table alerts, transaction 4") }, "\(found)")
        try sneak("alerts", "UPDATE alerts SET ledger_start_transaction_id = 'x'")
        #expect(try findings().contains { $0.contains("have no place in the ledger") })
        try sneak("database_ledger_blocks", "UPDATE database_ledger_blocks SET block_size = 'x'")
        #expect(try findings().contains { $0.contains("blocks have values") })
        try sneak(
            "database_ledger_transactions",
            "UPDATE database_ledger_transactions SET table_hashes = 5")
        #expect(try !findings().isEmpty)
    }

    @Test("Noise in the file never crashes the verifier and never passes")
    func noise() throws {
        try fixture.queue.writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA journal_mode = DELETE")
        }
        let original = Array(try Data(contentsOf: fixture.file))
        let file = fixture.folder.appendingPathComponent("noise.sqlite")
        var unread = 0
        for round in 0..<200 {
            var changed = original
            for index in 0..<1 + round % 8 {
                let noise = SHA256.hash([UInt8(round), UInt8(index)]).bytes
                let offset = noise.prefix(4).reduce(0) { $0 << 8 | Int($1) } % changed.count
                changed[offset] ^= noise[31] | 1
            }
            try Data(changed).write(to: file)
            do {
                let report = try LedgerTables.verify(file: file, digests)
                // Bytes that SQLite does not use may be anything.
                if report.isSound { unread += 1 }
            } catch {}
        }
        #expect(unread < 200)
    }
}
