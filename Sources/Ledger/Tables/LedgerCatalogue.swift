import GRDB

/// The tables of a database, as the two append-only tables of the catalogue tell their history.
enum LedgerCatalogue {
    /// `ledger_table_history` has number 1, `ledger_column_history` number 2.
    static let reservedIDs: UInt32 = 2

    static let tableHistory = StoredTable(
        id: 1, name: "ledger_table_history", kind: .appendOnly,
        columns: [
            .init("table_name", .text), .init("object_id", .integer),
            .init("ledger_view_name", .text), .init("ledger_type_desc", .text),
            .init("operation_type", .integer), .init("operation_type_desc", .text),
        ], initialCount: 6, primaryKey: [])

    static let columnHistory = StoredTable(
        id: 2, name: "ledger_column_history", kind: .appendOnly,
        columns: [
            .init("object_id", .integer), .init("column_id", .integer),
            .init("column_name", .text), .init("column_type", .text),
            .init("is_nullable", .integer), .init("key_ordinal", .integer),
            .init("operation_type", .integer), .init("operation_type_desc", .text),
        ], initialCount: 8, primaryKey: [])

    static let ownTables = [tableHistory, columnHistory]

    /// What happened to a table or a column: `operation_type` and its description.
    enum Change: Int64 {
        case create = 0
        /// DROP of a table, ADD of a column.
        case second = 1
    }

    // MARK: Rows

    static func row(of table: StoredTable, _ change: Change) -> [LedgerValue] {
        [
            .text(table.name), .integer(Int64(table.id)), .text(table.view),
            .text(table.kind.rawValue), .integer(change.rawValue),
            .text(change == .create ? "CREATE" : "DROP"),
        ]
    }

    static func row(
        ofColumn number: Int, of table: StoredTable, _ change: Change
    ) -> [LedgerValue] {
        let column = table.columns[number]
        let key = table.primaryKey.firstIndex(of: column.name).map { $0 + 1 } ?? 0
        return [
            .integer(Int64(table.id)), .integer(Int64(number)), .text(column.name),
            .text(column.type.rawValue), .integer(column.isNullable ? 1 : 0),
            .integer(Int64(key)), .integer(change.rawValue),
            .text(change == .create ? "CREATE" : "ADD"),
        ]
    }

    // MARK: Reading

    /// The tables that the catalogue tells of, and what in it makes no sense.
    ///
    /// Nothing of the database is believed: a table whose rows contradict each other is a problem
    /// and is left out.
    static func read(_ database: Database) throws -> (tables: [StoredTable], problems: [String]) {
        var tables: [UInt32: StoredTable] = [:]
        var problems: [String] = []
        let columns = try columnRows(database, &problems)
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT object_id, table_name, ledger_view_name, ledger_type_desc, operation_type
                FROM ledger_table_history ORDER BY transaction_id, sequence_number
                """)
        for row in rows {
            guard let id = UInt32.fromDatabaseValue(row[0]), id > reservedIDs,
                let name = String.fromDatabaseValue(row[1]),
                let view = String.fromDatabaseValue(row[2]),
                let kind = String.fromDatabaseValue(row[3]).flatMap(LedgerTable.Kind.init),
                let change = Int64.fromDatabaseValue(row[4]).flatMap(Change.init)
            else {
                problems.append("ledger_table_history has a row that says nothing sensible")
                continue
            }
            switch (change, tables[id]) {
            case (.create, nil):
                tables[id] = table(id, name, kind, columns[id] ?? [])
            case (.second, let table?) where !table.isDropped && name == table.droppedName:
                tables[id]?.name = name
                tables[id]?.isDropped = true
            default: break
            }
            if tables[id]?.name != name || tables[id]?.kind != kind || tables[id]?.view != view {
                problems.append("the history of the table \(name) contradicts itself")
            }
        }
        for id in columns.keys.sorted() where tables[id] == nil {
            problems.append(
                "ledger_column_history has columns of table number \(id), which is none")
        }
        return (tables.values.sorted { $0.id < $1.id }, problems)
    }

    private struct ColumnRow {
        let column: LedgerColumn
        let keyOrdinal: Int
        let change: Change
    }

    /// The columns of every table, in order.
    private static func columnRows(
        _ database: Database, _ problems: inout [String]
    ) throws -> [UInt32: [ColumnRow]] {
        var columns: [UInt32: [ColumnRow]] = [:]
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT object_id, column_id, column_name, column_type, is_nullable, key_ordinal,
                    operation_type
                FROM ledger_column_history ORDER BY transaction_id, sequence_number
                """)
        for row in rows {
            guard let id = UInt32.fromDatabaseValue(row[0]),
                Int.fromDatabaseValue(row[1]) == columns[id, default: []].count,
                let name = String.fromDatabaseValue(row[2]),
                let type = String.fromDatabaseValue(row[3]).flatMap(LedgerColumn.ColumnType.init),
                let nullable = Int.fromDatabaseValue(row[4]), nullable == 0 || nullable == 1,
                let key = Int.fromDatabaseValue(row[5]),
                let change = Int64.fromDatabaseValue(row[6]).flatMap(Change.init)
            else {
                problems.append("ledger_column_history has a row that says nothing sensible")
                continue
            }
            columns[id, default: []].append(
                ColumnRow(
                    column: LedgerColumn(name, type, isNullable: nullable == 1), keyOrdinal: key,
                    change: change))
        }
        return columns
    }

    /// Nil if the rows make no table.
    private static func table(
        _ id: UInt32, _ name: String, _ kind: LedgerTable.Kind, _ rows: [ColumnRow]
    ) -> StoredTable? {
        let key = rows.filter { $0.keyOrdinal > 0 }.sorted { $0.keyOrdinal < $1.keyOrdinal }
        let initial = rows.prefix { $0.change == .create }
        guard
            let table = try? LedgerTable(
                name: name, kind: kind, columns: rows.map(\.column),
                primaryKey: key.map(\.column.name)),
            key.map(\.keyOrdinal) == Array(1...key.count + 1).dropLast(),
            rows.dropFirst(initial.count).allSatisfy({ $0.change == .second })
        else { return nil }
        return StoredTable(
            id: id, name: table.name, kind: kind, columns: table.columns,
            initialCount: initial.count, primaryKey: table.primaryKey)
    }
}
