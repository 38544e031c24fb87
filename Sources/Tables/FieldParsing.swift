import Primitives

/// Why a cell is refused: what it must look like.
package struct Refusal: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// Numbers and moments from the bytes of a cell.
///
/// All are exact: no floating point, no locale.
package enum FieldParsing {
    /// A whole number: digits, `-` in front if negative.
    static func integer(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Refusal) -> Int64 {
        var index = range.lowerBound
        let isNegative = index < range.upperBound && bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        guard index < range.upperBound else { throw Self.notInteger(bytes, range) }
        var value: Int64 = 0
        while index < range.upperBound {
            guard let digit = digit(bytes[index]) else { throw Self.notInteger(bytes, range) }
            value = try appending(digit, to: value, negative: isNegative)
            index += 1
        }
        return value
    }

    /// Cents from an amount in units with at most two decimals.
    static func money(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Refusal) -> Int64 {
        var index = range.lowerBound
        let isNegative = index < range.upperBound && bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        var value: Int64 = 0
        var units = 0
        while index < range.upperBound, let digit = digit(bytes[index]) {
            value = try appending(digit, to: value, negative: isNegative)
            units += 1
            index += 1
        }
        var decimals = 0
        if index < range.upperBound, bytes[index] == UInt8(ascii: ".") {
            index += 1
            while index < range.upperBound, decimals < 2, let digit = digit(bytes[index]) {
                value = try appending(digit, to: value, negative: isNegative)
                decimals += 1
                index += 1
            }
            guard decimals > 0 else { throw Self.notMoney(bytes, range) }
        }
        guard index == range.upperBound, units > 0 else { throw Self.notMoney(bytes, range) }
        for _ in decimals..<2 { value = try appending(0, to: value, negative: isNegative) }
        return value
    }

    /// Seconds since 1970-01-01T00:00:00Z from whole seconds, a date, or a date and time.
    package static func timestamp(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Refusal)
        -> Int64
    {
        let isDate = range.count >= 10 && bytes[range.lowerBound + 4] == UInt8(ascii: "-")
        let seconds =
            isDate ? dateTime(bytes, range) : try? integer(bytes, range)
        guard let seconds, timestampRange.contains(seconds) else {
            throw Refusal(
                "is not a moment from 1970 to 9999; write seconds since 1970 or "
                    + "2026-01-31T23:59:59Z")
        }
        return seconds
    }

    static let timestampRange: ClosedRange<Int64> = 0...253_402_300_799

    /// Days since 1970-01-01 of `YYYY-MM-DD` at the start of `range`.
    private static func date(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
        let at = range.lowerBound
        guard range.count >= 10,
            let year = number(bytes, at, 4), bytes[at + 4] == UInt8(ascii: "-"),
            let month = number(bytes, at + 5, 2), bytes[at + 7] == UInt8(ascii: "-"),
            let day = number(bytes, at + 8, 2),
            (1...12).contains(month), (1...CivilDate.daysIn(month, of: year)).contains(day)
        else { return nil }
        return CivilDate.days(year: year, month: month, day: day)
    }

    /// Seconds since 1970 of `YYYY-MM-DD`, then nothing or `T` or a space and `HH:MM:SS`, then
    /// nothing, `Z` or `±HH:MM`.
    ///
    /// - Parameter isToTheMinute: whether `:SS` may be left out.
    private static func dateTime(
        _ bytes: Span<UInt8>, _ range: Range<Int>, isToTheMinute: Bool = false
    ) -> Int64? {
        let at = range.lowerBound
        guard let day = date(bytes, range) else { return nil }
        let midnight = day * 86_400
        if range.count == 10 { return midnight }
        guard range.count >= 16,
            bytes[at + 10] == UInt8(ascii: "T") || bytes[at + 10] == UInt8(ascii: " "),
            let hour = number(bytes, at + 11, 2), bytes[at + 13] == UInt8(ascii: ":"),
            let minute = number(bytes, at + 14, 2), hour < 24, minute < 60
        else { return nil }
        var time = midnight + hour * 3600 + minute * 60
        var zone = at + 16
        if range.count >= 19, bytes[zone] == UInt8(ascii: ":") {
            guard let second = number(bytes, at + 17, 2), second < 60 else { return nil }
            time += second
            zone += 3
        } else if !isToTheMinute {
            return nil
        }
        switch range.upperBound - zone {
        case 0: return time
        case 1: return bytes[zone] == UInt8(ascii: "Z") ? time : nil
        case 6:
            guard let hours = number(bytes, zone + 1, 2), bytes[zone + 3] == UInt8(ascii: ":"),
                let minutes = number(bytes, zone + 4, 2), hours < 24, minutes < 60
            else { return nil }
            let offset = hours * 3600 + minutes * 60
            if bytes[zone] == UInt8(ascii: "+") { return time - offset }
            return bytes[zone] == UInt8(ascii: "-") ? time + offset : nil
        default: return nil
        }
    }

    /// Days since 2000-01-01 of a date.
    static func day(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Refusal) -> Int64 {
        guard range.count == 10, let day = date(bytes, range) else {
            throw isPadded(bytes, range) ?? Refusal("is not a date; write it as 2026-01-31")
        }
        return day - CivilDate.year2000
    }

    /// Whole minutes since 2000-01-01T00:00Z of a date and time.
    static func minute(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Refusal) -> Int64 {
        guard let seconds = dateTime(bytes, range, isToTheMinute: true) else {
            throw isPadded(bytes, range)
                ?? Refusal("is not a date and time; write it as 2026-01-31T23:59")
        }
        let (minutes, rest) = (seconds - CivilDate.year2000 * 86_400)
            .quotientAndRemainder(dividingBy: 60)
        return rest < 0 ? minutes - 1 : minutes
    }

    static func bool(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Refusal) -> Bool {
        var word = ""
        for index in range.prefix(6) { word.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
        switch word.lowercased() {
        case "true", "yes", "1": return true
        case "false", "no", "0": return false
        default:
            throw isPadded(bytes, range)
                ?? Refusal("is neither true nor false; write true, false, yes, no, 1 or 0")
        }
    }

    /// x · 2^`fractionBits` of a decimal number x, rounded half up.
    static func fixed(
        _ bytes: Span<UInt8>, _ range: Range<Int>, fractionBits: Int
    ) throws(Refusal) -> Int64 {
        var index = range.lowerBound
        let isNegative = index < range.upperBound && bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        let start = index
        var units: Int64 = 0
        while index < range.upperBound, let digit = digit(bytes[index]) {
            units = try appending(digit, to: units, negative: false)
            index += 1
        }
        let hasUnits = index > start
        // The decimals are numerator / scale.
        var (numerator, scale): (UInt128, UInt128) = (0, 1)
        if index < range.upperBound, bytes[index] == UInt8(ascii: ".") {
            index += 1
            guard range.upperBound - index <= 28 else {
                throw Refusal("has more than 28 decimals; round it")
            }
            let first = index
            while index < range.upperBound, let digit = digit(bytes[index]) {
                (numerator, scale) = (numerator * 10 + UInt128(digit), scale * 10)
                index += 1
            }
            guard index > first else { throw notFixed(bytes, range) }
        }
        guard index == range.upperBound, hasUnits else { throw notFixed(bytes, range) }
        // 28 decimals take 94 bits, so that 32 more fit.
        let (quotient, rest) = (numerator << UInt128(fractionBits))
            .quotientAndRemainder(dividingBy: scale)
        let isRoundedAway = isNegative ? rest > scale / 2 : rest >= scale - rest
        let magnitude =
            Int128(units) << Int128(fractionBits) + Int128(quotient)
            + (isRoundedAway ? 1 : 0)
        guard let value = Int64(exactly: isNegative ? -magnitude : magnitude) else {
            throw Refusal("does not fit in 64 bits; check the unit")
        }
        return value
    }

    private static func number(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> Int64? {
        var value: Int64 = 0
        for index in start..<start + count {
            guard let digit = digit(bytes[index]) else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    private static func digit(_ byte: UInt8) -> Int64? {
        byte >= 0x30 && byte <= 0x39 ? Int64(byte - 0x30) : nil
    }

    private static func appending(
        _ digit: Int64, to value: Int64, negative: Bool
    ) throws(Refusal) -> Int64 {
        let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) = tenfold.addingReportingOverflow(negative ? -digit : digit)
        guard !overflow, !carry else { throw Refusal("does not fit in 64 bits; check the unit") }
        return sum
    }

    private static func notInteger(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Refusal {
        isPadded(bytes, range)
            ?? Refusal("is not a whole number; write digits only, with - in front if negative")
    }

    private static func notMoney(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Refusal {
        isPadded(bytes, range)
            ?? Refusal("is not an amount; write digits with at most two decimals, as 1234.50")
    }

    private static func notFixed(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Refusal {
        isPadded(bytes, range)
            ?? Refusal("is not a decimal number; write it as 0.125, without an exponent")
    }

    /// A cell that is empty or has spaces around it has one of two common reasons.
    private static func isPadded(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Refusal? {
        if range.isEmpty { return Refusal("is empty; every cell needs a value") }
        let space = UInt8(ascii: " ")
        guard bytes[range.lowerBound] == space || bytes[range.upperBound - 1] == space else {
            return nil
        }
        return Refusal("has spaces around the value; remove them")
    }
}
