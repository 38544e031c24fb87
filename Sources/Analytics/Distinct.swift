public import MPC

extension Engine where Self: ~Copyable {
    /// Of rows that are equal in the named columns the first one, in order of these columns.
    ///
    /// Leaks nothing. A sort and an equality of neighbours.
    ///
    /// - Parameter names: all columns if nil.
    public mutating func distinct(_ table: SecretTable<Self>, on names: [String]? = nil)
        throws(AnalyticsError) -> SecretTable<Self>
    {
        let schema = try table.schema.distinct(on: names)
        let keys = (names ?? table.schema.names).map { OrderKey($0) }
        let (rows, wires, _) = try sorted(table, by: keys)
        let repeats = try equalsRowAbove(wires, context: table.context)
        let valid = try computing { () throws(MPCError) in try and(rows.valid, not(repeats)) }
        return SecretTable(schema, rows.columns, valid: valid, context: rows.context)
    }
}
