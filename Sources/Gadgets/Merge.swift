import Algebra
public import MPC

extension Engine where Self: ~Copyable {
    /// Sorted runs as one, equal keys in the order of the rows given.
    ///
    /// Bitonic merges of pairs of runs, all pairs at once: no shuffle, and nothing is revealed. For
    /// each doubling of the runs' length n about log₂ n layers, each with a comparison and a choice
    /// of all columns for half of the rows.
    ///
    /// - Parameters:
    ///   - runs: the numbers of rows of the runs, which follow each other.
    ///   - key: the bits of the records that make the key, an unsigned integer, lowest bit first.
    ///   - batch: comparators at once, a multiple of 64.
    public mutating func merge(
        _ columns: Columns<Shares, Bits>, runs: [Int], by key: Range<Int>, batch: Int
    ) throws(MPCError) -> Columns<Shares, Bits> {
        precondition(batch > 0 && batch.isMultiple(of: 64), "batches of \(batch) comparators")
        precondition(runs.reduce(0, +) == columns.count, "runs of another number of rows")
        let n = columns.count
        guard n > 1 else { return columns }

        // 1. The rows' numbers below the keys make all keys distinct.
        let numberBits = Int.bitWidth - (n - 1).leadingZeroBitCount
        var rows = Columns(
            numbers: columns.numbers,
            records: Bits.concatenating(lanes: [constant(bits: .rowNumbers(n), rows: n, count: 64), columns.records]))

        // 2. Half as many runs each time.
        var runs = runs
        while runs.count > 1 {
            var network = MergeNetwork(runs: runs)
            rows = rows.gathering(network.arrangement)
            while let (low, high) = network.nextComparators() {
                try exchange(&rows, low, high, batch: batch) { wires in
                    Bits.concatenating(rows: [
                        wires[0..<numberBits], wires[key.lowerBound + 64..<key.upperBound + 64],
                    ])
                }
            }
            runs = network.merged
        }
        return Columns(
            numbers: rows.numbers, records: rows.records.lanes(64..<rows.records.count))
    }

    /// Of rows `low[i]` and `high[i]` the one with the lesser key goes to `low[i]`.
    private mutating func exchange(
        _ rows: inout Columns<Shares, Bits>, _ low: [UInt32], _ high: [UInt32], batch: Int,
        key: (Bits) -> Bits
    ) throws(MPCError) {
        var parts: [Columns<Shares, Bits>] = []
        var places: [UInt32] = []
        for start in stride(from: 0, to: low.count, by: batch) {
            let range = start..<min(low.count, start + batch)
            var (x, y) = (rows.gathering(Array(low[range])), rows.gathering(Array(high[range])))
            let (xWires, yWires) = (x.records.transposed(), y.records.transposed())
            let swap = try isLess(key(yWires), than: key(xWires))
            let change = try select(
                swap, xWires ^ yWires,
                otherwise: constant(bits: BitMatrix(rows: xWires.rows, count: xWires.count)))
            x.records = (xWires ^ change).transposed()
            y.records = (yWires ^ change).transposed()
            if !rows.numbers.isEmpty {
                let swap = try fromBits(swap)
                for column in rows.numbers.indices {
                    let change = try multiply(swap, y.numbers[column] - x.numbers[column])
                    x.numbers[column] = x.numbers[column] + change
                    y.numbers[column] = y.numbers[column] - change
                }
            }
            parts += [x, y]
            places += low[range]
            places += high[range]
        }
        rows = rows.replacing(places, with: parts)
    }
}

extension Columns {
    /// Row `places[i]` of the result is row i of the parts laid end to end; the others stay.
    fileprivate func replacing(_ places: [UInt32], with parts: [Self]) -> Self {
        var sources = Array(0..<UInt32(count))
        for (i, place) in places.enumerated() { sources[Int(place)] = UInt32(count + i) }
        return Self.concatenating([self] + parts).gathering(sources)
    }

    /// The rows of the parts laid end to end.
    ///
    /// - Precondition: there is at least one; all have the same columns.
    public static func concatenating(_ parts: [Self]) -> Self {
        Self(
            numbers: parts[0].numbers.indices.map { column in
                .concatenating(parts.map { $0.numbers[column] })
            },
            records: .concatenating(rows: parts.map(\.records)))
    }
}
