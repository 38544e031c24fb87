import Foundation
import GRDB
package import Primitives

/// What is kept beside the log and may go again; and the evidence, which may not.
extension SQLiteLedgerStore {
    package func addPending(_ statements: [PendingStatement]) throws(LedgerError) {
        try write { database in
            let insertion = try database.cachedStatement(
                sql: """
                    INSERT OR IGNORE INTO pending (statement_hash, bytes, content)
                    VALUES (?, ?, ?)
                    """)
            for statement in statements {
                let content = try statement.content.map {
                    Data(try CanonicalJSON.encode($0.payload))
                }
                try insertion.insert([
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
                (try? CanonicalJSON.read(Payload.self, from: bytes, as: "a content"))
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
}
