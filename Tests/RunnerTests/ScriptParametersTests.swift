import Runner
import Script
import Testing

@Suite struct ScriptParametersTests {
    static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
        Day.number(year: year, month: month, day: day) ?? -1
    }

    @Test(
        "Periods have their first and last day",
        arguments: [
            ("2026", PeriodUnit.year, day(2026, 1, 1), day(2026, 12, 31)),
            ("2026-Q4", .quarter, day(2026, 10, 1), day(2026, 12, 31)),
            ("2024-02", .month, day(2024, 2, 1), day(2024, 2, 29)),
            ("2026-12", .month, day(2026, 12, 1), day(2026, 12, 31)),
            ("2026-11-23", .day, day(2026, 11, 23), day(2026, 11, 23)),
            // From the tables of ISO 8601.
            ("2026-W48", .week, day(2026, 11, 23), day(2026, 11, 29)),
            ("2009-W01", .week, day(2008, 12, 29), day(2009, 1, 4)),
            ("2009-W53", .week, day(2009, 12, 28), day(2010, 1, 3)),
        ])
    func periods(text: String, unit: PeriodUnit, first: Int, last: Int) {
        let period = ScriptPeriod.parse(text)
        #expect(period?.unit == unit)
        #expect(period?.days == first...last)
        for day in [first, last] { #expect(ScriptPeriod.text(unit, of: day) == text) }
    }

    @Test(
        "What is no period",
        arguments: [
            "", "26", "2026-", "2026-13", "2026-00", "2026-1", "2026-Q5", "2026-Q0", "2026-W54",
            "2026-W00", "2025-W53", "2026-11-31", "2026-11-1", "2026-11-23-1", "x026", "1800",
        ])
    func noPeriod(text: String) { #expect(ScriptPeriod.parse(text) == nil) }

    @Test("Every day is in its own period of every unit, and periods follow each other")
    func everyDay() throws {
        for unit in PeriodUnit.allCases {
            var last: ClosedRange<Int>?
            for day in Self.day(1999, 12, 1)...Self.day(2012, 1, 31) {
                let days = try #require(ScriptPeriod.parse(ScriptPeriod.text(unit, of: day))).days
                #expect(days.contains(day))
                if let last, last != days { #expect(last.upperBound + 1 == days.lowerBound) }
                last = days
            }
        }
    }

    static func parse(_ period: String?, _ choices: [String], isPeriodic: Bool = true) throws
        -> Checker.Parameters
    {
        try ScriptParameters.parse(
            SourceText(
                name: "t",
                """
                script t version 1
                purpose "p"
                basis "b"
                parties a, b as bank, compute, result
                security semi-honest, at most 1 of 2 corrupt
                runs 1 per \(isPeriodic ? "month" : "week") until 2030-12-31
                \(isPeriodic ? "period m = calendar month" : "")
                choose T in { EUR 10_000.00, EUR 15_000.50 }
                choose n in { 2, 3 }
                """), period: period, choices: choices, today: day(2026, 11, 23))
    }

    static func failure(_ period: String?, _ choices: [String]) -> String {
        do { return "\(try parse(period, choices))" } catch { return "\(error)" }
    }

    @Test("The period is the current one, or one of the script's unit")
    func unit() throws {
        #expect(try Self.parse(nil, []).period == Self.day(2026, 11, 1)...Self.day(2026, 11, 30))
        #expect(
            try Self.parse("2025-02", []).period == Self.day(2025, 2, 1)...Self.day(2025, 2, 28))
        #expect(
            try Self.parse(nil, [], isPeriodic: false).period
                == Self.day(2026, 11, 23)...Self.day(2026, 11, 29))
        #expect(
            Self.failure("2026-W48", [])
                == "--period 2026-W48 is a week, but t runs per month; write 2026-11")
        #expect(
            Self.failure("november", [])
                == "--period november is no period; write a month as 2026-11")
    }

    @Test("Choices are values of the script, however they are written")
    func choices() throws {
        #expect(try Self.parse(nil, []).choices == [:])
        #expect(try Self.parse(nil, ["T=EUR 15_000.50", "n=3"]).choices == ["T": 1, "n": 1])
        #expect(try Self.parse(nil, ["T=15000.5"]).choices == ["T": 1])
        #expect(try Self.parse(nil, ["T=10000"]).choices == ["T": 0])
        #expect(
            Self.failure(nil, ["T=12000"]).hasPrefix("--choose T is one of EUR 10_000"))
        #expect(Self.failure(nil, ["t=1"]) == "t has no choice t; did you mean T?")
        #expect(Self.failure(nil, ["n"]).contains("NAME=VALUE"))
        #expect(Self.failure(nil, ["n=2", "n=3"]) == "--choose n is given twice")
    }
}
