/// Reads typed tables from PostgreSQL: one row after the other, with the same checks and messages as
/// ``CSVReader``.
///
/// One statement runs in a read-only transaction, and its rows come one at a time: memory is that of
/// the columns. A cell counts as the text that a CSV file would have of it: NULL as an empty cell, a
/// boolean as true or false, a moment in UTC. A floating-point number that is not exactly an amount is
/// refused and not rounded.
public enum PostgresReader {
    /// Reads the result of a query.
    ///
    /// - Parameters:
    ///   - query: one SELECT.
    ///   - allowsNoRows: whether columns alone are a table.
    /// - Throws: ``TableError`` with everything that is wrong with it; rows are counted from 1.
    public static func read(
        _ address: PostgresAddress, query: String, schema: Schema, allowsNoRows: Bool = false
    ) throws(TableError) -> Table {
        try read(
            address, query: query, schema: schema, allowsNoRows: allowsNoRows,
            library: "libpq.so.5")
    }

    /// The same with a library of another name.
    package static func read(
        _ address: PostgresAddress, query: String, schema: Schema, allowsNoRows: Bool = false,
        library: String
    ) throws(TableError) -> Table {
        let name = address.name
        var mistakes = TableError(file: name)
        var builders = schema.columns.map { ColumnBuilder($0) }
        var number = 0
        do throws(Refusal) {
            guard !query.utf8.contains(0) else { throw Refusal("the query has a NUL byte") }
            let connection = try PostgresConnection.open(address, LibPQ(file: library))
            try connection.send(query)
            var types: [UInt32]?
            while let row = try connection.next() {
                if types == nil {
                    let columns = row.columns
                    types = columns.map(\.type)
                    builders.find(in: columns.map(\.name), line: nil, &mistakes)
                    guard mistakes.count == 0 else { break }
                }
                guard row.hasRow else { continue }
                number += 1
                append(row, types ?? [], number, to: &builders, &mistakes)
            }
        } catch {
            mistakes.add(.init(error.reason))
        }
        if mistakes.count == 0, number == 0, !allowsNoRows {
            mistakes.add(.init("has no rows; it needs at least one row"))
        }
        guard mistakes.count == 0 else { throw mistakes }
        return Table(name: name, schema: schema, columns: builders.map { $0.finished() })
    }

    private static func append(
        _ row: borrowing PostgresResult, _ types: [UInt32], _ number: Int,
        to builders: inout [ColumnBuilder], _ mistakes: inout TableError
    ) {
        for index in builders.indices {
            guard let position = builders[index].position else { continue }
            do throws(Refusal) {
                let text = try text(row.cell(position) ?? [], type: types[position])
                try builders[index].append(text.span, 0..<text.count)
            } catch {
                mistakes.add(
                    .init(
                        row: number, column: builders[index].column.name,
                        columnNumber: position + 1, error.reason))
            }
        }
    }

    /// A cell as a CSV file has it.
    ///
    /// - Parameter type: the object identifier of the column's type in `pg_type`.
    private static func text(_ cell: [UInt8], type: UInt32) throws(Refusal) -> [UInt8] {
        switch type {
        case 16:  // boolean
            return cell.first.map { Array(($0 == UInt8(ascii: "t") ? "true" : "false").utf8) } ?? []
        case 17: throw Refusal("is a blob; select a number or a text")
        case 700, 701:  // real, double precision: 1e-05 is 0.00001
            guard let number = Double(String(decoding: cell, as: UTF8.self)) else { return cell }
            return Array(CellText.decimal(number).utf8)
        case 1184:  // timestamp with time zone: 2026-01-31 23:59:59+00
            return cell.isEmpty ? cell : cell + ":00".utf8
        default:
            // The server does not check texts of a database in SQL_ASCII.
            guard String(validating: cell, as: UTF8.self) != nil else {
                throw Refusal("is not UTF-8; correct it")
            }
            return cell
        }
    }
}
