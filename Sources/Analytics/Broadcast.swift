import Algebra
import Gadgets
public import MPC

extension Engine where Self: ~Copyable {
    /// Each row of a table, with columns of the only row of another one; zeros if that is not valid.
    ///
    /// Leaks nothing. One product and one AND for each column, of one row.
    public mutating func broadcast(
        _ table: SecretTable<Self>, from row: SecretTable<Self>,
        _ columns: [(from: String, to: String)]
    ) throws(AnalyticsError) -> SecretTable<Self> {
        let schema = try table.schema.broadcast(from: row.schema, columns)
        let one = try zeroed(row.projected(to: columns))
        let places = Array(repeating: 0 as UInt32, count: table.bound)
        let more = zip(one.columns, schema.fields.suffix(columns.count)).map {
            column, field -> ColumnShares<Self> in
            switch column {
            case .numbers(let shares):
                shares.count == 0
                    ? .numbers(constant(Vector(ring, zeros: table.bound)))
                    : .numbers(shares.gathering(places))
            case .bits(let bits):
                bits.count == 0
                    ? .bits(
                        constant(
                            bits: BitMatrix(rows: field.type.bitCount, count: table.bound)))
                    : .bits(bits.transposed().gatheringRows(places).transposed())
            }
        }
        return table.appending(more, schema)
    }
}
