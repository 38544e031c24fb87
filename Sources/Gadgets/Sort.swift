import Algebra
public import MPC

extension Engine where Self: ~Copyable {
    /// The rows in ascending order of a key, equal keys in the order given.
    ///
    /// Quicksort on shuffled rows whose comparisons are revealed (Hamada, Kikuchi, Ikarashi, Chida
    /// and Takahashi, ICISC 2012). Nobody learns anything: the keys are made distinct by the rows'
    /// numbers *before* the shuffle, so that the outcomes are a function of a uniformly random
    /// order which nobody knows, whatever the keys are. (Numbers given after the shuffle are
    /// public, and would tell which keys are equal.) The order that comes out is public only as an
    /// order of shuffled rows. For a descending column complement its bits.
    ///
    /// One shuffle, then batches of comparisons of key.count + ⌈log₂ n⌉ bits, each with its
    /// revealing: for n = 2²⁰ about 45 batches and 21 comparisons a row, for 2¹⁴ about 28 and 15.
    ///
    /// - Parameters:
    ///   - key: the bits of the records that make the key, an unsigned integer, lowest bit first.
    ///   - wanted: how many rows to return; fewer rows cost fewer comparisons (about 3 a row for
    ///     a few of many).
    ///   - batch: comparisons at once, a multiple of 64: more memory, fewer rounds.
    public mutating func sort(
        _ columns: Columns<Shares, Bits>, by key: Range<Int>, first wanted: Int? = nil, batch: Int
    ) throws(MPCError) -> Columns<Shares, Bits> {
        precondition(batch > 0 && batch.isMultiple(of: 64), "batches of \(batch) comparisons")
        let (n, width) = (columns.count, columns.records.count)
        let wanted = min(wanted ?? n, n)
        guard n > 1 else { return columns.gathering(Array(0..<UInt32(wanted))) }

        // 1. Hidden numbers of the rows, in the lowest 64 lanes of each record.
        let numbered = Columns(
            numbers: columns.numbers,
            records: Bits.concatenating(lanes: [constant(bits: .rowNumbers(n)), columns.records]))

        // 2. An order that nobody knows.
        let shuffled = try shuffle(numbered)
        let records = shuffled.records.lanes(64..<64 + width)

        // 3. Quicksort on the numbers and keys, which move to their place level by level.
        let start = key.lowerBound / 64 * 64
        let keys = SortKeys(
            records: Bits.concatenating(lanes: [
                shuffled.records.lanes(0..<64), records.lanes(start..<key.upperBound),
            ]),
            numberBits: Int.bitWidth - (n - 1).leadingZeroBitCount,
            key: 64 + key.lowerBound - start..<64 + key.upperBound - start)
        let order = try sortedOrder(keys, wanted: wanted, batch: batch)

        // 4. The rows follow once.
        return Columns(numbers: shuffled.numbers, records: records)
            .gathering(Array(order.prefix(wanted)))
    }

    /// Row i of the sorted rows is row `order[i]`, as far as wanted.
    private mutating func sortedOrder(_ keys: SortKeys<Bits>, wanted: Int, batch: Int)
        throws(MPCError) -> [UInt32]
    {
        var keys = keys
        var quicksort = QuicksortOrder(count: keys.records.rows, wanted: wanted)
        while let (left, right) = quicksort.nextComparisons() {
            var outcomes: [UInt64] = []
            for start in stride(from: 0, to: left.count, by: batch) {
                let part = start..<min(left.count, start + batch)
                let less = try isLess(
                    keys.wires(ofRows: Array(left[part])),
                    than: keys.wires(ofRows: Array(right[part])))
                outcomes += try reveal(bits: less).value.words
            }
            if let moves = quicksort.learn(outcomes) {
                keys.records = keys.records.gatheringRows(moves)
            }
        }
        return quicksort.order
    }
}

/// What a sort compares: of each record the row's number in the lowest bits, and its key.
private struct SortKeys<Bits: BitShares> {
    var records: Bits
    let numberBits: Int
    let key: Range<Int>

    /// Numbers below keys, as one unsigned integer a row: numberBits + key.count wires.
    func wires(ofRows rows: [UInt32]) -> Bits {
        let wires = records.gatheringRows(rows).transposed()
        return .concatenating(rows: [wires[0..<numberBits], wires[key]])
    }
}
