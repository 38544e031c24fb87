package import Analytics

/// A value of an expression while it is checked.
struct Typed {
    enum Value {
        /// A number without a unit, which takes the type of what it meets.
        case literal(DecimalLiteral)
        /// `'text'`, which takes the type of what it meets.
        case label(String)
        case value(Expression, ColumnType)
    }
    var value: Value
    var lineage = Lineage()
    /// The key of which it is a copy.
    var key: SourceColumn?
    var bands: [String] = []

    init(literal: DecimalLiteral) { value = .literal(literal) }
    init(label: String) { value = .label(label) }
    init(_ expression: Expression, _ type: ColumnType, _ lineage: Lineage = Lineage()) {
        value = .value(expression, type)
        self.lineage = lineage
    }

    /// Whether it is known to everybody before a run.
    var isConstant: Bool {
        switch value {
        case .literal, .label: true
        case .value(.number, _), .value(.bool, _), .value(.key, _): true
        case .value: false
        }
    }
}

extension ColumnType {
    /// As scripts and messages call it.
    var inWords: String {
        switch self {
        case .integer: "a whole number"
        case .money(let currency, _): "an amount in \(currency)"
        case .fixed(let bits, _): "a number with \(bits) fraction bits"
        case .day: "a day"
        case .minute: "a minute"
        case .bool: "a condition"
        case .key(let domain, _): "a key of \(domain)"
        case .code(let labels): "a code (\(labels.joined(separator: ", ")))"
        }
    }

    /// A number in its unit, as people write it.
    func text(_ value: Int128) -> String {
        switch self {
        case .money(let currency, _): "\(currency) \(DecimalLiteral(value, scale: 2).text)"
        case .fixed(let bits, _): fixedText(value, bits, digits: 6)
        case .day: Day.text(Int(clamping: value))
        default: DecimalLiteral(value).text
        }
    }

    /// A number without unit or grouping, as CSV has it: "1234.50", "0.25", "2026-11-23".
    package func plainText(_ value: Int128) -> String {
        switch self {
        case .money: plain(DecimalLiteral(value, scale: 2))
        case .fixed(let bits, _):
            // Enough to read the same number back.
            fixedText(value, bits, digits: bits * 3 / 10 + 3).replacing("_", with: "")
        case .day: Day.text(Int(clamping: value))
        default: "\(value)"
        }
    }

    private func plain(_ number: DecimalLiteral) -> String { number.text.replacing("_", with: "") }

    /// So many digits behind the point at most, rounded half up, without trailing zeros.
    private func fixedText(_ value: Int128, _ bits: Int, digits: Int) -> String {
        let scaled =
            (value.magnitude * UInt128(DecimalLiteral.power(digits)) + (1 << UInt128(bits - 1)))
            >> UInt128(bits)
        var text = DecimalLiteral(Int128(scaled), scale: digits).text
        while text.hasSuffix("0"), !text.hasSuffix(".0") { text.removeLast() }
        return (value < 0 ? "-" : "") + text
    }
}
