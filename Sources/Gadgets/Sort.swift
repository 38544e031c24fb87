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
    ///   - numbered: bits of the records that already hold the rows' numbers 0 ..< n as public
    ///     constants, hidden from now on; nil if the sort is to add them.
    ///   - wanted: how many rows to return; fewer rows cost fewer comparisons (about 3 a row for
    ///     a few of many).
    ///   - batch: comparisons at once, a multiple of 64: more memory, fewer rounds.
    public mutating func sort(
        _ columns: consuming Columns<Shares, Bits>, by key: Range<Int>,
        numbered: Range<Int>? = nil, first wanted: Int? = nil, batch: Int
    ) throws(MPCError) -> Columns<Shares, Bits> {
        precondition(batch > 0 && batch.isMultiple(of: 64), "batches of \(batch) comparisons")
        let n = columns.count
        let wanted = min(wanted ?? n, n)
        guard n > 1 else { return columns.gathering(Array(0..<UInt32(wanted))) }
        let numberBits = Int.bitWidth - (n - 1).leadingZeroBitCount

        // 1. Hidden numbers of the rows, in the lowest 64 lanes of each record.
        var table = columns.take()
        let added = numbered == nil ? 64 : 0
        if numbered == nil {
            table.records = .concatenating(lanes: [constant(bits: .rowNumbers(n), rows: n, count: 64), table.records])
        }
        let number = numbered ?? 0..<numberBits
        precondition(number.count >= numberBits, "numbers of too few bits")
        let keys = key.lowerBound + added..<key.upperBound + added

        // 2. An order that nobody knows.
        var shuffled = try shuffle(table.take())

        // 3. Quicksort: keys, from the words up to the last of them, move to their place level by
        //    level.
        let end = min(
            shuffled.records.count, (max(keys.upperBound, number.upperBound) + 63) / 64 * 64)
        let numbers = number.lowerBound..<number.lowerBound + numberBits
        var moving = try sortKeys(
            shuffled.records.lanes(0..<end),
            bits: (Array(numbers) + Array(keys)).map { UInt32($0) })
        let order = try sortedOrder(&moving, count: n, wanted: wanted, batch: batch)

        // 4. The rows follow once.
        shuffled.records = shuffled.records.lanes(added..<shuffled.records.count)
        return shuffled.gathering(wanted < n ? Array(order.prefix(wanted)) : order)
    }
}
