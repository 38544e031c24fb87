package import Foundation
package import GRDB
package import Primitives

/// One party's copy of the log, in SQLite.
///
/// Write-ahead log with `synchronous = FULL`: one flush of the disk a prepared batch. A commit does
/// not wait for the disk: if a power failure loses it, the prepared batch is still there, and is
/// completed by the next synchronization.
package final class SQLiteLedgerStore: LedgerStore {
    package let file: URL
    /// Also the home of the party's ledger tables.
    package let database: DatabaseQueue

    /// Opens the ledger in `file`, or makes an empty one that only its owner may read.
    package init(file: URL) throws(LedgerError) {
        self.file = file
        do {
            if !FileManager.default.fileExists(atPath: file.path),
                !FileManager.default.createFile(
                    atPath: file.path, contents: nil, attributes: [.posixPermissions: 0o600])
            {
                throw LedgerError.storage("\(file.path) cannot be made; check the folder")
            }
            var configuration = Configuration()
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA journal_mode = WAL")
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try database.execute(sql: "PRAGMA secure_delete = ON")
            }
            configuration.busyMode = .timeout(10)
            database = try DatabaseQueue(path: file.path, configuration: configuration)
        } catch {
            throw Self.failure(error, file)
        }
        try write { database in
            if try Int.fetchOne(database, sql: "PRAGMA user_version") == 0,
                try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
            {
                try SQLiteSchema.create(database)
            }
            guard try Int.fetchOne(database, sql: "PRAGMA user_version") == SQLiteSchema.version
            else {
                throw LedgerError.storage(
                    "\(file.path) is a ledger of another version; this one reads version "
                        + "\(SQLiteSchema.version): keep it, and begin a new one")
            }
        }
    }

    /// Ends the connection, so that the file is complete by itself.
    package func close() { try? database.close() }

    // MARK: Reading

    package func newest() throws(LedgerError) -> (size: Int, note: [UInt8])? {
        try rows("SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1") {
            (size: try $0.int(0), note: try $0.bytes(1))
        }.first
    }

    package func prepared() throws(LedgerError) -> PreparedBatch? {
        try rows("SELECT size, note, cosignature FROM prepared") {
            PreparedBatch(
                size: try $0.int(0), note: try $0.bytes(1), cosignature: try $0.bytes(2))
        }.first
    }

    package func entries(_ positions: Range<Int>) throws(LedgerError) -> [StoredEntry] {
        try rows(
            """
            SELECT leaf_hash, bytes FROM entries WHERE position >= ? AND position < ?
            ORDER BY position
            """, [positions.lowerBound, positions.upperBound]
        ) { StoredEntry(leafHash: try $0.digest(0), bytes: try $0.bytes(1)) }
    }

    package func leafHashes(_ positions: Range<Int>) throws(LedgerError) -> [Digest] {
        let hashes = try rows(
            "SELECT leaf_hash FROM entries WHERE position >= ? AND position < ? ORDER BY position",
            [positions.lowerBound, positions.upperBound]
        ) { try $0.digest(0) }
        guard hashes.count == positions.count else { throw missing("an entry") }
        return hashes
    }

    package func nodes(level: Int, _ numbers: Range<Int>) throws(LedgerError) -> [Digest] {
        let hashes = try rows(
            "SELECT hash FROM nodes WHERE level = ? AND number >= ? AND number < ? ORDER BY number",
            [level, numbers.lowerBound, numbers.upperBound]
        ) { try $0.digest(0) }
        guard hashes.count == numbers.count else { throw missing("a tile's hash") }
        return hashes
    }

    package func positions(of kinds: [Statement.Kind]) throws(LedgerError) -> [Int] {
        let names = kinds.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        // The repeated condition is that of the index.
        return try rows(
            """
            SELECT position FROM entries INDEXED BY entries_that_rule WHERE kind IN (\(names))
            AND kind IN ('genesis', 'proposal', 'ballot', 'retention', 'intent', 'outcome')
            ORDER BY position
            """
        ) { try $0.int(0) }
    }

    package func position(of statement: Digest) throws(LedgerError) -> Int? {
        try rows(
            "SELECT position FROM entries WHERE statement_hash = ?", [Data(statement.bytes)]
        ) { try $0.int(0) }.first
    }

    package func checkpoints(
        from size: Int, limit: Int
    ) throws(LedgerError) -> [(size: Int, note: [UInt8])] {
        try rows(
            "SELECT size, note FROM checkpoints WHERE size >= ? ORDER BY size LIMIT ?",
            [size, limit]
        ) { (size: try $0.int(0), note: try $0.bytes(1)) }
    }

    package func outgoing() throws(LedgerError) -> [Outgoing] {
        try rows("SELECT statement_hash, recipient, sealed FROM outgoing") {
            Outgoing(
                statement: try $0.digest(0), recipient: try $0.text(1), sealed: try $0.bytes(2))
        }
    }

    package func pending(limit: Int) throws(LedgerError) -> [PendingStatement] {
        try rows("SELECT bytes, content FROM pending ORDER BY number LIMIT ?", [limit]) {
            let entry = try Entry(parsing: try $0.bytes(0))
            guard !$0.isNull(1) else { return PendingStatement(entry) }
            let payload = try CanonicalJSON.decode(
                Payload.self, from: try $0.bytes(1), as: "a pending content")
            return PendingStatement(
                entry, content: Content(statement: entry.statementDigest, payload: payload))
        }
    }

    package func pendingCount() throws(LedgerError) -> Int {
        try rows("SELECT count(*) FROM pending") { try $0.int(0) }.first ?? 0
    }

    package func content(of statement: Digest) throws(LedgerError) -> Content? {
        try rows(
            "SELECT content FROM contents WHERE statement_hash = ?", [Data(statement.bytes)]
        ) {
            Content(
                statement: statement,
                payload: try CanonicalJSON.decode(
                    Payload.self, from: try $0.bytes(0), as: "a content"))
        }.first
    }

    package func positions(
        inCollection name: String, _ positions: Range<Int>, limit: Int, newestFirst: Bool
    ) throws(LedgerError) -> [Int] {
        try rows(
            """
            SELECT position FROM contents WHERE collection = ? AND position >= ? AND position < ?
            ORDER BY position \(newestFirst ? "DESC" : "ASC") LIMIT ?
            """, [name, positions.lowerBound, positions.upperBound, limit]
        ) { try $0.int(0) }
    }

    package func collections(
        after name: String?, limit: Int
    ) throws(LedgerError) -> [String] {
        try rows(
            "SELECT DISTINCT collection FROM contents WHERE collection > ? ORDER BY 1 LIMIT ?",
            [name ?? "", limit]
        ) { try $0.text(0) }
    }

    package func evidence() throws(LedgerError) -> [ForkEvidence] {
        try rows("SELECT party, mine, theirs FROM evidence ORDER BY number") {
            ForkEvidence(party: try $0.text(0), mine: try $0.bytes(1), theirs: try $0.bytes(2))
        }
    }

    // MARK: Writing

    package func prepare(
        _ batch: PreparedBatch, first: Int, _ entries: [NewEntry], nodes: [TileNode],
        outgoing: [Outgoing]
    ) throws(LedgerError) {
        try write { database in
            try self.expect(database, size: first, isPrepared: false)
            try self.insert(entries, nodes, first, database)
            try database.execute(
                sql: "INSERT INTO prepared (only, size, note, cosignature) VALUES (0, ?, ?, ?)",
                arguments: [batch.size, Data(batch.note), Data(batch.cosignature)])
            for item in outgoing {
                try database.execute(
                    sql:
                        "INSERT INTO outgoing (statement_hash, recipient, sealed) VALUES (?, ?, ?)",
                    arguments: [Data(item.statement.bytes), item.recipient, Data(item.sealed)])
            }
        }
    }

    package func commit(size: Int, note: [UInt8]) throws(LedgerError) {
        do {
            try database.inDatabase { database in
                // Outside the transaction, where alone it can be changed.
                try database.execute(sql: "PRAGMA synchronous = NORMAL")
                defer { try? database.execute(sql: "PRAGMA synchronous = FULL") }
                try database.inTransaction(.immediate) {
                    guard
                        try Int.fetchOne(database, sql: "SELECT size FROM prepared") == size
                    else {
                        throw LedgerError.storage("no batch of this size is prepared")
                    }
                    try database.execute(
                        sql: "INSERT INTO checkpoints (size, note) VALUES (?, ?)",
                        arguments: [size, Data(note)])
                    try self.forgetPrepared(database)
                    return .commit
                }
            }
        } catch { throw Self.failure(error, file) }
    }

    package func extend(
        first: Int, size: Int, note: [UInt8], nodes: [TileNode], _ entries: [NewEntry]
    ) throws(LedgerError) {
        try write { database in
            try self.expect(database, size: first, isPrepared: nil)
            let stored =
                try Int.fetchOne(
                    database, sql: "SELECT coalesce(max(position) + 1, 0) FROM entries")
                ?? 0
            // What is prepared is there already; its caller has compared it.
            let known = stored - first
            guard known <= entries.count else {
                throw LedgerError.storage("a prepared batch is longer than what others committed")
            }
            let newNodes = try nodes.filter {
                try Int.fetchOne(
                    database, sql: "SELECT 1 FROM nodes WHERE level = ? AND number = ?",
                    arguments: [$0.level, $0.number]) == nil
            }
            try self.insert(Array(entries[known...]), newNodes, first + known, database)
            try database.execute(
                sql: "INSERT INTO checkpoints (size, note) VALUES (?, ?)",
                arguments: [size, Data(note)])
            try self.forgetPrepared(database)
        }
    }

    package func addPending(_ statements: [PendingStatement]) throws(LedgerError) {
        try write { database in
            for statement in statements {
                let content = try statement.content.map {
                    Data(try CanonicalJSON.encode($0.payload))
                }
                try database.execute(
                    sql: """
                        INSERT OR IGNORE INTO pending (statement_hash, bytes, content)
                        VALUES (?, ?, ?)
                        """,
                    arguments: [
                        Data(statement.entry.statementDigest.bytes), Data(statement.entry.bytes),
                        content,
                    ])
            }
        }
    }

    package func dropPending(_ statement: Digest) throws(LedgerError) {
        try write {
            try $0.execute(
                sql: "DELETE FROM pending WHERE statement_hash = ?",
                arguments: [Data(statement.bytes)])
        }
    }

    package func addChunk(
        _ bytes: [UInt8], number: Int, of file: Digest
    ) throws(LedgerError) {
        try write {
            try $0.execute(
                sql: "INSERT OR REPLACE INTO chunks (file, number, bytes) VALUES (?, ?, ?)",
                arguments: [Data(file.bytes), number, Data(bytes)])
        }
    }

    package func chunk(_ number: Int, of file: Digest) throws(LedgerError) -> [UInt8]? {
        try rows(
            "SELECT bytes FROM chunks WHERE file = ? AND number = ?", [Data(file.bytes), number]
        ) { try $0.bytes(0) }.first
    }

    package func dropChunks(of file: Digest) throws(LedgerError) {
        try write {
            try $0.execute(
                sql: "DELETE FROM chunks WHERE file = ?", arguments: [Data(file.bytes)])
        }
    }

    package func dropStrayChunks() throws(LedgerError) {
        try write { database in
            let contents = try Row.fetchAll(
                database,
                sql: """
                    SELECT content FROM contents WHERE collection = ?1
                    UNION ALL SELECT content FROM pending WHERE content IS NOT NULL
                    """, arguments: [FileDescription.collection]
            ).map { try HostileRow($0).bytes(0) }
            let known = contents.compactMap { bytes in
                (try? CanonicalJSON.decode(Payload.self, from: bytes, as: "a content"))
                    .flatMap { try? FileDescription($0).chunks }
            }
            for file in try Data.fetchAll(database, sql: "SELECT DISTINCT file FROM chunks")
            where !known.contains(where: { Data($0.bytes) == file }) {
                try database.execute(sql: "DELETE FROM chunks WHERE file = ?", arguments: [file])
            }
        }
    }

    package func erase(_ statements: [Digest]) throws(LedgerError) {
        guard !statements.isEmpty else { return }
        for statement in statements {
            if let content = try content(of: statement),
                let description = try? FileDescription(content.payload)
            {
                try dropChunks(of: description.chunks)
            }
        }
        try write { database in
            for statement in statements {
                try database.execute(
                    sql: "DELETE FROM contents WHERE statement_hash = ?",
                    arguments: [Data(statement.bytes)])
            }
        }
        // The write-ahead log still holds the deleted pages until it is written back, which another
        // process that reads can put off until it ends.
        try? database.inDatabase { _ = try $0.checkpoint(.truncate) }
    }

    package func addEvidence(_ evidence: ForkEvidence) throws(LedgerError) {
        try write {
            try $0.execute(
                sql: """
                    INSERT INTO evidence (party, mine, theirs) SELECT ?1, ?2, ?3 WHERE NOT EXISTS
                    (SELECT 1 FROM evidence WHERE party = ?1 AND mine = ?2 AND theirs = ?3)
                    """,
                arguments: [evidence.party, Data(evidence.mine), Data(evidence.theirs)])
        }
    }

    // MARK: Parts of transactions

    private func expect(_ database: Database, size: Int, isPrepared: Bool?) throws {
        let found = try Int.fetchOne(
            database, sql: "SELECT coalesce(max(size), 0) FROM checkpoints")
        let prepared = try Int.fetchOne(database, sql: "SELECT count(*) FROM prepared")
        guard found == size, isPrepared == nil || (prepared == 1) == isPrepared else {
            throw LedgerError.diverged(
                "\(file.lastPathComponent) was changed by another session at the same time; try "
                    + "again")
        }
    }

    private func insert(
        _ entries: [NewEntry], _ nodes: [TileNode], _ first: Int, _ database: Database
    ) throws {
        let statement = try database.makeStatement(
            sql: """
                INSERT INTO entries (position, leaf_hash, statement_hash, kind, bytes)
                VALUES (?, ?, ?, ?, ?)
                """)
        for (offset, new) in entries.enumerated() {
            let entry = new.entry
            try statement.execute(arguments: [
                first + offset, Data(entry.leafHash.bytes), Data(entry.statementDigest.bytes),
                entry.statement.kind.rawValue, Data(entry.bytes),
            ])
            guard let content = new.content else { continue }
            try database.execute(
                sql: """
                    INSERT OR IGNORE INTO contents (statement_hash, position, collection, content)
                    VALUES (?, ?, ?, ?)
                    """,
                arguments: [
                    Data(content.statement.bytes), first + offset, content.payload.collection,
                    Data(try CanonicalJSON.encode(content.payload)),
                ])
        }
        for node in nodes {
            try database.execute(
                sql: "INSERT INTO nodes (level, number, hash) VALUES (?, ?, ?)",
                arguments: [node.level, node.number, Data(node.hash.bytes)])
        }
    }

    private func forgetPrepared(_ database: Database) throws {
        try database.execute(sql: "DELETE FROM prepared")
        try database.execute(sql: "DELETE FROM outgoing")
        try database.execute(
            sql: """
                DELETE FROM pending WHERE statement_hash IN (SELECT statement_hash FROM entries)
                """)
    }

    private func write(_ body: (Database) throws -> Void) throws(LedgerError) {
        do { try database.write(body) } catch { throw Self.failure(error, file) }
    }

    private func rows<Value>(
        _ sql: String, _ arguments: StatementArguments = [],
        _ read: (HostileRow) throws -> Value
    ) throws(LedgerError) -> [Value] {
        do {
            return try database.read { database in
                try Row.fetchAll(database, sql: sql, arguments: arguments).map {
                    try read(HostileRow($0))
                }
            }
        } catch { throw Self.failure(error, file) }
    }

    private func missing(_ what: String) -> LedgerError {
        .storage("\(file.path) is damaged: \(what) is missing; rebuild it from another party's")
    }

    static func failure(_ error: any Error, _ path: String) -> LedgerError {
        failure(error, URL(filePath: path))
    }

    static func failure(_ error: any Error, _ file: URL) -> LedgerError {
        if let error = error as? LedgerError { return error }
        let reason = (error as? DatabaseError)?.message ?? error.localizedDescription
        return .storage("\(file.path): \(reason); check the file and the disk")
    }
}

/// A row of a file that anybody may have changed.
struct HostileRow {
    private let row: Row

    init(_ row: Row) { self.row = row }

    func int(_ column: Int) throws(LedgerError) -> Int { try value(column) }
    func text(_ column: Int) throws(LedgerError) -> String { try value(column) }
    func bytes(_ column: Int) throws(LedgerError) -> [UInt8] {
        Array(try value(column) as Data)
    }

    func digest(_ column: Int) throws(LedgerError) -> Digest {
        guard let digest = Digest(try bytes(column)) else { throw Self.damaged }
        return digest
    }

    func isNull(_ column: Int) -> Bool { (row[column] as DatabaseValue).isNull }

    private static var damaged: LedgerError {
        .storage("a value in the ledger's file has a wrong type or length")
    }

    private func value<Value: DatabaseValueConvertible>(
        _ column: Int
    ) throws(LedgerError) -> Value {
        guard let value = Value.fromDatabaseValue(row[column]) else { throw Self.damaged }
        return value
    }
}
