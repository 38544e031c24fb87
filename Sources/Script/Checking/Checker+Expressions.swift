import Analytics
import Primitives

/// Expressions: names, types and ranges, and what a value tells.
extension Checker {
    /// Checks an expression about the rows of a scope, and lowers it.
    mutating func lower(_ syntax: ExpressionSyntax, in scope: Scope) throws(Mistake) -> Typed {
        if let computed = scope.computed[syntax.range] { return try value(of: computed, scope, syntax) }
        switch syntax.kind {
        case .number(let literal): return Typed(literal: literal)
        case .label(let label): return Typed(label: label)
        case .bool(let value): return Typed(.bool(value), .bool)
        case .date(let day):
            return Typed(
                .number(Int128(day), .day(0...0)), .day(Int128(day)...Int128(day)))
        case .money(let currency, let amount):
            guard let cents = amount.times(100, exactly: true) else {
                throw failing(
                    .type, "an amount has at most two decimals", at: syntax.range)
            }
            let type = ColumnType.money(currency: currency, cents...cents)
            return Typed(.number(cents, type), type)
        case .name(let qualifier, let name): return try self.name(qualifier, name, in: scope)
        case .element(let name, let position): return try element(name, position, scope)
        case .negated(let a):
            let value = try lower(a, in: scope)
            if case .literal(let literal) = value.value {
                return Typed(literal: DecimalLiteral(-literal.mantissa, scale: literal.scale))
            }
            let (x, type) = try number(value, at: a.range)
            if case .number(let constant, _) = x {
                let range = -constant...(-constant)
                return Typed(.number(-constant, type.with(range: range)), type.with(range: range))
            }
            let zero = Expression.number(0, type.with(range: 0...0))
            return try typed(
                .arithmetic(.subtract, zero, x), value.lineage.noting("negated"), scope, syntax)
        case .not(let a):
            let value = try condition(a, in: scope)
            return try typed(.not(value.expression), value.lineage, scope, syntax)
        case .binary(let operation, let a, let b):
            return try binary(operation, a, b, syntax, scope)
        case .quotient(let a, let b, let otherwise):
            return try quotient(a, b, otherwise, syntax, scope)
        case .among(let a, let values): return try among(a, values, syntax, scope)
        case .choice(let cases, let otherwise): return try choice(cases, otherwise, syntax, scope)
        case .call(let call): return try self.call(call, syntax, scope)
        }
    }

    /// A condition in each row.
    mutating func condition(_ syntax: ExpressionSyntax, in scope: Scope)
        throws(Mistake) -> (expression: Expression, lineage: Lineage)
    {
        let value = try lower(syntax, in: scope)
        guard case .value(let expression, .bool) = value.value else {
            throw failing(
                .type, "a condition is needed here, not \(words(value))", at: syntax.range,
                suggestion: "compare it: `... > 0`")
        }
        return (expression, value.lineage.through(text(syntax), atMost: .bit))
    }

    /// The text of an expression with the values of constants, short.
    func text(_ syntax: ExpressionSyntax) -> String {
        let text = fullText(syntax)
        return text.count <= 80 ? text : text.prefix(77) + "..."
    }

    func fullText(_ syntax: ExpressionSyntax) -> String {
        var values: [String: ExpressionSyntax] = [:]
        for (name, binding) in bindings {
            if case .constant(let constants, false) = binding, let constant = constants.first {
                values[name] = constant.syntax
            }
        }
        return Formatter.text(syntax.replacing(values))
    }

    func words(_ value: Typed) -> String {
        switch value.value {
        case .literal: "a number"
        case .label: "a label"
        case .value(_, let type): type.inWords
        }
    }

    // MARK: Types

    /// Its type and range, found by the operator's own rules.
    private mutating func typed(
        _ expression: Expression, _ lineage: Lineage, _ scope: Scope, _ syntax: ExpressionSyntax
    ) throws(Mistake) -> Typed {
        let schema = scope.step.map { steps[$0].schema } ?? TableSchema(checked: [], bound: 1)
        let type: ColumnType
        do throws(AnalyticsError) {
            type = try expression.type(in: schema, bound: limit)
        } catch { throw told(error, at: syntax.range) }
        return Typed(expression, type, lineage)
    }

    /// A number with its type; literals become whole or fixed-point numbers.
    private mutating func number(_ value: Typed, at range: SourceRange)
        throws(Mistake) -> (Expression, ColumnType)
    {
        switch value.value {
        case .value(let expression, let type):
            guard type.range != nil else {
                throw failing(.type, "a number is needed here, not \(type.inWords)", at: range)
            }
            return (expression, type)
        case .literal(let literal):
            return try adapt(
                literal, to: literal.scale == 0 ? .integer(0...0) : .fixed(fractionBits: 16, 0...0),
                at: range)
        case .label: throw failing(.type, "a number is needed here, not a label", at: range)
        }
    }

    /// A literal in the unit of a type.
    private mutating func adapt(_ literal: DecimalLiteral, to type: ColumnType, at range: SourceRange)
        throws(Mistake) -> (Expression, ColumnType)
    {
        let value: Int128?
        switch type {
        case .integer: value = literal.times(1, exactly: true)
        case .money: value = literal.times(100, exactly: true)
        case .fixed(let bits, _): value = literal.times(1 << Int128(bits), exactly: false)
        case .minute: value = literal.times(1, exactly: true)
        case .day, .bool, .key, .code: value = nil
        }
        guard let value else {
            throw failing(
                .type, "\(literal.text) cannot be \(type.inWords)", at: range,
                suggestion: {
                    if case .day = type { return "write a date, as 2026-12-31" }
                    return nil
                }())
        }
        let exact = type.with(range: value...value)
        return (.number(value, exact), exact)
    }

    /// Two operands of one operation; a literal takes the other's type.
    private mutating func pair(
        _ a: Typed, _ b: Typed, _ ranges: (SourceRange, SourceRange), adapting: Bool
    ) throws(Mistake) -> ((Expression, ColumnType), (Expression, ColumnType)) {
        switch (a.value, b.value) {
        case (.literal(let x), .value(_, let type)) where adapting:
            return (try adapt(x, to: type, at: ranges.0), try number(b, at: ranges.1))
        case (.value(_, let type), .literal(let y)) where adapting:
            return (try number(a, at: ranges.0), try adapt(y, to: type, at: ranges.1))
        default: return (try number(a, at: ranges.0), try number(b, at: ranges.1))
        }
    }

    /// A constant of a declaration in the unit of a type.
    mutating func constant(_ syntax: ExpressionSyntax, as type: ColumnType)
        throws(Mistake) -> Int128
    {
        let value = try lower(syntax, in: Scope())
        guard value.isConstant else {
            throw failing(.threshold, "a constant is needed here", at: syntax.range)
        }
        switch value.value {
        case .literal(let literal):
            if case (.number(let number, _), _) = try adapt(literal, to: type, at: syntax.range) {
                return number
            }
        case .value(.number(let number, let own), _) where own.isSameKind(as: type): return number
        default: break
        }
        throw failing(.type, "\(type.inWords) is needed here", at: syntax.range)
    }

    // MARK: Names

    private mutating func name(_ qualifier: Name?, _ name: Name, in scope: Scope)
        throws(Mistake) -> Typed
    {
        let range = qualifier.map { $0.range.to(name.range) } ?? name.range
        let found = scope.columns.filter {
            $0.name == name.text && (qualifier == nil || $0.qualifier == qualifier?.text)
        }
        if found.count > 1 {
            let owners = found.compactMap(\.qualifier).map { "\($0).\(name.text)" }
            throw failing(
                .name, "\"\(name.text)\" may be \(owners.joined(separator: " or "))", at: range,
                suggestion: "write \(owners.first ?? name.text)")
        }
        if let column = found.first {
            let type = try columnType(column, scope, at: range)
            var value = Typed(.column(column.field), type, column.column.lineage)
            value.key = column.column.key
            value.bands = column.column.bands
            return value
        }
        if qualifier == nil {
            switch bindings[name.text] {
            case .constant(let values, let isList)?:
                guard !isList, let value = values.first else {
                    throw failing(
                        .type, "\"\(name.text)\" is a list", at: range,
                        suggestion: "write \(name.text)[1] or \(name.text)[k]")
                }
                return value.value
            case .counter(let count)?: return Typed(literal: DecimalLiteral(Int128(count)))
            case .broken?: throw Mistake()
            default: break
            }
        }
        if let qualifier, !scope.columns.contains(where: { $0.qualifier == qualifier.text }) {
            throw failing(
                .name, "there is no table \"\(qualifier.text)\" here", at: qualifier.range,
                suggestion: didYouMean(
                    qualifier.text, Set(scope.columns.compactMap(\.qualifier)), "there are"))
        }
        let known = scope.columns.filter { qualifier == nil || $0.qualifier == qualifier?.text }
            .map(\.name)
        throw failing(
            .name, "there is no column or constant \"\(name.text)\"", at: range,
            suggestion: didYouMean(
                name.text, Set(known.filter { !$0.hasPrefix("#") } + constantNames), "there are"))
    }

    private var constantNames: [String] {
        bindings.compactMap {
            switch $0.value {
            case .constant, .counter: $0.key
            default: nil
            }
        }
    }

    private mutating func columnType(_ column: ScopeColumn, _ scope: Scope, at range: SourceRange)
        throws(Mistake) -> ColumnType
    {
        guard let step = scope.step,
            let field = steps[step].schema.fields.first(where: { $0.name == column.field })
        else {
            throw failing(.name, "\"\(column.name)\" cannot be used here", at: range)
        }
        return field.type
    }

    private mutating func value(of column: ScopeColumn, _ scope: Scope, _ syntax: ExpressionSyntax)
        throws(Mistake) -> Typed
    {
        var value = Typed(
            .column(column.field), try columnType(column, scope, at: syntax.range),
            column.column.lineage)
        value.bands = column.column.bands
        return value
    }

    private mutating func element(_ name: Name, _ position: ExpressionSyntax, _ scope: Scope)
        throws(Mistake) -> Typed
    {
        if case .broken? = bindings[name.text] { throw Mistake() }
        guard case .constant(let values, true)? = bindings[name.text] else {
            throw failing(.name, "there is no list \"\(name.text)\"", at: name.range)
        }
        guard case .literal(let index) = try lower(position, in: scope).value,
            let place = index.times(1, exactly: true)
        else {
            throw failing(
                .type, "a position in a list is a number or the counter of a loop",
                at: position.range)
        }
        guard (1...Int128(values.count)).contains(place) else {
            throw failing(
                .range, "the list \"\(name.text)\" has \(values.count) values, no number \(place)",
                at: position.range)
        }
        return values[Int(place) - 1].value
    }

    // MARK: Operations

    private mutating func binary(
        _ operation: BinaryOperator, _ a: ExpressionSyntax, _ b: ExpressionSyntax,
        _ syntax: ExpressionSyntax, _ scope: Scope
    ) throws(Mistake) -> Typed {
        switch operation {
        case .and, .or:
            let (x, y) = (try condition(a, in: scope), try condition(b, in: scope))
            return try typed(
                operation == .and
                    ? .and(x.expression, y.expression) : .or(x.expression, y.expression),
                x.lineage.union(y.lineage), scope, syntax)
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
            return try comparison(operation, a, b, syntax, scope)
        case .add, .subtract, .multiply: return try arithmetic(operation, a, b, syntax, scope)
        }
    }

    private mutating func comparison(
        _ operation: BinaryOperator, _ a: ExpressionSyntax, _ b: ExpressionSyntax,
        _ syntax: ExpressionSyntax, _ scope: Scope
    ) throws(Mistake) -> Typed {
        let (x, y) = (try lower(a, in: scope), try lower(b, in: scope))
        let comparison = Expression.Comparison(rawValue: operation.rawValue) ?? .equal
        let lineage = x.lineage.union(y.lineage).through(text(syntax), atMost: .bit)
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
    private mutating func literal(_ label: String, as type: ColumnType, at range: SourceRange)
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

    private mutating func arithmetic(
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
        let lineage = x.lineage.union(y.lineage).noting(text(syntax))
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

    private func folded(
        _ operation: BinaryOperator, _ a: (Int128, ColumnType), _ b: (Int128, ColumnType)
    ) -> (Int128, ColumnType)? {
        func made(_ value: Int128, _ type: ColumnType) -> (Int128, ColumnType) {
            (value, type.with(range: value...value))
        }
        switch (operation, a.1, b.1) {
        case (.add, _, _) where a.1.isSameKind(as: b.1): return made(a.0 + b.0, a.1)
        case (.subtract, .money, .money), (.subtract, .integer, .integer),
            (.subtract, .fixed, .fixed):
            return a.1.isSameKind(as: b.1) ? made(a.0 - b.0, a.1) : nil
        case (.multiply, .integer, _):
            let (product, overflow) = a.0.multipliedReportingOverflow(by: b.0)
            return overflow ? nil : made(product, b.1)
        case (.multiply, _, .integer):
            let (product, overflow) = a.0.multipliedReportingOverflow(by: b.0)
            return overflow ? nil : made(product, a.1)
        default: return nil
        }
    }

    private mutating func factor(_ value: Typed, beside other: Typed, at range: SourceRange)
        throws(Mistake) -> (Expression, ColumnType)
    {
        if case .literal(let literal) = value.value, literal.scale > 0,
            case .value(_, .fixed(let bits, _)) = other.value
        {
            return try adapt(literal, to: .fixed(fractionBits: bits, 0...0), at: range)
        }
        return try number(value, at: range)
    }

    private mutating func sum(
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

    private mutating func quotient(
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
            x.lineage.union(y.lineage).noting(text(syntax)), scope, syntax)
    }

    private mutating func among(
        _ a: ExpressionSyntax, _ values: [ExpressionSyntax], _ syntax: ExpressionSyntax,
        _ scope: Scope
    ) throws(Mistake) -> Typed {
        var all: Typed?
        for value in values {
            let equal = try comparison(
                .equal, a, value, ExpressionSyntax(kind: .binary(.equal, a, value), range: syntax.range),
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

    private mutating func choice(
        _ cases: [(when: ExpressionSyntax, then: ExpressionSyntax)], _ otherwise: ExpressionSyntax,
        _ syntax: ExpressionSyntax, _ scope: Scope
    ) throws(Mistake) -> Typed {
        var result = try lower(otherwise, in: scope)
        var resultRange = otherwise.range
        for (when, then) in cases.reversed() {
            let condition = try condition(when, in: scope)
            let value = try lower(then, in: scope)
            let lineage = condition.lineage.union(value.lineage).union(result.lineage)
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

    // MARK: Functions

    static let functions = ["least", "greatest", "abs", "band", "floor", "indicator", "ratio"]

    private mutating func call(_ call: CallSyntax, _ syntax: ExpressionSyntax, _ scope: Scope)
        throws(Mistake) -> Typed
    {
        let name = call.function.text
        func needs(_ count: Int) -> String { "\(name) takes \(count) value\(count == 1 ? "" : "s")" }
        if AggregateFunction(rawValue: name) != nil {
            throw failing(
                .place, "\(name)(...) is over several rows; \(scope.explainsAggregates)",
                at: syntax.range)
        }
        guard !call.isStar, !call.isDistinct else {
            throw failing(.type, "\(name) takes values", at: syntax.range)
        }
        switch name {
        case "least", "greatest":
            guard call.arguments.count == 2 else {
                throw failing(.type, needs(2), at: syntax.range)
            }
            let (x, y) = (
                try lower(call.arguments[0], in: scope), try lower(call.arguments[1], in: scope)
            )
            let (left, right) = try pair(
                x, y, (call.arguments[0].range, call.arguments[1].range), adapting: true)
            return try typed(
                .arithmetic(name == "least" ? .minimum : .maximum, left.0, right.0),
                x.lineage.union(y.lineage).noting(text(syntax)), scope, syntax)
        case "abs":
            guard call.arguments.count == 1 else {
                throw failing(.type, needs(1), at: syntax.range)
            }
            let value = try lower(call.arguments[0], in: scope)
            let (x, type) = try number(value, at: call.arguments[0].range)
            let negative = Expression.arithmetic(
                .subtract, .number(0, type.with(range: 0...0)), x)
            return try typed(
                .arithmetic(.maximum, x, negative), value.lineage.noting(text(syntax)), scope, syntax)
        case "indicator":
            guard call.arguments.count == 1 else {
                throw failing(.type, needs(1), at: syntax.range)
            }
            let value = try condition(call.arguments[0], in: scope)
            return try typed(.indicator(value.expression), value.lineage, scope, syntax)
        case "floor":
            guard call.arguments.count == 2 else {
                throw failing(.type, needs(2), at: syntax.range)
            }
            return try rounded(call.arguments[0], to: call.arguments[1], syntax, scope)
        case "band": return try band(call, syntax, scope)
        case "ratio": return try ratio(call, syntax, scope)
        default:
            if case .broken? = bindings[name] { throw Mistake() }
            if case .model? = bindings[name] {
                throw failing(
                    .place, "a model is called in a select, and its score compared or banded",
                    at: syntax.range)
            }
            throw failing(
                .name, "there is no function \"\(name)\"", at: call.function.range,
                suggestion: didYouMean(
                    name, Self.functions + AggregateFunction.allCases.map(\.rawValue), "there are"))
        }
    }

    /// `ratio(a, b, bits, default)`: a / b of two values of one kind, with so many fraction bits.
    private mutating func ratio(_ call: CallSyntax, _ syntax: ExpressionSyntax, _ scope: Scope)
        throws(Mistake) -> Typed
    {
        guard (3...4).contains(call.arguments.count) else {
            throw failing(
                .type, "ratio takes two values, the fraction bits and what it is if the second is 0",
                at: syntax.range)
        }
        let bits = try constant(call.arguments[2], as: .integer(0...0))
        guard (1...32).contains(bits) else {
            throw failing(
                .range, "a number has 1 to 32 fraction bits", at: call.arguments[2].range)
        }
        return try quotient(
            call.arguments[0], call.arguments[1],
            call.arguments.count == 4 ? call.arguments[3] : nil, syntax, scope,
            fractionBits: Int(bits))
    }

    /// The largest multiple that is not above the value.
    private mutating func rounded(
        _ a: ExpressionSyntax, to unit: ExpressionSyntax, _ syntax: ExpressionSyntax, _ scope: Scope
    ) throws(Mistake) -> Typed {
        let value = try lower(a, in: scope)
        let (x, type) = try number(value, at: a.range)
        let step = try constant(unit, as: type)
        guard step > 0 else {
            throw failing(.range, "it is rounded to a multiple above zero", at: unit.range)
        }
        let divisor = Expression.integer(step)
        let quotient = Expression.quotient(x, divisor, fractionBits: 0, ifZero: 0)
        return try typed(
            .arithmetic(.multiply, quotient, divisor), value.lineage.noting(text(syntax)), scope,
            syntax)
    }

    /// `band(x, t1, t2, ...)`: how many of the thresholds are reached.
    private mutating func band(_ call: CallSyntax, _ syntax: ExpressionSyntax, _ scope: Scope)
        throws(Mistake) -> Typed
    {
        guard call.arguments.count >= 2 else {
            throw failing(
                .type, "band takes a value and at least one threshold", at: syntax.range)
        }
        let value = try lower(call.arguments[0], in: scope)
        let (x, type) = try number(value, at: call.arguments[0].range)
        var thresholds: [Int128] = []
        for argument in call.arguments.dropFirst() {
            let threshold = try constant(argument, as: type)
            guard thresholds.last.map({ $0 < threshold }) ?? true else {
                throw failing(.range, "the thresholds of a band rise", at: argument.range)
            }
            thresholds.append(threshold)
        }
        var result = try typed(
            .band(x, thresholds: thresholds), value.lineage.through(text(syntax), atMost: .band), scope, syntax)
        result.bands = call.arguments.dropFirst().map { Formatter.text($0) }
        return result
    }
}

extension DecimalLiteral {
    /// Exact; nil if there are too many digits.
    func combined(_ operation: BinaryOperator, _ other: Self) -> Self? {
        if operation == .multiply {
            let (product, overflow) = mantissa.multipliedReportingOverflow(by: other.mantissa)
            guard !overflow, scale + other.scale <= 18 else { return nil }
            return Self(product, scale: scale + other.scale).reduced
        }
        let common = max(scale, other.scale)
        guard let a = times(Self.power(common), exactly: true),
            let b = other.times(Self.power(common), exactly: true)
        else { return nil }
        let (sum, overflow) =
            operation == .add ? a.addingReportingOverflow(b) : a.subtractingReportingOverflow(b)
        return overflow ? nil : Self(sum, scale: common).reduced
    }

    private var reduced: Self {
        var (mantissa, scale) = (mantissa, scale)
        while scale > 0, mantissa % 10 == 0 { (mantissa, scale) = (mantissa / 10, scale - 1) }
        return Self(mantissa, scale: scale)
    }
}

/// Functions over several rows.
enum AggregateFunction: String, CaseIterable {
    case count, sum, avg, min, max, median, quantile, any, previous
    case rowNumber = "row_number"
}
