public import MPC

extension Engine where Self: ~Copyable {
    /// The rows for which a condition holds; as many rows as before, fewer of them valid.
    ///
    /// Leaks nothing. The condition, and one AND a row.
    public mutating func filter(_ table: SecretTable<Self>, where condition: Expression)
        throws(AnalyticsError) -> SecretTable<Self>
    {
        let holds = try self.condition(condition, over: table)
        let valid = try computing { () throws(MPCError) in try and(table.valid, holds) }
        return table.with(valid: valid)
    }
}
