import GRDB
import Primitives

/// What one transaction does to ledger tables: all of it is hashed into the ledger, or none of it.
///
/// Operations take whole batches of rows. Rows have a value for every column, in the order of the
/// table's columns, those added later at the end.
public struct TablesTransaction: ~Copyable {
    /// From 1, without gaps.
    public let id: Int64
    private let database: Database
    private var catalogue: [StoredTable]
    /// How many operations there were, over all tables.
    private var operations: Int64 = 0
    private var trees: [UInt32: MerkleFrontier] = [:]

    /// Inserts rows in this order.
    ///
    /// - Throws: ``LedgerError/malformed(_:)`` for a row that the table does not take.
    public mutating func insert(
        _ rows: [[LedgerValue]], into table: String
    ) throws(LedgerError) {
        let stored = try find(table)
        try insert(rows, into: stored)
    }

    /// Replaces the rows with the keys of `rows`: each is a deletion and an insertion.
    ///
    /// - Throws: ``LedgerError/malformed(_:)`` if a key has no row or the table is append-only.
    public mutating func update(_ rows: [[LedgerValue]], in table: String) throws(LedgerError) {
        let stored = try find(table)
        try write(stored) { writer, next in
            for row in rows {
                let key = try writer.key(of: row)
                try next { try writer.delete(key: key, at: $0) }
                try next { try writer.insert(row, at: $0) }
            }
        }
    }

    /// Deletes the rows with these keys, which stay in the table's history.
    ///
    /// - Throws: ``LedgerError/malformed(_:)`` if a key has no row or the table is append-only.
    public mutating func delete(
        keys: [[LedgerValue]], from table: String
    ) throws(LedgerError) {
        let stored = try find(table)
        try write(stored) { writer, next in
            for key in keys { try next { try writer.delete(key: key, at: $0) } }
        }
    }

    // MARK: Tables

    mutating func create(_ table: LedgerTable) throws(LedgerError) {
        guard catalogue.allSatisfy({ $0.name.lowercased() != table.name.lowercased() }) else {
            throw .malformed("there is a ledger table \(table.name) already")
        }
        let last = catalogue.map(\.id).max() ?? LedgerCatalogue.reservedIDs
        guard last < .max else { throw .storage("the catalogue is damaged; verify the tables") }
        let id = last + 1
        let stored = StoredTable(
            id: id, name: table.name, kind: table.kind, columns: table.columns,
            initialCount: table.columns.count, primaryKey: table.primaryKey)
        let tables = [stored.name, stored.history].compactMap { $0.flatMap { stored.objects[$0] } }
        try run(tables + [stored.viewSQL] + stored.triggers.map(\.sql))
        catalogue.append(stored)
        try insert([LedgerCatalogue.row(of: stored, .create)], into: LedgerCatalogue.tableHistory)
        try insert(
            table.columns.indices.map { LedgerCatalogue.row(ofColumn: $0, of: stored, .create) },
            into: LedgerCatalogue.columnHistory)
    }

    /// Makes the table, or finds it as it is to be.
    mutating func createIfMissing(_ table: LedgerTable) throws(LedgerError) {
        guard let stored = catalogue.first(where: { $0.name == table.name }) else {
            return try create(table)
        }
        guard stored.kind == table.kind, stored.columns == table.columns,
            stored.primaryKey == table.primaryKey
        else {
            throw .malformed(
                "the ledger table \(table.name) exists with other columns; choose another name")
        }
    }

    mutating func add(_ column: LedgerColumn, to table: String) throws(LedgerError) {
        let old = try find(table)
        guard column.isNullable else {
            throw .malformed("the new column \(column.name) must be nullable: old rows lack it")
        }
        // The checks of a new table are those of the changed one.
        _ = try LedgerTable(
            name: old.name, kind: old.kind, columns: old.columns + [column],
            primaryKey: old.primaryKey)
        var new = old
        new.columns.append(column)
        try replace(
            old, by: new,
            [old.name, old.history].compactMap(\.self).map {
                "ALTER TABLE \(LedgerIdentifier.quoted($0)) ADD COLUMN "
                    + StoredTable.definition(column)
            })
        try insert(
            [LedgerCatalogue.row(ofColumn: old.columns.count, of: new, .second)],
            into: LedgerCatalogue.columnHistory)
    }

    mutating func drop(_ table: String) throws(LedgerError) {
        let old = try find(table)
        var new = old
        new.name = old.droppedName
        new.isDropped = true
        try replace(
            old, by: new,
            [
                "ALTER TABLE \(LedgerIdentifier.quoted(old.name)) RENAME TO "
                    + LedgerIdentifier.quoted(new.name)
            ])
        try insert([LedgerCatalogue.row(of: new, .second)], into: LedgerCatalogue.tableHistory)
    }

    /// Changes a table, and makes its view and triggers anew.
    private mutating func replace(
        _ old: StoredTable, by new: StoredTable, _ changes: [String]
    ) throws(LedgerError) {
        let quoted = LedgerIdentifier.quoted
        try run(
            old.triggers.map { "DROP TRIGGER \(quoted($0.name))" } + [
                "DROP VIEW \(quoted(old.view))"
            ]
                + changes + [new.viewSQL] + new.triggers.map(\.sql))
        catalogue = catalogue.map { $0.id == new.id ? new : $0 }
    }

    private func run(_ statements: [String]) throws(LedgerError) {
        do {
            for statement in statements { try database.execute(sql: statement) }
        } catch { throw LedgerTables.failure(error) }
    }

    // MARK: Operations

    private func find(_ name: String) throws(LedgerError) -> StoredTable {
        guard let table = catalogue.first(where: { $0.name == name }), !table.isDropped else {
            throw .malformed("there is no ledger table \(name); create it first")
        }
        return table
    }

    private mutating func insert(
        _ rows: [[LedgerValue]], into table: StoredTable
    ) throws(LedgerError) {
        try write(table) { writer, next in
            for row in rows { try next { try writer.insert(row, at: $0) } }
        }
    }

    /// Calls `body` with the table's writer and with what numbers an operation and keeps its leaf.
    private mutating func write(
        _ table: StoredTable,
        _ body: (RowWriter, ((OperationPlace) throws -> Digest) throws -> Void) throws -> Void
    ) throws(LedgerError) {
        var tree = trees[table.id] ?? MerkleFrontier()
        var sequence = operations
        do {
            try body(RowWriter(table, in: database)) { operation in
                tree.append(try operation(OperationPlace(transaction: id, sequence: sequence)))
                sequence += 1
            }
        } catch { throw LedgerTables.failure(error) }
        operations = sequence
        if tree.count > 0 { trees[table.id] = tree }
    }

    // MARK: Life

    /// Opens the ledger tables for writing, does what `body` says and appends the transaction.
    ///
    /// The caller is in a transaction of the database, and rolls it back if this throws.
    static func run<Value>(
        in database: Database, principal: String, time: LedgerTime, salt: [UInt8],
        transactionsPerBlock: Int64, _ body: (inout TablesTransaction) throws -> Value
    ) throws -> Value {
        precondition(database.isInsideTransaction, "ledger tables are written in a transaction")
        precondition(salt.count == TablesEncoding.saltByteCount, "a salt has 32 bytes")
        guard (1...128).contains(principal.utf8.count),
            principal.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw LedgerError.malformed("a principal has 1 to 128 bytes and is one line") }
        let next = try TablesBlocks.next(in: database)
        guard next.lastTime.map({ $0 <= time }) ?? true else {
            throw LedgerError.storage(
                "the clock says \(time), before the last transaction's time; set the clock")
        }
        let (catalogue, problems) = try LedgerCatalogue.read(database)
        if let problem = problems.first {
            throw LedgerError.storage("the ledger tables are damaged: \(problem); verify them")
        }
        try TablesBlocks.open(next.transaction, in: database)
        var transaction = TablesTransaction(
            id: next.transaction, database: database, catalogue: catalogue)
        let value = try body(&transaction)
        try transaction.append(next, principal, time, salt)
        if transaction.operations > 0, next.ordinal + 1 >= transactionsPerBlock {
            try TablesBlocks.close(next.block, in: database)
        }
        try TablesBlocks.open(nil, in: database)
        return value
    }

    private init(id: Int64, database: Database, catalogue: [StoredTable]) {
        (self.id, self.database, self.catalogue) = (id, database, catalogue)
    }

    /// A transaction that did nothing leaves nothing.
    private func append(
        _ next: TablesBlocks.Next, _ principal: String, _ time: LedgerTime, _ salt: [UInt8]
    ) throws {
        guard operations > 0 else { return }
        guard trees.count <= TableHashes.maxTables else {
            throw LedgerError.malformed(
                "a transaction writes to \(trees.count) tables; at most \(TableHashes.maxTables) "
                    + "are possible")
        }
        let hashes = TableHashes(trees.mapValues(\.root))
        try TablesBlocks.append(
            next, principal: principal, time: time, salt: salt, hashes: hashes, in: database)
    }
}
