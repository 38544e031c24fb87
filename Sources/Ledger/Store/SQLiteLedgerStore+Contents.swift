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
                let content = statement.content.map {
                    Data($0.payload.bytes)
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
                    SELECT content FROM contents WHERE erased = 0 AND collection = ?1
                    UNION ALL SELECT content FROM pending WHERE content IS NOT NULL
                    """, arguments: [FileDescription.collection]
            ).map { Data(try HostileRow($0).bytes(0)) }
            let known = Set(contents.compactMap(Self.chunks).map { Data($0.bytes) })
            for file in try Data.fetchAll(database, sql: "SELECT DISTINCT file FROM chunks")
            where !known.contains(file) {
                try database.execute(sql: "DELETE FROM chunks WHERE file = ?", arguments: [file])
            }
        }
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
