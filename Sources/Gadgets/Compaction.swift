import Algebra
public import MPC

extension Engine where Self: ~Copyable {
    /// Row i moves to row `places[i]`, a secret permutation of 0 ..< n.
    ///
    /// Shuffled, the places may be revealed: they are a uniformly random permutation, whatever they
    /// were. With the rows' former numbers as places this undoes a sort. One shuffle and one
    /// revealing of n numbers.
    ///
    /// - Throws: ``MPCError/cheating(_:by:)`` if the places are no permutation.
    public mutating func arrange(_ columns: Columns<Shares, Bits>, at places: Shares)
        throws(MPCError) -> Columns<Shares, Bits>
    {
        precondition(places.count == columns.count, "one place a row")
        guard columns.count > 1 else { return columns }
        let shuffled = try shuffle(
            Columns(numbers: [places] + columns.numbers, records: columns.records))
        let order = try revealedOrder(shuffled.numbers[0])
        return Columns(numbers: Array(shuffled.numbers[1...]), records: shuffled.records)
            .gathering(order)
    }

    /// The rows whose flag is set, then the others, each in the order given.
    ///
    /// With F the running count of flags, row j goes to F_j − 1 if it has one, else to
    /// F_n + j − F_j: a conversion, a product, then as ``arrange(_:at:)``.
    ///
    /// - Parameter flag: the flag's bit in the records, which therefore travels with its row.
    public mutating func partition(
        _ columns: Columns<Shares, Bits>, by flag: Int
    ) throws(MPCError) -> Columns<Shares, Bits> {
        try partition(columns, by: fromBits(columns.wire(flag)))
    }

    /// As ``partition(_:by:)`` for flags given as numbers 0 and 1, which stay where they are.
    public mutating func partition(_ columns: Columns<Shares, Bits>, by flags: Shares)
        throws(MPCError) -> Columns<Shares, Bits>
    {
        try arrange(columns, at: places(flags, count: columns.count))
    }

    /// The rows whose flag is clear, then the others, each in the order given.
    mutating func partition(_ columns: Columns<Shares, Bits>, byClear flag: Int)
        throws(MPCError) -> Columns<Shares, Bits>
    {
        try partition(columns, by: fromBits(not(columns.wire(flag))))
    }

    /// The first `bound` rows whose flag is set, in the order given; if there are fewer, rows
    /// without a flag follow.
    ///
    /// Whether there were more is not told: where it matters, compare the number of flags.
    public mutating func compact(
        _ columns: Columns<Shares, Bits>, by flag: Int, to bound: Int
    ) throws(MPCError) -> Columns<Shares, Bits> {
        let rows = try partition(columns, by: flag)
        return bound < rows.count ? rows.gathering(Array(0..<UInt32(bound))) : rows
    }

    /// F_n + j − F_j + f_j · (2 F_j − 1 − F_n − j).
    private mutating func places(_ flags: Shares, count n: Int) throws(MPCError) -> Shares {
        guard n > 0 else { return flags }
        let counts = flags.prefixSums()
        let total = counts.gathering(Array(repeating: UInt32(n - 1), count: n))
        let behind = adding(Vector(ring, (0..<n).map { Int64($0) }), to: total - counts)
        let ahead = adding(Vector(ring, Array(repeating: -1, count: n)), to: counts)
        return try behind + multiply(flags, ahead - behind)
    }
}

extension Columns {
    /// Bit `index` of each record: 1 row of n lanes.
    package func wire(_ index: Int) -> Bits {
        let start = index / 64 * 64
        let wires = records.lanes(start..<index + 1).transposed()
        return wires[index - start..<index - start + 1]
    }
}
