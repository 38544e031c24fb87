/// A ledger table as it is in the database: its number, its names, and the SQL that makes it.
///
/// The catalogue's two tables are append-only ledger tables themselves, so that what a table is
/// hashes like what it holds.
struct StoredTable: Hashable {
    /// The number that hashes use: 1 and 2 are the catalogue's, others follow in order of creation.
    let id: UInt32
    var name: String
    let kind: LedgerTable.Kind
    /// By column number; those from ``initialCount`` on were added later.
    var columns: [LedgerColumn]
    let initialCount: Int
    let primaryKey: [String]
    var isDropped = false

    // MARK: Names

    private var isCatalogue: Bool { id <= LedgerCatalogue.reservedIDs }
    var history: String? { kind == .updatable ? "ParleyLedgerHistoryFor_\(id)" : nil }
    var view: String { "\(name)_Ledger" }
    /// The name after a drop: the table is kept.
    var droppedName: String { "ParleyDropped_\(name)_\(id)" }

    /// The columns that say which operation inserted a row.
    var startColumns: [String] {
        isCatalogue
            ? ["transaction_id", "sequence_number"]
            : ["ledger_start_transaction_id", "ledger_start_sequence_number"]
    }
    static let endColumns = ["ledger_end_transaction_id", "ledger_end_sequence_number"]

    /// The columns as a SELECT reads them into cells: text as a blob.
    var readList: [String] {
        columns.map {
            let name = LedgerIdentifier.quoted($0.name)
            return $0.type == .text ? "CAST(\(name) AS BLOB)" : name
        }
    }

    // MARK: SQL

    /// Every object of the table by its name, with the text that SQLite keeps of it.
    var objects: [String: String] {
        var objects = [name: tableSQL(name, isHistory: false)]
        if let history { objects[history] = tableSQL(history, isHistory: true) }
        if !isCatalogue { objects[view] = viewSQL }
        for (name, sql) in triggers { objects[name] = sql }
        return objects
    }

    /// Columns added later stand after the generated ones, where ALTER TABLE puts them.
    private func tableSQL(_ name: String, isHistory: Bool) -> String {
        let quoted = LedgerIdentifier.quoted
        let generated = startColumns.map { "\(quoted($0)) INTEGER NOT NULL" }
        let end = Self.endColumns.map {
            "\(quoted($0)) INTEGER " + (isHistory ? "NOT NULL" : "CHECK (\(quoted($0)) IS NULL)")
        }
        let definitions =
            columns.prefix(initialCount).map(Self.definition) + generated
            + (kind == .updatable ? end : [])
            + columns.dropFirst(initialCount).map(Self.definition)
        // Keys repeat in the history; operations never do.
        var constraints = ["UNIQUE (\(LedgerIdentifier.list(startColumns)))"]
        if isHistory { constraints.append("UNIQUE (\(LedgerIdentifier.list(Self.endColumns)))") }
        if !isHistory, !primaryKey.isEmpty {
            constraints.insert("PRIMARY KEY (\(LedgerIdentifier.list(primaryKey)))", at: 0)
        }
        let body = (definitions + constraints).joined(separator: ", ")
        return "CREATE TABLE \(quoted(name)) (\(body)) STRICT"
    }

    static func definition(_ column: LedgerColumn) -> String {
        "\(LedgerIdentifier.quoted(column.name)) \(column.type.rawValue)"
            + (column.isNullable ? "" : " NOT NULL")
    }

    /// The ledger view: an update is the deletion of the old row and the insertion of the new one.
    var viewSQL: String {
        func select(_ table: String, _ place: [String], _ operation: String, _ code: Int) -> String
        {
            let place = zip(place, ["ledger_transaction_id", "ledger_sequence_number"]).map {
                "\(LedgerIdentifier.quoted($0)) AS \(LedgerIdentifier.quoted($1))"
            }
            let columns = columns.map { LedgerIdentifier.quoted($0.name) } + place
            return "SELECT \(columns.joined(separator: ", ")), \(code) AS "
                + "\"ledger_operation_type\", '\(operation)' AS \"ledger_operation_type_desc\" "
                + "FROM \(LedgerIdentifier.quoted(table))"
        }
        var parts = [select(name, startColumns, "INSERT", 1)]
        if let history {
            parts.append(select(history, startColumns, "INSERT", 1))
            parts.append(select(history, Self.endColumns, "DELETE", 2))
        }
        return "CREATE VIEW \(LedgerIdentifier.quoted(view)) AS "
            + parts.joined(separator: " UNION ALL ")
    }

    /// The triggers that refuse writes from elsewhere.
    var triggers: [(name: String, sql: String)] {
        let open = TablesSchema.openTransaction
        let start = LedgerIdentifier.quoted(startColumns[0])
        var rules: [(table: String, change: String, condition: String)] = [
            (name, "INSERT", isDropped ? "1" : "\(open) IS NOT NEW.\(start)"),
            (name, "UPDATE", "1"),
            (name, "DELETE", kind == .updatable && !isDropped ? "\(open) IS NULL" : "1"),
        ]
        if let history {
            let end = LedgerIdentifier.quoted(Self.endColumns[0])
            rules += [
                (history, "INSERT", isDropped ? "1" : "\(open) IS NOT NEW.\(end)"),
                (history, "UPDATE", "1"), (history, "DELETE", "1"),
            ]
        }
        return rules.map { rule in
            TablesSchema.trigger(
                (rule.table == name ? "ParleyLedger_\(id)_" : "ParleyLedgerHistory_\(id)_")
                    + rule.change.lowercased(),
                on: rule.table, rule.change, when: rule.condition)
        }
    }
}
