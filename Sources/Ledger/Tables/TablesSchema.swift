import GRDB

/// The tables that every database with ledger tables has.
///
/// SQLite has no schema `sys` and no hidden columns: the catalogue's names stand without it, and the
/// generated columns are ordinary ones.
enum TablesSchema {
    static let state = "parley_ledger_state"

    /// The number of the transaction that may write; NULL outside one.
    static let openTransaction = "(SELECT open_transaction_id FROM \(state))"

    /// Opened to write a block, which belongs to no transaction.
    static let noTransaction: Int64 = 0

    static let refusal = "ledger tables are written by Parley only"

    static func trigger(
        _ name: String, on table: String, _ change: String, when condition: String
    ) -> (name: String, sql: String) {
        let quoted = LedgerIdentifier.quoted
        return (
            name,
            "CREATE TRIGGER \(quoted(name)) BEFORE \(change) ON \(quoted(table)) "
                + "WHEN \(condition) BEGIN SELECT RAISE(ABORT, '\(refusal)'); END"
        )
    }

    private static let tables = [
        state: """
        CREATE TABLE parley_ledger_state (
            only INTEGER PRIMARY KEY CHECK (only = 0),
            database_name TEXT NOT NULL,
            open_transaction_id INTEGER) STRICT
        """,
        "database_ledger_transactions": """
        CREATE TABLE database_ledger_transactions (
            transaction_id INTEGER PRIMARY KEY CHECK (transaction_id > 0),
            block_id INTEGER NOT NULL,
            transactional_ordinal INTEGER NOT NULL,
            commit_time TEXT NOT NULL,
            principal_name TEXT NOT NULL,
            salt BLOB NOT NULL CHECK (length(salt) = 32),
            table_hashes BLOB NOT NULL,
            UNIQUE (block_id, transactional_ordinal)) STRICT
        """,
        "database_ledger_blocks": """
        CREATE TABLE database_ledger_blocks (
            block_id INTEGER PRIMARY KEY CHECK (block_id >= 0),
            transactions_root_hash BLOB NOT NULL CHECK (length(transactions_root_hash) = 32),
            block_size INTEGER NOT NULL CHECK (block_size > 0),
            previous_block_hash BLOB NOT NULL CHECK (length(previous_block_hash) = 32)) STRICT
        """,
        "database_ledger_digest_locations": """
        CREATE TABLE database_ledger_digest_locations (
            path TEXT NOT NULL PRIMARY KEY,
            last_digest_block_id INTEGER NOT NULL,
            is_current INTEGER NOT NULL CHECK (is_current IN (0, 1))) STRICT
        """,
    ]

    private static let triggers = [
        trigger("parley_ledger_state_insert", on: state, "INSERT", when: "1"),
        trigger("parley_ledger_state_delete", on: state, "DELETE", when: "1"),
        trigger(
            "parley_ledger_state_update", on: state, "UPDATE",
            when: "OLD.database_name IS NOT NEW.database_name"),
        trigger(
            "ParleyLedgerTransactions_insert", on: "database_ledger_transactions", "INSERT",
            when: "\(openTransaction) IS NOT NEW.transaction_id"),
        trigger(
            "ParleyLedgerTransactions_update", on: "database_ledger_transactions", "UPDATE",
            when: "1"),
        trigger(
            "ParleyLedgerTransactions_delete", on: "database_ledger_transactions", "DELETE",
            when: "1"),
        trigger(
            "ParleyLedgerBlocks_insert", on: "database_ledger_blocks", "INSERT",
            when: "\(openTransaction) IS NULL"),
        trigger("ParleyLedgerBlocks_update", on: "database_ledger_blocks", "UPDATE", when: "1"),
        trigger("ParleyLedgerBlocks_delete", on: "database_ledger_blocks", "DELETE", when: "1"),
        trigger(
            "ParleyLedgerDigests_insert", on: "database_ledger_digest_locations", "INSERT",
            when: "\(openTransaction) IS NULL"),
        trigger(
            "ParleyLedgerDigests_update", on: "database_ledger_digest_locations", "UPDATE",
            when: "\(openTransaction) IS NULL"),
        trigger(
            "ParleyLedgerDigests_delete", on: "database_ledger_digest_locations", "DELETE",
            when: "1"),
    ]

    /// What must be in `sqlite_schema` by its name, the tables of `catalogue` included.
    static func objects(_ catalogue: [StoredTable]) -> [String: String] {
        var objects = tables
        for (name, sql) in triggers { objects[name] = sql }
        for table in LedgerCatalogue.ownTables + catalogue {
            objects.merge(table.objects) { _, new in new }
        }
        return objects
    }

    static func exists(in database: Database) throws -> Bool {
        try database.tableExists(state)
    }

    /// What digests call the database; nil if the file does not say it as it should.
    static func databaseName(in database: Database) throws -> String? {
        try Row.fetchAll(database, sql: "SELECT database_name FROM \(state)").first
            .flatMap { String.fromDatabaseValue($0[0]) }
    }

    /// Makes the tables in a database that has none of them.
    static func create(in database: Database, databaseName: String) throws {
        for sql in tables.values { try database.execute(sql: sql) }
        for table in LedgerCatalogue.ownTables {
            if let sql = table.objects[table.name] { try database.execute(sql: sql) }
        }
        try database.execute(
            sql: "INSERT INTO \(state) (only, database_name) VALUES (0, ?)",
            arguments: [databaseName])
        let all = triggers + LedgerCatalogue.ownTables.flatMap(\.triggers)
        for trigger in all { try database.execute(sql: trigger.sql) }
    }

    /// The tables without which nothing else can be read.
    static var ownTables: Set<String> {
        Set(tables.keys).union(LedgerCatalogue.ownTables.map(\.name))
    }

    /// Something that is not as it must be.
    struct Difference {
        let name: String
        /// A sentence about it.
        let message: String
    }

    /// What differs in the database from what must be there.
    static func differences(
        in database: Database, from catalogue: [StoredTable]
    ) throws -> [Difference] {
        let expected = objects(catalogue)
        let names = Set(expected.keys.map { $0.lowercased() })
        var found: [String: String] = [:]
        var differences: [Difference] = []
        let rows = try Row.fetchAll(
            database, sql: "SELECT name, tbl_name, type, sql FROM sqlite_schema WHERE sql NOTNULL")
        for row in rows {
            guard let name = String.fromDatabaseValue(row[0]),
                let table = String.fromDatabaseValue(row[1]),
                let type = String.fromDatabaseValue(row[2]),
                let sql = String.fromDatabaseValue(row[3])
            else { continue }
            if expected[name] != nil {
                found[name] = sql
            } else if names.contains(name.lowercased()) || names.contains(table.lowercased()) {
                differences.append(
                    Difference(
                        name: name,
                        message: "the \(type) \(name) on \(table) does not belong to the ledger"))
            }
        }
        for (name, sql) in expected.sorted(by: { $0.key < $1.key }) where found[name] != sql {
            differences.append(
                Difference(
                    name: name,
                    message: found[name] == nil
                        ? "\(name) is missing" : "\(name) has another definition"))
        }
        return differences
    }
}
