import Algebra
public import MPC

extension Engine where Self: ~Copyable {
    /// Rows that a sort has moved, back at their places, which records carry: row i of the result is
    /// the one whose place is i.
    ///
    /// The places are revealed after a shuffle: a uniformly random permutation, whatever order the
    /// rows were in. One shuffle and one revealing.
    ///
    /// - Parameter places: the bits of the records that hold each row's place, lowest first: a
    ///   permutation of 0 ..< n. Only these bits and the numbers are kept.
    /// - Throws: ``MPCError/cheating(_:by:)`` if the places are no permutation.
    public mutating func restoreOrder(
        _ columns: Columns<Shares, Bits>, places: Range<Int>
    ) throws(MPCError) -> [Shares] {
        let lanes = places.lowerBound / 64 * 64..<places.upperBound
        precondition(lanes.lowerBound == places.lowerBound, "places begin at a whole word")
        let shuffled = try shuffle(
            Columns(numbers: columns.numbers, records: columns.records.lanes(lanes)))
        guard let order = try reveal(bits: shuffled.records).value.rowPermutation else {
            throw .cheating(.malformedMessage(step: "restoring an order"), by: nil)
        }
        return shuffled.numbers.map { $0.gathering(order.inverse.indices) }
    }
}
