import Algebra
import Gadgets
public import MPC

/// One column of an order.
public struct OrderKey: Hashable, Sendable {
    public let column: String
    public let descending: Bool

    public init(_ column: String, descending: Bool = false) {
        (self.column, self.descending) = (column, descending)
    }
}

extension Engine where Self: ~Copyable {
    /// The valid rows first, in order of the columns; rows that are equal in all of them stay in
    /// the order given.
    ///
    /// Leaks nothing: as ``Engine/sort(_:by:first:batch:)``.
    ///
    /// - Parameter count: how many rows to keep: the first ones, which cost less than all (top-k).
    public mutating func orderBy(
        _ table: SecretTable<Self>, _ keys: [OrderKey], first count: Int? = nil
    ) throws(AnalyticsError) -> SecretTable<Self> {
        _ = try table.schema.ordered(by: keys, first: count)
        return try sorted(table, by: keys, first: count).table
    }

    /// The first `count` valid rows in the order given.
    ///
    /// Leaks nothing. One stable partition.
    public mutating func limit(_ table: SecretTable<Self>, to count: Int)
        throws(AnalyticsError) -> SecretTable<Self>
    {
        let rows = table.packed()
        let kept = try computing { () throws(MPCError) in
            try compact(rows, by: 0, to: count)
        }
        return try table.unpacked(kept).table
    }

    /// What ``orderBy(_:_:first:)`` returns, with the sort key of each row and the `numbers` that
    /// travelled along.
    ///
    /// The wires of the last key column come first; the highest wire tells that a row is not valid.
    mutating func sorted(
        _ table: SecretTable<Self>, by keys: [OrderKey], first count: Int? = nil,
        numbers: [Shares] = []
    ) throws(AnalyticsError) -> (table: SecretTable<Self>, key: Bits, numbers: [Shares]) {
        // Columns of bits that are part of the key travel once.
        var wires: [Bits] = []
        var width = 0
        var absent: [String: Range<Int>] = [:]
        for key in keys.reversed() {
            let part = try keyWires(key, of: table)
            let field = try table.schema.field(key.column)
            if field.type.range == nil, !key.descending {
                absent[key.column] = width..<width + part.rows
            }
            wires.append(part)
            width += part.rows
        }
        wires.append(not(table.valid))
        var rows = table.packed(wires: wires, numbers: numbers, without: Set(absent.keys))
        let batch = table.context.batch
        let ordered = try computing { () throws(MPCError) in
            try sort(rows.take(), by: 0..<width + 1, first: count, batch: batch)
        }
        let result = try table.unpacked(
            ordered, wires: width + 1, numbers: numbers.count, absent: absent)
        return (result.table, result.wires, result.numbers)
    }

    /// A column as an unsigned integer in each row, complemented if it is descending.
    private mutating func keyWires(_ key: OrderKey, of table: SecretTable<Self>)
        throws(AnalyticsError) -> Bits
    {
        let index = try table.schema.index(of: key.column)
        let bits = try keyWires(
            table.columns[index], table.schema.fields[index].type, context: table.context)
        return key.descending ? not(bits) : bits
    }

    /// A column as an unsigned integer in each row, numbers less the lower end of `type`'s range.
    mutating func keyWires(
        _ column: ColumnShares<Self>, _ type: ColumnType, context: TableContext
    ) throws(AnalyticsError) -> Bits {
        switch column {
        case .bits(let bits): return bits
        case .numbers(let shares):
            let (width, lowest) = (type.bitCount, type.range?.lowerBound ?? 0)
            guard width > 0 else {
                return constant(bits: BitMatrix(rows: 0, count: shares.count))
            }
            return try computing { () throws(MPCError) in
                var parts: [Bits] = []
                for rows in rowBatches(shares.count, context.batch) {
                    let above = adding(
                        Vector(ring, repeating: -lowest, count: rows.count), to: shares[rows])
                    parts.append(try bits(of: above, count: width))
                }
                return Bits.concatenating(lanes: parts)
            }
        }
    }

    /// [x = y] in each lane, batch by batch.
    mutating func equalLanes(_ x: Bits, _ y: Bits, context: TableContext)
        throws(AnalyticsError) -> Bits
    {
        try computing { () throws(MPCError) in
            var parts: [Bits] = []
            for lanes in rowBatches(x.count, context.batch) {
                parts.append(try isEqual(x.lanes(lanes), to: y.lanes(lanes)))
            }
            return Bits.concatenating(lanes: parts)
        }
    }

    /// Whether a row's wires equal those of the row above; not so in the first row.
    mutating func equalsRowAbove(_ wires: Bits, context: TableContext)
        throws(AnalyticsError) -> Bits
    {
        let exists = BitMatrix(rows: 1, count: wires.count, repeating: true).shiftedLanes(by: 1)
        return try exists & equalLanes(wires, wires.shiftedLanes(by: 1), context: context)
    }
}
