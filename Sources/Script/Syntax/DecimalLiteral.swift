/// A number as written: mantissa / 10^scale.
public struct DecimalLiteral: Hashable, Sendable {
    public let mantissa: Int128
    public let scale: Int

    public init(_ mantissa: Int128, scale: Int = 0) {
        (self.mantissa, self.scale) = (mantissa, scale)
    }

    /// The value times `factor`, rounded half up; nil if it is no whole number and must be.
    func times(_ factor: Int128, exactly: Bool) -> Int128? {
        let (product, overflow) = mantissa.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        let divisor = Self.power(scale)
        let (quotient, rest) = product.quotientAndRemainder(dividingBy: divisor)
        if rest == 0 { return quotient }
        guard !exactly else { return nil }
        // Half up: floor(x + 1/2).
        let doubled = 2 * rest
        if rest > 0 { return doubled >= divisor ? quotient + 1 : quotient }
        return -doubled > divisor ? quotient - 1 : quotient
    }

    static func power(_ scale: Int) -> Int128 { (0..<scale).reduce(1) { power, _ in power * 10 } }

    /// Digits in groups of three, as the formatter writes them.
    public var text: String {
        let digits = String(mantissa.magnitude)
        let padded =
            String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        let whole = padded.dropLast(scale)
        var grouped = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index).isMultiple(of: 3), whole.count > 4 {
                grouped += "_"
            }
            grouped.append(digit)
        }
        return (mantissa < 0 ? "-" : "") + grouped
            + (scale > 0 ? "." + padded.suffix(scale) : "")
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
