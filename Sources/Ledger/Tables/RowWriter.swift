import Foundation
import GRDB
import Primitives

/// Writes the rows of one table, a prepared statement for each thing that happens to a row.
struct RowWriter {
    private let table: StoredTable
    private let insertion: GRDB.Statement
    private let removal: Removal?

    /// How a row leaves an updatable table.
    private struct Removal {
        let find, archive, delete: GRDB.Statement
        /// The columns of the key by number.
        let key: [Int]
    }

    init(_ table: StoredTable, in database: Database) throws {
        self.table = table
        let name = LedgerIdentifier.quoted(table.name)
        let columns = table.columns.map(\.name)
        let stored = LedgerIdentifier.list(columns + table.startColumns)
        let places = Array(repeating: "?", count: columns.count + 2).joined(separator: ", ")
        insertion = try database.cachedStatement(
            sql: "INSERT INTO \(name) (\(stored)) VALUES (\(places))")
        guard let history = table.history else {
            removal = nil
            return
        }
        let condition = table.primaryKey.map { "\(LedgerIdentifier.quoted($0)) = ?" }
            .joined(separator: " AND ")
        let read = table.startColumns.map(LedgerIdentifier.quoted) + table.readList
        removal = Removal(
            find: try database.cachedStatement(
                sql: "SELECT \(read.joined(separator: ", ")) FROM \(name) WHERE \(condition)"),
            archive: try database.cachedStatement(
                sql: "INSERT INTO \(LedgerIdentifier.quoted(history)) "
                    + "(\(stored), \(LedgerIdentifier.list(StoredTable.endColumns))) "
                    + "SELECT \(stored), ?, ? FROM \(name) WHERE \(condition)"),
            delete: try database.cachedStatement(
                sql: "DELETE FROM \(name) WHERE \(condition)"),
            key: table.primaryKey.compactMap { columns.firstIndex(of: $0) })
    }

    /// Inserts a row and returns the leaf of its operation.
    func insert(_ row: [LedgerValue], at place: OperationPlace) throws -> Digest {
        try check(row)
        var values = row.map(\.databaseValue)
        values += [place.transaction.databaseValue, place.sequence.databaseValue]
        do {
            try insertion.execute(arguments: StatementArguments(values))
        } catch let error as DatabaseError
            where error.extendedResultCode == .SQLITE_CONSTRAINT_PRIMARYKEY
            || error.extendedResultCode == .SQLITE_CONSTRAINT_ROWID
        {
            throw LedgerError.malformed(
                "\(table.name) has a row with the key of the new row already; update it instead")
        }
        return MerkleTree.leafHash(
            TablesEncoding.row(
                .insert, table: table.id, place: place, start: nil, cells: row.map(LedgerCell.init))
        )
    }

    /// The key of a whole row.
    func key(of row: [LedgerValue]) throws -> [LedgerValue] {
        try check(row)
        return removal?.key.map { row[$0] } ?? []
    }

    /// Moves the row with this key into the history and returns the leaf of its deletion.
    func delete(key: [LedgerValue], at place: OperationPlace) throws -> Digest {
        guard let removal else {
            throw LedgerError.malformed(
                "\(table.name) is append-only: its rows cannot be updated or deleted")
        }
        guard key.count == removal.key.count else {
            throw LedgerError.malformed(
                "the key of \(table.name) has \(removal.key.count) columns, not \(key.count)")
        }
        let values = key.map(\.databaseValue)
        guard let row = try Row.fetchOne(removal.find, arguments: StatementArguments(values)) else {
            throw LedgerError.malformed("\(table.name) has no row with the key that was given")
        }
        guard let stored = StoredRow(row, of: table) else {
            throw LedgerError.storage("a row of \(table.name) is damaged; verify the ledger")
        }
        let end = [place.transaction.databaseValue, place.sequence.databaseValue]
        try removal.archive.execute(arguments: StatementArguments(end + values))
        try removal.delete.execute(arguments: StatementArguments(values))
        return MerkleTree.leafHash(
            TablesEncoding.row(
                .delete, table: table.id, place: place, start: stored.start, cells: stored.cells))
    }

    private func check(_ row: [LedgerValue]) throws(LedgerError) {
        guard row.count == table.columns.count else {
            throw .malformed(
                "a row of \(table.name) has \(table.columns.count) values, not \(row.count)")
        }
        for (value, column) in zip(row, table.columns) where !value.fits(column) {
            throw .malformed(
                "a value for \(column.name) of \(table.name) is not what the column takes: "
                    + "\(column.type.rawValue)\(column.isNullable ? " or NULL" : ""), no NaN, no "
                    + "text with U+0000")
        }
    }
}

/// A row as SQLite returned it after ``StoredTable/startColumns`` and ``StoredTable/readList``.
struct StoredRow {
    /// The operation that inserted it.
    let start: OperationPlace
    let cells: [LedgerCell?]

    /// Nil if a value has another type than its column.
    init?(_ row: Row, of table: StoredTable, from first: Int = 0) {
        guard let transaction = Int64.fromDatabaseValue(row[first]),
            let sequence = Int64.fromDatabaseValue(row[first + 1])
        else { return nil }
        start = OperationPlace(transaction: transaction, sequence: sequence)
        var cells: [LedgerCell?] = []
        cells.reserveCapacity(table.columns.count)
        for (number, column) in table.columns.enumerated() {
            let value: DatabaseValue = row[first + 2 + number]
            let cell = LedgerCell(value, column.type)
            guard cell != nil || value.isNull && column.isNullable else { return nil }
            cells.append(cell)
        }
        self.cells = cells
    }
}

extension LedgerValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let integer): integer.databaseValue
        case .real(let real): real.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }

    fileprivate func fits(_ column: LedgerColumn) -> Bool {
        switch (self, column.type) {
        case (.null, _): column.isNullable
        case (.integer, .integer), (.blob, .blob): true
        case (.real(let real), .real): !real.isNaN
        case (.text(let text), .text): !text.utf8.contains(0)
        default: false
        }
    }
}
