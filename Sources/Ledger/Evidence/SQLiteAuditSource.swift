import Foundation
import GRDB
import Primitives

/// A party's SQLite file as it is at one moment, whoever writes to it meanwhile.
struct SQLiteAuditSource: AuditSource {
    let hasAllCheckpoints = true
    let mustHold = false
    fileprivate let database: DatabaseQueue
    private var position = 0

    init(_ file: URL) throws {
        var configuration = Configuration()
        configuration.readonly = true
        // Its owner may be writing.
        configuration.busyMode = .timeout(TimeInterval(SQLiteLedgerStore.patience) / 1000)
        configuration.allowsUnsafeTransactions = true
        database = try DatabaseQueue(path: file.path, configuration: configuration)
        // One transaction for all that is read: it ends with the connection.
        try database.inDatabase { try $0.execute(sql: "BEGIN") }
        // The first read finds out whether it is a database at all. Nothing is read from other tables
        // than ours: a view in a table's place, or a computed column, could be endless.
        guard try database.unsafeRead(SQLiteSchema.matches) else {
            throw LedgerError.storage(
                "its tables, or the triggers that protect them, are missing, were changed or are of "
                    + "another version")
        }
    }

    mutating func next(_ limit: Int) throws -> [FoundEntry] {
        let found = try database.unsafeRead { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT e.position, e.leaf_hash, e.statement_hash, e.kind, e.bytes, c.content,
                    c.erased, c.collection
                    FROM entries e LEFT JOIN contents c ON c.position = e.position
                    WHERE e.position >= ? ORDER BY e.position LIMIT ?
                    """, arguments: [position, limit]
            ).map { row in
                let row = HostileRow(row)
                return FoundEntry(
                    bytes: try row.bytes(4),
                    claimed: (
                        try row.int(0), try row.bytes(1), try row.bytes(2), try row.text(3)
                    ),
                    content: row.isNull(5)
                        ? nil
                        : FoundContent(
                            bytes: try row.bytes(5), isErased: try row.int(6) != 0,
                            collection: try row.text(7)))
            }
        }
        position += found.count
        return found
    }

    func entry(at position: Int) throws -> [UInt8]? {
        try database.unsafeRead {
            try Row.fetchAll(
                $0, sql: "SELECT bytes FROM entries WHERE position = ?", arguments: [position]
            ).map { try HostileRow($0).bytes(0) }.first
        }
    }

    func checkpoints(_ sizes: Range<Int>) throws -> [(size: Int, note: [UInt8])] {
        try database.unsafeRead {
            try Row.fetchAll(
                $0,
                sql: """
                    SELECT size, note FROM checkpoints WHERE size >= ? AND size < ? ORDER BY size
                    """, arguments: [sizes.lowerBound, sizes.upperBound]
            ).map { (size: try HostileRow($0).int(0), note: try HostileRow($0).bytes(1)) }
        }
    }

    func prepared() throws -> PreparedBatch? {
        try database.unsafeRead {
            try Row.fetchAll($0, sql: "SELECT size, note, cosignature FROM prepared LIMIT 1").map {
                let row = HostileRow($0)
                return PreparedBatch(
                    size: try row.int(0), note: try row.bytes(1), cosignature: try row.bytes(2))
            }.first
        }
    }

    func finish(_ rest: AuditedRest, _ report: inout LedgerReport) throws {
        let (problems, stored) = try database.unsafeRead { database in
            let problems = try Row.fetchAll(database, sql: "PRAGMA integrity_check(20)")
                .map { String.fromDatabaseValue($0[0]) ?? "?" }
            let stored = try Row.fetchAll(database, sql: "SELECT level, number, hash FROM nodes")
                .map { row in
                    let row = HostileRow(row)
                    return TileNode(
                        level: try row.int(0), number: try row.int(1), hash: try row.digest(2))
                }
            return (problems.filter { $0 != "ok" }, stored)
        }
        let (pending, evidence, strays) = try database.unsafeRead { database in
            func count(_ sql: String) throws -> Int {
                try Row.fetchAll(database, sql: "SELECT count(*) FROM \(sql)")
                    .map { try HostileRow($0).int(0) }.first ?? 0
            }
            let evidence = try Row.fetchAll(database, sql: "SELECT party FROM evidence")
                .map { try HostileRow($0).text(0) }
            return (
                try count("pending"), evidence,
                try count("contents WHERE position NOT IN (SELECT position FROM entries)")
            )
        }
        for problem in problems { report.find(nil, "the database is damaged: \(problem)") }
        try checkFiles(&report)
        try checkTables(rest.digests, &report)
        try checkErasures(rest.erased, &report)
        if Set(stored) != Set(rest.nodes) {
            report.find(nil, "the stored hashes of full tiles are not those of the entries")
        }
        if strays > 0 { report.find(nil, "\(strays) contents belong to no entry") }
        for party in evidence {
            report.find(
                nil,
                "the ledger has forked: contradicting checkpoints of \(party) and of this party are "
                    + "kept as evidence")
        }
        report.pending = pending
    }
}

extension SQLiteAuditSource {
    /// Looks for contents that should be gone.
    private func checkErasures(_ erased: [Digest], _ report: inout LedgerReport) throws {
        for statement in erased {
            let found = try database.unsafeRead {
                try Row.fetchAll(
                    $0,
                    sql: """
                        SELECT position FROM contents
                        WHERE \(SQLiteLedgerStore.isOfStatement) AND erased = 0
                        """, arguments: [Data(statement.bytes)]
                ).map { try HostileRow($0).int(0) }.first
            }
            if let found { report.find(found, "its content was erased and is still there") }
        }
    }

    /// Hashes the ledger tables, if there are any, and compares them with their digests.
    private func checkTables(_ digests: [TablesDigest], _ report: inout LedgerReport) throws {
        let tables = try database.unsafeRead { database -> TablesReport? in
            guard try TablesSchema.exists(in: database) else { return nil }
            let name = try TablesSchema.databaseName(in: database)
            return LedgerTables.verify(in: database, digests.filter { $0.databaseName == name })
        }
        guard let tables else { return }
        for finding in tables.findings { report.find(nil, "ledger tables: \(finding)") }
        report.tableTransactions = tables.transactions
        report.lastVerifiedBlockID = tables.lastVerifiedBlockID
    }

    /// Hashes every file that is stored here, a chunk at a time.
    private func checkFiles(_ report: inout LedgerReport) throws {
        let files = try database.unsafeRead { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT e.position, e.bytes, c.content FROM entries e JOIN contents c
                    ON c.position = e.position AND c.erased = 0
                    WHERE e.kind = 'file'
                    """
            ).map {
                let row = HostileRow($0)
                return (
                    position: try row.int(0), entry: try row.bytes(1), content: try row.bytes(2)
                )
            }
        }
        for found in files {
            do throws(LedgerError) {
                guard case .file(let file) = try Entry(parsing: found.entry).statement else {
                    continue
                }
                let description = try FileDescription(
                    Payload(parsing: found.content))
                guard try chunk(0, of: description.chunks) != nil || file.bytes == 0 else {
                    continue
                }
                let root = try description.commitment(
                    bytes: file.bytes, chunkBytes: file.chunkBytes
                ) { (index) throws(LedgerError) in
                    try chunk(index, of: description.chunks) ?? []
                }
                guard root == file.content else {
                    throw .malformed("the stored file is not the one that it commits to")
                }
            } catch {
                report.find(found.position, error.description)
            }
        }
    }

    private func chunk(_ number: Int, of file: Digest) throws(LedgerError) -> [UInt8]? {
        do {
            return try database.unsafeRead {
                try Row.fetchAll(
                    $0, sql: "SELECT bytes FROM chunks WHERE file = ? AND number = ?",
                    arguments: [Data(file.bytes), number]
                ).map { try HostileRow($0).bytes(0) }.first
            }
        } catch { throw .storage("a file's chunk cannot be read") }
    }
}
