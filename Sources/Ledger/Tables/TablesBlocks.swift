import Foundation
import GRDB
import Primitives

/// The chain of blocks over the transactions.
enum TablesBlocks {
    /// As in Azure SQL.
    static let transactionsPerBlock: Int64 = 100_000

    /// The hash before the first block: of nothing.
    static let first = MerkleTree.emptyRoot

    /// Where the next transaction goes.
    struct Next {
        let transaction, block, ordinal: Int64
        let lastTime: LedgerTime?
    }

    static func next(in database: Database) throws -> Next {
        guard let last = try Row.fetchOne(database, sql: transactions + " DESC LIMIT 1") else {
            return Next(transaction: 1, block: 0, ordinal: 0, lastTime: nil)
        }
        guard let stored = StoredTransaction(last), let time = stored.time,
            [stored.id, stored.block, stored.ordinal].allSatisfy({ (0..<Int64.max).contains($0) })
        else {
            throw damaged("its last transaction")
        }
        let isClosed = try block(stored.block, in: database) != nil
        return Next(
            transaction: stored.id + 1, block: isClosed ? stored.block + 1 : stored.block,
            ordinal: isClosed ? 0 : stored.ordinal + 1, lastTime: time)
    }

    /// Lets the triggers pass writes of the transaction with this number; nil closes.
    static func open(_ transaction: Int64?, in database: Database) throws {
        try database.execute(
            sql: "UPDATE \(TablesSchema.state) SET open_transaction_id = ?",
            arguments: [transaction])
    }

    static func append(
        _ next: Next, principal: String, time: LedgerTime, salt: [UInt8], hashes: TableHashes,
        in database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO database_ledger_transactions (transaction_id, block_id,
                    transactional_ordinal, commit_time, principal_name, salt, table_hashes)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                next.transaction, next.block, next.ordinal, time.description, principal,
                Data(salt), Data(hashes.bytes),
            ])
    }

    /// Closes the open block.
    static func close(_ block: Int64, in database: Database) throws {
        var tree = MerkleFrontier()
        let rows = try Row.fetchCursor(
            database,
            sql: transactionColumns + " WHERE block_id = ? ORDER BY transactional_ordinal",
            arguments: [block])
        while let row = try rows.next() {
            guard let stored = StoredTransaction(row) else { throw damaged("a transaction") }
            tree.append(stored.leaf)
        }
        var previous = first
        if block > 0 {
            guard let before = try Self.block(block - 1, in: database) else {
                throw damaged("block \(block - 1)")
            }
            previous = before.hash(database: try databaseName(in: database))
        }
        try database.execute(
            sql: """
                INSERT INTO database_ledger_blocks (block_id, transactions_root_hash, block_size,
                    previous_block_hash) VALUES (?, ?, ?, ?)
                """,
            arguments: [block, Data(tree.root.bytes), tree.count, Data(previous.bytes)])
    }

    /// Closes the open block, if there is one, and returns the digest of the newest.
    static func digest(in database: Database, time: LedgerTime) throws -> TablesDigest {
        let next = try next(in: database)
        guard let lastTime = next.lastTime else {
            throw LedgerError.malformed("the ledger tables are empty: there is nothing to digest")
        }
        guard lastTime <= time else {
            throw LedgerError.storage(
                "the clock says \(time), before the last transaction's time; set the clock")
        }
        if next.ordinal > 0 {
            try open(TablesSchema.noTransaction, in: database)
            try close(next.block, in: database)
            try open(nil, in: database)
        }
        let newest = next.ordinal > 0 ? next.block : next.block - 1
        guard let block = try block(newest, in: database) else { throw damaged("its last block") }
        let name = try databaseName(in: database)
        return TablesDigest(
            databaseName: name, blockID: newest, hash: block.hash(database: name),
            lastCommitTime: lastTime, time: time)
    }

    /// Keeps where the newest digest went.
    static func record(
        _ digest: TablesDigest, at location: String, in database: Database
    ) throws {
        try open(TablesSchema.noTransaction, in: database)
        try database.execute(sql: "UPDATE database_ledger_digest_locations SET is_current = 0")
        try database.execute(
            sql: """
                INSERT INTO database_ledger_digest_locations (path, last_digest_block_id, is_current)
                VALUES (?, ?, 1) ON CONFLICT (path) DO UPDATE
                SET last_digest_block_id = excluded.last_digest_block_id, is_current = 1
                """,
            arguments: [location, digest.blockID])
        try open(nil, in: database)
    }

    // MARK: Reading

    static let transactionColumns = """
        SELECT transaction_id, block_id, transactional_ordinal, CAST(commit_time AS BLOB),
            CAST(principal_name AS BLOB), salt, table_hashes FROM database_ledger_transactions
        """
    static let transactions = transactionColumns + " ORDER BY transaction_id"

    static let blocks = """
        SELECT block_id, transactions_root_hash, block_size, previous_block_hash
        FROM database_ledger_blocks
        """

    private static func block(_ id: Int64, in database: Database) throws -> StoredBlock? {
        let sql = blocks + " WHERE block_id = ?"
        guard let row = try Row.fetchOne(database, sql: sql, arguments: [id]) else { return nil }
        guard let block = StoredBlock(row) else { throw damaged("block \(id)") }
        return block
    }

    static func databaseName(in database: Database) throws -> String {
        let row = try Row.fetchOne(database, sql: "SELECT database_name FROM \(TablesSchema.state)")
        guard let name = row.flatMap({ String.fromDatabaseValue($0[0]) }) else {
            throw damaged("its name")
        }
        return name
    }

    private static func damaged(_ what: String) -> LedgerError {
        .storage("\(what) is damaged in the ledger tables; verify them")
    }
}

/// A row of `database_ledger_transactions`.
struct StoredTransaction {
    let id, block, ordinal: Int64
    let time: LedgerTime?
    let tableHashes: TableHashes?
    let leaf: Digest

    /// Nil if a value has a type that its column does not have.
    init?(_ row: Row) {
        guard let id = Int64.fromDatabaseValue(row[0]), let block = Int64.fromDatabaseValue(row[1]),
            let ordinal = Int64.fromDatabaseValue(row[2]),
            let time = Data.fromDatabaseValue(row[3]),
            let principal = Data.fromDatabaseValue(row[4]),
            let salt = Data.fromDatabaseValue(row[5]), let hashes = Data.fromDatabaseValue(row[6])
        else { return nil }
        (self.id, self.block, self.ordinal) = (id, block, ordinal)
        self.time = LedgerTime(String(decoding: time, as: UTF8.self))
        tableHashes = TableHashes(Array(hashes))
        leaf = MerkleTree.leafHash(
            TablesEncoding.transaction(
                id: id, block: block, ordinal: ordinal, commitTime: Array(time),
                principal: Array(principal), salt: Array(salt), tableHashes: Array(hashes)))
    }
}

/// A row of `database_ledger_blocks`.
struct StoredBlock {
    let id, size: Int64
    let root, previous: Digest

    /// Nil if a value has a type or length that its column does not have.
    init?(_ row: Row) {
        guard let id = Int64.fromDatabaseValue(row[0]),
            let root = Data.fromDatabaseValue(row[1]).flatMap({ Digest(Array($0)) }),
            let size = Int64.fromDatabaseValue(row[2]),
            let previous = Data.fromDatabaseValue(row[3]).flatMap({ Digest(Array($0)) })
        else { return nil }
        (self.id, self.size, self.root, self.previous) = (id, size, root, previous)
    }

    func hash(database name: String) -> Digest {
        TablesEncoding.blockHash(
            database: name, id: id, root: root, size: size, previous: previous)
    }
}
