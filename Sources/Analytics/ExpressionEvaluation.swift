import Algebra
import Gadgets
import MPC

/// Some rows of a table's columns, by name.
private struct RowBatch<E: Engine & ~Copyable> {
    let schema: TableSchema
    let columns: [String: ColumnShares<E>]
    let count: Int
}

extension SecretTable where E: ~Copyable {
    fileprivate func batch(_ rows: Range<Int>, of names: Set<String>) -> RowBatch<E> {
        var columns: [String: ColumnShares<E>] = [:]
        for (field, column) in zip(schema.fields, self.columns) where names.contains(field.name) {
            columns[field.name] =
                switch column {
                case .numbers(let shares): .numbers(shares[rows])
                case .bits(let bits): .bits(bits.lanes(rows))
                }
        }
        return RowBatch(schema: schema, columns: columns, count: rows.count)
    }
}

extension Engine where Self: ~Copyable {
    /// The value of an expression in each row, with its type and owners; batch by batch.
    mutating func evaluate(_ expression: Expression, over table: SecretTable<Self>)
        throws(AnalyticsError) -> (field: Field, shares: ColumnShares<Self>)
    {
        let field = try table.schema.computed(expression, limit: ring.numberLimit)
        let names = expression.columns
        if case .column(let name) = expression {
            return (field, table.columns[try table.schema.index(of: name)])
        }
        var numbers: [Shares] = []
        var bits: [Bits] = []
        for rows in table.batches {
            switch try evaluate(expression, in: table.batch(rows, of: names)) {
            case .numbers(let shares): numbers.append(shares)
            case .bits(let shares): bits.append(shares)
            }
        }
        return (
            field,
            numbers.isEmpty
                ? .bits(Bits.concatenating(lanes: bits))
                : .numbers(Shares.concatenating(numbers))
        )
    }

    /// A condition in each row: 1 row of n lanes.
    mutating func condition(_ expression: Expression, over table: SecretTable<Self>)
        throws(AnalyticsError) -> Bits
    {
        _ = try table.schema.filtered(where: expression, limit: ring.numberLimit)
        guard case .bits(let bits) = try evaluate(expression, over: table).shares else {
            throw .wrongType(expression: expression.description, reason: "is a number")
        }
        return bits
    }

    private mutating func evaluate(_ expression: Expression, in rows: RowBatch<Self>)
        throws(AnalyticsError) -> ColumnShares<Self>
    {
        switch expression {
        case .column(let name):
            guard let column = rows.columns[name] else {
                throw .unknownColumn(name, known: rows.schema.names)
            }
            return column
        case .number(let value, _):
            return .numbers(
                constant(Vector(ring, repeating: value, count: rows.count), count: rows.count))
        case .bool(let value):
            return .bits(constant(bits: BitMatrix(rows: 1, count: rows.count, repeating: value)))
        case .key, .label:
            throw .wrongType(
                expression: expression.description, reason: "may only be compared with a column")
        case .arithmetic(let operation, let a, let b):
            return .numbers(try arithmetic(operation, a, b, of: expression, in: rows))
        case .comparison(let comparison, let a, let b):
            return .bits(try compare(comparison, a, b, of: expression, in: rows))
        case .and(let a, let b):
            let (x, y) = (try bits(a, in: rows), try bits(b, in: rows))
            return .bits(try computing { () throws(MPCError) in try and(x, y) })
        case .or(let a, let b):
            let (x, y) = (try bits(a, in: rows), try bits(b, in: rows))
            return .bits(try computing { () throws(MPCError) in try or(x, y) })
        case .not(let a):
            return .bits(not(try bits(a, in: rows)))
        case .indicator(let a):
            let x = try bits(a, in: rows)
            return .numbers(try computing { () throws(MPCError) in try fromBits(x) })
        case .quotient(let a, let b, let fractionBits, let ifZero):
            let (x, y) = (try numbers(a, in: rows), try numbers(b, in: rows))
            let bound = ring.numberLimit
            let types = (
                try a.type(in: rows.schema, bound: bound),
                try b.type(in: rows.schema, bound: bound),
                try expression.type(in: rows.schema, bound: bound)
            )
            return .numbers(
                try computing { () throws(MPCError) in
                    try quotient(x, y, fractionBits: fractionBits, ifZero: ifZero, types: types)
                })
        case .band(let a, let thresholds):
            let x = try numbers(a, in: rows)
            return .numbers(
                try computing { () throws(MPCError) in try band(x, thresholds) })
        case .choice(let condition, let a, let b):
            let c = try bits(condition, in: rows)
            switch (try evaluate(a, in: rows), try evaluate(b, in: rows)) {
            case (.numbers(let x), .numbers(let y)):
                return .numbers(
                    try computing { () throws(MPCError) in try select(c, x, otherwise: y) })
            case (.bits(let x), .bits(let y)):
                return .bits(
                    try computing { () throws(MPCError) in try select(c, x, otherwise: y) })
            default:
                throw .wrongType(expression: expression.description, reason: "mixes types")
            }
        }
    }

    private mutating func bits(_ expression: Expression, in rows: RowBatch<Self>)
        throws(AnalyticsError) -> Bits
    {
        guard case .bits(let bits) = try evaluate(expression, in: rows) else {
            throw .wrongType(expression: expression.description, reason: "is a number")
        }
        return bits
    }

    private mutating func numbers(_ expression: Expression, in rows: RowBatch<Self>)
        throws(AnalyticsError) -> Shares
    {
        guard case .numbers(let shares) = try evaluate(expression, in: rows) else {
            throw .wrongType(expression: expression.description, reason: "is no number")
        }
        return shares
    }

    private mutating func arithmetic(
        _ operation: Expression.Arithmetic, _ a: Expression, _ b: Expression,
        of whole: Expression, in rows: RowBatch<Self>
    ) throws(AnalyticsError) -> Shares {
        let (x, y) = (try numbers(a, in: rows), try numbers(b, in: rows))
        let bound = ring.numberLimit
        switch operation {
        case .add: return x + y
        case .subtract: return x - y
        case .minimum, .maximum:
            return try computing { () throws(MPCError) in
                let less = try isLess(x, than: y)
                return operation == .minimum
                    ? try select(less, x, otherwise: y) : try select(less, y, otherwise: x)
            }
        case .multiply:
            let shift = whole.productShift(
                try a.type(in: rows.schema, bound: bound), try b.type(in: rows.schema, bound: bound)
            )
            return try computing { () throws(MPCError) in
                let product: Shares
                switch (a, b) {
                case (.number(let value, _), _):
                    product = y.scaled(by: Vector(ring, repeating: value, count: 1))
                case (_, .number(let value, _)):
                    product = x.scaled(by: Vector(ring, repeating: value, count: 1))
                default: product = try multiply(x, y)
                }
                return shift == 0 ? product : try truncate(product, by: shift)
            }
        }
    }

    /// How many thresholds are at most x: one batch of comparisons.
    private mutating func band(_ x: Shares, _ thresholds: [Int128]) throws(MPCError) -> Shares {
        let n = x.count
        let limits = thresholds.map { Vector(ring, repeating: $0, count: n) }
        let reached = try fromBits(
            isAtLeast(
                .concatenating(Array(repeating: x, count: thresholds.count)),
                .concatenating(limits)))
        return thresholds.indices.dropFirst().reduce(reached[0..<n]) {
            $0 + reached[$1 * n..<($1 + 1) * n]
        }
    }

    private mutating func compare(
        _ comparison: Expression.Comparison, _ a: Expression, _ b: Expression,
        of whole: Expression, in rows: RowBatch<Self>
    ) throws(AnalyticsError) -> Bits {
        let type = try whole.operands(comparison, a, b, rows.schema, ring.numberLimit)
        if type.range == nil {
            let x = try bits(a, as: type, in: rows)
            let y = try bits(b, as: type, in: rows)
            let equal = try computing { () throws(MPCError) in try isEqual(x, to: y) }
            return comparison == .equal ? equal : not(equal)
        }
        let (x, y) = (try numbers(a, in: rows), try numbers(b, in: rows))
        return try computing { () throws(MPCError) in
            switch comparison {
            case .less: try isLess(x, than: y)
            case .greater: try isLess(y, than: x)
            case .lessOrEqual: not(try isLess(y, than: x))
            case .greaterOrEqual: not(try isLess(x, than: y))
            case .equal: try isEqual(x, to: y)
            case .notEqual: not(try isEqual(x, to: y))
            }
        }
    }

    /// An operand of an equality of bits, which may be a literal key or label of the other's type.
    private mutating func bits(
        _ expression: Expression, as type: ColumnType, in rows: RowBatch<Self>
    ) throws(AnalyticsError) -> Bits {
        let value: UInt128
        switch (expression, type) {
        case (.key(let key), _): value = key
        case (.label(let label), .code(let labels)):
            value = UInt128(labels.firstIndex(of: label) ?? 0)
        default: return try bits(expression, in: rows)
        }
        return constant(
            bits: .concatenating(
                rows: (0..<type.bitCount).map {
                    BitMatrix(rows: 1, count: rows.count, repeating: value >> UInt128($0) & 1 == 1)
                }), rows: type.bitCount, count: rows.count)
    }
}
