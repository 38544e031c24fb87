import Primitives

/// The schemas of results that are computed row by row or are a choice or an order of rows.
///
/// What an operator's result looks like is known before anything runs: the operators themselves
/// take it from here. `limit` is the largest magnitude that the ring can compare.
extension TableSchema {
    /// Of ``Engine/filter(_:where:)``: the same.
    public func filtered(where condition: Expression, limit: Int128) throws(AnalyticsError)
        -> TableSchema
    {
        let type = try condition.type(in: self, bound: limit)
        guard type == .bool else {
            throw .wrongType(
                expression: condition.description, reason: "is \(type), not a condition")
        }
        return self
    }

    /// Of ``Engine/extend(_:_:_:)``: one more column.
    public func extended(by name: String, _ expression: Expression, limit: Int128)
        throws(AnalyticsError) -> TableSchema
    {
        try extended(by: [(name, expression)], limit: limit)
    }

    /// Of ``Engine/extend(_:_:)``: more columns, each computed from those of this schema.
    public func extended(by columns: [(name: String, Expression)], limit: Int128)
        throws(AnalyticsError) -> TableSchema
    {
        var more: [Field] = []
        for (name, expression) in columns {
            more.append(try computed(expression, limit: limit).named(name))
        }
        return try appending(more)
    }

    /// The column that an expression makes, under the expression's text.
    func computed(_ expression: Expression, limit: Int128) throws(AnalyticsError) -> Field {
        let type = try expression.type(in: self, bound: limit)
        let names = expression.columns
        let owners = owners(where: { names.contains($0) })
        return Field(expression.description, type, owners: owners)
    }

    /// Of ``Engine/project(_:to:)``: these columns alone, in this order and under these names.
    public func projected(to columns: [(from: String, to: String)]) throws(AnalyticsError)
        -> TableSchema
    {
        var fields: [Field] = []
        var names: [String: String] = [:]
        for (old, new) in columns {
            fields.append(try field(old).named(new))
            names[old] = new
        }
        let kept = unique.filter { $0.allSatisfy { names[$0] != nil } }
        return try TableSchema(
            fields, bound: bound, unique: Set(kept.map { Set($0.compactMap { names[$0] }) }))
    }

    /// Of ``Engine/orderBy(_:_:first:)``.
    public func ordered(by keys: [OrderKey], first count: Int? = nil) throws(AnalyticsError)
        -> TableSchema
    {
        for key in keys { _ = try index(of: key.column) }
        return limited(to: count ?? bound)
    }

    /// Of ``Engine/limit(_:to:)``: at most so many rows.
    public func limited(to count: Int) -> TableSchema {
        TableSchema(checked: fields, bound: min(count, bound), unique: unique)
    }

    /// Of ``Engine/distinct(_:on:)``: the columns together differ in all rows.
    public func distinct(on names: [String]? = nil) throws(AnalyticsError) -> TableSchema {
        let names = names ?? self.names
        for name in names { _ = try index(of: name) }
        return TableSchema(checked: fields, bound: bound, unique: unique.union([Set(names)]))
    }

    /// Of ``Engine/union(_:origin:)``: as many rows as all tables have together.
    ///
    /// Ranges become those that hold all tables' values. What is unique in each table is unique
    /// together with the origin.
    public static func union(
        _ tables: [TableSchema], origin: (column: String, labels: [String])? = nil
    ) throws(AnalyticsError) -> TableSchema {
        guard let first = tables.first else {
            throw .differentColumns(reason: "no table is given")
        }
        var (fields, bound, unique) = (first.fields, first.bound, first.unique)
        for table in tables.dropFirst() {
            guard table.names == first.names else {
                throw .differentColumns(
                    reason: "one has \(first.names.joined(separator: ", ")), one "
                        + table.names.joined(separator: ", "))
            }
            for (index, field) in table.fields.enumerated() {
                guard let type = fields[index].type.union(field.type) else {
                    throw .differentColumns(
                        reason: "\"\(field.name)\" is \(fields[index].type) in one, "
                            + "\(field.type) in another")
                }
                fields[index] = Field(field.name, type, owners: fields[index].owners)
                    .owned(by: field.owners)
            }
            bound += table.bound
            unique.formIntersection(table.unique)
        }
        guard let origin else {
            return try TableSchema(fields, bound: bound, unique: tables.count == 1 ? unique : [])
        }
        guard origin.labels.count == tables.count else {
            throw .differentColumns(
                reason: "\(tables.count) tables and \(origin.labels.count) labels of origin")
        }
        fields.append(Field(origin.column, .code(origin.labels)))
        return try TableSchema(
            fields, bound: bound, unique: Set(unique.map { $0.union([origin.column]) }))
    }

    /// Of ``Engine/broadcast(_:from:_:)``: columns of the only row of another table.
    public func broadcast(from row: TableSchema, _ columns: [(from: String, to: String)])
        throws(AnalyticsError) -> TableSchema
    {
        guard row.bound <= 1 else {
            throw .differentColumns(
                reason: "a table of up to \(row.bound) rows where one of a single row is needed")
        }
        var more: [Field] = []
        for field in try row.projected(to: columns).fields {
            more.append(Field(field.name, field.type.orZero, owners: field.owners))
        }
        return try appending(more)
    }

    /// Of ``Engine/score(_:features:model:as:)``: one more column, of the weights' kind.
    ///
    /// - Parameter model: a table of one column of integers or fixed-point numbers.
    /// - Throws: ``AnalyticsError/overflow(expression:range:bound:)`` if the sum of all products
    ///   may leave the limit before it is rounded.
    public func scored(
        features: [String], model: TableSchema, as name: String, limit: Int128
    ) throws(AnalyticsError) -> TableSchema {
        let scale = try featureScale(features)
        guard model.bound == features.count + 1, model.fields.count == 1,
            let weight = model.fields[0].type.orZero.range, model.fields[0].type.isPlainNumber
        else {
            throw .differentColumns(
                reason: "a model of \(features.count) features is one column of "
                    + "\(features.count + 1) weights, integers or fixed-point numbers")
        }
        var (low, high) = (0 as Int128, 0 as Int128)
        // The bias is the weight of a feature that is 1.
        var factors: [(range: ClosedRange<Int128>, fractionBits: Int)] = [(1...1, 0)]
        for name in features { factors.append(try featureRange(name)) }
        for feature in factors {
            let factor = Int128(1) << Int128(scale - feature.fractionBits)
            let corners = [weight.lowerBound, weight.upperBound].flatMap { w in
                [feature.range.lowerBound, feature.range.upperBound].map {
                    w.saturatingProduct($0).saturatingProduct(factor)
                }
            }
            low = low.saturatingSum(corners.min() ?? 0)
            high = high.saturatingSum(corners.max() ?? 0)
        }
        let type = model.fields[0].type
        _ = try type.with(range: low...high).check(limit, expression: "score(\(name))")
        let owners = owners(where: { features.contains($0) }).union(model.fields[0].owners)
        return try appending([
            Field(
                name, type.with(range: low >> Int128(scale)...high >> Int128(scale)), owners: owners
            )
        ])
    }

    /// The most fraction bits that a feature has.
    func featureScale(_ features: [String]) throws(AnalyticsError) -> Int {
        var scale = 0
        for name in features { scale = max(scale, try featureRange(name).fractionBits) }
        return scale
    }

    /// A feature's range, in units of 2^−fractionBits.
    func featureRange(_ name: String) throws(AnalyticsError) -> (
        range: ClosedRange<Int128>, fractionBits: Int
    ) {
        switch try field(name).type {
        case .bool: return (0...1, 0)
        case .integer(let range): return (range, 0)
        case .fixed(let bits, let range): return (range, bits)
        case let type:
            throw .wrongType(
                expression: name,
                reason: "is \(type) where a feature is a bool, an integer or a fixed-point number")
        }
    }

    /// Of ``Engine/compacted(_:)``: the same rows at most.
    public func compacted() -> TableSchema { self }

    // MARK: Parts

    func appending(_ more: [Field]) throws(AnalyticsError) -> TableSchema {
        try TableSchema(fields + more, bound: bound, unique: unique)
    }

    /// Whose data the named columns depend on.
    func owners(where isNamed: (String) -> Bool) -> Set<Party> {
        fields.filter { isNamed($0.name) }.reduce(into: Set()) { $0.formUnion($1.owners) }
    }
}

extension ColumnType {
    /// What holds zero as well: of columns that may have no value.
    var orZero: ColumnType { union(with(range: 0...0)) ?? self }

    /// Whether it has no unit.
    var isPlainNumber: Bool {
        switch self {
        case .integer, .fixed: true
        default: false
        }
    }
}

extension Int128 {
    func saturatingProduct(_ other: Int128) -> Int128 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? (self < 0) == (other < 0) ? .max : .min : product
    }

    func saturatingSum(_ other: Int128) -> Int128 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? self < 0 ? .min : .max : sum
    }
}
