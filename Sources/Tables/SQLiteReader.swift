public import Foundation
import GRDB

/// Reads typed tables from SQLite files: one row after the other, with the same checks and messages as
/// ``CSVReader``.
///
/// The file is opened to read only. A cell counts as the text that a CSV file would have of it: NULL
/// as an empty cell, an integer or a floating-point number in decimal. A floating-point number that
/// is not exactly an amount, such as 0.1 + 0.2, is refused and not rounded.
public enum SQLiteReader {
    /// Which rows are read.
    public enum Selection: Hashable, Sendable {
        /// All of a table or view, in the order in which SQLite keeps them.
        case table(String)
        /// Those of one SELECT.
        case query(String)

        fileprivate var sql: String {
            switch self {
            case .table(let name):
                "SELECT * FROM \"\(name.replacingOccurrences(of: "\"", with: "\"\""))\""
            case .query(let sql): sql
            }
        }
    }

    /// Reads a table or the result of a query.
    ///
    /// - Parameter allowsNoRows: whether columns alone are a table.
    /// - Throws: ``TableError`` with everything that is wrong with it; rows are counted from 1.
    public static func read(
        file: URL, _ selection: Selection, schema: Schema, allowsNoRows: Bool = false
    ) throws(TableError) -> Table {
        let name = file.lastPathComponent
        func failure(_ message: String) -> TableError { TableError(file: name, [.init(message)]) }
        guard FileManager.default.isReadableFile(atPath: file.path) else {
            throw failure("cannot be read; check the path and its permissions: \(file.path)")
        }
        var configuration = Configuration()
        configuration.readonly = true
        // Its owner may be writing.
        configuration.busyMode = .timeout(10)
        var mistakes = TableError(file: name)
        var builders = schema.columns.map { ColumnBuilder($0) }
        do {
            try DatabaseQueue(path: file.path, configuration: configuration).read { database in
                let statement = try database.makeStatement(sql: selection.sql)
                let rows = try Row.fetchCursor(statement)
                builders.find(in: statement.columnNames, line: nil, &mistakes)
                guard mistakes.count == 0 else { return }
                var number = 0
                while let row = try rows.next() {
                    number += 1
                    append(row, number, to: &builders, &mistakes)
                }
                if number == 0, !allowsNoRows {
                    mistakes.add(.init("has no rows; it needs at least one row"))
                }
            }
        } catch let error as DatabaseError {
            throw failure(
                "SQLite: \(error.message ?? "\(error.resultCode)"); check table and query")
        } catch {
            throw failure("cannot be read: \(error)")
        }
        guard mistakes.count == 0 else { throw mistakes }
        return Table(name: name, schema: schema, columns: builders.map { $0.finished() })
    }

    private static func append(
        _ row: Row, _ number: Int, to builders: inout [ColumnBuilder], _ mistakes: inout TableError
    ) {
        for index in builders.indices {
            guard let position = builders[index].position else { continue }
            do throws(Refusal) {
                let text = Array(try text(row, position).utf8)
                try builders[index].append(text.span, 0..<text.count)
            } catch {
                mistakes.add(
                    .init(
                        row: number, column: builders[index].column.name,
                        columnNumber: position + 1, error.reason))
            }
        }
    }

    /// A cell as text.
    private static func text(_ row: Row, _ position: Int) throws(Refusal) -> String {
        let value: DatabaseValue = row[position]
        switch value.storage {
        case .null: return ""
        case .int64(let integer): return String(integer)
        case .double(let number):
            return CellText.decimal(number)
        case .string(let text):
            // As a string it ends at a NUL byte, and what is not UTF-8 is replaced.
            let stored = try? row.withUnsafeData(atIndex: position) { $0?.count }
            guard stored == text.utf8.count else {
                throw Refusal("is not UTF-8 or has a NUL byte; correct it")
            }
            return text
        case .blob: throw Refusal("is a blob; select a number or a text")
        }
    }
}
