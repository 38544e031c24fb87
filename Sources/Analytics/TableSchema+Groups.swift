import Primitives

/// The schemas of what is computed from groups of rows.
extension TableSchema {
    /// Of ``Engine/groupBy(_:_:_:atMost:)``: the keys and the aggregates, a row for each group; without
    /// keys one row.
    public func grouped(
        by keys: [String], _ aggregates: [(name: String, Aggregate)], atMost groups: Int? = nil,
        limit: Int128
    ) throws(AnalyticsError) -> TableSchema {
        var fields: [Field] = []
        for key in keys { fields.append(try field(key)) }
        let owners = owners(where: { keys.contains($0) })
        for (name, aggregate) in aggregates {
            let field = try aggregate.field(name, in: self, limit: limit).owned(by: owners)
            // Of no rows aggregates are zero.
            fields.append(
                keys.isEmpty ? Field(name, field.type.orZero, owners: field.owners) : field)
        }
        let most = keys.isEmpty ? 1 : bound
        return try TableSchema(fields, bound: min(groups ?? most, most), unique: [Set(keys)])
    }

    /// Of ``Engine/withGroupTotals(_:_:_:)``: the same rows with the totals of their groups.
    public func withGroupTotals(
        by keys: [String], _ aggregates: [(name: String, Aggregate)], limit: Int128
    ) throws(AnalyticsError) -> TableSchema {
        for key in keys { _ = try index(of: key) }
        let owners = owners(where: { _ in true })
        var more: [Field] = []
        for (name, aggregate) in aggregates {
            switch aggregate {
            case .count, .countWhere, .sum, .countDistinct: break
            default: throw aggregate.isNoTotal
            }
            more.append(try aggregate.field(name, in: self, limit: limit).owned(by: owners))
        }
        return try appending(more)
    }

    /// Of ``Engine/window(_:groups:order:_:)``: the same rows, with a column for each function.
    public func windowed(
        groups: [String], order: [OrderKey], _ functions: [(name: String, WindowFunction)],
        limit: Int128
    ) throws(AnalyticsError) -> TableSchema {
        for name in groups + order.map(\.column) { _ = try index(of: name) }
        let owners = owners(where: { _ in true })
        var more: [Field] = []
        for (name, function) in functions {
            more.append(Field(name, try function.type(in: self, bound: limit), owners: owners))
        }
        return try appending(more)
    }

    /// Of ``Engine/quantilesAsRow(_:of:_:)``: one row, a column for each quantile.
    ///
    /// - Parameter fractions: 0 ≤ numerator ≤ denominator, denominator > 0.
    public func quantiles(
        of column: String, _ fractions: [(name: String, numerator: Int, denominator: Int)],
        limit: Int128
    ) throws(AnalyticsError) -> TableSchema {
        let field = try field(column)
        guard field.type.range != nil else {
            throw .wrongType(
                expression: "quantile of \(column)", reason: "\(field.type) has no order")
        }
        for (_, a, b) in fractions {
            guard a >= 0, b > 0, a <= b else {
                throw .wrongType(
                    expression: "quantile \(a)/\(b) of \(column)", reason: "is not from 0 to 1")
            }
            _ = try ColumnType.integer(0...Int128(bound) * Int128(b)).check(
                limit, expression: "quantile \(a)/\(b) of \(bound) rows")
        }
        return try TableSchema(fractions.map { field.named($0.name) }, bound: 1)
    }
}

extension Aggregate {
    /// The column of an aggregate over rows of a table.
    func field(_ name: String, in schema: TableSchema, limit: Int128)
        throws(AnalyticsError) -> Field
    {
        let type = try type(in: schema, bound: limit)
        return Field(name, type, owners: schema.owners(where: { $0 == column }))
    }
}

extension TableSchema {
    /// The same aggregates at less cost: the different values of a column that no two rows of a group
    /// share are as many as its rows, and what is asked for twice is computed once.
    ///
    /// - Returns: different aggregates, and for each that is asked for its place among them.
    func simplified(_ aggregates: [(name: String, Aggregate)], by keys: [String])
        -> (different: [Aggregate], places: [Int])
    {
        var (different, places): ([Aggregate], [Int]) = ([], [])
        for (_, asked) in aggregates {
            var aggregate = asked
            if case .countDistinct(let column) = asked, isUnique(keys + [column]) {
                aggregate = .count
            }
            places.append(different.firstIndex(of: aggregate) ?? different.count)
            if places.last == different.count { different.append(aggregate) }
        }
        return (different, places)
    }
}
