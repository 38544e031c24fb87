package import Algebra
public import MPC
public import Primitives

extension Engine where Self: ~Copyable {
    /// Shares the rows of one owner, padded to the declared bound with rows that are not valid.
    ///
    /// The owner's data are checked before anything is sent. Others learn the schema alone.
    ///
    /// - Parameters:
    ///   - rows: only `owner` passes them; others pass nil.
    ///   - unique: columns of bits that together differ in all rows of the owner.
    /// - Throws: ``AnalyticsError/tooManyRows(count:bound:)``, ``AnalyticsError/duplicateKey(columns:rows:)``,
    ///   ``AnalyticsError/outOfRange(column:row:type:)`` and ``AnalyticsError/wrongData(reason:)``.
    public mutating func input(
        _ rows: PlainTable?, _ schema: TableSchema, unique: [String] = [], from owner: Party,
        context: TableContext = TableContext()
    ) throws(AnalyticsError) -> SecretTable<Self> {
        for field in schema.fields {
            _ = try field.type.check(ring.numberLimit, expression: field.name)
        }
        try rows?.check(against: schema, unique: unique)
        let fields = schema.fields.map { $0.owned(by: [owner]) }
        let n = schema.bound
        let plain = rows?.elements(of: schema, over: ring)
        return try computing { () throws(MPCError) in
            let bits = try input(
                bits: plain?.bits, rows: schema.bitRows, count: n, from: owner)
            var columns: [ColumnShares<Self>] = []
            var (next, nextNumber) = (1, 0)
            for field in schema.fields {
                if field.type.range != nil {
                    columns.append(
                        .numbers(
                            try input(plain?.numbers[nextNumber], count: n, from: owner)))
                    nextNumber += 1
                } else {
                    columns.append(.bits(bits[next..<next + field.type.bitCount]))
                    next += field.type.bitCount
                }
            }
            return SecretTable(
                TableSchema(
                    checked: fields, bound: n,
                    unique: schema.unique.union(unique.isEmpty ? [] : [Set(unique)])), columns,
                valid: bits[0..<1],
                context: context)
        }
    }
}

extension PlainTable {
    /// What an owner shares of rows that have been checked, padded to the bound: in one matrix
    /// validity and the columns of bits; then the columns of numbers, one by one.
    package func elements<R: Ring>(of schema: TableSchema, over ring: R) -> (
        bits: BitMatrix, numbers: [Vector<R>]
    ) {
        let n = schema.bound
        let columns = zip(schema.fields, columns)
        return (
            BitMatrix.concatenating(
                rows: [BitMatrix(padded(valid, to: n, with: false))]
                    + columns.compactMap { $1.bits($0.type, count: n) }),
            columns.compactMap { $1.elements($0.type, ring, count: n) }
        )
    }
}

extension TableSchema {
    /// Rows of bits of a table as it is shared and released: validity and the columns of bits.
    package var bitRows: Int {
        fields.reduce(1) { $0 + ($1.type.range == nil ? $1.type.bitCount : 0) }
    }
    package var numberColumns: Int { fields.count { $0.type.range != nil } }
}

private func padded<T>(_ values: [T], to count: Int, with filler: T) -> [T] {
    values + Array(repeating: filler, count: count - values.count)
}

extension PlainColumn {
    /// The bits of a column that holds bits, padded with zeros; nil for numbers.
    fileprivate func bits(_ type: ColumnType, count: Int) -> BitMatrix? {
        let limbs: [UInt64]
        switch self {
        case .numbers: return nil
        case .bools(let values): return BitMatrix(padded(values, to: count, with: false))
        case .codes(let values): limbs = padded(values, to: count, with: 0).map { UInt64($0) }
        case .keys(let values):
            let width = type.bitCount / 64
            limbs = padded(values, to: count, with: 0).flatMap { key in
                (0..<width).map { UInt64(truncatingIfNeeded: key >> UInt128(64 * $0)) }
            }
        }
        return BitMatrix(
            integers: limbs, limbsPerInteger: (type.bitCount + 63) / 64, bits: type.bitCount)
    }

    /// The elements of a column of numbers, padded with a number in range; nil for bits.
    fileprivate func elements<R: Ring>(_ type: ColumnType, _ ring: R, count: Int) -> Vector<R>? {
        guard case .numbers(let values) = self, let range = type.range else { return nil }
        return Vector(ring, padded(values, to: count, with: range.lowerBound), in: range)
    }
}

// MARK: - Checks at the owner

extension PlainTable {
    /// Whether the rows are what the schema declares; says which row is not.
    public func check(against schema: TableSchema, unique: [String] = [])
        throws(AnalyticsError)
    {
        guard count <= schema.bound else {
            throw .tooManyRows(count: count, bound: schema.bound)
        }
        guard columns.count == schema.fields.count else {
            throw .wrongData(
                reason: "\(columns.count) columns where \(schema.fields.count) are declared")
        }
        for (field, column) in zip(schema.fields, columns) {
            guard column.count == count else {
                throw .wrongData(
                    reason: "column \"\(field.name)\" has \(column.count) of \(count) rows")
            }
            if let row = try column.firstMisfit(field) {
                throw .outOfRange(column: field.name, row: row, type: field.type)
            }
        }
        for names in schema.unique.union([Set(unique)]) {
            try checkUnique(names.sorted(), schema)
        }
    }

    private func checkUnique(_ names: [String], _ schema: TableSchema) throws(AnalyticsError) {
        guard !names.isEmpty else { return }
        var places: [Int] = []
        for name in names { places.append(try schema.index(of: name)) }
        var seen: [[Int128]: Int] = [:]
        for row in 0..<count where valid[row] {
            let key = places.map { columns[$0].value(row) }
            if let first = seen.updateValue(row, forKey: key) {
                throw .duplicateKey(columns: names, rows: [first, row])
            }
        }
    }
}

extension PlainColumn {
    /// The first row whose value the column's type does not allow.
    fileprivate func firstMisfit(_ field: Field) throws(AnalyticsError) -> Int? {
        switch (self, field.type) {
        case (.bools, .bool): return nil
        case (.keys(let keys), .key(_, let bits)):
            return bits >= 128 ? nil : keys.firstIndex { $0 >> UInt128(bits) > 0 }
        case (.codes(let codes), .code(let labels)):
            return codes.firstIndex { !labels.indices.contains($0) }
        case (.numbers(let values), let type):
            if let range = type.range { return values.firstIndex { !range.contains($0) } }
        default: break
        }
        throw .wrongData(reason: "column \"\(field.name)\" does not hold \(field.type)")
    }

    /// A value as bits that tell it from others of its column.
    fileprivate func value(_ row: Int) -> Int128 {
        switch self {
        case .numbers(let values): values[row]
        case .bools(let values): values[row] ? 1 : 0
        case .keys(let values): Int128(truncatingIfNeeded: values[row])
        case .codes(let values): Int128(values[row])
        }
    }
}
