import Analytics

/// Arithmetic, comparisons, quotients and choices.
extension Checker {
    mutating func binary(
        _ operation: BinaryOperator, _ a: ExpressionSyntax, _ b: ExpressionSyntax,
        _ syntax: ExpressionSyntax, _ scope: Scope
    ) throws(Mistake) -> Typed {
        switch operation {
        case .and, .or:
            let (x, y) = (try condition(a, in: scope), try condition(b, in: scope))
            return try typed(
                operation == .and
                    ? .and(x.expression, y.expression) : .or(x.expression, y.expression),
                bit(x.lineage.union(y.lineage), syntax), scope, syntax)
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
            return try comparison(operation, a, b, syntax, scope)
        case .add, .subtract, .multiply: return try arithmetic(operation, a, b, syntax, scope)
        }
    }

    mutating func comparison(
        _ operation: BinaryOperator, _ a: ExpressionSyntax, _ b: ExpressionSyntax,
        _ syntax: ExpressionSyntax, _ scope: Scope
    ) throws(Mistake) -> Typed {
        let (x, y) = (try lower(a, in: scope), try lower(b, in: scope))
        let comparison = Expression.Comparison(rawValue: operation.rawValue) ?? .equal
        let lineage = bit(x.lineage.union(y.lineage), syntax)
        let operands: (Expression, Expression)
        switch (x.value, y.value) {
        case (.label(let label), .value(let other, let type)):
            operands = (try literal(label, as: type, at: a.range), other)
        case (.value(let other, let type), .label(let label)):
            operands = (other, try literal(label, as: type, at: b.range))
        case (.value(let left, let type), .value(let right, let other))
        where type.range == nil || other.range == nil:
            operands = (left, right)
        default:
            let (left, right) = try pair(x, y, (a.range, b.range), adapting: true)
            operands = (left.0, right.0)
        }
        return try typed(
            .comparison(comparison, operands.0, operands.1), lineage, scope, syntax)
    }

    /// A label of a code, or the key that a text in quotes stands for.
    mutating func literal(_ label: String, as type: ColumnType, at range: SourceRange)
        throws(Mistake) -> Expression
    {
        switch type {
        case .code(let labels):
            guard labels.contains(label) else {
                throw failing(
                    .name, "'\(label)' is none of its labels", at: range,
                    suggestion: didYouMean(label, labels, "its labels are"))
            }
            return .label(label)
        case .key(let domain, let bits):
            return .key(KeyDigest.key(label, domain: domain, bits: bits))
        default: throw failing(.type, "'\(label)' cannot be \(type.inWords)", at: range)
        }
    }

    mutating func arithmetic(
        _ operation: BinaryOperator, _ a: ExpressionSyntax, _ b: ExpressionSyntax,
        _ syntax: ExpressionSyntax, _ scope: Scope
    ) throws(Mistake) -> Typed {
        let (x, y) = (try lower(a, in: scope), try lower(b, in: scope))
        if case .literal(let left) = x.value, case .literal(let right) = y.value {
            guard let folded = left.combined(operation, right) else {
                throw failing(.range, "the constant has too many digits", at: syntax.range)
            }
            return Typed(literal: folded)
        }
        // A number without a unit scales what it multiplies, and is of its kind in a sum.
        let isProduct = operation == .multiply
        let (left, right) =
            isProduct
            ? (try factor(x, beside: y, at: a.range), try factor(y, beside: x, at: b.range))
            : try sum(x, y, a, b)
        // A value times or beside an answer may count or not.
        let lineage = x.lineage.mixed(with: y.lineage).noting(text(syntax))
        if case (.number(let u, let type), .number(let v, let other)) = (left.0, right.0),
            let folded = folded(operation, (u, type), (v, other))
        {
            return Typed(.number(folded.0, folded.1), folded.1)
        }
        let kind: Expression.Arithmetic =
            switch operation {
            case .add: .add
            case .subtract: .subtract
            default: .multiply
            }
        return try typed(.arithmetic(kind, left.0, right.0), lineage, scope, syntax)
    }

    func folded(
        _ operation: BinaryOperator, _ a: (Int128, ColumnType), _ b: (Int128, ColumnType)
    ) -> (Int128, ColumnType)? {
        let result: (partialValue: Int128, overflow: Bool)
        let type: ColumnType
        switch (operation, a.1, b.1) {
        case (.add, _, _) where a.1.isSameKind(as: b.1):
            (result, type) = (a.0.addingReportingOverflow(b.0), a.1)
        case (.subtract, .money, .money), (.subtract, .integer, .integer),
            (.subtract, .fixed, .fixed):
            guard a.1.isSameKind(as: b.1) else { return nil }
            (result, type) = (a.0.subtractingReportingOverflow(b.0), a.1)
        case (.multiply, .integer, _):
            (result, type) = (a.0.multipliedReportingOverflow(by: b.0), b.1)
        case (.multiply, _, .integer):
            (result, type) = (a.0.multipliedReportingOverflow(by: b.0), a.1)
        default: return nil
        }
        return result.overflow
            ? nil
            : (result.partialValue, type.with(range: result.partialValue...result.partialValue))
    }

    mutating func factor(_ value: Typed, beside other: Typed, at range: SourceRange)
        throws(Mistake) -> (Expression, ColumnType)
    {
        if case .literal(let literal) = value.value, literal.scale > 0,
            case .value(_, .fixed(let bits, _)) = other.value
        {
            return try adapt(literal, to: .fixed(fractionBits: bits, 0...0), at: range)
        }
        return try number(value, at: range)
    }

    mutating func sum(
        _ x: Typed, _ y: Typed, _ a: ExpressionSyntax, _ b: ExpressionSyntax
    ) throws(Mistake) -> ((Expression, ColumnType), (Expression, ColumnType)) {
        // Days and minutes move by whole numbers.
        func isTime(_ value: Typed) -> Bool {
            switch value.value {
            case .value(_, .day), .value(_, .minute): true
            default: false
            }
        }
        return try pair(x, y, (a.range, b.range), adapting: !isTime(x) && !isTime(y))
    }

    mutating func quotient(
        _ a: ExpressionSyntax, _ b: ExpressionSyntax, _ otherwise: ExpressionSyntax?,
        _ syntax: ExpressionSyntax, _ scope: Scope, fractionBits wanted: Int? = nil
    ) throws(Mistake) -> Typed {
        let (x, y) = (try lower(a, in: scope), try lower(b, in: scope))
        let (left, right) = (
            try factor(x, beside: y, at: a.range), try factor(y, beside: x, at: b.range)
        )
        guard let divisors = right.1.range, divisors.lowerBound >= 0 else {
            throw failing(
                .range, "the divisor may be negative", at: b.range,
                suggestion: "narrow the ranges of its columns, or divide by greatest(..., 1)")
        }
        var fractionBits = 0
        let kind: ColumnType
        switch (left.1, right.1) {
        case _ where wanted != nil && left.1.isSameKind(as: right.1):
            let bits = wanted ?? 16
            (kind, fractionBits) = (.fixed(fractionBits: bits, 0...0), bits)
        case (_, .integer): kind = left.1
        case (.money, .money) where left.1.isSameKind(as: right.1):
            (kind, fractionBits) = (.fixed(fractionBits: 16, 0...0), 16)
        case (.fixed(let bits, _), .fixed) where left.1.isSameKind(as: right.1):
            (kind, fractionBits) = (left.1, bits)
        default:
            throw failing(
                .type, "\(left.1.inWords) cannot be divided by \(right.1.inWords)",
                at: syntax.range)
        }
        var zero: Int128 = 0
        if let otherwise {
            zero = try constant(otherwise, as: kind)
        } else if divisors.lowerBound == 0 {
            throw failing(
                .range, "the divisor may be zero, and what the result is then is not stated",
                at: b.range, suggestion: "add `default 0` behind the division")
        }
        return try typed(
            .quotient(left.0, right.0, fractionBits: fractionBits, ifZero: zero),
            x.lineage.mixed(with: y.lineage).noting(text(syntax)), scope, syntax)
    }

    mutating func among(
        _ a: ExpressionSyntax, _ values: [ExpressionSyntax], _ syntax: ExpressionSyntax,
        _ scope: Scope
    ) throws(Mistake) -> Typed {
        var all: Typed?
        for value in values {
            let equal = try comparison(
                .equal, a, value,
                ExpressionSyntax(kind: .binary(.equal, a, value), range: syntax.range),
                scope)
            guard let before = all else {
                all = equal
                continue
            }
            guard case .value(let x, _) = before.value, case .value(let y, _) = equal.value else {
                throw Mistake()
            }
            all = try typed(.or(x, y), before.lineage.union(equal.lineage), scope, syntax)
        }
        guard let all else { throw Mistake() }
        return all
    }

    mutating func choice(
        _ cases: [(when: ExpressionSyntax, then: ExpressionSyntax)], _ otherwise: ExpressionSyntax,
        _ syntax: ExpressionSyntax, _ scope: Scope
    ) throws(Mistake) -> Typed {
        var result = try lower(otherwise, in: scope)
        var resultRange = otherwise.range
        for (when, then) in cases.reversed() {
            let condition = try condition(when, in: scope)
            let value = try lower(then, in: scope)
            let lineage = condition.lineage.union(value.lineage.union(result.lineage).chosen)
            let branches: (Expression, Expression)
            switch (value.value, result.value) {
            case (.value(let x, let type), .value(let y, _)) where type.range == nil:
                branches = (x, y)
            case (.label, _), (_, .label):
                throw failing(
                    .type, "a label cannot be chosen; choose a number", at: then.range)
            default:
                let (x, y) = try pair(value, result, (then.range, resultRange), adapting: true)
                branches = (x.0, y.0)
            }
            result = try typed(
                .choice(if: condition.expression, then: branches.0, else: branches.1), lineage,
                scope, syntax)
            resultRange = syntax.range
        }
        return result
    }
}
