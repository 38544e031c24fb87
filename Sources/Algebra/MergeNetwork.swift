/// The comparators that merge sorted runs of any length in pairs.
///
/// K. E. Batcher, bitonic merge, AFIPS 1968.
package struct MergeNetwork: Sendable {
    /// The rows in the order that the comparators expect: the first run of each pair is reversed.
    ///
    /// Row i is row `arrangement[i]`.
    package let arrangement: [UInt32]
    /// The lengths of the runs when all comparators have acted.
    package let merged: [Int]
    /// Falling, then rising, each.
    private var parts: [Range<Int>]

    package init(runs: [Int]) {
        var arrangement: [UInt32] = []
        var merged: [Int] = []
        var parts: [Range<Int>] = []
        var start = 0
        for first in stride(from: 0, to: runs.count, by: 2) {
            let second = first + 1 < runs.count ? runs[first + 1] : 0
            let (middle, end) = (start + runs[first], start + runs[first] + second)
            if second == 0 {
                arrangement += UInt32(start)..<UInt32(end)
            } else {
                arrangement += (UInt32(start)..<UInt32(middle)).reversed()
                arrangement += UInt32(middle)..<UInt32(end)
                parts.append(start..<end)
            }
            merged.append(end - start)
            start = end
        }
        (self.arrangement, self.merged, self.parts) = (arrangement, merged, parts)
    }

    /// The next layer: of rows `low[i]` and `high[i]` the lesser goes to `low[i]`.
    ///
    /// - Returns: nil when the runs are merged.
    package mutating func nextComparators() -> (low: [UInt32], high: [UInt32])? {
        var (low, high): ([UInt32], [UInt32]) = ([], [])
        var halves: [Range<Int>] = []
        for part in parts where part.count > 1 {
            // The largest power of two below the part's length.
            let distance = 1 << (Int.bitWidth - 1 - (part.count - 1).leadingZeroBitCount)
            let middle = part.lowerBound + distance
            low += UInt32(part.lowerBound)..<UInt32(part.upperBound - distance)
            high += UInt32(middle)..<UInt32(part.upperBound)
            halves += [part.lowerBound..<middle, middle..<part.upperBound]
        }
        parts = halves
        return low.isEmpty ? nil : (low, high)
    }
}
