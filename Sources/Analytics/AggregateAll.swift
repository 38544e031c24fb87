import Algebra
import Gadgets
import MPC

/// Aggregates of all rows of a table: a group by no columns.
extension Engine where Self: ~Copyable {
    /// One row, which is valid; zeros if no row of the table is.
    ///
    /// Sums, counts and averages take no sort: running sums end in the totals of all rows.
    ///
    /// - Parameters:
    ///   - aggregates: different ones.
    ///   - places: for each column of the result its place among them.
    ///   - schema: of the result.
    mutating func aggregateAll(
        _ table: SecretTable<Self>, _ aggregates: [Aggregate], _ places: [Int],
        _ schema: TableSchema
    ) throws(AnalyticsError) -> SecretTable<Self> {
        var results: [Int: ColumnShares<Self>] = [:]
        var (free, ordered): ([Int], [Int]) = ([], [])
        for (index, aggregate) in aggregates.enumerated() {
            if try aggregate.isFreeOfOrder(in: table.schema) {
                free.append(index)
            } else {
                ordered.append(index)
            }
        }

        // 1. Totals and averages of all rows.
        let summands = try summands(free.map { aggregates[$0] }, of: table)
        let sums = try computing { () throws(MPCError) in
            try totals(
                from: summands.map { part in
                    Summands(columns: part.columns.map { total($0) }, areLabels: part.areLabels)
                })
        }
        for (index, sums) in zip(free, sums) {
            results[index] = .numbers(
                try aggregates[index].averaged.map { name throws(AnalyticsError) in
                    try averageOrZero(sums[0], sums[1], of: table, name)
                } ?? sums[0])
        }

        // 2. What an order decides: the one group of the valid rows, if there are any.
        for pass in try passes(ordered.map { aggregates[$0] }, in: table.schema)
        where !pass.aggregates.isEmpty {
            let indices = pass.aggregates.map { ordered[$0] }
            let columns = try onlyGroup(
                table, ordering: pass.ordering, indices.map { aggregates[$0] },
                indices.compactMap { places.firstIndex(of: $0) }.map { schema.fields[$0] })
            for (index, column) in zip(indices, columns) { results[index] = column }
        }
        let row = SecretTable(
            try TableSchema(schema.fields, bound: 1),
            places.compactMap { results[$0] },
            valid: constant(bits: BitMatrix(rows: 1, count: 1, repeating: true)),
            context: table.context)
        return try (schema.bound == 1 ? row : row.gathering([])).with(schema)
    }

    /// The results of the one group that there may be; zeros if there is none.
    private mutating func onlyGroup(
        _ table: SecretTable<Self>, ordering: String?, _ aggregates: [Aggregate],
        _ fields: [Field]
    ) throws(AnalyticsError) -> [ColumnShares<Self>] {
        guard table.bound > 0 else {
            return fields.map { field in
                field.type.range == nil
                    ? .bits(constant(bits: BitMatrix(rows: field.type.bitCount, count: 1)))
                    : .numbers(constant(Vector(ring, zeros: 1)))
            }
        }
        let group = try groupPass(table, [], ordering: ordering, aggregates, bound: 1)
        return try zeroed(
            SecretTable(
                TableSchema(fields, bound: 1), group.results, valid: group.valid,
                context: table.context)
        ).columns
    }

    private mutating func averageOrZero(
        _ sum: Shares, _ count: Shares, of table: SecretTable<Self>, _ name: String
    ) throws(AnalyticsError) -> Shares {
        let type = try table.schema.field(name).type
        let isAny = try computing { () throws(MPCError) in try not(isZero(count)) }
        let none = try computing { () throws(MPCError) in try fromBits(not(isAny)) }
        let average = try average(sum, count + none, type, of: table)
        return try computing { () throws(MPCError) in try multiply(bits: isAny, average) }
    }
}
