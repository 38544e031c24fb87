import Analytics
import Primitives

/// Expressions: names, types and ranges, and what a value tells.
extension Checker {
    /// Checks an expression about the rows of a scope, and lowers it.
    mutating func lower(_ syntax: ExpressionSyntax, in scope: Scope) throws(Mistake) -> Typed {
        if let computed = scope.computed[syntax.range] {
            return try value(of: computed, scope, syntax)
        }
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
        return (expression, bit(value.lineage, syntax))
    }

    /// What a condition tells of what it compares: one bit.
    func bit(_ lineage: Lineage, _ syntax: ExpressionSyntax) -> Lineage {
        lineage.through(text(syntax), atMost: .bit, asking: cuts(1, of: syntax))
    }

    /// So many questions with two answers; of constants that a run chooses, with each of their values.
    func cuts(_ count: Int, of syntax: ExpressionSyntax) -> Set<Cut> {
        var names: [(qualifier: Name?, Name)] = []
        syntax.collectNames(into: &names)
        // More than the limit is refused, however many more.
        let values = Set(names.map(\.1.text)).reduce(1) {
            min(1_000, $0 * (chosenValues[$1] ?? 1))
        }
        return Set(
            (0..<min(1_000, count * values)).map {
                Cut(place: syntax.range, number: $0, rounds: rounds)
            })
    }

    /// The text of an expression with the values of constants, short.
    func text(_ syntax: ExpressionSyntax) -> String {
        let text = fullText(syntax)
        return text.count <= 80 ? text : text.prefix(77) + "..."
    }

    func fullText(_ syntax: ExpressionSyntax) -> String {
        var values: [String: ExpressionSyntax] = [:]
        var names: [(qualifier: Name?, Name)] = []
        syntax.collectNames(into: &names)
        for (qualifier, name) in names where qualifier == nil {
            if case .constant(let constants, false)? = bindings[name.text],
                let constant = constants.first
            {
                values[name.text] = constant.syntax
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
    mutating func typed(
        _ expression: Expression, _ lineage: Lineage, _ scope: Scope, _ syntax: ExpressionSyntax
    ) throws(Mistake) -> Typed {
        // Each value is noted as it is written.
        try spend(
            lineage.traces.count + (syntax.range.end - syntax.range.start) / 8, at: syntax.range)
        let schema = scope.step.map { steps[$0].schema } ?? TableSchema(checked: [], bound: 1)
        let type: ColumnType
        do throws(AnalyticsError) {
            type = try expression.type(in: schema, bound: limit)
        } catch { throw told(error, at: syntax.range) }
        return Typed(expression, type, lineage)
    }

    /// A number with its type; literals become whole or fixed-point numbers.
    mutating func number(_ value: Typed, at range: SourceRange)
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
    mutating func adapt(
        _ literal: DecimalLiteral, to type: ColumnType, at range: SourceRange
    )
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
    mutating func pair(
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

    mutating func name(_ qualifier: Name?, _ name: Name, in scope: Scope)
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
                name.text,
                Set((known + scope.unused).filter { !$0.hasPrefix("#") } + constantNames),
                "there are"))
    }

    var constantNames: [String] {
        bindings.compactMap {
            switch $0.value {
            case .constant, .counter: $0.key
            default: nil
            }
        }
    }

    mutating func columnType(_ column: ScopeColumn, _ scope: Scope, at range: SourceRange)
        throws(Mistake) -> ColumnType
    {
        guard let step = scope.step,
            let field = steps[step].schema.fields.first(where: { $0.name == column.field })
        else {
            throw failing(.name, "\"\(column.name)\" cannot be used here", at: range)
        }
        return field.type
    }

    mutating func value(of column: ScopeColumn, _ scope: Scope, _ syntax: ExpressionSyntax)
        throws(Mistake) -> Typed
    {
        var value = Typed(
            .column(column.field), try columnType(column, scope, at: syntax.range),
            column.column.lineage)
        value.bands = column.column.bands
        return value
    }

    mutating func element(_ name: Name, _ position: ExpressionSyntax, _ scope: Scope)
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
}
