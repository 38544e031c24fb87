public import MPC

extension Engine where Self: ~Copyable {
    /// The named columns, in that order; local.
    public func project(_ table: SecretTable<Self>, to names: [String])
        throws(AnalyticsError) -> SecretTable<Self>
    {
        try table.selecting(names)
    }

    /// The same table with a column under another name; local.
    public func rename(_ table: SecretTable<Self>, _ old: String, to new: String)
        throws(AnalyticsError) -> SecretTable<Self>
    {
        let index = try table.schema.index(of: old)
        var fields = table.schema.fields
        fields[index] = fields[index].named(new)
        return SecretTable(
            try TableSchema(
                fields, bound: table.bound,
                unique: Set(table.schema.unique.map { Set($0.map { $0 == old ? new : $0 }) })),
            table.columns, valid: table.valid,
            context: table.context)
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
        let (field, shares) = try evaluate(expression, over: table)
        return try table.appending([(field.named(name), shares)])
    }
}
