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
    ///   permutation of 0 ..< n. They begin at a whole word.
    /// - Throws: ``MPCError/cheating(_:by:)`` if the places are no permutation.
    public mutating func restoreOrder(
        _ columns: consuming Columns<Shares, Bits>, places: Range<Int>
    ) throws(MPCError) -> Columns<Shares, Bits> {
        precondition(places.lowerBound.isMultiple(of: 64), "places begin at a whole word")
        let shuffled = try shuffle(columns.take())
        return shuffled.gathering(try revealedOrder(shuffled.records.lanes(places)))
    }
}
