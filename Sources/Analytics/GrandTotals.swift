import Algebra
import Gadgets
import MPC

extension Engine where Self: ~Copyable {
    /// One row of sums, counts and averages over all valid rows: what ``groupBy(_:_:_:atMost:)``
    /// makes of no keys. The row is valid if any row is.
    ///
    /// No sort: sums are local.
    mutating func grandTotals(
        _ table: SecretTable<Self>, _ aggregates: [Aggregate], _ schema: TableSchema
    ) throws(AnalyticsError) -> SecretTable<Self> {
        let summands = try summands(aggregates + [.count], of: table)
        let sums = summands.map {
            Summands(columns: $0.columns.map { total($0) }, areLabels: $0.areLabels)
        }
        var totals = try computing { () throws(MPCError) in try self.totals(from: sums) }
        let count = totals.removeLast()
        var columns: [ColumnShares<Self>] = []
        for (aggregate, total) in zip(aggregates, totals) {
            if case .average(let name) = aggregate {
                let type = try table.schema.field(name).type
                columns.append(.numbers(try average(total[0], total[1], type, of: table)))
            } else {
                columns.append(.numbers(total[0]))
            }
        }
        let isNothing = try computing { () throws(MPCError) in try isZero(count[0]) }
        return SecretTable(schema, columns, valid: not(isNothing), context: table.context)
    }
}
