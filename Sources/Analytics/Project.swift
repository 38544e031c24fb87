import Algebra
public import MPC

extension Engine where Self: ~Copyable {
    /// The named columns, in that order; local.
    public func project(_ table: SecretTable<Self>, to names: [String])
        throws(AnalyticsError) -> SecretTable<Self>
    {
        try table.projected(to: names.map { ($0, $0) })
    }

    /// The named columns under other names, in that order; local.
    public func project(
        _ table: SecretTable<Self>, to columns: [(from: String, to: String)]
    ) throws(AnalyticsError) -> SecretTable<Self> {
        try table.projected(to: columns)
    }

    /// The same table with a column under another name; local.
    public func rename(_ table: SecretTable<Self>, _ old: String, to new: String)
        throws(AnalyticsError) -> SecretTable<Self>
    {
        _ = try table.schema.index(of: old)
        return try table.projected(to: table.schema.names.map { ($0, $0 == old ? new : $0) })
    }

    /// The table with one more column, computed from the others in each row.
    ///
    /// Leaks nothing.
    ///
    /// - Throws: ``AnalyticsError/overflow(expression:range:bound:)`` before anything is sent.
    public mutating func extend(
        _ table: SecretTable<Self>, _ name: String, _ expression: Expression
    )
        throws(AnalyticsError) -> SecretTable<Self>
    {
        try extend(table, [(name, expression)])
    }

    /// As ``extend(_:_:_:)`` with several columns, each computed from those of the table given.
    public mutating func extend(
        _ table: SecretTable<Self>, _ columns: [(name: String, Expression)]
    ) throws(AnalyticsError) -> SecretTable<Self> {
        let schema = try table.schema.extended(by: columns, limit: ring.numberLimit)
        var more: [ColumnShares<Self>] = []
        for (_, expression) in columns {
            more.append(try evaluate(expression, over: table).shares)
        }
        return table.appending(more, schema)
    }
}
