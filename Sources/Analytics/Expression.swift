/// A value computed from the columns of one row.
///
/// Building one sends nothing: types and ranges are checked against a schema by
/// ``type(in:bound:)`` before anything runs.
public indirect enum Expression: Hashable, Sendable {
    case column(String)
    /// A public number of the given type: its range is the value.
    case number(Int128, ColumnType)
    case bool(Bool)
    case key(UInt128)
    /// A label of the code on the other side of a comparison.
    case label(String)
    case arithmetic(Arithmetic, Expression, Expression)
    case comparison(Comparison, Expression, Expression)
    case and(Expression, Expression)
    case or(Expression, Expression)
    case not(Expression)
    case choice(if: Expression, then: Expression, else: Expression)
    /// 1 where the condition holds, else 0.
    case indicator(Expression)
    /// ⌊a · 2^fractionBits / b⌋, rounded towards −∞, exactly; `ifZero` where b = 0.
    ///
    /// Of two numbers of one kind their ratio: an integer, or with 1 to 32 fraction bits a
    /// fixed-point number. Of money or a fixed-point number and an integer, without fraction bits,
    /// what the first one is. b is never negative, and below 2³¹ on one-word rings.
    case quotient(Expression, Expression, fractionBits: Int, ifZero: Int128)
    /// How many of the thresholds, rising and in x's unit, are at most x: an integer 0 ... k.
    case band(Expression, thresholds: [Int128])

    public enum Arithmetic: String, Hashable, Sendable, CaseIterable {
        case add = "+"
        case subtract = "-"
        case multiply = "*"
        case minimum = "min"
        case maximum = "max"
    }

    public enum Comparison: String, Hashable, Sendable, CaseIterable {
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case equal = "="
        case notEqual = "<>"
    }

    public static func integer(_ value: Int128) -> Self { .number(value, .integer(value...value)) }

    /// The names of all columns in it.
    public var columns: Set<String> {
        switch self {
        case .column(let name): [name]
        case .number, .bool, .key, .label: []
        case .arithmetic(_, let a, let b), .comparison(_, let a, let b), .and(let a, let b),
            .or(let a, let b):
            a.columns.union(b.columns)
        case .not(let a), .indicator(let a), .band(let a, _): a.columns
        case .quotient(let a, let b, _, _): a.columns.union(b.columns)
        case .choice(let condition, let a, let b):
            condition.columns.union(a.columns).union(b.columns)
        }
    }
}

extension Expression: CustomStringConvertible {
    public var description: String {
        switch self {
        case .column(let name): name
        case .number(let value, .fixed(let bits, _)): "\(value) / 2^\(bits)"
        case .number(let value, _): "\(value)"
        case .bool(let value): "\(value)"
        case .key(let value): "key \(value)"
        case .label(let label): "'\(label)'"
        case .arithmetic(.minimum, let a, let b): "min(\(a), \(b))"
        case .arithmetic(.maximum, let a, let b): "max(\(a), \(b))"
        case .arithmetic(let operation, let a, let b): "(\(a) \(operation.rawValue) \(b))"
        case .comparison(let comparison, let a, let b): "(\(a) \(comparison.rawValue) \(b))"
        case .and(let a, let b): "(\(a) and \(b))"
        case .or(let a, let b): "(\(a) or \(b))"
        case .not(let a): "not \(a)"
        case .choice(let condition, let a, let b): "(if \(condition) then \(a) else \(b))"
        case .indicator(let a): "indicator(\(a))"
        case .quotient(let a, let b, _, let ifZero): "(\(a) / \(b) default \(ifZero))"
        case .band(let a, let thresholds):
            "band(\(a), \(thresholds.map(\.description).joined(separator: ", ")))"
        }
    }
}
