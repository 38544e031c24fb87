import Algebra
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
        let n = table.bound
        return try computing { () throws(MPCError) in
            // 1. Zeros where a row is not valid.
            let flags = try fromBits(table.valid)
            var wires = [table.valid]
            var numbers: [Shares] = []
            for column in table.columns {
                switch column {
                case .numbers(let shares): numbers.append(try multiply(flags, shares))
                case .bits(let bits):
                    let all = Bits.concatenating(
                        rows: Array(repeating: table.valid, count: bits.rows))
                    wires.append(try and(all, bits))
                }
            }

            // 2. All bits together, then the numbers.
            let bits = try output(bits: Bits.concatenating(rows: wires), to: recipients)
            let values =
                numbers.isEmpty
                ? nil : try output(Shares.concatenating(numbers), to: recipients)
            guard let bits else { return nil }

            // 3. Back into columns.
            var (nextWire, nextNumber) = (1, 0)
            var columns: [PlainColumn] = []
            for field in table.schema.fields {
                if field.type.range != nil {
                    let part = values?[nextNumber..<nextNumber + n]
                    columns.append(.numbers(part?.wideNumbers ?? []))
                    nextNumber += n
                } else {
                    let end = nextWire + field.type.bitCount
                    columns.append(PlainColumn(field.type, bits: bits[nextWire..<end]))
                    nextWire = end
                }
            }
            return PlainTable(valid: bits.row(0).bools, columns: columns)
        }
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
