/// What a group of rows is summed up to.
public enum Aggregate: Hashable, Sendable {
    /// The number of rows.
    case count
    /// The number of rows in which a column of bools holds.
    case countWhere(String)
    case sum(String)
    /// ⌊sum / count⌋.
    case average(String)
    case minimum(String)
    case maximum(String)
    /// The number of different values.
    case countDistinct(String)
    /// The value in the first row, in the order of the table given.
    case first(String)
    /// The value in the last row, in the order of the table given.
    case last(String)

    var column: String? {
        switch self {
        case .count: nil
        case .countWhere(let name), .sum(let name), .average(let name), .minimum(let name),
            .maximum(let name), .countDistinct(let name), .first(let name), .last(let name):
            name
        }
    }

    /// The column that must order the rows of a group; nil for the order of the table given.
    func ordering(in schema: TableSchema) throws(AnalyticsError) -> String? {
        switch self {
        case .minimum(let name), .maximum(let name): name
        case .countDistinct(let name): try schema.field(name).type.isShortCode ? nil : name
        default: nil
        }
    }

    /// Whether any order of a group's rows will do.
    func isFreeOfOrder(in schema: TableSchema) throws(AnalyticsError) -> Bool {
        if case .average = self { return true }
        return try isTotal(in: schema)
    }

    /// Whether a table's groups can be joined with their totals: sums, and counts of rows or of the
    /// different labels of a short code.
    func isTotal(in schema: TableSchema) throws(AnalyticsError) -> Bool {
        switch self {
        case .count, .countWhere, .sum: true
        case .countDistinct(let name): try schema.field(name).type.isShortCode
        default: false
        }
    }

    var isNoTotal: AnalyticsError {
        .wrongType(expression: "\(self)", reason: "is no total; group and join instead")
    }

    /// The type of the result for groups of a table's rows.
    ///
    /// - Throws: ``AnalyticsError/overflow(expression:range:bound:)`` if a sum of all rows could
    ///   leave what the ring can compare.
    public func type(in schema: TableSchema, bound: Int128) throws(AnalyticsError) -> ColumnType {
        let rows = Int128(schema.bound)
        guard let column else { return .integer(0...rows) }
        let type = try schema.field(column).type
        switch self {
        case .count: return .integer(0...rows)
        case .countDistinct:
            guard case .code(let labels) = type else { return .integer(0...rows) }
            return .integer(0...min(rows, Int128(labels.count)))
        case .first, .last: return type
        case .countWhere:
            guard type == .bool else { throw wrong(type, "a bool") }
            return .integer(0...rows)
        case .minimum, .maximum:
            guard type.range != nil else { throw wrong(type, "a number") }
            return type
        case .sum, .average:
            guard let range = type.range, type.isSummable else { throw wrong(type, "an amount") }
            let (low, lowOverflow) = range.lowerBound.multipliedReportingOverflow(by: rows)
            let (high, highOverflow) = range.upperBound.multipliedReportingOverflow(by: rows)
            let all =
                min(
                    range.lowerBound, lowOverflow ? .min : low, 0)...max(
                    range.upperBound, highOverflow ? .max : high, 0)
            let sum = try type.with(range: all).check(
                bound, expression: "\(self) over \(rows) rows")
            guard case .average = self else { return sum }
            // What is divided: the sum of what each number is above the lowest.
            let above = (range.upperBound - range.lowerBound).multipliedReportingOverflow(by: rows)
            _ = try ColumnType.integer(0...(above.overflow ? .max : above.partialValue))
                .check(bound, expression: "\(self)")
            return type
        }
    }

    private func wrong(_ type: ColumnType, _ needed: String) -> AnalyticsError {
        .wrongType(expression: "\(self)", reason: "is of \(type) where \(needed) is needed")
    }
}

extension ColumnType {
    /// Whether each label can be looked at by itself.
    var isShortCode: Bool {
        if case .code(let labels) = self { return labels.count <= 16 }
        return false
    }

    /// Sums of days mean nothing.
    fileprivate var isSummable: Bool {
        switch self {
        case .integer, .money, .fixed: true
        default: false
        }
    }
}

extension Aggregate: CustomStringConvertible {
    public var description: String {
        switch self {
        case .count: "count(*)"
        case .countWhere(let name): "count(\(name))"
        case .sum(let name): "sum(\(name))"
        case .average(let name): "avg(\(name))"
        case .minimum(let name): "min(\(name))"
        case .maximum(let name): "max(\(name))"
        case .countDistinct(let name): "count(distinct \(name))"
        case .first(let name): "first(\(name))"
        case .last(let name): "last(\(name))"
        }
    }
}
