import Foundation
import Tables
import Testing

/// The types of columns that scripts add: fixed, day, minute, bool; and missing values.
@Suite struct ScriptColumnTests {
    static func read(_ cell: String, _ type: ColumnType, missing: Int64? = nil)
        throws(TableError) -> Int64
    {
        try CSVReader.read(
            Array("x,y\n\(cell),1\n".utf8), name: "t.csv",
            schema: Schema([.init("x", type, missing: missing)])
        ).integers("x")[0]
    }

    static func mistake(_ cell: String, _ type: ColumnType) -> String {
        do {
            return "read as \(try read(cell, type))"
        } catch {
            return error.mistakes.map(\.message).joined(separator: "; ")
        }
    }

    static let wide = ColumnType.fixed(fractionBits: 16, Int64.min...Int64.max)

    @Test(
        "Decimals become the nearest multiple of 2^-16, halves the one above",
        arguments: [
            ("0", 0), ("-0", 0), ("1", 65_536), ("-1.5", -98_304), ("0.5", 32_768),
            // 2^-17 is half a unit.
            ("0.00000762939453125", 1), ("-0.00000762939453125", 0),
            ("0.0000076293945312499999999999", 0), ("-0.0000076293945312500000000001", -1),
            ("0.0000228881835937500", 2), ("-0.0000228881835937500", -1),
            ("0.9999999999999999999999999999", 65_536), ("140737488355327.99998", .max),
            ("-140737488355328", .min),
        ] as [(String, Int64)])
    func fixed(text: String, expected: Int64) throws {
        #expect(try Self.read(text, Self.wide) == expected)
    }

    @Test(
        "What is no decimal is refused",
        arguments: [
            ("1e-3", "is not a decimal number"), (".5", "is not a decimal number"),
            ("5.", "is not a decimal number"), ("-", "is not a decimal number"),
            ("0,5", "has 3 fields"), ("+1", "is not a decimal number"),
            ("nan", "is not a decimal number"), ("1.2.3", "is not a decimal number"),
            (" 1", "has spaces around"), ("", "is empty; every cell needs a value"),
            ("0.00000000000000000000000000001", "has more than 28 decimals"),
            ("140737488355328", "does not fit in 64 bits"),
            ("99999999999999999999", "does not fit in 64 bits"),
        ])
    func notFixed(text: String, expected: String) {
        #expect(Self.mistake(text, Self.wide).contains(expected), "\(text)")
    }

    @Test("The text of every fixed-point number reads back", arguments: [1, 2, 8, 16, 31, 32])
    func fixedText(bits: Int) throws {
        var values: [Int64] = [0, 1, -1, .max, .min, 1 << Int64(bits), -(1 << Int64(bits))]
        var state: UInt64 = 1
        for _ in 0..<2000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            values.append(Int64(bitPattern: state) >> Int64(state % 60))
        }
        let schema = Schema([.init("x", .fixed(fractionBits: bits, Int64.min...Int64.max))])
        let table = Table(name: "t", schema: schema, columns: [.integers(values)])
        let text = table.encoded(as: .csv)
        #expect(try CSVReader.read(text, name: "t", schema: schema).integers("x") == values)
        // And is the number's value, by floating point.
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").dropFirst()
        for (line, value) in zip(lines, values) {
            let exact = Double(value) / Double(UInt64(1) << UInt64(bits))
            let shown = try #require(Double(line))
            #expect(abs(shown - exact) <= max(1, abs(exact)) * 1e-15 + 0.5 / Double(1 << bits))
        }
    }

    @Test("Days and minutes are counted from 2000, by another calendar's count")
    func daysAndMinutes() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        let start = try #require(
            calendar.date(from: DateComponents(year: 2000, month: 1, day: 1)))
        for number in stride(from: -36_000, through: 73_000, by: 997) {
            let date = try #require(calendar.date(byAdding: .day, value: number, to: start))
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            let text = String(
                format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
            #expect(try Self.read(text, .day(-100_000...100_000)) == number)
            let minute = ColumnType.minute(Int64.min...Int64.max)
            #expect(try Self.read(text + "T05:07", minute) == Int64(number * 1440 + 307))
            let table = Table(
                name: "t", schema: Schema([.init("x", .day(-100_000...100_000))]),
                columns: [.integers([Int64(number)])])
            #expect(table.encoded(as: .csv) == Array("x\n\(text)\n".utf8))
        }
    }

    @Test("Moments with offsets, with and without seconds, count whole minutes downwards")
    func minutes() throws {
        let type = ColumnType.minute(-10...1_000_000_000)
        let plain = try Self.read("2026-01-31 07:30", type)
        #expect(try Self.read("2026-01-31T08:30+01:00", type) == plain)
        #expect(try Self.read("2026-01-31T08:30:59+01:00", type) == plain)
        #expect(try Self.read("2026-01-31T07:30Z", type) == plain)
        #expect(try Self.read("1999-12-31T23:59:30Z", type) == -1)
        #expect(
            Self.mistake("1999-12-31T23:49", type)
                == "is out of range; allowed are 1999-12-31T23:50Z to 3901-04-29T10:40Z")
        for text in ["2026-01-31T7:30", "2026-01-31T24:00", "2026-02-30", "07:30", "1767225600"] {
            #expect(Self.mistake(text, type).contains("is not a date and time"), "\(text)")
        }
        // Seconds are still needed where a moment is one of seconds.
        #expect(Self.mistake("2026-01-31T07:30", .timestamp).contains("is not a moment"))
    }

    @Test("Days outside of the period are refused with the period")
    func period() {
        let november = ColumnType.day(9801...9830)
        #expect(
            Self.mistake("2026-12-01", november)
                == "is out of range; allowed are 2026-11-01 to 2026-11-30")
        for text in ["2026-11-31", "2026-11-1", "26-11-01", "2026-11-01T00:00", "01.11.2026"] {
            #expect(Self.mistake(text, november).contains("is not a date"), "\(text)")
        }
    }

    @Test("Six words are true or false")
    func bools() throws {
        for text in ["true", "True", "TRUE", "yes", "Yes", "1"] {
            #expect(try Self.read(text, .bool) == 1)
        }
        for text in ["false", "FALSE", "no", "No", "0"] {
            #expect(try Self.read(text, .bool) == 0)
        }
        for text in ["t", "2", "truely", "yess", "wahr", "\u{11}"] {
            #expect(Self.mistake(text, .bool).contains("neither true nor false"), "\(text)")
        }
        #expect(Self.mistake("", .bool).contains("is empty"))
    }

    @Test("An empty cell is the missing value if there is one")
    func missing() throws {
        let types: [ColumnType] = [
            .bool, .integer(0...9), .money(0...9), Self.wide, .day(0...9), .minute(0...9),
            .code(["a", "b"]),
        ]
        for type in types {
            #expect(try Self.read("", type, missing: 1) == 1)
            #expect(try Self.read("\"\"", type, missing: 1) == 1)
            #expect(Self.mistake("", type) != "read as 1")
        }
    }

    @Test("A header alone is a table where the caller allows it")
    func noRows() throws {
        let schema = Schema([.init("x", .bool), .init("k", .text(maxBytes: 9))])
        let table = try CSVReader.read(
            Array("k,x\n".utf8), name: "t.csv", schema: schema, allowsNoRows: true)
        #expect(table.rowCount == 0 && table.columns.count == 2)
        #expect(table.encoded(as: .csv) == Array("x,k\n".utf8))
        #expect(throws: TableError.self) {
            try CSVReader.read(Array("".utf8), name: "t.csv", schema: schema, allowsNoRows: true)
        }
    }

    @Test("JSON has numbers and truth values as such; rows differ by the type of their cells")
    func json() throws {
        let types: [ColumnType] = [
            .bool, .fixed(fractionBits: 2, 0...9), .day(0...9), .minute(0...9), .integer(0...9),
        ]
        func table(_ type: ColumnType) -> Table {
            Table(name: "t", schema: Schema([.init("x", type)]), columns: [.integers([1])])
        }
        let texts = types.map { String(decoding: table($0).encoded(as: .json), as: UTF8.self) }
        #expect(
            texts.map { $0.dropFirst(7).dropLast(4) } == [
                "true", "0.25", "\"2000-01-02\"", "\"2000-01-01T00:01Z\"", "1",
            ])
        let rows = types.map { type in
            var bytes: [UInt8] = []
            table(type).appendRowBytes(0, to: &bytes)
            return bytes
        }
        #expect(rows.map { $0[2] } == [10, 7, 8, 9, 1])
        #expect(rows.allSatisfy { $0.dropFirst(3) == rows[0].dropFirst(3) && $0.count == 15 })
    }
}
