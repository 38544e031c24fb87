import Algebra
import Gadgets
public import MPC

extension Engine where Self: ~Copyable {
    /// The same rows in the same order, each with what its group is summed up to.
    ///
    /// For questions about groups whose answers go to the holders of the rows. Leaks nothing: one
    /// sort, two spreads and the way back; another of each for every column whose different values
    /// are counted.
    ///
    /// - Parameter aggregates: counts, sums and counts of distinct values.
    public mutating func withGroupTotals(
        _ table: SecretTable<Self>, _ keys: [String], _ aggregates: [(name: String, Aggregate)]
    ) throws(AnalyticsError) -> SecretTable<Self> {
        let schema = try table.schema.withGroupTotals(
            by: keys, aggregates, limit: ring.numberLimit)
        let (aggregates, places) = table.schema.simplified(aggregates, by: keys)
        var totals: [Int: Shares] = [:]
        var orderings: [String?] = []
        var ofEach: [String?] = []
        for aggregate in aggregates {
            let ordering = try aggregate.ordering(in: table.schema)
            ofEach.append(ordering)
            if !orderings.contains(ordering) { orderings.append(ordering) }
        }
        // What needs no order of its own goes along with another.
        if orderings.count > 1 { orderings.removeAll { $0 == nil } }
        for (pass, ordering) in orderings.enumerated() {
            let indices = aggregates.indices.filter {
                ofEach[$0] == ordering || pass == 0 && ofEach[$0] == nil
            }
            let results = try groupTotals(
                table, keys, ordering: ordering, indices.map { aggregates[$0] })
            for (index, result) in zip(indices, results) { totals[index] = result }
        }
        return table.appending(
            places.compactMap { totals[$0].map { .numbers($0) } }, schema)
    }

    private mutating func groupTotals(
        _ table: SecretTable<Self>, _ keys: [String], ordering: String?, _ aggregates: [Aggregate]
    ) throws(AnalyticsError) -> [Shares] {
        let n = table.bound
        // 1. Sort, with each row's number.
        let order = (keys + (ordering.map { [$0] } ?? [])).map { OrderKey($0) }
        let places = constant(Vector(ring, (0..<n).map { Int64($0) }), count: n)
        let (rows, wires, numbers) = try sorted(table, by: order, numbers: [places])
        let width = try ordering.map { name throws(AnalyticsError) in
            try table.schema.field(name).type.bitCount
        }
        let joined = try equalsRowAbove(wires[(width ?? 0)..<wires.rows], context: table.context)

        // 2. Sums over all rows, and what they were before each.
        let summands = try summands(aggregates, of: rows, sortedBy: wires)
        let columns = summands.flatMap(\.columns)
        let sums = columns.map { $0.prefixSums() }
        let before = zip(sums, columns).map { $0 - $1 }

        // 3. From a group's first row downwards and from its last row upwards.
        let reversed = Array((0..<UInt32(n)).reversed())
        let isLast = not(joined.shiftedLanes(by: -1))
        let none = constant(bits: BitMatrix(rows: 0, count: n))
        return try computing { () throws(MPCError) in
            let starts = try spread(numbers: before, wires: none, from: not(joined)).numbers
            let ends = try spread(
                numbers: sums.map { $0.gathering(reversed) }, wires: none,
                from: isLast.transposed().gatheringRows(reversed).transposed()
            ).numbers.map { $0.gathering(reversed) }

            // 4. Back to the order given.
            let results = Columns(
                numbers: zip(ends, starts).map { $0 - $1 }, records: none.transposed())
            let placed = try arrange(results, at: numbers[0]).numbers
            return try totals(from: summands.replacing(columns: placed)).flatMap { $0 }
        }
    }
}
