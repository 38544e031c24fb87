import GRDB
import Primitives

/// All operations on a table in the ledger's order, read row by row from the table and its history.
///
/// SQLite merges the three selections along their indexes: nothing is sorted and no table loaded.
final class OperationStream {
    struct Operation {
        let place: OperationPlace
        let operation: LedgerOperation
        /// Nil if a value has another type than its column.
        let row: StoredRow?
    }

    let table: StoredTable
    private let rows: RowCursor
    /// The next operation; nil at the end.
    private(set) var next: Operation?
    /// How many rows had no place in the ledger.
    private(set) var misplaced = 0

    init(_ table: StoredTable, in database: Database) throws {
        self.table = table
        func select(_ name: String, _ place: [String], _ operation: LedgerOperation) -> String {
            let quoted = LedgerIdentifier.quoted
            let columns =
                place.map(quoted) + ["\(operation.rawValue)"] + table.startColumns.map(quoted)
                + table.readList
            return "SELECT \(columns.joined(separator: ", ")) FROM \(quoted(name))"
        }
        var parts = [select(table.name, table.startColumns, .insert)]
        if let history = table.history {
            parts.append(select(history, table.startColumns, .insert))
            parts.append(select(history, StoredTable.endColumns, .delete))
        }
        rows = try Row.fetchCursor(
            database, sql: parts.joined(separator: " UNION ALL ") + " ORDER BY 1, 2")
        try advance()
    }

    /// Goes to the next operation.
    func advance() throws {
        next = nil
        while let row = try rows.next() {
            guard let transaction = Int64.fromDatabaseValue(row[0]),
                let sequence = Int64.fromDatabaseValue(row[1]),
                let operation = UInt8.fromDatabaseValue(row[2]).flatMap(LedgerOperation.init)
            else {
                misplaced += 1
                continue
            }
            next = Operation(
                place: OperationPlace(transaction: transaction, sequence: sequence),
                operation: operation, row: StoredRow(row, of: table, from: 3))
            return
        }
    }

    /// The leaf of an operation; of nothing if its row is damaged.
    func leaf(_ operation: Operation) -> Digest {
        guard let row = operation.row else { return MerkleTree.emptyRoot }
        return MerkleTree.leafHash(
            TablesEncoding.row(
                operation.operation, table: table.id, place: operation.place,
                start: operation.operation == .delete ? row.start : nil, cells: row.cells))
    }

    /// Which row it is, for people: its key, or the operation's number in the transaction.
    func name(_ operation: Operation) -> String {
        guard let row = operation.row, !table.primaryKey.isEmpty else {
            return "operation \(operation.place.sequence)"
        }
        return table.primaryKey.compactMap { name in
            table.columns.firstIndex { $0.name == name }.flatMap { row.cells[$0] }.map {
                "\(name) = \($0.text)"
            }
        }.joined(separator: " ")
    }
}

extension LedgerCell {
    /// For people; long ones are cut.
    fileprivate var text: String {
        switch self {
        case .integer(let integer): "\(integer)"
        case .real(let real): "\(real)"
        case .text(let bytes):
            String(decoding: bytes.prefix(64), as: UTF8.self).debugDescription
        case .blob(let bytes): "x'\(Array(bytes.prefix(32)).hex)'"
        }
    }
}
