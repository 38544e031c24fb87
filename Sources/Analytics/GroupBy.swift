import Algebra
import Gadgets
public import MPC

extension Engine where Self: ~Copyable {
    /// One row for each combination of values of the key columns, in order of these.
    ///
    /// Without key columns exactly one row, whose aggregates are zero if no row is valid. Leaks
    /// nothing, not even the number of groups. For each order of the rows that the aggregates
    /// need (one, and one more for each column of a minimum, maximum or count of distinct values):
    ///
    /// 1. Sort by (not valid, keys, ordering column).
    /// 2. A group ends at a valid row whose keys differ from the next row's.
    /// 3. Sums run over all rows, locally.
    /// 4. Stable compaction of the groups' last rows.
    /// 5. A group's sum is the difference of two neighbours, locally; what its first row held is
    ///    carried by the row before.
    ///
    /// - Parameters:
    ///   - aggregates: the names of the result's columns, and what they are.
    ///   - groups: a public bound of the number of groups; the rows of the table if nil. Groups
    ///     beyond it are lost.
    public mutating func groupBy(
        _ table: SecretTable<Self>, _ keys: [String], _ aggregates: [(name: String, Aggregate)],
        atMost groups: Int? = nil
    ) throws(AnalyticsError) -> SecretTable<Self> {
        let schema = try table.schema.grouped(
            by: keys, aggregates, atMost: groups, limit: ring.numberLimit)
        let (aggregates, places) = table.schema.simplified(aggregates, by: keys)
        guard !keys.isEmpty else { return try aggregateAll(table, aggregates, places, schema) }

        var columns: [ColumnShares<Self>] = []
        var results: [Int: ColumnShares<Self>] = [:]
        var valid: Bits?
        for pass in try passes(aggregates, in: table.schema) {
            let groups = try groupPass(
                table, keys, ordering: pass.ordering, pass.aggregates.map { aggregates[$0] },
                bound: schema.bound)
            // The groups come out in the same order each time.
            if valid == nil { (valid, columns) = (groups.valid, groups.keys) }
            for (index, result) in zip(pass.aggregates, groups.results) { results[index] = result }
        }
        columns += places.compactMap { results[$0] }
        return SecretTable(schema, columns, valid: valid ?? table.valid, context: table.context)
    }

    /// The aggregates by the order of rows that they need.
    func passes(_ aggregates: [Aggregate], in schema: TableSchema)
        throws(AnalyticsError) -> [(ordering: String?, aggregates: [Int])]
    {
        var passes: [(ordering: String?, aggregates: [Int])] = []
        var free: [Int] = []
        for (index, aggregate) in aggregates.enumerated() {
            let ordering = try aggregate.ordering(in: schema)
            if try aggregate.isFreeOfOrder(in: schema) {
                free.append(index)
            } else if let pass = passes.firstIndex(where: { $0.ordering == ordering }) {
                passes[pass].aggregates.append(index)
            } else {
                passes.append((ordering, [index]))
            }
        }
        if passes.isEmpty { passes.append((nil, [])) }
        passes[0].aggregates += free
        return passes
    }

    mutating func groupPass(
        _ table: SecretTable<Self>, _ keys: [String], ordering: String?, _ aggregates: [Aggregate],
        bound: Int
    ) throws(AnalyticsError) -> (
        valid: Bits, keys: [ColumnShares<Self>], results: [ColumnShares<Self>]
    ) {
        // 1. Sort.
        let order = (keys + (ordering.map { [$0] } ?? [])).map { OrderKey($0) }
        let (rows, wires, _) = try sorted(table, by: order)
        let orderingWidth = try ordering.map { name throws(AnalyticsError) in
            try table.schema.field(name).type.bitCount
        }
        let keyWires = wires[(orderingWidth ?? 0)..<wires.rows]

        // 2. Last rows.
        let repeats = try equalsRowAbove(keyWires, context: table.context)
        let ends = try computing { () throws(MPCError) in
            try and(rows.valid, not(repeats.shiftedLanes(by: -1)))
        }

        // 3. What the last rows carry.
        var cargo = Cargo<Self>()
        for key in keys { cargo.load(rows.columns[try rows.schema.index(of: key)]) }
        let summands = try summands(aggregates, of: rows, sortedBy: wires)
        for (aggregate, summands) in zip(aggregates, summands) {
            switch aggregate {
            case .minimum(let name), .first(let name):
                cargo.load(rows.columns[try rows.schema.index(of: name)].rowBelow())
            case .maximum(let name), .last(let name):
                cargo.load(rows.columns[try rows.schema.index(of: name)])
            default:
                for column in summands.columns { cargo.load(.numbers(column.prefixSums())) }
            }
        }

        // 4. Compaction.
        let packed = cargo.packed(flag: ends)
        let compacted = try computing { () throws(MPCError) in
            try compact(packed, by: 0, to: bound)
        }
        var groups = cargo.unpacked(compacted)

        // 5. Differences of neighbours.
        var keyColumns: [ColumnShares<Self>] = []
        for _ in keys { keyColumns.append(groups.next()) }
        var values: [ColumnShares<Self>?] = []
        var sums: [Summands<Shares>] = []
        for (aggregate, summands) in zip(aggregates, summands) {
            switch aggregate {
            case .maximum, .last: values.append(groups.next())
            case .minimum(let name), .first(let name):
                let column = rows.columns[try rows.schema.index(of: name)]
                values.append(groups.next().rowAbove(first: column))
            default:
                values.append(nil)
                sums.append(
                    Summands(
                        columns: summands.columns.map { _ in difference(groups.next()) },
                        areLabels: summands.areLabels))
            }
        }
        var totals = try computing { () throws(MPCError) in try self.totals(from: sums) }[...]
        var results: [ColumnShares<Self>] = []
        for (aggregate, value) in zip(aggregates, values) {
            if let value {
                results.append(value)
                continue
            }
            let total = totals.removeFirst()
            if case .average(let name) = aggregate {
                let type = try table.schema.field(name).type
                results.append(.numbers(try average(total[0], total[1], type, of: table)))
            } else {
                results.append(.numbers(total[0]))
            }
        }
        return (groups.flag, keyColumns, results)
    }

    /// Each group's own part of running sums.
    private func difference(_ sums: ColumnShares<Self>) -> Shares {
        guard case .numbers(let sums) = sums else { preconditionFailure("a sum of bits") }
        return sums - shifted(sums, by: 1)
    }

    /// ⌊sum / count⌋ of numbers of a type: the lowest one and the quotient of what is above it.
    mutating func average(
        _ sum: Shares, _ count: Shares, _ type: ColumnType, of table: SecretTable<Self>
    ) throws(AnalyticsError) -> Shares {
        let lowest = type.range?.lowerBound ?? 0
        let above = sum - count.scaled(by: Vector(ring, repeating: lowest, count: 1))
        return try computing { () throws(MPCError) in
            var parts: [Shares] = []
            for rows in rowBatches(sum.count, table.context.batch) {
                let share = try divide(
                    above[rows], by: count[rows], numeratorBits: ring.numberBound.bitWidth,
                    divisorBits: max(2, table.bound.bitWidthOfMagnitude),
                    quotientBits: type.bitCount)
                parts.append(
                    adding(Vector(ring, repeating: lowest, count: rows.count), to: share))
            }
            return Shares.concatenating(parts)
        }
    }
}
