import Primitives

/// Days as scripts count them: since 2000-01-01, in the proleptic Gregorian calendar.
public enum Day {
    /// Nil if there is no such day from 1900 to 2199.
    public static func number(year: Int, month: Int, day: Int) -> Int? {
        let (ofYear, ofMonth) = (Int64(year), Int64(month))
        guard (1900...2199).contains(year), (1...12).contains(month), day >= 1,
            Int64(day) <= CivilDate.daysIn(ofMonth, of: ofYear)
        else { return nil }
        return Int(
            CivilDate.days(year: ofYear, month: ofMonth, day: Int64(day)) - CivilDate.year2000)
    }

    /// As in `2026-01-31`; days outside of the years 0 to 9999 as a number.
    public static func text(_ number: Int) -> String {
        // Further away than any calendar, the sum would overflow.
        let far = Int64(1) << 40
        return CivilDate.dateText(day: min(max(Int64(number), -far), far) + CivilDate.year2000)
    }
}
