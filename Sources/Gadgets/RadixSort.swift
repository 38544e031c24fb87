public import MPC

extension Engine where Self: ~Copyable {
    /// The rows in ascending order of a key of few bits, equal keys in the order given.
    ///
    /// One stable partition for each bit, lowest first: its rounds do not depend on n. Pays against
    /// ``sort(_:by:first:batch:)`` for keys of up to about 4 bits.
    ///
    /// - Parameter key: the bits of the records that make the key, lowest bit first.
    public mutating func radixSort(_ columns: Columns<Shares, Bits>, by key: Range<Int>)
        throws(MPCError) -> Columns<Shares, Bits>
    {
        var columns = columns
        for bit in key { columns = try partition(columns, byClear: bit) }
        return columns
    }
}
