import Foundation
import GRDB
import Primitives

/// One entry as an auditor finds it, nothing of it believed.
struct FoundEntry: Sendable {
    let bytes: [UInt8]
    /// What the files say about it besides; nil where they say nothing.
    var claimed: (position: Int, leafHash: [UInt8], statement: [UInt8], kind: String)?
    var content: [UInt8]?
}

/// The files of a ledger, read in order and in pieces.
protocol AuditSource {
    /// Whether every checkpoint that was ever cosigned is there, not the newest alone.
    var hasAllCheckpoints: Bool { get }
    /// The next entries; none at the end.
    mutating func next(_ limit: Int) throws -> [FoundEntry]
    func entry(at position: Int) throws -> [UInt8]?
    /// The cosigned checkpoints of these sizes, ascending.
    func checkpoints(_ sizes: Range<Int>) throws -> [(size: Int, note: [UInt8])]
    /// Checks what is particular to the files, knowing the tile hashes that belong there and the
    /// digests of ledger tables that are in the log or were kept elsewhere.
    func finish(
        _ nodes: [TileNode], _ digests: [TablesDigest], _ report: inout LedgerReport
    ) throws
}

/// A party's SQLite file.
struct SQLiteAuditSource: AuditSource {
    let hasAllCheckpoints = true
    fileprivate let database: DatabaseQueue
    private var position = 0

    init(_ file: URL) throws {
        var configuration = Configuration()
        configuration.readonly = true
        database = try DatabaseQueue(path: file.path, configuration: configuration)
        // The first read finds out whether it is a database at all; a view in a table's place could be
        // endless.
        let tables = try database.read {
            try Row.fetchAll(
                $0,
                sql: """
                    SELECT count(*) FROM sqlite_schema WHERE type = 'table'
                    AND name IN ('entries', 'checkpoints', 'nodes', 'contents', 'chunks', 'pending',
                    'prepared', 'evidence')
                    """
            ).map { try HostileRow($0).int(0) }.first
        }
        guard tables == 8 else { throw LedgerError.storage("its tables are missing") }
    }

    mutating func next(_ limit: Int) throws -> [FoundEntry] {
        let found = try database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT e.position, e.leaf_hash, e.statement_hash, e.kind, e.bytes, c.content
                    FROM entries e LEFT JOIN contents c ON c.statement_hash = e.statement_hash
                    WHERE e.position >= ? ORDER BY e.position LIMIT ?
                    """, arguments: [position, limit]
            ).map { row in
                let row = HostileRow(row)
                return FoundEntry(
                    bytes: try row.bytes(4),
                    claimed: (
                        try row.int(0), try row.bytes(1), try row.bytes(2), try row.text(3)
                    ), content: row.isNull(5) ? nil : try row.bytes(5))
            }
        }
        position += found.count
        return found
    }

    func entry(at position: Int) throws -> [UInt8]? {
        try database.read {
            try Row.fetchAll(
                $0, sql: "SELECT bytes FROM entries WHERE position = ?", arguments: [position]
            ).map { try HostileRow($0).bytes(0) }.first
        }
    }

    func checkpoints(_ sizes: Range<Int>) throws -> [(size: Int, note: [UInt8])] {
        try database.read {
            try Row.fetchAll(
                $0,
                sql: """
                    SELECT size, note FROM checkpoints WHERE size >= ? AND size < ? ORDER BY size
                    """, arguments: [sizes.lowerBound, sizes.upperBound]
            ).map { (size: try HostileRow($0).int(0), note: try HostileRow($0).bytes(1)) }
        }
    }

    func finish(
        _ nodes: [TileNode], _ digests: [TablesDigest], _ report: inout LedgerReport
    ) throws {
        let (problems, isSchema, stored, pending, evidence, strays) = try database.read {
            database in
            (
                try Row.fetchAll(database, sql: "PRAGMA integrity_check(20)").map {
                    String.fromDatabaseValue($0[0]) ?? "?"
                }.filter { $0 != "ok" },
                try SQLiteSchema.matches(database),
                try Row.fetchAll(database, sql: "SELECT level, number, hash FROM nodes").map {
                    row in
                    let row = HostileRow(row)
                    return TileNode(
                        level: try row.int(0), number: try row.int(1), hash: try row.digest(2))
                },
                try Row.fetchAll(database, sql: "SELECT count(*) FROM pending").map {
                    try HostileRow($0).int(0)
                }.first ?? 0,
                try Row.fetchAll(database, sql: "SELECT party FROM evidence").map {
                    try HostileRow($0).text(0)
                },
                try Row.fetchAll(
                    database,
                    sql: """
                        SELECT count(*) FROM contents WHERE statement_hash NOT IN
                        (SELECT statement_hash FROM entries)
                        """
                ).map { try HostileRow($0).int(0) }.first ?? 0
            )
        }
        for problem in problems { report.find(nil, "the database is damaged: \(problem)") }
        if !isSchema {
            report.find(nil, "the ledger's tables or the triggers that protect them were changed")
        }
        try checkFiles(&report)
        try checkTables(digests, &report)
        if Set(stored) != Set(nodes) {
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
    /// Hashes the ledger tables, if there are any, and compares them with their digests.
    private func checkTables(_ digests: [TablesDigest], _ report: inout LedgerReport) throws {
        let tables = try database.read { database -> TablesReport? in
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
        let files = try database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT e.position, e.bytes, c.content FROM entries e JOIN contents c
                    ON c.statement_hash = e.statement_hash WHERE e.kind = 'file'
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
                    CanonicalJSON.decode(Payload.self, from: found.content, as: "a content"))
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
            return try database.read {
                try Row.fetchAll(
                    $0, sql: "SELECT bytes FROM chunks WHERE file = ? AND number = ?",
                    arguments: [Data(file.bytes), number]
                ).map { try HostileRow($0).bytes(0) }.first
            }
        } catch { throw .storage("a file's chunk cannot be read") }
    }
}

/// A folder in the layout of C2SP tlog-tiles: `checkpoint`, `tile/…`, `tile/entries/…`.
struct TileFolderSource: AuditSource {
    let hasAllCheckpoints = false
    private let folder: URL
    private let note: [UInt8]
    private let size: Int
    private var position = 0

    init(_ folder: URL) throws(LedgerError) {
        self.folder = folder
        note = try Self.read(folder.appending(path: "checkpoint"), atMost: SignedNote.maxBytes)
        size = try Checkpoint(parsing: SignedNote(parsing: note).text).size
    }

    private static func read(_ file: URL, atMost limit: Int) throws(LedgerError) -> [UInt8] {
        guard let handle = try? FileHandle(forReadingFrom: file),
            let data = try? handle.read(upToCount: limit + 1) ?? Data(), data.count <= limit
        else { throw .storage("\(file.path) is missing, too long or cannot be read") }
        return Array(data)
    }

    private func tile(_ level: Int?, _ number: Int, _ width: Int) throws(LedgerError) -> [UInt8] {
        try Self.read(
            folder.appending(path: TilePath.path(level, number: number, width: width)),
            atMost: TiledTree.width * (Entry.maxBytes + 2))
    }

    private func bundle(_ number: Int) throws(LedgerError) -> [[UInt8]] {
        let width = min(TiledTree.width, size - number * TiledTree.width)
        return try TilePath.entries(of: try tile(nil, number, width), count: width)
    }

    mutating func next(_ limit: Int) throws -> [FoundEntry] {
        var found: [FoundEntry] = []
        while position < size, found.count + TiledTree.width <= max(limit, TiledTree.width) {
            let entries = try bundle(position / TiledTree.width)
            found += entries.map { FoundEntry(bytes: $0) }
            position += entries.count
        }
        return found
    }

    func entry(at position: Int) throws -> [UInt8]? {
        guard (0..<size).contains(position) else { return nil }
        return try bundle(position / TiledTree.width)[position % TiledTree.width]
    }

    func checkpoints(_ sizes: Range<Int>) -> [(size: Int, note: [UInt8])] {
        sizes.contains(size) ? [(size, note)] : []
    }

    func finish(
        _ nodes: [TileNode], _ digests: [TablesDigest], _ report: inout LedgerReport
    ) {
        // Level 0 holds the leaf hashes, which the nodes of level 1 fix; partial tiles the rest.
        let roots = Dictionary(grouping: nodes, by: \.level)
        var (level, count) = (0, size)
        while count > 0 {
            for number in 0..<(count + TiledTree.width - 1) / TiledTree.width {
                let width = min(TiledTree.width, count - number * TiledTree.width)
                let path = TilePath.path(level, number: number, width: width)
                guard let bytes = try? tile(level, number, width),
                    let hashes = Self.hashes(bytes, count: width)
                else {
                    report.find(nil, "\(path) is missing or has a wrong length")
                    continue
                }
                if width == TiledTree.width {
                    let root = roots[level + 1]?.first { $0.number == number }?.hash
                    if root != MerkleTree.root(of: hashes) {
                        report.find(nil, "\(path) does not hold the hashes of the entries")
                    }
                } else if level > 0 {
                    let start = number * TiledTree.width
                    let known = (roots[level] ?? []).filter { $0.number >= start }
                        .sorted { $0.number < $1.number }.map(\.hash)
                    if known != hashes {
                        report.find(nil, "\(path) does not hold the hashes of the entries")
                    }
                } else if (try? bundle(number).map(MerkleTree.leafHash)) != hashes {
                    report.find(nil, "\(path) does not hold the hashes of the entries")
                }
            }
            count /= TiledTree.width
            level += 1
        }
    }

    private static func hashes(_ bytes: [UInt8], count: Int) -> [Digest]? {
        guard bytes.count == count * Digest.byteCount else { return nil }
        return (0..<count).compactMap {
            Digest(Array(bytes[$0 * Digest.byteCount..<($0 + 1) * Digest.byteCount]))
        }
    }
}
