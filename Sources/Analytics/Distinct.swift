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

extension SecretTable where E: ~Copyable {
    /// The same rows, of which the caller knows that valid ones differ in the named columns.
    ///
    /// Nothing checks it: if it is wrong, a join on the columns adds up what equal rows hold.
    public func assumingUnique(_ names: [String]) throws(AnalyticsError) -> Self {
        Self(try schema.distinct(on: names), columns, valid: valid, context: context)
    }
}
