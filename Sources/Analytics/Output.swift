package import Algebra
import Gadgets
public import MPC

extension Engine where Self: ~Copyable {
    /// Releases a table: which rows are valid, and their values; the rest is set to zero before.
    ///
    /// The recipients learn the valid rows, their number and their places, and nothing of the
    /// others. Where places would tell something, order the rows first.
    ///
    /// - Returns: nil at parties that are not recipients.
    public mutating func output(_ table: SecretTable<Self>, to recipients: Recipients)
        throws(AnalyticsError) -> PlainTable?
    {
        try outputs(zeroed: [(zeroed(table), recipients)])[0]
    }

    /// The table with zeros in rows that are not valid.
    package mutating func zeroed(_ table: SecretTable<Self>) throws(AnalyticsError) -> SecretTable<
        Self
    > {
        let n = table.bound
        var (numbers, wires): ([Shares], [Bits]) = ([], [])
        for column in table.columns {
            switch column {
            case .numbers(let shares): numbers.append(shares)
            case .bits(let bits): wires.append(bits)
            }
        }
        return try computing { () throws(MPCError) in
            var (values, bits): (Shares?, Bits?)
            if !numbers.isEmpty {
                let flags = try fromBits(table.valid)
                values = try multiply(
                    .concatenating(numbers.map { _ in flags }), .concatenating(numbers))
            }
            if !wires.isEmpty {
                let all = Bits.concatenating(rows: wires)
                bits = try and(
                    .concatenating(rows: Array(repeating: table.valid, count: all.rows)), all)
            }
            var (nextNumber, nextWire) = (0, 0)
            let columns = table.columns.map { column -> ColumnShares<Self> in
                switch column {
                case .numbers(let shares):
                    defer { nextNumber += n }
                    return .numbers(values?[nextNumber..<nextNumber + n] ?? shares)
                case .bits(let column):
                    defer { nextWire += column.rows }
                    return .bits(bits?[nextWire..<nextWire + column.rows] ?? column)
                }
            }
            return SecretTable(
                table.schema, columns, valid: table.valid, context: table.context)
        }
    }

    /// Releases several tables at once, each to its recipients: nobody has any before all parties
    /// have committed to all.
    ///
    /// - Parameter parts: tables whose rows are zero where they are not valid: ``zeroed(_:)``, or
    ///   parts of such a table.
    /// - Returns: one for each; nil where this party is no recipient.
    package mutating func outputs(zeroed parts: [(table: SecretTable<Self>, to: Recipients)])
        throws(AnalyticsError) -> [PlainTable?]
    {
        let released = try computing { () throws(MPCError) in
            try outputs(
                parts.map { table, recipients in
                    let (numbers, wires) = table.released
                    return ReleasedPart(
                        numbers: numbers.isEmpty
                            ? constant(Vector(ring, zeros: 0)) : Shares.concatenating(numbers),
                        bits: Bits.concatenating(rows: wires), to: recipients)
                })
        }
        return zip(parts, released).map { part, values in
            values.map { PlainTable(part.table.schema, numbers: $0.numbers, bits: $0.bits) }
        }
    }
}

extension SecretTable where E: ~Copyable {
    /// The columns of numbers; validity and the columns of bits.
    fileprivate var released: (numbers: [E.Shares], wires: [E.Bits]) {
        var (numbers, wires): ([E.Shares], [E.Bits]) = ([], [valid])
        for column in columns {
            switch column {
            case .numbers(let shares): numbers.append(shares)
            case .bits(let bits): wires.append(bits)
            }
        }
        return (numbers, wires)
    }
}

extension PlainTable {
    /// What has been released of a table: its columns of numbers one after the other; validity and
    /// its columns of bits.
    package init<R: Ring>(_ schema: TableSchema, numbers: Vector<R>, bits: BitMatrix) {
        let n = schema.bound
        var (nextNumber, nextWire) = (0, 1)
        let columns = schema.fields.map { field -> PlainColumn in
            guard field.type.range != nil else {
                defer { nextWire += field.type.bitCount }
                return PlainColumn(
                    field.type, bits: bits[nextWire..<nextWire + field.type.bitCount])
            }
            defer { nextNumber += n }
            return .numbers(numbers[nextNumber..<nextNumber + n].wideNumbers)
        }
        self.init(valid: bits.row(0).bools, columns: columns)
    }
}

extension PlainColumn {
    fileprivate init(_ type: ColumnType, bits: BitMatrix) {
        switch type {
        case .bool: self = .bools(bits.bools)
        case .code: self = .codes(bits.integers(limbsPerInteger: 1).map { Int($0) })
        default:
            let limbs = bits.integers(limbsPerInteger: 2)
            self = .keys(
                stride(from: 0, to: limbs.count, by: 2).map {
                    UInt128(limbs[$0 + 1]) << 64 | UInt128(limbs[$0])
                })
        }
    }
}
