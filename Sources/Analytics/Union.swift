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
            let width = ColumnType.code(origin.labels).bitCount
            let codes = constant(
                bits: BitMatrix(
                    integers: zip(tables, 0...).flatMap {
                        Array(repeating: UInt64($1), count: $0.bound)
                    }, limbsPerInteger: 1, bits: width), rows: width, count: schema.bound)
            columns.append(.bits(codes))
        }
        return SecretTable(schema, columns, valid: rows.valid, context: rows.context)
    }
}
