import Primitives

/// Cells as text, the same in CSV, JSON and messages.
package enum CellText {
    /// Cents as units with two decimals: `-0.05`, `1234.50`.
    static func money(_ cents: Int64) -> String {
        let digits = String(cents.magnitude)
        let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
        return (cents < 0 ? "-" : "") + padded.dropLast(2) + "." + padded.suffix(2)
    }

    /// `value` / 2^`fractionBits` to about a hundredth of its last bit: `0.5`, `-0.0000153`, `3`.
    ///
    /// It reads back: of d decimals the nearest is off by at most 10^-d / 2, less than half a bit if
    /// 10^d > 2^f.
    static func fixed(_ value: Int64, fractionBits: Int) -> String {
        let magnitude = UInt128(value.magnitude)
        let decimals = fractionBits * 30_103 / 100_000 + 3
        let scale = (0..<decimals).reduce(UInt128(1)) { power, _ in power * 10 }
        let half = UInt128(1) << UInt128(fractionBits - 1)
        let scaled = (magnitude * scale + half) >> UInt128(fractionBits)
        let digits = String(scaled % scale)
        var fraction = Substring(
            String(repeating: "0", count: decimals - digits.count) + digits)
        while fraction.last == "0" { fraction.removeLast() }
        return (value < 0 ? "-" : "") + String(scaled / scale)
            + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// The shortest decimal that is this number and no other, without an exponent: `0.00001`, `12`.
    static func decimal(_ number: Double) -> String {
        if let integer = Int64(exactly: number) { return String(integer) }
        let parts = "\(number)".split(separator: "e")
        guard number.isFinite, parts.count == 2, let exponent = Int(parts[1]), exponent < 0 else {
            return "\(number)"
        }
        let digits = parts[0].filter { ("0"..."9").contains($0) }
        let significant = digits.hasSuffix("0") ? digits.dropLast() : digits[...]
        return (number < 0 ? "-" : "") + "0." + String(repeating: "0", count: -exponent - 1)
            + significant
    }

    /// The text of an integer of a column of this type.
    package static func integer(_ value: Int64, _ type: ColumnType) -> String {
        switch type {
        case .money: money(value)
        case .timestamp: CivilDate.text(value)
        case .code(let words): words[Int(value)]
        case .fixed(let bits, _): fixed(value, fractionBits: bits)
        case .day: CivilDate.dateText(day: value + CivilDate.year2000)
        case .minute: CivilDate.minuteText(value)
        case .bool: value == 0 ? "false" : "true"
        case .integer, .text, .key: String(value)
        }
    }

    /// A range as messages tell it.
    package static func range(_ range: ClosedRange<Int64>, _ type: ColumnType) -> String {
        integer(range.lowerBound, type) + " to " + integer(range.upperBound, type)
    }
}
