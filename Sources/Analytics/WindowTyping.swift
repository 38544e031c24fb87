extension WindowFunction {
    /// The type of the result.
    ///
    /// - Throws: what ``Aggregate/type(in:bound:)`` throws; here sums are of one row each, or of at
    ///   most `rows` of them.
    public func type(in schema: TableSchema, bound: Int128) throws(AnalyticsError) -> ColumnType {
        switch self {
        case .rowNumber: return .integer(1...Int128(max(1, schema.bound)))
        case .runningSum(let name): return try Aggregate.sum(name).type(in: schema, bound: bound)
        case .previous(let name, let rows):
            guard rows > 0 else {
                throw .wrongType(
                    expression: "\(name), \(rows) rows above", reason: "needs a row above")
            }
            let type = try schema.field(name).type
            return type.union(type.with(range: 0...0)) ?? type
        case .recent(let aggregate, let rows, let within):
            if let within {
                let type = try schema.field(within.column).type
                guard let range = type.range else {
                    throw .wrongType(expression: within.column, reason: "is no number")
                }
                // The comparison adds the distance to the column.
                guard within.distance.magnitude <= bound.magnitude else {
                    throw .overflow(
                        expression: "distance", range: within.distance...within.distance,
                        bound: bound)
                }
                _ = try type.with(
                    range: range.lowerBound...range.upperBound + abs(within.distance)
                ).check(bound, expression: "\(within.column) + \(within.distance)")
            }
            return try aggregate.type(in: schema, rows: rows, bound: bound)
        }
    }
}

extension WindowFunction.RecentAggregate {
    var column: String? {
        switch self {
        case .count: nil
        case .sum(let name), .minimum(let name), .maximum(let name), .countDistinct(let name): name
        }
    }

    fileprivate func type(in schema: TableSchema, rows: Int, bound: Int128)
        throws(AnalyticsError) -> ColumnType
    {
        let recent = try TableSchema(schema.fields, bound: max(1, min(rows, schema.bound)))
        switch self {
        case .count: return .integer(1...Int128(recent.bound))
        case .sum(let name): return try Aggregate.sum(name).type(in: recent, bound: bound)
        case .minimum(let name): return try Aggregate.minimum(name).type(in: recent, bound: bound)
        case .maximum(let name): return try Aggregate.maximum(name).type(in: recent, bound: bound)
        case .countDistinct(let name):
            guard case .code(let labels) = try schema.field(name).type else {
                throw .wrongType(expression: name, reason: "is no code")
            }
            return .integer(1...Int128(labels.count))
        }
    }
}
