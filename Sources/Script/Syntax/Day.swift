/// Days since 2000-01-01 in the proleptic Gregorian calendar.
public enum Day {
    /// Nil if there is no such day from 1900 to 2199.
    public static func number(year: Int, month: Int, day: Int) -> Int? {
        guard (1900...2199).contains(year), (1...12).contains(month),
            (1...daysIn(month, of: year)).contains(day)
        else { return nil }
        let before = year - (month <= 2 ? 1 : 0)
        let era = before / 400
        let yearOfEra = before - era * 400
        let shifted = month + (month > 2 ? -3 : 9)
        let dayOfYear = (153 * shifted + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 730_425
    }

    /// As in `2026-01-31`.
    public static func text(_ number: Int) -> String {
        let z = number + 730_425
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted + (shifted < 10 ? 3 : -9)
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ value: Int) -> String { (value < 10 ? "0" : "") + String(value) }
        return "\(year)-\(two(month))-\(two(day))"
    }

    static func daysIn(_ month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
