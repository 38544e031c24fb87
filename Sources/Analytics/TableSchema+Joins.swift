import Primitives

/// The schemas of joins; right key columns vanish, the left's stay.
extension TableSchema {
    /// Of ``Engine/join(_:_:on:_:matched:)``: the left table with the right one's columns.
    ///
    /// - Throws: ``AnalyticsError/notUnique(columns:)`` if rows of `right` may have equal keys.
    public func joined(
        with right: TableSchema, on keys: [(left: String, right: String)], _ kind: JoinKind,
        matched: String? = nil
    ) throws(AnalyticsError) -> TableSchema {
        _ = try keyTypes(with: right, on: keys)
        let names = keys.map(\.right)
        guard right.isUnique(names) else { throw .notUnique(columns: names) }
        let owners = try keyOwners(with: right, on: keys)
        var more: [Field] = []
        for field in right.added(by: kind, on: names) {
            // Without a partner numbers are zero, which the range then holds.
            let type = kind == .left ? field.type.orZero : field.type
            more.append(Field(field.name, type, owners: field.owners.union(owners)))
        }
        if let matched { more.append(Field(matched, .bool, owners: owners)) }
        return try appending(more)
    }

    /// The columns that a join of this kind adds of this table, joined on `names`.
    func added(by kind: JoinKind, on names: [String]) -> [Field] {
        kind == .inner || kind == .left ? fields.filter { !names.contains($0.name) } : []
    }

    /// Of ``Engine/joinMany(_:_:on:cap:)``: the pairs, cap times as many rows as the left table has.
    public func joinedMany(
        with right: TableSchema, on keys: [(left: String, right: String)], cap: Int
    ) throws(AnalyticsError) -> TableSchema {
        guard cap > 0 else {
            throw .differentColumns(reason: "a join with a cap of \(cap) rows has none")
        }
        _ = try keyTypes(with: right, on: keys)
        let owners = try keyOwners(with: right, on: keys)
        let more = right.added(by: .inner, on: keys.map(\.right)).map { $0.owned(by: owners) }
        let (rows, overflow) = bound.multipliedReportingOverflow(by: cap)
        guard !overflow else {
            throw .differentColumns(reason: "a join of \(bound) rows with a cap of \(cap)")
        }
        return try TableSchema(
            fields + more, bound: rows, unique: cap == 1 ? unique : [])
    }

    /// Of ``Engine/groupJoin(_:_:on:_:)``: the left table with totals of the right one's rows.
    public func groupJoined(
        with right: TableSchema, on keys: [(left: String, right: String)],
        _ aggregates: [(name: String, Aggregate)], limit: Int128
    ) throws(AnalyticsError) -> TableSchema {
        _ = try keyTypes(with: right, on: keys)
        let owners = try keyOwners(with: right, on: keys)
        var more: [Field] = []
        for (name, aggregate) in aggregates {
            let field = try aggregate.field(name, in: right, limit: limit)
            guard try aggregate.isTotal(in: right) else { throw aggregate.isNoTotal }
            more.append(field.owned(by: owners))
        }
        return try appending(more)
    }

    /// The types that hold both columns of each pair of keys.
    func keyTypes(with right: TableSchema, on keys: [(left: String, right: String)])
        throws(AnalyticsError) -> [ColumnType]
    {
        guard !keys.isEmpty else { throw .differentColumns(reason: "a join needs a key") }
        var types: [ColumnType] = []
        for key in keys {
            let (a, b) = (try field(key.left).type, try right.field(key.right).type)
            guard let type = a.union(b) else {
                throw .differentColumns(
                    reason: "\"\(key.left)\" is \(a), \"\(key.right)\" is \(b)")
            }
            types.append(type)
        }
        return types
    }

    func keyOwners(with right: TableSchema, on keys: [(left: String, right: String)])
        throws(AnalyticsError) -> Set<Party>
    {
        var owners: Set<Party> = []
        for key in keys {
            owners.formUnion(try field(key.left).owners)
            owners.formUnion(try right.field(key.right).owners)
        }
        return owners
    }
}
