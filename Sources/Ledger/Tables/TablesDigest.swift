import Foundation
public import Primitives

/// What a database says of itself at a time: the hash of its newest block, in Azure SQL's JSON form.
///
/// Kept where the owner of the database cannot change it, it shows later that nothing up to that
/// block was altered.
public struct TablesDigest: Hashable, Sendable {
    public let databaseName: String
    /// From 0.
    public let blockID: Int64
    public let hash: Digest
    /// When the block's last transaction was committed.
    public let lastCommitTime: LedgerTime
    /// When the digest was made.
    public let time: LedgerTime

    init(
        databaseName: String, blockID: Int64, hash: Digest, lastCommitTime: LedgerTime,
        time: LedgerTime
    ) {
        (self.databaseName, self.blockID, self.hash) = (databaseName, blockID, hash)
        (self.lastCommitTime, self.time) = (lastCommitTime, time)
    }

    /// One object, keys in this order and no white space.
    ///
    /// The hash is 0x and 64 upper-case digits, times have seven fractional digits and no zone.
    public var json: String {
        // A database's name has no character that JSON escapes.
        "{\"database_name\":\"\(databaseName)\",\"block_id\":\(blockID),"
            + "\"hash\":\"0x\(hash.hex.uppercased())\","
            + "\"last_transaction_commit_time\":\"\(lastCommitTime)\",\"digest_time\":\"\(time)\"}"
    }

    /// Reads one digest or a list of them.
    ///
    /// - Throws: ``LedgerError/malformed(_:)`` for anything else.
    public static func parse(_ json: [UInt8]) throws(LedgerError) -> [TablesDigest] {
        let decoder = JSONDecoder()
        let data = Data(json)
        let fields: [Fields]
        do {
            fields =
                try (try? decoder.decode([Fields].self, from: data))
                ?? [decoder.decode(Fields.self, from: data)]
        } catch {
            throw .malformed(
                "this is no digest: database_name, block_id, hash, last_transaction_commit_time "
                    + "and digest_time are wanted, as `parley ledger digest` writes them")
        }
        var digests: [TablesDigest] = []
        for field in fields { digests.append(try field.digest()) }
        return digests
    }

    private struct Fields: Decodable {
        let databaseName: String
        let blockID: Int64
        let hash: String
        let lastCommitTime, time: String

        enum CodingKeys: String, CodingKey {
            case databaseName = "database_name"
            case blockID = "block_id"
            case hash
            case lastCommitTime = "last_transaction_commit_time"
            case time = "digest_time"
        }

        func digest() throws(LedgerError) -> TablesDigest {
            guard hash.hasPrefix("0x"), let hash = Digest(hex: String(hash.dropFirst(2))) else {
                throw .malformed("the hash of a digest is 0x and 64 hexadecimal digits")
            }
            guard let commit = LedgerTime(lastCommitTime), let time = LedgerTime(time) else {
                throw .malformed("a digest's times are like 2020-10-06T16:50:55.1066667")
            }
            try LedgerTables.check(databaseName: databaseName)
            return TablesDigest(
                databaseName: databaseName, blockID: blockID, hash: hash, lastCommitTime: commit,
                time: time)
        }
    }
}
