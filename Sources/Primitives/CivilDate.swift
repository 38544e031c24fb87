/// Days and dates of the proleptic Gregorian calendar, in integers.
///
/// Years are counted from March, so that the leap day is a year's last day and months follow the
/// pattern 31, 30, 31, 30, 31 of five months in 153 days; 400 years are 146,097 days.
package enum CivilDate {
    /// Days from 1970-01-01 to 1 March of the year 0.
    private static let epoch: Int64 = 719_468

    /// 2000-01-01, in days since 1970-01-01.
    package static let year2000: Int64 = 10_957

    /// Days since 1970-01-01 of a date of the year 0 or later.
    package static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let marchMonth = month > 2 ? month - 3 : month + 9
        // Shifted by 400 years, so that the year before 0 is not negative.
        let shifted = marchYear + 400
        let leapDays = shifted / 4 - shifted / 100 + shifted / 400
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        return shifted * 365 + leapDays + dayOfYear - 146_097 - epoch
    }

    /// How many days a month from 1 to 12 has.
    package static func daysIn(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// `YYYY-MM-DDTHH:MM:SSZ` of seconds since 1970 up to the year 9999.
    package static func text(_ seconds: Int64) -> String {
        let time = seconds % 86_400
        return dateText(day: seconds / 86_400) + "T" + timeText(minute: time / 60)
            + ":" + padded(time % 60, 2) + "Z"
    }

    /// `YYYY-MM-DDTHH:MMZ` of minutes since 2000-01-01T00:00Z, from the year 0 to 9999.
    package static func minuteText(_ minutes: Int64) -> String {
        let (quotient, remainder) = minutes.quotientAndRemainder(dividingBy: 1440)
        let (day, minute) =
            remainder < 0 ? (quotient - 1, remainder + 1440) : (quotient, remainder)
        return dateText(day: day + year2000) + "T" + timeText(minute: minute) + "Z"
    }

    /// `YYYY-MM-DD` of days since 1970-01-01, from the year 0 to 9999; other days as a number.
    package static func dateText(day: Int64) -> String {
        guard dateRange.contains(day) else { return "day \(day)" }
        // The year by estimate from below and corrections, then the month.
        var year = (day - dateRange.lowerBound) / 366
        while days(year: year + 1, month: 1, day: 1) <= day { year += 1 }
        var month: Int64 = 12
        while days(year: year, month: month, day: 1) > day { month -= 1 }
        let dayOfMonth = day - days(year: year, month: month, day: 1) + 1
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(dayOfMonth, 2)
    }

    /// The days of the years 0 to 9999.
    private static let dateRange =
        days(year: 0, month: 1, day: 1)...days(year: 9999, month: 12, day: 31)

    private static func timeText(minute: Int64) -> String {
        padded(minute / 60, 2) + ":" + padded(minute % 60, 2)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
