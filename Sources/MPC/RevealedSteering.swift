import Algebra

/// What the parties get to know because it steers what they do next: orders of shuffled rows, which
/// are uniformly random, and sizes that a program discloses.
extension Engine where Self: ~Copyable {
    /// By quicksort: batches of comparisons, each with its revealing.
    public mutating func sortedOrder(_ keys: inout Keys, count: Int, wanted: Int, batch: Int)
        throws(MPCError) -> [UInt32]
    {
        var quicksort = QuicksortOrder(count: count, wanted: wanted)
        while let (left, right) = quicksort.nextComparisons() {
            var outcomes: [UInt64] = []
            for start in stride(from: 0, to: left.count, by: batch) {
                let part = start..<min(left.count, start + batch)
                let less = try isLess(
                    keys.gatheringRows(Array(left[part])),
                    than: keys.gatheringRows(Array(right[part])))
                outcomes += try reveal(bits: less).value.words
            }
            if let moves = quicksort.learn(outcomes) { keys = keys.gatheringRows(moves) }
        }
        return quicksort.order
    }

    /// One revealing of n numbers.
    public mutating func revealedOrder(_ places: Shares) throws(MPCError) -> [UInt32] {
        guard let order = try reveal(places).value.permutation else {
            throw .cheating(.malformedMessage(step: "arranging rows"), by: nil)
        }
        return order.inverse.indices
    }

    /// One revealing of a number.
    public mutating func revealedCount(_ count: Shares, atMost bound: Int) throws(MPCError) -> Int {
        let number = try reveal(count).value.wideNumbers[0]
        guard (0...Int128(bound)).contains(number) else {
            throw .cheating(.malformedMessage(step: "counting rows"), by: nil)
        }
        return Int(number)
    }

    /// One revealing of n records.
    public mutating func revealedOrder(_ places: Bits) throws(MPCError) -> [UInt32] {
        guard let order = try reveal(bits: places).value.rowPermutation else {
            throw .cheating(.malformedMessage(step: "restoring an order"), by: nil)
        }
        return order.inverse.indices
    }
}
