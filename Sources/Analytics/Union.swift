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
        guard let first = tables.first else {
            throw .differentColumns(reason: "no table is given")
        }
        var fields = first.schema.fields
        for table in tables.dropFirst() {
            guard table.schema.names == first.schema.names else {
                throw .differentColumns(
                    reason: "one has \(first.schema.names.joined(separator: ", ")), one "
                        + table.schema.names.joined(separator: ", "))
            }
            for (index, field) in table.schema.fields.enumerated() {
                guard let type = fields[index].type.union(field.type) else {
                    throw .differentColumns(
                        reason: "\"\(field.name)\" is \(fields[index].type) in one, "
                            + "\(field.type) in another")
                }
                fields[index] = Field(field.name, type, owners: fields[index].owners)
                    .owned(by: field.owners)
            }
        }
        let parts = tables.map { $0.packed() }
        let rows = Columns.concatenating(parts)
        let shape = SecretTable(
            try TableSchema(fields, bound: first.bound), first.columns, valid: first.valid,
            context: first.context)
        let table = try shape.unpacked(rows).table
        guard let origin else { return table }

        guard origin.labels.count == tables.count else {
            throw .differentColumns(
                reason: "\(tables.count) tables and \(origin.labels.count) labels of origin")
        }
        let type = ColumnType.code(origin.labels)
        let codes = zip(tables, 0...).flatMap { Array(repeating: UInt64($1), count: $0.bound) }
        let bits = BitMatrix(integers: codes, limbsPerInteger: 1, bits: type.bitCount)
        return try table.appending([
            (Field(origin.column, type, owners: []), .bits(constant(bits: bits)))
        ])
    }
}
