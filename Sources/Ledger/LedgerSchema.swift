import Foundation
import GRDB

/// The tables of a ledger's SQLite file.
///
/// `entries` and `checkpoints` are the log and the notes over it; `pending` holds this party's own
/// statements that the others have not cosigned yet; `prepared` the one entry for whose checkpoint
/// this party's cosignature may have left the machine; `forks` contradicting checkpoints.
enum LedgerSchema {
    private static let tables = [
        """
        CREATE TABLE entries (
            position INTEGER PRIMARY KEY CHECK (position >= 0),
            leaf_hash BLOB NOT NULL UNIQUE CHECK (length(leaf_hash) = 32),
            bytes BLOB NOT NULL CHECK (length(bytes) <= 8192)) STRICT
        """,
        """
        CREATE TABLE checkpoints (
            size INTEGER PRIMARY KEY CHECK (size > 0), note BLOB NOT NULL) STRICT
        """,
        """
        CREATE TABLE pending (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL UNIQUE) STRICT
        """,
        """
        CREATE TABLE prepared (
            only INTEGER PRIMARY KEY CHECK (only = 0), bytes BLOB NOT NULL,
            cosignature BLOB NOT NULL) STRICT
        """,
        """
        CREATE TABLE forks (
            number INTEGER PRIMARY KEY, party TEXT NOT NULL, mine BLOB NOT NULL,
            theirs BLOB NOT NULL) STRICT
        """,
    ]

    private static let triggers = ["entries", "checkpoints", "forks"].flatMap { table in
        ["UPDATE", "DELETE"].map { change in
            """
            CREATE TRIGGER \(table)_no_\(change.lowercased()) BEFORE \(change) ON \(table)
            BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
            """
        }
    }

    private static let version = 1

    static func create(_ database: Database) throws {
        for statement in tables + triggers { try database.execute(sql: statement) }
        try database.execute(sql: "PRAGMA user_version = \(version)")
    }

    /// Whether the file has exactly these tables and triggers, none dropped or changed.
    static func matches(_ database: Database) throws -> Bool {
        let found = try Row.fetchAll(
            database, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
        let stated = found.compactMap { String.fromDatabaseValue($0[0]) }
        let versions = try Row.fetchAll(database, sql: "PRAGMA user_version")
        return found.count == stated.count && Set(stated) == Set(tables + triggers)
            && versions.first.flatMap { Int.fromDatabaseValue($0[0]) } == version
    }
}

/// What is in a ledger's file, nothing of it believed yet.
package struct LedgerContents {
    package struct StoredEntry {
        package let position: Int
        package let leafHash: [UInt8]
        package let bytes: [UInt8]
    }

    package struct Prepared: Hashable {
        package let bytes: [UInt8]
        package let cosignature: [UInt8]
    }

    package struct Fork: Hashable {
        package let party: String
        package let mine, theirs: [UInt8]
    }

    package let entries: [StoredEntry]
    package let checkpoints: [(size: Int, note: [UInt8])]
    package let pending: [[UInt8]]
    package let prepared: Prepared?
    package let forks: [Fork]

    init(_ database: Database) throws {
        entries = try Self.rows(database, "SELECT position, leaf_hash, bytes FROM entries") {
            StoredEntry(
                position: try Self.value($0[0]), leafHash: Array(try Self.value($0[1]) as Data),
                bytes: Array(try Self.value($0[2]) as Data))
        }.sorted { $0.position < $1.position }
        checkpoints = try Self.rows(database, "SELECT size, note FROM checkpoints") {
            (size: try Self.value($0[0]), note: Array(try Self.value($0[1]) as Data))
        }.sorted { $0.size < $1.size }
        pending = try Self.rows(database, "SELECT bytes FROM pending ORDER BY number") {
            Array(try Self.value($0[0]) as Data)
        }
        prepared = try Self.rows(database, "SELECT bytes, cosignature FROM prepared") {
            Prepared(
                bytes: Array(try Self.value($0[0]) as Data),
                cosignature: Array(try Self.value($0[1]) as Data))
        }.first
        forks = try Self.rows(database, "SELECT party, mine, theirs FROM forks ORDER BY number") {
            Fork(
                party: try Self.value($0[0]), mine: Array(try Self.value($0[1]) as Data),
                theirs: Array(try Self.value($0[2]) as Data))
        }
    }

    private static func rows<Value>(
        _ database: Database, _ sql: String, _ read: (Row) throws -> Value
    ) throws -> [Value] {
        try Row.fetchAll(database, sql: sql).map(read)
    }

    /// A value of the type that a damaged file may not have.
    private static func value<Value: DatabaseValueConvertible>(
        _ stored: DatabaseValue
    ) throws -> Value {
        guard let value = Value.fromDatabaseValue(stored) else {
            throw LedgerError.storage("a value in the ledger's file has a wrong type")
        }
        return value
    }
}
