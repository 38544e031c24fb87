import Foundation
import GRDB
package import Primitives

/// What a store answers.
extension SQLiteLedgerStore {
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

    /// The entries of these kinds before a position, with their own, found by looking at the kind of
    /// each.
    func entries(
        of kinds: Set<Statement.Kind>, below size: Int
    ) throws(LedgerError) -> [(position: Int, entry: StoredEntry)] {
        let names = kinds.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
        return try rows(
            """
            SELECT position, leaf_hash, bytes FROM entries
            WHERE position < ? AND kind IN (\(names)) ORDER BY position
            """, [size]
        ) {
            (
                position: try $0.int(0),
                entry: StoredEntry(leafHash: try $0.digest(1), bytes: try $0.bytes(2))
            )
        }
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
        guard !kinds.isEmpty else { return [] }
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

    package func positions(
        of statements: [Digest]
    ) throws(LedgerError) -> [Digest: Int] {
        var found: [Digest: Int] = [:]
        for start in stride(from: 0, to: statements.count, by: Batch.maxCount) {
            let some = statements[start..<min(start + Batch.maxCount, statements.count)]
            let places = some.map { _ in "?" }.joined(separator: ", ")
            let rows = try rows(
                "SELECT statement_hash, position FROM entries WHERE statement_hash IN (\(places))",
                StatementArguments(some.map { Data($0.bytes) })
            ) { (try $0.digest(0), try $0.int(1)) }
            for (statement, position) in rows { found[statement] = position }
        }
        return found
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
        try rows(
            """
            SELECT bytes, content FROM pending
            WHERE NOT EXISTS
            (SELECT 1 FROM entries e WHERE e.statement_hash = pending.statement_hash)
            ORDER BY number LIMIT ?
            """, [limit]
        ) {
            let entry = try Entry(parsing: try $0.bytes(0))
            guard !$0.isNull(1) else { return PendingStatement(entry) }
            let payload = try Payload(parsing: try $0.bytes(1))
            return PendingStatement(
                entry, content: Content(statement: entry.statementDigest, payload: payload))
        }
    }

    package func pendingCount() throws(LedgerError) -> Int {
        try rows("SELECT count(*) FROM pending") { try $0.int(0) }.first ?? 0
    }

    package func content(of statement: Digest) throws(LedgerError) -> Content? {
        try rows(
            "SELECT content FROM contents WHERE \(Self.isOfStatement) AND erased = 0",
            [Data(statement.bytes)]
        ) {
            Content(
                statement: statement,
                payload: try Payload(parsing: try $0.bytes(0)))
        }.first
    }

    package func positions(
        inCollection name: String, _ positions: Range<Int>, limit: Int, newestFirst: Bool
    ) throws(LedgerError) -> [Int] {
        // SQLite would read the name up to there, and no collection has such a one.
        guard !name.utf8.contains(0) else { return [] }
        return try rows(
            """
            SELECT position FROM contents
            WHERE erased = 0 AND collection = ? AND position >= ? AND position < ?
            ORDER BY position \(newestFirst ? "DESC" : "ASC") LIMIT ?
            """, [name, positions.lowerBound, positions.upperBound, limit]
        ) { try $0.int(0) }
    }

    package func collections(
        after name: String?, limit: Int
    ) throws(LedgerError) -> [String] {
        try rows(
            """
            SELECT DISTINCT collection FROM contents WHERE erased = 0 AND collection > ?
            ORDER BY 1 LIMIT ?
            """,
            [name ?? "", limit]
        ) { try $0.text(0) }
    }

    package func evidence() throws(LedgerError) -> [ForkEvidence] {
        try rows("SELECT party, mine, theirs FROM evidence ORDER BY number") {
            ForkEvidence(party: try $0.text(0), mine: try $0.bytes(1), theirs: try $0.bytes(2))
        }
    }

    package func chunk(_ number: Int, of file: Digest) throws(LedgerError) -> [UInt8]? {
        try rows(
            "SELECT bytes FROM chunks WHERE file = ? AND number = ?", [Data(file.bytes), number]
        ) { try $0.bytes(0) }.first
    }
}
