import Algebra
public import MPC

/// What the operators on a table may use of a machine.
///
/// It decides how rows are cut into messages, so that all parties must have agreed on one value.
public struct TableContext: Hashable, Sendable {
    /// Bytes for one batch of comparisons and products.
    public var memoryBudget: Int

    public init(memoryBudget: Int = 64 << 20) { self.memoryBudget = memoryBudget }

    /// Rows at once: a comparison of 100 bits takes about 256 bytes with all that is in flight.
    var batch: Int { max(64, memoryBudget / 256 / 64 * 64) }
}

/// A column of shares: numbers in the ring, all else as wires of bits.
enum ColumnShares<E: Engine & ~Copyable>: Sendable {
    case numbers(E.Shares)
    /// One row of n lanes for each bit, lowest first.
    case bits(E.Bits)
}

/// Secret rows with public columns and a public number of rows, of which a secret part is valid.
///
/// What is in a row that is not valid is arbitrary: every operator leaves it out, and the output
/// sets it to zero.
public struct SecretTable<E: Engine & ~Copyable>: Sendable {
    public let schema: TableSchema
    public let context: TableContext
    /// One for each field.
    let columns: [ColumnShares<E>]
    /// 1 row of n lanes.
    let valid: E.Bits

    init(
        _ schema: TableSchema, _ columns: [ColumnShares<E>], valid: E.Bits, context: TableContext
    ) {
        precondition(schema.fields.count == columns.count && schema.bound == valid.count)
        (self.schema, self.columns, self.valid, self.context) = (schema, columns, valid, context)
    }

    /// The number of rows, valid or not.
    public var bound: Int { schema.bound }

    func with(valid: E.Bits) -> Self { Self(schema, columns, valid: valid, context: context) }

    /// The same rows with more columns.
    func appending(_ more: [(field: Field, shares: ColumnShares<E>)])
        throws(AnalyticsError) -> Self
    {
        Self(
            try TableSchema(
                schema.fields + more.map(\.field), bound: bound, unique: schema.unique),
            columns + more.map(\.shares), valid: valid, context: context)
    }

    /// The same rows with more columns: those at the end of the schema.
    func appending(_ more: [ColumnShares<E>], _ schema: TableSchema) -> Self {
        Self(schema, columns + more, valid: valid, context: context)
    }

    /// The same rows with these of the columns, under new names.
    func projected(to columns: [(from: String, to: String)]) throws(AnalyticsError) -> Self {
        var chosen: [ColumnShares<E>] = []
        for (name, _) in columns { chosen.append(self.columns[try schema.index(of: name)]) }
        return Self(
            try schema.projected(to: columns), chosen, valid: valid, context: context)
    }

    /// The rows of consecutive batches.
    var batches: [Range<Int>] { rowBatches(bound, context.batch) }
}

/// Consecutive ranges of at most `size` rows, at least one range.
func rowBatches(_ count: Int, _ size: Int) -> [Range<Int>] {
    count == 0 ? [0..<0] : stride(from: 0, to: count, by: size).map { $0..<min(count, $0 + size) }
}

/// Printing shows what is public.
extension SecretTable: CustomStringConvertible, CustomReflectable where E: ~Copyable {
    public var description: String {
        "SecretTable(\(schema.names.joined(separator: ", ")); \(bound) rows)"
    }
    public var customMirror: Mirror { Mirror(self, children: ["schema": schema]) }
}

// MARK: - Rows on the move

extension SecretTable where E: ~Copyable {
    /// The rows as they travel: `wires` lowest in each record, then validity, then the columns of
    /// bits; `numbers` first, then the columns of numbers.
    ///
    /// - Parameter absent: columns of bits that stay behind.
    func packed(
        wires: [E.Bits] = [], numbers: [E.Shares] = [], without absent: Set<String> = []
    ) -> Columns<E.Shares, E.Bits> {
        var (wires, numbers) = (wires + [valid], numbers)
        for (field, column) in zip(schema.fields, columns) {
            switch column {
            case .numbers(let shares): numbers.append(shares)
            case .bits(let bits): if !absent.contains(field.name) { wires.append(bits) }
            }
        }
        return Columns(numbers: numbers, records: E.Bits.concatenating(rows: wires).transposed())
    }

    /// Takes rows that ``packed(wires:numbers:without:)`` has sent on their way.
    ///
    /// - Parameter absent: where among the first wires the columns are that stayed behind.
    /// - Returns: the table, the first wires as they were packed, and the first numbers.
    func unpacked(
        _ rows: Columns<E.Shares, E.Bits>, wires extra: Int = 0, numbers count: Int = 0,
        absent: [String: Range<Int>] = [:]
    ) throws(AnalyticsError) -> (table: Self, wires: E.Bits, numbers: [E.Shares]) {
        let wires = rows.records.transposed()
        var (nextWire, nextNumber) = (extra + 1, count)
        var shares: [ColumnShares<E>] = []
        for (field, column) in zip(schema.fields, columns) {
            switch column {
            case .numbers:
                shares.append(.numbers(rows.numbers[nextNumber]))
                nextNumber += 1
            case .bits:
                if let place = absent[field.name] {
                    shares.append(.bits(wires[place]))
                    continue
                }
                let end = nextWire + field.type.bitCount
                shares.append(.bits(wires[nextWire..<end]))
                nextWire = end
            }
        }
        let table = Self(
            try TableSchema(schema.fields, bound: rows.count, unique: schema.unique), shares,
            valid: wires[extra..<extra + 1], context: context)
        return (table, wires[0..<extra], Array(rows.numbers[..<count]))
    }

    /// The rows at public places.
    func gathering(_ rows: [UInt32]) throws(AnalyticsError) -> Self {
        try unpacked(packed().gathering(rows)).table
    }

    /// Consecutive rows, in public order: a part of the table.
    public func rows(_ range: Range<Int>) throws(AnalyticsError) -> Self {
        try gathering(Array(UInt32(range.lowerBound)..<UInt32(range.upperBound)))
    }
}
