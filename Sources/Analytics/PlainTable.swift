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
}

/// Rows may be somebody's: printing shows how many there are.
extension PlainTable: CustomStringConvertible, CustomReflectable {
    public var description: String { "PlainTable(\(count) rows)" }
    public var customMirror: Mirror { Mirror(self, children: ["rows": count]) }
}
