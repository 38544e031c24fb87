/// A fixed-point encoding: the number x is the integer x · 2^fractionBits.
///
/// Two rounding rules, one for each place: entering a number rounds half up, to the nearest
/// multiple of 2^−fractionBits and a tie towards +∞; the product of two encodings is truncated by
/// the protocols with floor, towards −∞. Encoding is for a party's own inputs and for public
/// values; its time depends on them.
public struct FixedPoint: Hashable, Sendable {
    /// The bits after the binary point: 0 to 62.
    public let fractionBits: Int
    /// The numbers that may be encoded, in units (not in multiples of 2^−fractionBits).
    public let range: ClosedRange<Int64>

    /// Why a number has no encoding.
    public enum EncodingError: Error, Equatable, CustomStringConvertible {
        case malformed(String)
        case outOfRange(String, ClosedRange<Int64>)

        public var description: String {
            switch self {
            case .malformed(let text):
                "fixed point: '\(text)' is not a decimal number; write digits as in -12.34"
            case .outOfRange(let value, let range):
                "fixed point: \(value) is outside the declared range "
                    + "\(range.lowerBound) to \(range.upperBound); correct it or widen the range"
            }
        }
    }

    /// - Precondition: both ends of `range` times 2^fractionBits are 64-bit integers.
    public init(fractionBits: Int, range: ClosedRange<Int64>) {
        precondition((0...62).contains(fractionBits), "\(fractionBits) fraction bits")
        let scale = Int64(1) << Int64(fractionBits)
        precondition(
            !range.lowerBound.multipliedReportingOverflow(by: scale).overflow
                && !range.upperBound.multipliedReportingOverflow(by: scale).overflow,
            "\(range) with \(fractionBits) fraction bits exceeds 64 bits")
        self.fractionBits = fractionBits
        self.range = range
    }

    /// The encoding of a whole number, exact.
    public func encode(_ number: Int64) throws(EncodingError) -> Int64 {
        guard range.contains(number) else { throw .outOfRange(String(number), range) }
        return number << Int64(fractionBits)
    }

    /// The encoding of a decimal such as `-12.34`: a sign, digits, and a point with digits after it,
    /// at most 80 characters.
    public func encode(decimal text: String) throws(EncodingError) -> Int64 {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let places = parts.count == 2 ? parts[1].count : 0
        guard text.utf8.count <= 80, parts.count == 1 || places > 0,
            parts[0].last?.isNumber == true,
            let digits = BigInteger(parts.joined())
        else { throw .malformed(String(text.prefix(80))) }
        let unit = BigInteger(10).power(places)
        guard digits >= BigInteger(range.lowerBound) * unit,
            digits <= BigInteger(range.upperBound) * unit
        else { throw .outOfRange(text, range) }
        // ⌊x · 2^fractionBits + 1/2⌋ with x = digits / unit.
        let doubled = (digits << (fractionBits + 1)) + unit
        let rounded = doubled.quotientAndRemainder(dividingBy: unit * 2).quotient
        guard let encoding = Int64(exactly: rounded) else { throw .outOfRange(text, range) }
        return encoding
    }

    /// The number that an encoding stands for, to a double's precision.
    public func decode(_ encoding: Int64) -> Double {
        Double(encoding) / Double(sign: .plus, exponent: fractionBits, significand: 1)
    }

    /// The number that an encoding stands for, in decimal with `places` digits after the point,
    /// rounded half up.
    public func text(_ encoding: Int64, places: Int) -> String {
        precondition(places >= 0, "\(places) decimal places")
        let scaled = BigInteger(encoding) * BigInteger(10).power(places)
        let rounded = ((scaled << 1) + (BigInteger(1) << fractionBits)) >> (fractionBits + 1)
        var digits = rounded.magnitude.text()
        if digits.count <= places {
            digits = String(repeating: "0", count: places + 1 - digits.count) + digits
        }
        let sign = rounded.signum < 0 ? "-" : ""
        return sign + digits.dropLast(places) + (places > 0 ? "." + digits.suffix(places) : "")
    }
}
