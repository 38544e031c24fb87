/// The values of one column in the clear.
public enum PlainColumn: Hashable, Sendable {
    /// Cents, days, minutes, integers, or fixed-point values times 2^fractionBits.
    case numbers([Int128])
    case bools([Bool])
    case keys([UInt128])
    /// Places of labels in the code's list.
    case codes([Int])

    public var count: Int {
        switch self {
        case .numbers(let values): values.count
        case .bools(let values): values.count
        case .keys(let values): values.count
        case .codes(let values): values.count
        }
    }
}

/// Rows in the clear: an owner's input, or what an output gave its recipient.
public struct PlainTable: Hashable, Sendable {
    /// Whether each row counts; the contents of other rows are zero.
    public var valid: [Bool]
    /// One for each field of the schema.
    public var columns: [PlainColumn]

    public init(valid: [Bool], columns: [PlainColumn]) {
        (self.valid, self.columns) = (valid, columns)
    }

    /// Rows that all count.
    public init(_ columns: [PlainColumn]) {
        self.init(
            valid: Array(repeating: true, count: columns.first?.count ?? 0), columns: columns)
    }

    public var count: Int { valid.count }

    /// The rows that count, in their order.
    package var validRows: PlainTable { gathering(valid.indices.filter { valid[$0] }) }

    /// The rows in the order of their values, column by column: where the order given tells nothing.
    package var sorted: PlainTable {
        gathering(
            valid.indices.sorted { a, b in
                for column in columns {
                    if column.isLess(a, b) { return true }
                    if column.isLess(b, a) { return false }
                }
                return false
            })
    }

    private func gathering(_ rows: [Int]) -> PlainTable {
        PlainTable(valid: rows.map { valid[$0] }, columns: columns.map { $0.gathering(rows) })
    }
}

extension PlainColumn {
    /// No values of a type.
    package init(none type: ColumnType) {
        switch type {
        case .bool: self = .bools([])
        case .key: self = .keys([])
        case .code: self = .codes([])
        case .integer, .money, .fixed, .day, .minute: self = .numbers([])
        }
    }

    fileprivate func gathering(_ rows: [Int]) -> PlainColumn {
        switch self {
        case .numbers(let values): .numbers(rows.map { values[$0] })
        case .bools(let values): .bools(rows.map { values[$0] })
        case .keys(let values): .keys(rows.map { values[$0] })
        case .codes(let values): .codes(rows.map { values[$0] })
        }
    }

    fileprivate func isLess(_ a: Int, _ b: Int) -> Bool {
        switch self {
        case .numbers(let values): values[a] < values[b]
        case .bools(let values): !values[a] && values[b]
        case .keys(let values): values[a] < values[b]
        case .codes(let values): values[a] < values[b]
        }
    }
}

/// Rows may be somebody's: printing shows how many there are.
extension PlainTable: CustomStringConvertible, CustomReflectable {
    public var description: String { "PlainTable(\(count) rows)" }
    public var customMirror: Mirror { Mirror(self, children: ["rows": count]) }
}
