import Algebra
public import MPC

extension Engine where Self: ~Copyable {
    /// Each row takes the values of the nearest flagged row at or above it; zero above the first.
    ///
    /// Its cost does not grow with log n, as that of a segmented scan does: a stable partition
    /// brings the flagged rows together, where the difference of each from the one before is
    /// local; back at their places the running sums of the differences are what is asked for. Two
    /// rearrangements of all rows, as ``arrange(_:at:)``, and a product for each value.
    ///
    /// - Parameters:
    ///   - numbers: columns of n numbers each.
    ///   - wires: columns of bits, r rows of n lanes.
    ///   - flag: 1 row of n lanes.
    public mutating func spread(numbers: [Shares], wires: Bits, from flag: Bits)
        throws(MPCError) -> (numbers: [Shares], wires: Bits)
    {
        let n = flag.count
        guard n > 0 else { return (numbers, wires) }
        let rows = constant(Vector(ring, (0..<n).map { Int64($0) }), count: n)
        let flags = try fromBits(flag)

        // 1. Flagged rows first, in their order.
        let parted = try partition(
            Columns(
                numbers: [rows, flags] + numbers,
                records: Bits.concatenating(rows: [flag, wires]).transposed()),
            by: flags)

        // 2. Each flagged row's difference from the one before; zero elsewhere.
        let sorted = parted.records.transposed()
        let values = sorted[1..<sorted.rows]
        let all = Bits.concatenating(rows: Array(repeating: sorted[0..<1], count: wires.rows + 1))
        let differences = try and(
            all[1..<all.rows], values ^ values.shiftedLanes(by: 1))
        var numberDifferences: [Shares] = []
        for column in parted.numbers.dropFirst(2) {
            numberDifferences.append(
                try multiply(parted.numbers[1], column - shifted(column, by: 1)))
        }

        // 3. Back at their places, and summed up.
        let placed = try arrange(
            Columns(numbers: numberDifferences, records: differences.transposed()),
            at: parted.numbers[0])
        return (
            placed.numbers.map { $0.prefixSums() }, placed.records.prefixXORs().transposed()
        )
    }
}
