/// Types and ranges of expressions, found before anything runs.
extension Expression {
    /// The type of the value, with the range that its columns' ranges allow.
    ///
    /// - Parameter bound: the largest magnitude that the ring can compare.
    /// - Throws: ``AnalyticsError/overflow(expression:range:bound:)`` for the innermost part that
    ///   may leave the bound, and what else does not fit.
    public func type(in schema: TableSchema, bound: Int128) throws(AnalyticsError) -> ColumnType {
        switch self {
        case .column(let name): return try schema.field(name).type
        case .number(let value, let type):
            guard type.range != nil else {
                throw .wrongType(expression: description, reason: "is no \(type)")
            }
            return try checked(type.with(range: value...value), bound)
        case .bool: return .bool
        case .key, .label:
            throw .wrongType(expression: description, reason: "may only be compared with a column")
        case .arithmetic(let operation, let a, let b):
            let (x, y) = (
                try a.type(in: schema, bound: bound), try b.type(in: schema, bound: bound)
            )
            return try combined(operation, x, y, bound)
        case .comparison(let comparison, let a, let b):
            _ = try operands(comparison, a, b, schema, bound)
            return .bool
        case .and(let a, let b), .or(let a, let b):
            try a.requireBool(in: schema, bound: bound)
            try b.requireBool(in: schema, bound: bound)
            return .bool
        case .not(let a):
            try a.requireBool(in: schema, bound: bound)
            return .bool
        case .indicator(let a):
            try a.requireBool(in: schema, bound: bound)
            return .integer(0...1)
        case .choice(let condition, let a, let b):
            try condition.requireBool(in: schema, bound: bound)
            let (x, y) = (
                try a.type(in: schema, bound: bound), try b.type(in: schema, bound: bound)
            )
            guard let both = x.union(y) else { throw mismatch(x, y) }
            return both
        case .quotient(let a, let b, let fractionBits, let ifZero):
            return try ratio(
                a.type(in: schema, bound: bound), b.type(in: schema, bound: bound), fractionBits,
                ifZero, bound)
        case .band(let a, let thresholds):
            let type = try a.type(in: schema, bound: bound)
            guard type.range != nil else { throw mismatch(type, .integer(0...0)) }
            guard !thresholds.isEmpty,
                zip(thresholds, thresholds.dropFirst()).allSatisfy({ $0 < $1 })
            else {
                throw .wrongType(expression: description, reason: "needs rising thresholds")
            }
            for threshold in thresholds {
                _ = try checked(type.with(range: threshold...threshold), bound)
            }
            return .integer(0...Int128(thresholds.count))
        }
    }

    private func requireBool(in schema: TableSchema, bound: Int128) throws(AnalyticsError) {
        let type = try type(in: schema, bound: bound)
        guard type == .bool else {
            throw .wrongType(expression: description, reason: "is \(type) where a bool is needed")
        }
    }

    /// The common type of a comparison's operands; a literal key or label takes that of the other.
    func operands(
        _ comparison: Comparison, _ a: Expression, _ b: Expression, _ schema: TableSchema,
        _ bound: Int128
    ) throws(AnalyticsError) -> ColumnType {
        let types: (ColumnType, ColumnType)
        switch (a.isLiteralOfBits, b.isLiteralOfBits) {
        case (true, true):
            throw .wrongType(expression: description, reason: "compares no column")
        case (true, false):
            let type = try b.type(in: schema, bound: bound)
            types = (type, type)
        case (false, true):
            let type = try a.type(in: schema, bound: bound)
            types = (type, type)
        case (false, false):
            types = (try a.type(in: schema, bound: bound), try b.type(in: schema, bound: bound))
        }
        guard let type = types.0.union(types.1) else { throw mismatch(types.0, types.1) }
        for operand in [a, b] { try operand.checkLiteral(as: type) }
        guard type.range != nil || comparison == .equal || comparison == .notEqual else {
            throw .wrongType(expression: description, reason: "\(type) has no order")
        }
        return type
    }

    private var isLiteralOfBits: Bool {
        switch self {
        case .key, .label: true
        default: false
        }
    }

    private func checkLiteral(as type: ColumnType) throws(AnalyticsError) {
        switch (self, type) {
        case (.key(let value), .key(_, let bits)):
            guard bits == 128 || value >> UInt128(bits) == 0 else {
                throw .wrongType(expression: description, reason: "is no \(type)")
            }
        case (.label(let label), .code(let labels)):
            guard labels.contains(label) else {
                throw .wrongType(expression: description, reason: "is none of \(type)")
            }
        case (.key, _), (.label, _):
            throw .wrongType(expression: description, reason: "cannot be compared with \(type)")
        default: break
        }
    }

    func mismatch(_ x: ColumnType, _ y: ColumnType) -> AnalyticsError {
        .wrongType(expression: description, reason: "\(x) and \(y) do not go together")
    }

    // MARK: Ranges

    private func combined(
        _ operation: Arithmetic, _ x: ColumnType, _ y: ColumnType, _ bound: Int128
    ) throws(AnalyticsError) -> ColumnType {
        guard let a = x.range, let b = y.range else { throw mismatch(x, y) }
        switch operation {
        case .add:
            guard let kind = sumKind(x, y) else { throw mismatch(x, y) }
            return try checked(
                kind,
                [
                    a.lowerBound.saturatingSum(b.lowerBound),
                    a.upperBound.saturatingSum(b.upperBound),
                ], bound)
        case .subtract:
            guard let kind = differenceKind(x, y) else { throw mismatch(x, y) }
            return try checked(
                kind,
                [
                    a.lowerBound.saturatingSum(0 - b.upperBound),
                    a.upperBound.saturatingSum(0 - b.lowerBound),
                ], bound)
        case .minimum, .maximum:
            guard x.isSameKind(as: y) else { throw mismatch(x, y) }
            let (low, high) = ([a.lowerBound, b.lowerBound], [a.upperBound, b.upperBound])
            return operation == .minimum
                ? x.with(range: low.smallest...high.smallest)
                : x.with(range: low.largest...high.largest)
        case .multiply:
            guard let (kind, shift) = productKind(x, y) else { throw mismatch(x, y) }
            var corners: [Int128] = []
            for (p, q) in [
                (a.lowerBound, b.lowerBound), (a.lowerBound, b.upperBound),
                (a.upperBound, b.lowerBound), (a.upperBound, b.upperBound),
            ] {
                corners.append(p.saturatingProduct(q))
            }
            let product = try checked(kind, corners, bound)
            guard let range = product.range else { return product }
            return kind.with(range: range.lowerBound >> shift...range.upperBound >> shift)
        }
    }

    /// A day and a number of days make a day.
    private func sumKind(_ x: ColumnType, _ y: ColumnType) -> ColumnType? {
        switch (x, y) {
        case (.day, .integer), (.minute, .integer): x
        case (.integer, .day), (.integer, .minute): y
        case (.day, _), (.minute, _): nil
        default: x.isSameKind(as: y) ? x : nil
        }
    }

    /// Between two days lies a number of days.
    private func differenceKind(_ x: ColumnType, _ y: ColumnType) -> ColumnType? {
        switch (x, y) {
        case (.day, .integer), (.minute, .integer): x
        case (.day, .day), (.minute, .minute): .integer(0...0)
        default: x.isSameKind(as: y) ? x : nil
        }
    }

    /// What a product is, and by how many bits it is rounded down.
    private func productKind(_ x: ColumnType, _ y: ColumnType) -> (ColumnType, Int)? {
        switch (x, y) {
        case (.integer, .integer): (x, 0)
        case (.integer, .money), (.integer, .fixed): (y, 0)
        case (.money, .integer), (.fixed, .integer): (x, 0)
        case (.fixed(let f, _), .fixed(let g, _)): (f >= g ? x : y, min(f, g))
        case (.fixed(let f, _), .money): (y, f)
        case (.money, .fixed(let f, _)): (x, f)
        default: nil
        }
    }

    /// By how many bits a product of these types is rounded down.
    func productShift(_ x: ColumnType, _ y: ColumnType) -> Int { productKind(x, y)?.1 ?? 0 }

    private func checked(_ kind: ColumnType, _ values: [Int128], _ bound: Int128)
        throws(AnalyticsError) -> ColumnType
    {
        try checked(kind.with(range: values.smallest...values.largest), bound)
    }

    private func checked(_ type: ColumnType, _ bound: Int128) throws(AnalyticsError) -> ColumnType {
        try type.check(bound, expression: description)
    }
}

extension [Int128] {
    fileprivate var smallest: Int128 { self.min() ?? 0 }
    fileprivate var largest: Int128 { self.max() ?? 0 }
}

extension ColumnType {
    /// The type itself, unless its values leave what the ring can compare.
    func check(_ bound: Int128, expression: @autoclosure () -> String) throws(AnalyticsError)
        -> Self
    {
        if case .fixed(let bits, _) = self, !(1...32).contains(bits) {
            throw .wrongType(
                expression: expression(), reason: "has \(bits) fraction bits, not 1 to 32")
        }
        if case .key(_, let bits) = self, bits != 64, bits != 128 {
            throw .wrongType(expression: expression(), reason: "has \(bits) bits, not 64 or 128")
        }
        guard let range else { return self }
        // The width of the range is a number too, of the keys of a sort.
        let isTooWide = range.upperBound.subtractingReportingOverflow(range.lowerBound).overflow
        guard range.lowerBound >= -bound, range.upperBound <= bound, !isTooWide else {
            throw .overflow(expression: expression(), range: range, bound: bound)
        }
        return self
    }
}
