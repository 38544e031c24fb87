public import MPC

extension Engine where Self: ~Copyable {
    /// x where the condition holds, else y: y + s · (x − y).
    ///
    /// One product with a bit.
    ///
    /// - Parameter condition: 1 row of n lanes.
    public mutating func select(_ condition: Bits, _ x: Shares, otherwise y: Shares)
        throws(MPCError) -> Shares
    {
        precondition(condition.rows == 1 && condition.count == x.count, "one bit an element")
        return try y + multiply(bits: condition, x - y)
    }

    /// x where the condition holds, else y, for bits: y ⊕ s ∧ (x ⊕ y).
    ///
    /// One AND a bit.
    public mutating func select(_ condition: Bits, _ x: Bits, otherwise y: Bits)
        throws(MPCError) -> Bits
    {
        precondition(condition.rows == 1, "one condition for all rows")
        let s = Bits.concatenating(rows: Array(repeating: condition, count: x.rows))
        return try y ^ and(s, x ^ y)
    }
}
