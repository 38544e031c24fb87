/// Typed columns of equal length: a structure of arrays, no object or string per cell.
public struct Table: Sendable {
    /// The cells of one column: integers for every type but `text` and `key`.
    public enum Column: Hashable, Sendable {
        case integers([Int64])
        case texts(TextColumn)

        public var count: Int {
            switch self {
            case .integers(let values): values.count
            case .texts(let texts): texts.count
            }
        }
    }

    /// Where the table came from or what it is, for messages.
    public let name: String
    public let schema: Schema
    public let rowCount: Int
    /// One for each column of the schema, in its order.
    public let columns: [Column]
    /// Rows from which on the physical line differs from the row's number by more lines than before,
    /// because a quoted field held a line break; nil for a table that was not read from lines.
    let lineShifts: [LineShift]?

    struct LineShift: Sendable {
        let row: Int
        let shift: Int
    }

    /// A table of columns whose kinds and lengths fit the schema, with values in its ranges.
    public init(name: String, schema: Schema, columns: [Column]) {
        self.init(name: name, schema: schema, columns: columns, lineShifts: nil)
    }

    init(name: String, schema: Schema, columns: [Column], lineShifts: [LineShift]?) {
        precondition(columns.count == schema.columns.count, "columns do not fit the schema")
        let rowCount = columns[0].count
        for (column, declared) in zip(columns, schema.columns) {
            precondition(column.count == rowCount, "columns of different lengths")
            switch column {
            case .integers: precondition(!declared.type.isText, "\(declared.name) needs texts")
            case .texts: precondition(declared.type.isText, "\(declared.name) needs integers")
            }
        }
        (self.name, self.schema, self.columns) = (name, schema, columns)
        (self.rowCount, self.lineShifts) = (rowCount, lineShifts)
    }

    /// The integers of a column that the schema declares as `integer`, `money`, `timestamp`
    /// (seconds) or `code` (indices).
    public func integers(_ name: String) -> [Int64] {
        guard let index = schema.index(of: name), case .integers(let values) = columns[index] else {
            preconditionFailure("the schema declares no integer column \(name)")
        }
        return values
    }

    /// The texts of a column that the schema declares as `text` or `key`.
    public func texts(_ name: String) -> TextColumn {
        guard let index = schema.index(of: name), case .texts(let texts) = columns[index] else {
            preconditionFailure("the schema declares no text column \(name)")
        }
        return texts
    }

    /// The physical line of the file, from 1 for the header, on which a row begins.
    public func line(ofRow row: Int) -> Int {
        row + 2 + (lineShifts?.last { $0.row <= row }?.shift ?? 0)
    }

    /// Where a row is, for messages: `line 12` of a file, `row 11` of a database.
    package func place(ofRow row: Int) -> String {
        lineShifts == nil ? "row \(row + 1)" : "line \(line(ofRow: row))"
    }

    /// What is wrong with a cell, and where it is.
    package func mistake(row: Int, column: String, _ message: String) -> TableError.Mistake {
        lineShifts == nil
            ? .init(row: row + 1, column: column, message)
            : .init(line: line(ofRow: row), column: column, message)
    }
}
