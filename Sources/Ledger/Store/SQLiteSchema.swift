import GRDB

/// The tables of a ledger's SQLite file.
///
/// `entries` and `nodes` are the log and the roots of its full tiles; `checkpoints` the cosigned notes;
/// `prepared` the one batch that this party has cosigned and that others may not have; `pending` this
/// party's statements on their way into the log; `contents` what is kept beside the log, as zero bytes
/// once it is erased, `chunks` the files among it; `wiping` that erased contents may still be in the
/// write-ahead log; `outgoing` sealed contents for others until their batch is committed; `evidence`
/// signed checkpoints that contradict each other.
enum SQLiteSchema {
    private static let tables = [
        """
        CREATE TABLE entries (
            position INTEGER PRIMARY KEY CHECK (position >= 0),
            leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32),
            statement_hash BLOB NOT NULL UNIQUE CHECK (length(statement_hash) = 32),
            kind TEXT NOT NULL,
            bytes BLOB NOT NULL CHECK (length(bytes) <= 8192)) STRICT
        """,
        """
        CREATE INDEX entries_that_rule ON entries (position, kind)
            WHERE kind IN ('genesis', 'proposal', 'ballot', 'retention', 'intent', 'outcome')
        """,
        """
        CREATE TABLE nodes (
            level INTEGER NOT NULL CHECK (level > 0), number INTEGER NOT NULL CHECK (number >= 0),
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            PRIMARY KEY (level, number)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE checkpoints (
            size INTEGER PRIMARY KEY CHECK (size > 0), note BLOB NOT NULL) STRICT
        """,
        """
        CREATE TABLE prepared (
            only INTEGER PRIMARY KEY CHECK (only = 0), size INTEGER NOT NULL, note BLOB NOT NULL,
            cosignature BLOB NOT NULL) STRICT
        """,
        """
        CREATE TABLE pending (
            number INTEGER PRIMARY KEY, statement_hash BLOB NOT NULL UNIQUE,
            bytes BLOB NOT NULL, content BLOB) STRICT
        """,
        """
        CREATE TABLE contents (
            position INTEGER PRIMARY KEY CHECK (position >= 0),
            collection TEXT NOT NULL, content BLOB NOT NULL,
            erased INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1))) STRICT
        """,
        """
        CREATE INDEX contents_by_collection ON contents (collection, position) WHERE erased = 0
        """,
        "CREATE TABLE wiping (number INTEGER PRIMARY KEY AUTOINCREMENT) STRICT",
        """
        CREATE TABLE chunks (
            file BLOB NOT NULL CHECK (length(file) = 32), number INTEGER NOT NULL,
            bytes BLOB NOT NULL, PRIMARY KEY (file, number)) STRICT
        """,
        """
        CREATE TABLE outgoing (
            statement_hash BLOB NOT NULL, recipient TEXT NOT NULL, sealed BLOB NOT NULL,
            PRIMARY KEY (statement_hash, recipient)) STRICT
        """,
        """
        CREATE TABLE evidence (
            number INTEGER PRIMARY KEY, party TEXT NOT NULL, mine BLOB NOT NULL,
            theirs BLOB NOT NULL) STRICT
        """,
    ]

    /// What a checkpoint covers never goes; a prepared batch may have to.
    private static let deletions = [
        ("entries", "WHEN OLD.position < (SELECT coalesce(max(size), 0) FROM checkpoints)"),
        (
            "nodes",
            """
            WHEN (OLD.number + 1) << (8 * OLD.level)
                <= (SELECT coalesce(max(size), 0) FROM checkpoints)
            """
        ),
        ("checkpoints", ""), ("evidence", ""),
    ]

    private static let triggers =
        deletions.flatMap { table, condition in
            [("UPDATE", ""), ("DELETE", condition)].map { change, condition in
                """
                CREATE TRIGGER \(table)_no_\(change.lowercased()) BEFORE \(change) ON \(table)
                \(condition)
                BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
                """
            }
        } + [
            """
            CREATE TRIGGER entries_in_order BEFORE INSERT ON entries
            WHEN NEW.position <> (SELECT coalesce(max(position) + 1, 0) FROM entries)
            BEGIN SELECT RAISE(ABORT, 'the ledger has no gaps'); END
            """
        ]

    static let version = 3

    static func create(_ database: Database) throws {
        for statement in tables + triggers { try database.execute(sql: statement) }
        try database.execute(sql: "PRAGMA user_version = \(version)")
    }

    /// Whether the file has exactly these tables, indices and triggers, none dropped or changed;
    /// tables of other names are not its business.
    static func matches(_ database: Database) throws -> Bool {
        let owned = [
            "entries", "nodes", "checkpoints", "prepared", "pending", "contents", "chunks",
            "outgoing", "evidence", "wiping",
        ]
        let found = try Row.fetchAll(
            database, sql: "SELECT tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        let stated = found.compactMap { row -> String? in
            guard let table = String.fromDatabaseValue(row[0]), owned.contains(table) else {
                return nil
            }
            return String.fromDatabaseValue(row[1]) ?? ""
        }
        let versions = try Row.fetchAll(database, sql: "PRAGMA user_version")
        return stated.sorted() == (tables + triggers).sorted()
            && versions.first.flatMap { Int.fromDatabaseValue($0[0]) } == version
    }
}
