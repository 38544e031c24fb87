/// What a column holds: public, with everything that range analysis and sorting need.
///
/// Ranges are of the integers that are computed with: cents, days, minutes, or a fixed-point value
/// times 2^fractionBits.
public enum ColumnType: Hashable, Sendable {
    case integer(ClosedRange<Int128>)
    /// Cents of one currency.
    case money(currency: String, ClosedRange<Int128>)
    /// x · 2^fractionBits, rounded down after each product; 1 to 32 fraction bits.
    case fixed(fractionBits: Int, ClosedRange<Int128>)
    /// Days since 2000-01-01.
    case day(ClosedRange<Int128>)
    /// Minutes since 2000-01-01 00:00.
    case minute(ClosedRange<Int128>)
    case bool
    /// 64 or 128 bits that only equality and sorting look at; keys of different domains never meet.
    case key(domain: String, bits: Int)
    /// One of a few public labels.
    case code([String])

    /// The range of a column of numbers; nil for columns of bits.
    public var range: ClosedRange<Int128>? {
        switch self {
        case .integer(let range), .money(_, let range), .fixed(_, let range), .day(let range),
            .minute(let range):
            range
        case .bool, .key, .code: nil
        }
    }

    /// Bits of a value, as stored or as part of a sort key.
    public var bitCount: Int {
        switch self {
        case .bool: 1
        case .key(_, let bits): bits
        case .code(let labels): max(1, (labels.count - 1).bitWidthOfMagnitude)
        case .integer(let range), .money(_, let range), .fixed(_, let range), .day(let range),
            .minute(let range):
            Int128.bitWidth - (range.upperBound - range.lowerBound).leadingZeroBitCount
        }
    }

    /// The same kind of value with another range.
    package func with(range: ClosedRange<Int128>) -> Self {
        switch self {
        case .integer: .integer(range)
        case .money(let currency, _): .money(currency: currency, range)
        case .fixed(let bits, _): .fixed(fractionBits: bits, range)
        case .day: .day(range)
        case .minute: .minute(range)
        case .bool, .key, .code: self
        }
    }

    /// Whether values of both may be compared and chosen between: equal but for the range.
    package func isSameKind(as other: Self) -> Bool {
        with(range: 0...0) == other.with(range: 0...0)
    }

    /// What holds the values of both; nil unless they are of one kind.
    func union(_ other: Self) -> Self? {
        guard isSameKind(as: other) else { return nil }
        guard let a = range, let b = other.range else { return self }
        return with(
            range: min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound))
    }
}

extension Int {
    /// The bits of a number that is not negative.
    var bitWidthOfMagnitude: Int { Int.bitWidth - leadingZeroBitCount }
}

extension ColumnType: CustomStringConvertible {
    public var description: String {
        switch self {
        case .integer(let range): "integer in \(text(range))"
        case .money(let currency, let range): "money(\(currency)) in \(text(range)) cents"
        case .fixed(let bits, let range): "fixed(\(bits)) in \(text(range)) / 2^\(bits)"
        case .day(let range): "day in \(text(range))"
        case .minute(let range): "minute in \(text(range))"
        case .bool: "bool"
        case .key(let domain, let bits): "\(bits)-bit key(\(domain))"
        case .code(let labels): "code(\(labels.joined(separator: ", ")))"
        }
    }
}

/// A range as people read it.
func text(_ range: ClosedRange<Int128>) -> String { "\(range.lowerBound) .. \(range.upperBound)" }
