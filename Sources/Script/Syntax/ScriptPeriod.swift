/// Periods as people write them: `2026`, `2026-Q4`, `2026-11`, `2026-W48`, `2026-11-23`.
///
/// Days are counted from 2000-01-01. Weeks are those of ISO 8601: Monday to Sunday, and the first one
/// of a year has its 4 January.
package enum ScriptPeriod {
    /// The unit and the days of a period; nil if the text is none from 1900 to 2199.
    package static func parse(_ text: String) -> (unit: PeriodUnit, days: ClosedRange<Int>)? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let year = number(parts[0], digits: 4) else { return nil }
        switch parts.count {
        case 1: return months(12, from: 1, of: year).map { (.year, $0) }
        case 2 where parts[1].hasPrefix("Q"):
            guard let quarter = number(parts[1].dropFirst(), digits: 1), (1...4).contains(quarter)
            else { return nil }
            return months(3, from: 3 * quarter - 2, of: year).map { (.quarter, $0) }
        case 2 where parts[1].hasPrefix("W"):
            guard let week = number(parts[1].dropFirst(), digits: 2),
                let first = firstMonday(of: year), let next = firstMonday(of: year + 1)
            else { return nil }
            let start = first + 7 * (week - 1)
            return week >= 1 && start < next ? (.week, start...start + 6) : nil
        case 2:
            guard let month = number(parts[1], digits: 2), (1...12).contains(month) else {
                return nil
            }
            return months(1, from: month, of: year).map { (.month, $0) }
        case 3:
            guard let month = number(parts[1], digits: 2), let day = number(parts[2], digits: 2),
                let number = Day.number(year: year, month: month, day: day)
            else { return nil }
            return (.day, number...number)
        default: return nil
        }
    }

    /// The period in which a day lies, as it is written.
    package static func text(_ unit: PeriodUnit, of day: Int) -> String {
        let date = Day.text(day)
        let (year, month) = (date.prefix(4), Int(date.dropFirst(5).prefix(2)) ?? 1)
        switch unit {
        case .day: return date
        case .month: return String(date.prefix(7))
        case .quarter: return "\(year)-Q\((month + 2) / 3)"
        case .year: return String(year)
        case .week:
            // The year of the week's Thursday.
            let monday = day - weekday(day)
            let year = Int(Day.text(monday + 3).prefix(4)) ?? 2000
            let week = (monday - (firstMonday(of: year) ?? monday)) / 7 + 1
            return "\(year)-W\(week < 10 ? "0" : "")\(week)"
        }
    }

    /// How a period of a unit is written, for messages.
    package static func example(_ unit: PeriodUnit) -> String {
        text(unit, of: Day.number(year: 2026, month: 11, day: 23) ?? 0)
    }

    /// From Monday, 0, to Sunday, 6; 2000-01-01 was a Saturday.
    private static func weekday(_ day: Int) -> Int { ((day + 5) % 7 + 7) % 7 }

    private static func firstMonday(of year: Int) -> Int? {
        Day.number(year: year, month: 1, day: 4).map { $0 - weekday($0) }
    }

    private static func months(_ count: Int, from month: Int, of year: Int) -> ClosedRange<Int>? {
        let (nextYear, next) = month + count > 12 ? (year + 1, 1) : (year, month + count)
        guard let first = Day.number(year: year, month: month, day: 1),
            let end = Day.number(year: nextYear, month: next, day: 1)
        else { return nil }
        return first...end - 1
    }

    private static func number(_ text: Substring, digits: Int) -> Int? {
        guard text.count == digits, text.allSatisfy({ ("0"..."9").contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
