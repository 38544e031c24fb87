import Foundation
import GRDB
package import Primitives

/// How the log grows.
extension SQLiteLedgerStore {
    package func prepare(
        _ batch: PreparedBatch, first: Int, _ entries: [NewEntry], nodes: [TileNode],
        outgoing: [Outgoing]
    ) throws(LedgerError) {
        try write { database in
            try self.expect(database, size: first, prepared: nil)
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

    package func commit(
        size: Int, note: [UInt8], absent: [String], erasing: [Digest]
    ) throws(LedgerError) {
        defer { wipe() }
        do {
            try database.inDatabase { database in
                // Outside the transaction, where alone it can be changed.
                try database.execute(sql: "PRAGMA synchronous = NORMAL")
                defer { try? database.execute(sql: "PRAGMA synchronous = FULL") }
                try database.inTransaction(.immediate) {
                    guard
                        try Int.fetchOne(database, sql: "SELECT size FROM prepared") == size
                    else {
                        throw self.changed
                    }
                    try database.execute(
                        sql: "INSERT INTO checkpoints (size, note) VALUES (?, ?)",
                        arguments: [size, Data(note)])
                    try self.forgetPrepared(database, absent)
                    try self.erase(erasing, database)
                    return .commit
                }
            }
        } catch { throw Self.failure(error, file) }
    }

    package func extend(
        first: Int, size: Int, note: [UInt8], nodes: [TileNode], _ entries: [NewEntry],
        absent: [String], erasing: [Digest], prepared: [UInt8]?, isReplacing: Bool
    ) throws(LedgerError) {
        try write { database in
            try self.expect(database, size: first, prepared: prepared)
            if isReplacing { try self.dropPrepared(database, first) }
            let stored =
                try Int.fetchOne(
                    database, sql: "SELECT coalesce(max(position) + 1, 0) FROM entries")
                ?? 0
            // What is prepared is there already; the caller has compared that very batch.
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
            try self.forgetPrepared(database, absent)
            try self.erase(erasing, database)
        }
    }

    package func dropOutgoing(
        to recipient: String, below size: Int
    ) throws(LedgerError) {
        guard
            try !rows("SELECT 1 FROM outgoing WHERE recipient = ? LIMIT 1", [recipient], { $0 })
                .isEmpty
        else { return }
        try write {
            try $0.execute(
                sql: """
                    DELETE FROM outgoing WHERE recipient = ? AND EXISTS
                    (SELECT 1 FROM entries e WHERE e.statement_hash = outgoing.statement_hash
                    AND e.position < ?)
                    """, arguments: [recipient, size])
        }
    }

    // MARK: Parts of transactions

    /// Refuses what was made for another log or another prepared batch, whose note is given, than is
    /// there now.
    private func expect(_ database: Database, size: Int, prepared: [UInt8]?) throws {
        let found = try Int.fetchOne(
            database, sql: "SELECT coalesce(max(size), 0) FROM checkpoints")
        let note = try Data.fetchOne(database, sql: "SELECT note FROM prepared")
        guard found == size, note == prepared.map({ Data($0) }) else { throw changed }
    }

    private var changed: LedgerError {
        .busy(
            "\(file.lastPathComponent) was changed by another session at the same time; synchronize "
                + "again")
    }

    private func insert(
        _ entries: [NewEntry], _ nodes: [TileNode], _ first: Int, _ database: Database
    ) throws {
        let entryInsertion = try database.cachedStatement(
            sql: """
                INSERT INTO entries (position, leaf_hash, statement_hash, kind, bytes)
                VALUES (?, ?, ?, ?, ?)
                """)
        let contentInsertion = try database.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO contents (position, collection, content) VALUES (?, ?, ?)
                """)
        for (offset, new) in entries.enumerated() {
            let entry = new.entry
            try entryInsertion.insert([
                first + offset, Data(entry.leafHash.bytes), Data(entry.statementDigest.bytes),
                entry.statement.kind.rawValue, Data(entry.bytes),
            ])
            guard let content = new.content else { continue }
            try contentInsertion.insert([
                first + offset, content.payload.collection,
                Data(content.payload.bytes),
            ])
        }
        for node in nodes {
            try database.execute(
                sql: "INSERT INTO nodes (level, number, hash) VALUES (?, ?, ?)",
                arguments: [node.level, node.number, Data(node.hash.bytes)])
        }
    }

    /// Deletes what was prepared after a log of `first` entries; statements of this party stay pending.
    private func dropPrepared(_ database: Database, _ first: Int) throws {
        for sql in [
            "DELETE FROM entries WHERE position >= ?",
            "DELETE FROM nodes WHERE (number + 1) << (8 * level) > ?",
            "UPDATE contents SET content = zeroblob(length(content)) WHERE position >= ?",
            "DELETE FROM contents WHERE position >= ?",
        ] {
            try database.execute(sql: sql, arguments: [first])
        }
        try database.execute(
            sql: """
                DELETE FROM outgoing WHERE NOT EXISTS
                (SELECT 1 FROM entries e WHERE e.statement_hash = outgoing.statement_hash)
                """)
        try rememberToWipe(database)
    }

    private func forgetPrepared(_ database: Database, _ absent: [String]) throws {
        try database.execute(sql: "DELETE FROM prepared")
        let places = absent.map { _ in "?" }.joined(separator: ", ")
        try database.execute(
            sql: "DELETE FROM outgoing WHERE recipient NOT IN (\(places))",
            arguments: StatementArguments(absent))
        try database.execute(
            sql: """
                DELETE FROM pending WHERE EXISTS
                (SELECT 1 FROM entries e WHERE e.statement_hash = pending.statement_hash)
                """)
    }
}

extension GRDB.Statement {
    /// Executes the statement with as many arguments as it has places, which is not checked: it is
    /// called for every entry.
    func insert(_ arguments: StatementArguments) throws {
        setUncheckedArguments(arguments)
        try execute()
    }
}
