import Algebra
import Gadgets
import MPC

/// Types and ranges of quotients.
extension Expression {
    func ratio(
        _ x: ColumnType, _ y: ColumnType, _ fractionBits: Int, _ ifZero: Int128, _ bound: Int128
    ) throws(AnalyticsError) -> ColumnType {
        guard let kind = quotientKind(x, y, fractionBits), let a = x.range, let b = y.range else {
            throw mismatch(x, y)
        }
        guard b.lowerBound >= 0 else {
            throw .wrongType(
                expression: description,
                reason: "divides by \(y), which may be negative; use max(0, ...)")
        }
        // Division by secret numbers has room for divisors of so many bits.
        let largest =
            (1 as Int128) << Int128(max(0, Int128.bitWidth - bound.leadingZeroBitCount - 29))
        guard b.upperBound < largest else {
            throw .overflow(expression: "the divisor of \(self)", range: b, bound: largest - 1)
        }
        let scale = (1 as Int128) << Int128(fractionBits)
        let (low, high) = (
            a.lowerBound.saturatingProduct(scale), a.upperBound.saturatingProduct(scale)
        )
        _ = try ColumnType.integer(low...high).check(bound, expression: description)
        let (least, most) = (max(1, b.lowerBound), max(1, b.upperBound))
        var range = floor(low, low < 0 ? least : most)...floor(high, high < 0 ? most : least)
        if b.lowerBound == 0 {
            range = min(range.lowerBound, ifZero)...max(range.upperBound, ifZero)
        }
        return try kind.with(range: range).check(bound, expression: description)
    }

    private func quotientKind(_ x: ColumnType, _ y: ColumnType, _ fractionBits: Int)
        -> ColumnType?
    {
        guard (0...32).contains(fractionBits) else { return nil }
        switch (x, y) {
        case (.money, .money), (.fixed, .fixed), (.integer, .integer):
            guard x.isSameKind(as: y) else { return nil }
            return fractionBits == 0
                ? .integer(0...0) : .fixed(fractionBits: fractionBits, 0...0)
        case (.money, .integer), (.fixed, .integer): return fractionBits == 0 ? x : nil
        default: return nil
        }
    }
}

/// ⌊a / b⌋ for b > 0.
private func floor(_ a: Int128, _ b: Int128) -> Int128 {
    let (quotient, rest) = a.quotientAndRemainder(dividingBy: b)
    return rest < 0 ? quotient - 1 : quotient
}

extension Engine where Self: ~Copyable {
    /// ⌊x · 2^fractionBits / y⌋, `ifZero` where y = 0.
    ///
    /// A divisor of which the range leaves one value is public, which makes division far cheaper.
    /// Where y may be zero it is divided by y + [y = 0] instead, and the result replaced: an
    /// equality and a product more than the division.
    ///
    /// - Parameter types: of x, of y and of the quotient.
    mutating func quotient(
        _ x: Shares, _ y: Shares, fractionBits: Int, ifZero: Int128,
        types: (dividend: ColumnType, divisor: ColumnType, quotient: ColumnType)
    ) throws(MPCError) -> Shares {
        let n = x.count
        let dividend = x.scaled(
            by: Vector(ring, repeating: (1 as Int128) << Int128(fractionBits), count: 1))
        let dividendBits = types.dividend.magnitudeBits + fractionBits
        if let range = types.divisor.range, range.lowerBound == range.upperBound,
            range.lowerBound > 0, dividendBits <= ring.numberBound.bitWidth - 10
        {
            return try divide(
                dividend, by: BigInteger(range.lowerBound.magnitude), numeratorBits: dividendBits)
        }
        let divisorBits = max(2, types.divisor.magnitudeBits)
        let quotientBits = types.quotient.magnitudeBits
        func divided(by y: Shares) throws(MPCError) -> Shares {
            try divide(
                dividend, by: y, numeratorBits: dividendBits, divisorBits: divisorBits,
                quotientBits: quotientBits)
        }
        guard types.divisor.range?.lowerBound == 0 else { return try divided(by: y) }
        let isNothing = try isZero(y)
        let one = try fromBits(isNothing)
        let quotient = try divided(by: y + one)
        let other = constant(Vector(ring, repeating: ifZero, count: n), count: n)
        return try quotient + multiply(one, other - quotient)
    }
}

extension ColumnType {
    /// All numbers are below 2^magnitudeBits, and above its negative; at least 1.
    fileprivate var magnitudeBits: Int {
        guard let range else { return 1 }
        let largest = max(range.lowerBound.magnitude, range.upperBound.magnitude)
        return max(1, UInt128.bitWidth - largest.leadingZeroBitCount)
    }
}
