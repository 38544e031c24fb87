import Algebra
import Gadgets
public import MPC

extension Engine where Self: ~Copyable {
    /// The rows of several tables with the same columns, one table after the other; local.
    ///
    /// Ranges become those that hold all tables' values.
    ///
    /// - Parameter origin: the name of a code column to add, with one label for each table.
    public func union(
        _ tables: [SecretTable<Self>], origin: (column: String, labels: [String])? = nil
    ) throws(AnalyticsError) -> SecretTable<Self> {
        let schema = try TableSchema.union(tables.map(\.schema), origin: origin)
        let rows = try tables[0].unpacked(Columns.concatenating(tables.map { $0.packed() })).table
        var columns = rows.columns
        if let origin {
            let codes = zip(tables, 0...).flatMap { Array(repeating: UInt64($1), count: $0.bound) }
            let bits = BitMatrix(
                integers: codes, limbsPerInteger: 1,
                bits: ColumnType.code(origin.labels).bitCount)
            columns.append(.bits(constant(bits: bits)))
        }
        return SecretTable(schema, columns, valid: rows.valid, context: rows.context)
    }
}
