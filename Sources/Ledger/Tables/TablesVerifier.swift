import GRDB
import Primitives

/// Computes every hash of a database's ledger tables again, in memory that does not grow with them.
///
/// It reads all transactions in order, and beside them the operations of every table: rows that a
/// transaction has lost, gained or holds altered show at its number. Nothing in the database is
/// believed; whatever is in it ends in findings, never in a crash.
struct TablesVerifier {
    private let database: Database
    private let only: String?
    private var digests: [Int64: [TablesDigest]]
    private var streams: [UInt32: OperationStream] = [:]
    private var names: [UInt32: String] = [:]
    private var report = TablesReport()
    private var confirmed: Int64?

    /// Verifies in one transaction of the database, which sees one state of it.
    static func verify(
        _ database: Database, _ digests: [TablesDigest], table: String?
    ) -> TablesReport {
        var verifier = TablesVerifier(
            database: database, only: table, digests: Dictionary(grouping: digests, by: \.blockID))
        do { try verifier.verify() } catch {
            verifier.report.find(
                "the rest cannot be read: \((error as? DatabaseError)?.message ?? "\(error)")")
        }
        if verifier.report.isSound { verifier.report.lastVerifiedBlockID = verifier.confirmed }
        return verifier.report
    }

    private init(database: Database, only: String?, digests: [Int64: [TablesDigest]]) {
        (self.database, self.only, self.digests) = (database, only, digests)
    }

    private mutating func verify() throws {
        // 1. The file, and what the tables are.
        for row in try Row.fetchAll(database, sql: "PRAGMA integrity_check") {
            let problem = String.fromDatabaseValue(row[0]) ?? "unreadable"
            if problem != "ok" { report.find("the database is damaged: \(problem)") }
        }
        guard try TablesSchema.exists(in: database) else {
            return report.find("the database has no ledger tables")
        }
        // What stands in for a table may have rows without end: only tables as they must be are read.
        let changed = try TablesSchema.differences(in: database, from: [])
        guard TablesSchema.ownTables.isDisjoint(with: changed.map(\.name)) else {
            return find(changed)
        }
        let name = try verifyState()
        let (catalogue, problems) = try LedgerCatalogue.read(database)
        for problem in problems { report.find(problem) }
        let differences = try TablesSchema.differences(in: database, from: catalogue)
        find(differences)
        openStreams(catalogue, without: Set(differences.map(\.name)))
        // 2. The chain: blocks of transactions, transactions of rows.
        try verifyChain(name)
        // 3. What belongs to no transaction, and digests of what is not there.
        for (_, stream) in streams.sorted(by: { $0.key < $1.key }) {
            try skip(stream, before: nil)
            if stream.misplaced > 0 {
                report.find(
                    table: stream.table.name,
                    "\(stream.misplaced) rows have no place in the ledger: they were written past it"
                )
            }
        }
        for digest in digests.values.joined().sorted(by: { $0.blockID < $1.blockID }) {
            report.find(
                "the digest of \(digest.time) is of block \(digest.blockID), which is not there: "
                    + "the database is an older copy, or was cut")
        }
    }

    private mutating func find(_ differences: [TablesSchema.Difference]) {
        for difference in differences {
            report.find("the tables were changed: \(difference.message)")
        }
    }

    /// Checks the state and returns the database's name.
    private mutating func verifyState() throws -> String {
        let rows = try Row.fetchAll(
            database, sql: "SELECT database_name, open_transaction_id FROM \(TablesSchema.state)")
        if rows.count != 1 { report.find("\(TablesSchema.state) has \(rows.count) rows, not one") }
        if rows.contains(where: { !($0[1] as DatabaseValue).isNull }) {
            report.find("the triggers were opened for writes from elsewhere")
        }
        return rows.first.flatMap { String.fromDatabaseValue($0[0]) } ?? ""
    }

    private mutating func openStreams(_ catalogue: [StoredTable], without changed: Set<String>) {
        if let only, !catalogue.contains(where: { $0.name == only }) {
            report.find(table: only, "there is no such ledger table")
        }
        for table in LedgerCatalogue.ownTables + catalogue {
            names[table.id] = table.name
            guard only == nil || only == table.name || table.id <= LedgerCatalogue.reservedIDs
            else { continue }
            guard changed.isDisjoint(with: [table.name, table.history].compactMap(\.self)) else {
                report.find(table: table.name, "its rows are not read: it is not the table it was")
                continue
            }
            do {
                streams[table.id] = try OperationStream(table, in: database)
            } catch {
                report.find(
                    table: table.name,
                    "cannot be read: \((error as? DatabaseError)?.message ?? "\(error)")")
            }
        }
    }

    // MARK: The chain

    /// A block while its transactions are read.
    private struct OpenBlock {
        let id: Int64
        var tree = MerkleFrontier()
        var lastTime: LedgerTime?
    }

    private mutating func verifyChain(_ name: String) throws {
        var blocks = try BlockReader(database, name: name)
        var open = OpenBlock(id: 0)
        var last: (id: Int64, time: LedgerTime?) = (0, nil)
        let rows = try Row.fetchCursor(database, sql: TablesBlocks.transactions)
        while let row = try rows.next() {
            guard let transaction = StoredTransaction(row) else {
                report.find("a transaction has values that its columns do not take")
                continue
            }
            if transaction.id != last.id &+ 1 {
                report.find("the transactions between \(last.id) and \(transaction.id) are missing")
            }
            if transaction.block != open.id {
                try close(open, &blocks)
                if transaction.block != open.id &+ 1 {
                    report.find(
                        transaction: transaction.id,
                        "is in block \(transaction.block) after block \(open.id)")
                }
                open = OpenBlock(id: transaction.block)
            }
            verify(transaction, in: open, after: last.time)
            try verifyRows(transaction)
            open.tree.append(transaction.leaf)
            open.lastTime = transaction.time
            last = (transaction.id, transaction.time)
            report.transactions += 1
        }
        // The newest transactions may wait for the block's end.
        if blocks.hasMore { try close(open, &blocks) }
        while let stray = try blocks.take() {
            report.find("block \(stray.id) has no transactions: they were removed")
        }
        report.blocks = blocks.count
        if blocks.damaged > 0 {
            report.find("\(blocks.damaged) blocks have values that their columns do not take")
        }
    }

    private mutating func verify(
        _ transaction: StoredTransaction, in block: OpenBlock, after time: LedgerTime?
    ) {
        func find(_ message: String) { report.find(transaction: transaction.id, message) }
        if transaction.ordinal != Int64(block.tree.count) {
            find("has the ordinal \(transaction.ordinal) in its block, not \(block.tree.count)")
        }
        guard let committed = transaction.time else {
            return find("its commit time is none")
        }
        if let time, committed < time { find("was committed before the one before it") }
    }

    /// Compares a block with its transactions and with the digests of it.
    private mutating func close(_ open: OpenBlock, _ blocks: inout BlockReader) throws {
        let previous = blocks.previousHash
        guard let block = try blocks.take() else {
            return report.find("block \(open.id) is missing")
        }
        let name = "block \(block.id)"
        if block.id != open.id { report.find("\(name) is where block \(open.id) should be") }
        if block.size != open.tree.count {
            report.find(
                "\(name) says \(counted(Int(block.size), "transaction")) and has \(open.tree.count)"
            )
        }
        if block.root != open.tree.root {
            report.find("\(name) has another root than its transactions")
        }
        if block.previous != previous {
            report.find("\(name) does not follow the block before it: the chain is broken")
        }
        for digest in digests.removeValue(forKey: block.id) ?? [] {
            if digest.databaseName != blocks.name {
                report.find(
                    "the digest of \(digest.time) is of the database \(digest.databaseName), "
                        + "this is \(blocks.name)")
            } else if digest.hash != blocks.previousHash {
                report.find(
                    "\(name) has another hash than the digest of \(digest.time): what it covers "
                        + "was altered, or the digest is not of this database")
            } else if digest.lastCommitTime != open.lastTime || digest.time < digest.lastCommitTime
            {
                report.find("the times of the digest of \(digest.time) are not those of \(name)")
            } else {
                confirmed = block.id
            }
        }
    }

    // MARK: Rows

    /// Compares the rows that a transaction wrote with the roots that it recorded.
    private mutating func verifyRows(_ transaction: StoredTransaction) throws {
        guard let hashes = transaction.tableHashes else {
            return report.find(transaction: transaction.id, "its table hashes have no such form")
        }
        for (table, root) in hashes.roots {
            guard let stream = streams[table] else {
                if names[table] == nil {
                    report.find(
                        transaction: transaction.id,
                        "wrote to table number \(table), of which the catalogue knows nothing")
                }
                continue
            }
            try skip(stream, before: transaction.id)
            var tree = MerkleFrontier()
            var first: [OperationStream.Operation] = []
            while let operation = stream.next, operation.place.transaction == transaction.id {
                tree.append(stream.leaf(operation))
                if first.count < 3 { first.append(operation) }
                report.operations += 1
                try stream.advance()
            }
            if tree.count == 0 {
                report.find(
                    table: stream.table.name, transaction: transaction.id,
                    "the rows that it wrote are gone")
            } else if tree.root != root {
                let more = tree.count > 3 ? " and \(tree.count - 3) more" : ""
                report.find(
                    table: stream.table.name, transaction: transaction.id,
                    key: first.map(stream.name).joined(separator: ", ") + more,
                    "the rows are not those that it wrote: changed, added or removed")
            }
        }
    }

    /// Passes over operations that no transaction recorded, up to that of `limit` or the end, each a
    /// finding.
    private mutating func skip(_ stream: OperationStream, before limit: Int64?) throws {
        while let operation = stream.next, limit.map({ operation.place.transaction < $0 }) ?? true {
            report.find(
                table: stream.table.name, transaction: operation.place.transaction,
                key: stream.name(operation), "the transaction did not write this row")
            try stream.advance()
        }
    }
}

/// The rows of `database_ledger_blocks`, in order.
private struct BlockReader {
    let name: String
    /// The hash of the block taken last.
    private(set) var previousHash = TablesBlocks.first
    private(set) var count = 0
    private(set) var damaged = 0
    private let rows: RowCursor
    private var next: StoredBlock?

    init(_ database: Database, name: String) throws {
        self.name = name
        rows = try Row.fetchCursor(database, sql: TablesBlocks.blocks + " ORDER BY block_id")
        try advance()
    }

    var hasMore: Bool { next != nil }

    mutating func take() throws -> StoredBlock? {
        guard let block = next else { return nil }
        previousHash = block.hash(database: name)
        count += 1
        try advance()
        return block
    }

    private mutating func advance() throws {
        next = nil
        while next == nil, let row = try rows.next() {
            next = StoredBlock(row)
            if next == nil { damaged += 1 }
        }
    }
}
