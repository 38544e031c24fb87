import Algebra
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

        // All bits in one message: validity, then the columns of bits.
        let bitFields = schema.fields.filter { $0.type.range == nil }
        let wires = rows.map { rows in
            BitMatrix.concatenating(
                rows: [BitMatrix(padded(rows.valid, to: n, with: false))]
                    + zip(schema.fields, rows.columns).compactMap { field, column in
                        column.bits(field.type, count: n)
                    })
        }
        let numbers = schema.fields.indices.map { index in
            rows.flatMap { $0.columns[index].elements(schema.fields[index].type, ring, count: n) }
        }
        return try computing { () throws(MPCError) in
            let width = 1 + bitFields.reduce(0) { $0 + $1.type.bitCount }
            let bits = try input(bits: wires, rows: width, count: n, from: owner)
            var columns: [ColumnShares<Self>] = []
            var next = 1
            for (field, values) in zip(schema.fields, numbers) {
                if field.type.range != nil {
                    columns.append(.numbers(try input(values, count: n, from: owner)))
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
