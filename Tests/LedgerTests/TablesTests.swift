import Foundation
import GRDB
import Ledger
import Primitives
import TestSupport
import Testing

/// What ledger tables do for those who use them.
@Suite struct TablesTests {
    let fixture: TablesFixture

    init() throws { fixture = try TablesFixture() }

    private func refused(_ part: String, _ body: () throws -> Void) {
        #expect { try body() } throws: { "\($0)".contains(part) }
    }

    @Test("An update is a deletion and an insertion in the ledger view")
    func view() throws {
        _ = try fixture.fill()
        let sql = """
            SELECT id, balance, ledger_transaction_id, ledger_sequence_number,
                ledger_operation_type, ledger_operation_type_desc FROM accounts_Ledger
            WHERE id = 2 ORDER BY ledger_transaction_id, ledger_sequence_number
            """
        #expect(
            try fixture.query(sql) == [
                "2|20.0|3|1|1|INSERT", "2|20.0|4|0|2|DELETE", "2|25.0|4|1|1|INSERT",
                "2|25.0|8|0|2|DELETE", "2|26.0|8|1|1|INSERT",
            ])
        #expect(try fixture.query("SELECT id FROM accounts ORDER BY id") == ["1", "2", "4"])
        #expect(
            try fixture.query("SELECT account, ledger_operation_type_desc FROM alerts_Ledger")
                == ["A-1|INSERT", "A-2|INSERT", "A-3|INSERT"])
    }

    @Test("The catalogue has Azure's names and says who did what when")
    func catalogue() throws {
        _ = try fixture.fill()
        #expect(
            try fixture.query(
                """
                SELECT table_name, object_id, ledger_view_name, ledger_type_desc, operation_type,
                    operation_type_desc, transaction_id FROM ledger_table_history
                """) == [
                    "accounts|3|accounts_Ledger|UPDATABLE_LEDGER_TABLE|0|CREATE|1",
                    "alerts|4|alerts_Ledger|APPEND_ONLY_LEDGER_TABLE|0|CREATE|2",
                ])
        #expect(
            try fixture.query(
                "SELECT column_name, operation_type_desc FROM ledger_column_history WHERE object_id = 4"
            ) == ["account|CREATE", "total|CREATE"])
        #expect(
            try fixture.query(
                """
                SELECT transaction_id, block_id, transactional_ordinal, commit_time, principal_name
                FROM database_ledger_transactions WHERE transaction_id IN (3, 4, 5)
                """) == [
                    "3|0|2|2026-09-21T14:13:20.0000000|clerk",
                    "4|0|3|2026-09-21T14:13:30.0000000|clerk",
                    "5|1|0|2026-09-21T14:13:40.0000000|auditor",
                ])
        #expect(
            try fixture.query("SELECT block_id, block_size FROM database_ledger_blocks")
                == ["0|4", "1|4"])
    }

    @Test("A digest has Azure's JSON: order, no space, 0x and upper case, seven fractional digits")
    func digestJSON() throws {
        let digest = try #require(try fixture.fill().last)
        let hash = digest.hash.hex.uppercased()
        #expect(
            digest.json
                == "{\"database_name\":\"bank-a\",\"block_id\":1,\"hash\":\"0x\(hash)\","
                + "\"last_transaction_commit_time\":\"2026-09-21T14:13:40.0000000\","
                + "\"digest_time\":\"2026-09-21T14:13:40.0000000\"}")
        #expect(try TablesDigest.parse(Array(digest.json.utf8)) == [digest])
        let list = "[ \(digest.json),\n \(digest.json) ]"
        #expect(try TablesDigest.parse(Array(list.utf8)) == [digest, digest])
        // Azure's own example is read.
        let azure = """
            {"database_name":"contoso","block_id":0,
            "hash":"0xDC160697D823C51377F97020796486A59047EBDBF77C3E8F94EEE0FFF7B38A6A",
            "last_transaction_commit_time":"2020-11-12T18:01:56.6200000",
            "digest_time":"2020-11-12T18:39:27.7385724"}
            """
        #expect(try TablesDigest.parse(Array(azure.utf8)).map(\.databaseName) == ["contoso"])
        for wrong in [
            "", "{}", "[1]", digest.json.replacing("0x", with: ""),
            digest.json.replacing("bank-a", with: "bank\\\"a"),
            digest.json.replacing(".0000000", with: "Z"),
            digest.json.replacing("\"block_id\":1", with: "\"block_id\":1.5"),
        ] {
            #expect(throws: LedgerError.self) { try TablesDigest.parse(Array(wrong.utf8)) }
        }
    }

    @Test("A digest without new transactions is of the same block; one of nothing is refused")
    func repeatedDigest() throws {
        refused("nothing to digest") { _ = try fixture.tables.digest() }
        let digests = try fixture.fill()
        fixture.clock.advance(seconds: 5)
        let again = try fixture.tables.digest()
        #expect(again.blockID == 1 && again.hash == digests[1].hash && again.time > digests[1].time)
        try fixture.tables.record(again, at: "digests/1.json")
        try fixture.tables.record(again, at: "digests/2.json")
        #expect(
            try fixture.query("SELECT * FROM database_ledger_digest_locations")
                == ["digests/1.json|1|0", "digests/2.json|1|1"])
        #expect(try fixture.tables.verify(digests + [again]).isSound)
    }

    @Test("Append-only tables refuse updates and deletions, updatable ones unknown keys")
    func refusals() throws {
        _ = try fixture.fill()
        let before = try fixture.query("SELECT * FROM accounts_Ledger")
        let tables = fixture.tables
        func write(_ body: (inout TablesTransaction) throws(LedgerError) -> Void) throws {
            try tables.transaction(principal: "clerk", body)
        }
        let account = TablesFixture.account
        refused("append-only") {
            try write { t throws(LedgerError) in
                try t.delete(keys: [[.text("A-1")]], from: "alerts")
            }
        }
        refused("append-only") {
            try write { t throws(LedgerError) in
                try t.update([[.text("A-1"), .integer(1)]], in: "alerts")
            }
        }
        refused("no row with the key") {
            try write { t throws(LedgerError) in
                try t.update([account(99, "Eve", 1, nil)], in: "accounts")
            }
        }
        refused("key of the new row already") {
            try write { t throws(LedgerError) in
                try t.insert([account(1, "Eve", 1, nil)], into: "accounts")
            }
        }
        refused("there is no ledger table") {
            try write { t throws(LedgerError) in try t.insert([[.integer(1)]], into: "entries") }
        }
        refused("4 values, not 1") {
            try write { t throws(LedgerError) in try t.insert([[.integer(9)]], into: "accounts") }
        }
        for bad in [
            [.text("9"), .null, .real(1), .null], [.null, .null, .real(1), .null],
            [.integer(9), .text("a\0b"), .real(1), .null],
            [.integer(9), .null, .real(.nan), .null], [.integer(9), .null, .integer(1), .null],
        ] as [[LedgerValue]] {
            refused("is not what the column takes") {
                try write { t throws(LedgerError) in
                    // The first row is sound: it must not stay.
                    try t.insert([account(50, "Eve", 1, nil), bad], into: "accounts")
                }
            }
        }
        refused("one line") { try tables.transaction(principal: "a\nb") { _ in } }
        #expect(try fixture.query("SELECT * FROM accounts_Ledger") == before)
        #expect(try fixture.query("SELECT count(*) FROM database_ledger_transactions") == ["8"])
        try write { _ in }
        #expect(try fixture.query("SELECT count(*) FROM database_ledger_transactions") == ["8"])
        #expect(try fixture.tables.verify([]).isSound)
    }

    @Test("Names and keys that cannot be are refused")
    func names() throws {
        let column = LedgerColumn("id", .integer)
        for name in [
            "", "1a", "a b", "a\"b", "sqlite_a", "ledger_x", "PARLEYx", "x_ledger", "x_Ledger", "é",
            String(repeating: "a", count: 65), "a\0",
        ] {
            #expect(throws: LedgerError.self) {
                try LedgerTable(name: name, kind: .appendOnly, columns: [column], primaryKey: [])
            }
        }
        for columns in [
            [], [column, LedgerColumn("ID", .text)], [LedgerColumn("ledger_start", .text)],
            [LedgerColumn("a;b", .text)],
        ] {
            #expect(throws: LedgerError.self) {
                try LedgerTable(name: "t", kind: .appendOnly, columns: columns, primaryKey: [])
            }
        }
        let nullable = LedgerColumn("a", .text, isNullable: true)
        for key in [["x"], ["id", "id"], ["a"], []] {
            #expect(throws: LedgerError.self) {
                try LedgerTable(
                    name: "t", kind: .updatable, columns: [column, nullable], primaryKey: key)
            }
        }
        try fixture.createTables()
        refused("already") { try fixture.createTables() }
        // A table that is no ledger table keeps its name.
        try fixture.write("CREATE TABLE entries (a)")
        let entries = try LedgerTable(
            name: "entries", kind: .appendOnly, columns: [column], primaryKey: [])
        refused("already exists") { try fixture.tables.create(entries, principal: "admin") }
        refused("cannot name a database") {
            try TablesFixture().tables.prepare(databaseName: "a\"b")
        }
        #expect(try fixture.tables.verify([]).isSound)
    }

    @Test("Words of SQL, other letters and composite keys work; every kind of value comes back")
    func values() throws {
        try fixture.tables.create(
            LedgerTable(
                name: "Order", kind: .updatable,
                columns: [
                    .init("select", .text), .init("from", .integer), .init("rowid", .real),
                    .init("group", .blob),
                ], primaryKey: ["from", "select"]), principal: "admin")
        let rows: [[LedgerValue]] = [
            [.text("Zürich 🏦 '\";--"), .integer(.min), .real(-0.0), .blob([])],
            [.text(""), .integer(.max), .real(.infinity), .blob(Array(0...255))],
        ]
        try fixture.tables.transaction(principal: "Ünal & \"Söhne\"") {
            transaction throws(LedgerError) in
            try transaction.insert(rows, into: "Order")
            try transaction.update(
                [[.text(""), .integer(.max), .real(1e-300), .blob([0])]], in: "Order")
            try transaction.delete(keys: [[.integer(.min), rows[0][0]]], from: "Order")
        }
        let digest = try fixture.tables.digest()
        let report = try fixture.tables.verify([digest])
        #expect(report.findings.isEmpty && report.lastVerifiedBlockID == 0)
        #expect(try fixture.query("SELECT \"from\" FROM \"Order\"") == ["\(Int64.max)"])
        #expect(try fixture.query("SELECT count(*) FROM \"Order_Ledger\"") == ["5"])
    }

    @Test("A column added later leaves old hashes as they are; a drop erases nothing")
    func columnsAndDrops() throws {
        var digests = try fixture.fill()
        let tables = fixture.tables
        try tables.add(
            LedgerColumn("country", .text, isNullable: true), to: "accounts", principal: "a")
        try tables.add(
            LedgerColumn("risk", .integer, isNullable: true), to: "accounts", principal: "a")
        #expect(try tables.verify(digests).findings.isEmpty)
        refused("must be nullable") {
            try tables.add(LedgerColumn("x", .text), to: "accounts", principal: "a")
        }
        refused("one name") {
            try tables.add(
                LedgerColumn("Risk", .text, isNullable: true), to: "accounts", principal: "a")
        }
        try tables.transaction(principal: "clerk") { transaction throws(LedgerError) in
            let old = TablesFixture.account(1, "Ann", 11)
            try transaction.update([old + [.text("CH"), .null]], in: "accounts")
        }
        digests.append(try tables.digest())
        #expect(
            try fixture.query(
                "SELECT country, ledger_operation_type FROM accounts_Ledger WHERE id = 1"
            )
            .sorted() == ["CH|1", "NULL|1", "NULL|2"])

        let rows = try fixture.query("SELECT * FROM accounts_Ledger")
        try tables.drop("accounts", principal: "admin")
        try tables.drop("alerts", principal: "admin")
        digests.append(try tables.digest())
        #expect(throws: (any Error).self) { try fixture.query("SELECT * FROM accounts") }
        #expect(try fixture.query("SELECT * FROM ParleyDropped_accounts_3_Ledger") == rows)
        refused("there is no ledger table") { try tables.drop("accounts", principal: "admin") }
        for statement in [
            "INSERT INTO ParleyDropped_alerts_4 VALUES ('x', 1, 1, 1)",
            "DELETE FROM ParleyDropped_accounts_3", "DELETE FROM ParleyLedgerHistoryFor_3",
        ] {
            refused("written by Parley only") { try fixture.write(statement) }
        }
        // The name is free again, the number is not.
        try fixture.createTables()
        #expect(try fixture.query("SELECT object_id FROM ledger_table_history").last == "6")
        let report = try tables.verify(digests)
        #expect(report.findings.isEmpty && report.lastVerifiedBlockID == digests.last?.blockID)
    }

    @Test("Blocks close when they are full")
    func fullBlocks() throws {
        let fixture = try TablesFixture(transactionsPerBlock: 3)
        try fixture.createTables()
        for number in 0..<8 {
            try fixture.tables.transaction(principal: "clerk") { transaction throws(LedgerError) in
                try transaction.insert(
                    [TablesFixture.account(Int64(number), nil, 0)], into: "accounts")
            }
        }
        #expect(
            try fixture.query("SELECT block_id, block_size FROM database_ledger_blocks")
                == ["0|3", "1|3", "2|3"])
        let digest = try fixture.tables.digest()
        #expect(digest.blockID == 3)
        let report = try fixture.tables.verify([digest])
        #expect(report.isSound && report.blocks == 4 && report.transactions == 10)
    }

    @Test("A clock that was set back stops writing")
    func clock() throws {
        try fixture.createTables()
        let early = LedgerTables(
            fixture.queue, clock: ManualClock(wallSeconds: 1_700_000_000),
            randomness: fixture.randomness)
        refused("set the clock") {
            try early.transaction(principal: "clerk") { transaction throws(LedgerError) in
                try transaction.insert([[.text("A"), .integer(1)]], into: "alerts")
            }
        }
        refused("set the clock") { _ = try early.digest() }
        #expect(LedgerTime("2026-13-45T99:99:99.0000000") != nil)
        for wrong in ["", "2026-01-01T00:00:00", "2026-01-01T00:00:00.000000Z"] {
            #expect(LedgerTime(wrong) == nil)
        }
    }

    @Test("Writes of others are refused by the database, also with the conflict clause of SQLite")
    func triggers() throws {
        let digests = try fixture.fill()
        try fixture.tables.record(digests[1], at: "digest.json")
        for statement in [
            "INSERT INTO alerts VALUES ('A-9', 1, 9, 0)",
            "INSERT OR REPLACE INTO accounts (id, balance, ledger_start_transaction_id, "
                + "ledger_start_sequence_number) VALUES (1, 0, 9, 0)",
            "INSERT OR IGNORE INTO alerts VALUES ('A-9', 1, 9, 0)",
            "UPDATE alerts SET total = 1", "DELETE FROM alerts", "UPDATE accounts SET balance = 1",
            "UPDATE OR REPLACE accounts SET balance = 1", "DELETE FROM accounts WHERE id = 1",
            "INSERT INTO ParleyLedgerHistoryFor_3 SELECT * FROM ParleyLedgerHistoryFor_3",
            "UPDATE ParleyLedgerHistoryFor_3 SET balance = 1",
            "DELETE FROM ParleyLedgerHistoryFor_3",
            "UPDATE ledger_table_history SET table_name = 'x'", "DELETE FROM ledger_column_history",
            "UPDATE database_ledger_transactions SET principal_name = 'x'",
            "DELETE FROM database_ledger_transactions", "DELETE FROM database_ledger_blocks",
            "INSERT INTO database_ledger_blocks VALUES (2, zeroblob(32), 1, zeroblob(32))",
            "UPDATE database_ledger_blocks SET block_size = 1",
            "UPDATE parley_ledger_state SET database_name = 'x'", "DELETE FROM parley_ledger_state",
            "INSERT OR REPLACE INTO parley_ledger_state VALUES (0, 'x', 1)",
            "DELETE FROM database_ledger_digest_locations",
            "INSERT INTO database_ledger_digest_locations VALUES ('x', 1, 1)",
        ] {
            refused("ledger tables are written by Parley only") { try fixture.write(statement) }
        }
        #expect(try fixture.tables.verify([]).isSound)
    }

    @Test("Rows are there with what else the caller's transaction writes, or not at all")
    func callersTransaction() throws {
        try fixture.createTables()
        struct Stopped: Error {}
        let (clock, randomness) = (fixture.clock, fixture.randomness)
        func write(stopping: Bool) throws {
            try fixture.queue.write { database in
                try database.execute(sql: "CREATE TABLE IF NOT EXISTS log (a)")
                try database.execute(sql: "INSERT INTO log VALUES (1)")
                try LedgerTables.insert(
                    [[.text("A-1"), .integer(1)]], into: "alerts", principal: "run", in: database,
                    clock: clock, randomness: randomness)
                if stopping { throw Stopped() }
            }
        }
        #expect(throws: Stopped.self) { try write(stopping: true) }
        #expect(try fixture.query("SELECT * FROM alerts").isEmpty)
        try write(stopping: false)
        #expect(try fixture.query("SELECT account FROM alerts, log") == ["A-1"])
        #expect(try fixture.tables.verify([]).isSound)
    }

    @Test("Results of runs land in a table of their own, with the session that revealed them")
    func results() throws {
        let columns = [LedgerColumn("account", .text), LedgerColumn("cents", .integer)]
        let results = try ResultTable(name: "exposure", columns: columns)
        let sessions = ["1", "2"].map { SHA256.hash(Array($0.utf8)) }
        for session in sessions {
            try fixture.queue.write { database in
                try results.append(
                    [[.text("C-1"), .integer(5)], [.text("C-2"), .integer(6)]], session: session,
                    principal: "bank-a", in: database, clock: fixture.clock,
                    randomness: fixture.randomness)
            }
        }
        #expect(
            try fixture.query("SELECT account, session FROM exposure WHERE cents = 6")
                == sessions.map { "C-2|\($0.hex)" })
        let other = try ResultTable(name: "exposure", columns: [LedgerColumn("account", .text)])
        refused("other columns") {
            try fixture.queue.write { database in
                try other.append(
                    [], session: sessions[0], principal: "bank-a", in: database,
                    clock: fixture.clock, randomness: fixture.randomness)
            }
        }
        #expect(try fixture.tables.verify([fixture.tables.digest()]).lastVerifiedBlockID == 0)
    }
}
