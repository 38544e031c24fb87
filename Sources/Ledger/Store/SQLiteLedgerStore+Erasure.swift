import Foundation
import GRDB
import Primitives
import Synchronization

/// How contents are deleted so that no byte of the file still has them.
///
/// SQLite overwrites what it deletes (`secure_delete`), but when it later moves neighbouring rows from
/// one page to another it can leave a copy of them behind. An erased
/// content therefore becomes as many zero bytes where it stands, and its row is not deleted; those of a
/// batch that gives way become zero bytes before their rows go. Until the write-ahead log is truncated
/// it still has the older pages; `wiping` remembers that, in the same transaction, until it is done.
extension SQLiteLedgerStore {
    /// The condition that a content is that of a statement.
    static let isOfStatement =
        "position = (SELECT position FROM entries WHERE statement_hash = ?)"

    func erase(_ statements: [Digest], _ database: Database) throws {
        guard !statements.isEmpty else { return }
        for statement in statements {
            let hash = Data(statement.bytes)
            let content = try Data.fetchOne(
                database, sql: "SELECT content FROM contents WHERE \(Self.isOfStatement)",
                arguments: [hash])
            if let chunks = content.flatMap(Self.chunks) {
                try database.execute(
                    sql: "DELETE FROM chunks WHERE file = ?", arguments: [Data(chunks.bytes)])
            }
            try database.execute(
                sql: """
                    UPDATE contents SET content = zeroblob(length(content)), erased = 1
                    WHERE \(Self.isOfStatement) AND erased = 0
                    """, arguments: [hash])
            // Whoever it waits for needs no content of what is erased.
            try database.execute(
                sql: "DELETE FROM outgoing WHERE statement_hash = ?", arguments: [hash])
        }
        // Without a condition SQLite clears the pages too, where an erased text may once have waited.
        if try Int.fetchOne(database, sql: "SELECT count(*) FROM pending") == 0 {
            try database.execute(sql: "DELETE FROM pending")
        }
        try rememberToWipe(database)
    }

    /// Notes, in the transaction that deletes a text, that the write-ahead log still has it.
    func rememberToWipe(_ database: Database) throws {
        try database.execute(sql: "INSERT INTO wiping DEFAULT VALUES")
        isWiping.withLock { $0 = true }
    }

    /// Under which digest the chunks of a file are, from its content.
    static func chunks(of content: Data) -> Digest? {
        guard
            let payload = try? Payload(parsing: Array(content))
        else { return nil }
        return try? FileDescription(payload).chunks
    }

    /// Truncates the write-ahead log if something was erased since.
    ///
    /// Another process that reads puts it off: then the next write, or the next opening of the file,
    /// tries again.
    func wipe() {
        guard isWiping.withLock(\.self) else { return }
        try? database.inDatabase { database in
            // Nobody waits for a reader here.
            try database.execute(sql: "PRAGMA busy_timeout = 0")
            defer { try? database.execute(sql: "PRAGMA busy_timeout = \(Self.patience)") }
            let newest = try Int.fetchOne(database, sql: "SELECT max(number) FROM wiping")
            if let newest {
                _ = try database.checkpoint(.truncate)
                // What another process has erased since then has a higher number.
                try database.execute(
                    sql: "DELETE FROM wiping WHERE number <= ?", arguments: [newest])
            }
            // While no other thread of this process can erase anything.
            isWiping.withLock { $0 = false }
        }
    }
}
