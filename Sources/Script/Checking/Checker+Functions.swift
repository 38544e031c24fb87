import Analytics
import Primitives

/// Functions of values of one row.
extension Checker {
    static let functions = ["least", "greatest", "abs", "band", "floor", "indicator", "ratio"]

    mutating func call(_ call: CallSyntax, _ syntax: ExpressionSyntax, _ scope: Scope)
        throws(Mistake) -> Typed
    {
        let name = call.function.text
        func needs(_ count: Int) -> String {
            "\(name) takes \(counted(count, "value"))"
        }
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
                x.lineage.mixed(with: y.lineage).noting(text(syntax)), scope, syntax)
        case "abs":
            guard call.arguments.count == 1 else {
                throw failing(.type, needs(1), at: syntax.range)
            }
            let value = try lower(call.arguments[0], in: scope)
            let (x, type) = try number(value, at: call.arguments[0].range)
            let negative = Expression.arithmetic(
                .subtract, .number(0, type.with(range: 0...0)), x)
            return try typed(
                .arithmetic(.maximum, x, negative), value.lineage.noting(text(syntax)), scope,
                syntax)
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
    mutating func ratio(_ call: CallSyntax, _ syntax: ExpressionSyntax, _ scope: Scope)
        throws(Mistake) -> Typed
    {
        guard (3...4).contains(call.arguments.count) else {
            throw failing(
                .type,
                "ratio takes two values, the fraction bits and what it is if the second is 0",
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
    mutating func rounded(
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
    mutating func band(_ call: CallSyntax, _ syntax: ExpressionSyntax, _ scope: Scope)
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
            .band(x, thresholds: thresholds),
            value.lineage.through(
                text(syntax), atMost: .band, asking: cuts(thresholds.count, of: syntax)),
            scope, syntax)
        result.bands = call.arguments.dropFirst().map { Formatter.text($0) }
        return result
    }
}

/// Functions over several rows.
enum AggregateFunction: String, CaseIterable {
    case count, sum, avg, min, max, median, quantile, any, previous
    case rowNumber = "row_number"
}
