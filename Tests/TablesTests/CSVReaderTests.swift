import Foundation
import Tables
import Testing

@Suite struct CSVReaderTests {
    static let schema = Schema([
        .init("id", .key), .init("amount", .money(0...1_000_000)),
        .init("bank", .code(["bank-a", "bank-b"])), .init("at", .timestamp),
        .init("note", .text(maxBytes: 12)), .init("count", .integer(-5...5)),
    ])
    static let header = "id,amount,bank,at,note,count\n"

    static func read(_ text: String, chunkBytes: Int = 1 << 20) throws(TableError) -> Table {
        try CSVReader.read(
            Array(text.utf8), name: "t.csv", schema: schema, chunkBytes: chunkBytes)
    }

    /// The mistakes of a text that must be refused.
    static func mistakes(_ text: String) -> [String] { mistakes(Array(text.utf8)) }

    static func mistakes(_ bytes: [UInt8]) -> [String] {
        do {
            _ = try CSVReader.read(bytes, name: "t.csv", schema: schema)
            return []
        } catch {
            return error.mistakes.map(\.description)
        }
    }

    static func row(
        id: String = "a", amount: String = "1", bank: String = "bank-a", at: String = "0",
        note: String = "n", count: String = "1"
    ) -> String {
        [id, amount, bank, at, note, count].joined(separator: ",") + "\n"
    }

    @Test("Every type is read whatever the chunk size", arguments: [1, 2, 3, 7, 64, 1 << 20])
    func types(chunkBytes: Int) throws {
        let text =
            "\u{FEFF}note,extra,count,id,amount,bank,at\r\n"
            + "\"a \"\"b\"\",\nc\",x,-5,A-1_z,12.5,bank-b,1970-01-02\r\n"
            + "é,\"y\r\n\",5,B,0.05,bank-a,\"2026-01-31T23:59:59+01:00\"\r\n"
            + ",z,0,C,9999,bank-a,86400\r\n\r\n\n"
        let table = try Self.read(text, chunkBytes: chunkBytes)
        #expect(table.rowCount == 3)
        let ids = table.texts("id")
        #expect((0..<3).map { ids[$0] } == ["A-1_z", "B", "C"])
        let notes = table.texts("note")
        #expect((0..<3).map { notes[$0] } == ["a \"b\",\nc", "é", ""])
        #expect(table.integers("amount") == [1250, 5, 999_900])
        #expect(table.integers("bank") == [1, 0, 0])
        #expect(table.integers("at") == [86_400, 1_769_900_399, 86_400])
        #expect(table.integers("count") == [-5, 5, 0])
        #expect((0..<3).map(table.line(ofRow:)) == [2, 4, 6])
    }

    @Test("A last line needs no line end")
    func lastLine() throws {
        #expect(try Self.read(Self.header + "a,1,bank-a,0,n,1").rowCount == 1)
        #expect(try Self.read(Self.header + "a,1,bank-a,0,n,1\r\n").rowCount == 1)
    }

    static let badCells: [(String, String)] = [
        (row(amount: "1.234"), "line 2, column amount (2): is not an amount"),
        (row(amount: ".5"), "column amount (2): is not an amount"),
        (row(amount: "5."), "column amount (2): is not an amount"),
        (row(amount: "1e3"), "column amount (2): is not an amount"),
        (row(amount: "\"1,000.00\""), "column amount (2): is not an amount"),
        (row(amount: " 1"), "column amount (2): has spaces around"),
        (row(amount: ""), "column amount (2): is empty"),
        (row(amount: "10000.01"), "out of range; allowed are 0.00 to 10000.00"),
        (row(amount: "-0.01"), "out of range; allowed are 0.00 to 10000.00"),
        (row(amount: "99999999999999999999"), "does not fit in 64 bits"),
        (row(amount: "92233720368547758.08"), "does not fit in 64 bits"),
        (row(count: "6"), "column count (6): is out of range; allowed are -5 to 5"),
        (row(count: "1.0"), "is not a whole number"),
        (row(count: "-"), "is not a whole number"),
        (row(count: "+1"), "is not a whole number"),
        (row(bank: "bank-c"), "not one of the allowed words; write bank-a, bank-b"),
        (row(bank: ""), "not one of the allowed words"),
        (row(id: ""), "is not an identifier"),
        (row(id: String(repeating: "a", count: 35)), "is not an identifier"),
        (row(id: "a b"), "is not an identifier"),
        (row(id: "é"), "is not an identifier"),
        (row(note: "thirteen byte"), "is too long; at most 12 bytes"),
        (row(at: "2026-02-29"), "is not a moment"),
        (row(at: "2026-13-01"), "is not a moment"),
        (row(at: "2026-01-01T24:00:00"), "is not a moment"),
        (row(at: "2026-01-01T00:00:00.5Z"), "is not a moment"),
        (row(at: "2026-01-01T00:00:00+1:00"), "is not a moment"),
        (row(at: "-1"), "is not a moment"),
        (row(note: "\"a\"b"), "has text after its closing quote"),
        (row(note: "a\"b"), "has a quote inside"),
        (row(note: "a\u{0}b"), "has a NUL byte"),
        (row(note: "a\rb"), "has a carriage return alone"),
        ("a,1,bank-a,0,n\n", "line 2: has 5 fields where the header has 6"),
        ("a,1,bank-a,0,n,1,2\n", "line 2: has 7 fields where the header has 6"),
        (row(note: "\"\n\n\"") + row(count: "x"), "line 5, column count (6)"),
        (row(note: "\"\n\"", count: "x"), "line 3, column count (6)"),
        (row() + "\n" + row(), "line 3: is blank"),
        (row() + "a,1,bank-a,0,\"never closed\n", "line 3, column note (5): opens a quote"),
    ]

    @Test("A bad cell is refused with its reason", arguments: badCells)
    func badCell(row: String, expected: String) {
        let found = Self.mistakes(Self.header + row)
        #expect(found.count == 1)
        #expect(found.first?.contains(expected) == true, "\(found)")
    }

    @Test("Limits are inclusive")
    func limits() throws {
        let longest = String(repeating: "a", count: 34)
        let text =
            Self.header
            + Self.row(id: longest, amount: "10000", at: "9999-12-31T23:59:59Z", note: "ééé éé")
            + Self.row(amount: "0", at: "1970-01-01", count: "-5")
        let table = try Self.read(text)
        #expect(table.integers("amount") == [1_000_000, 0])
        #expect(table.integers("at") == [253_402_300_799, 0])
        #expect(throws: TableError.self) {
            try Self.read(Self.header + Self.row(at: "9999-12-31T23:59:59-01:00"))
        }
    }

    @Test("A file without header, rows or UTF-8 is refused as a whole")
    func wholeFile() {
        #expect(Self.mistakes("") == ["is empty; it needs a header row and at least one row"])
        #expect(Self.mistakes("\u{FEFF}")[0].hasPrefix("is empty"))
        #expect(Self.mistakes("\n\n")[0].hasPrefix("is empty"))
        #expect(Self.mistakes(Self.header)[0].hasPrefix("has a header but no rows"))
        #expect(
            Self.mistakes([0xFF, 0xFE, 0x69, 0, 0x64, 0]) == ["is in UTF-16; save it as UTF-8"])
        #expect(Self.mistakes([0xFE, 0xFF, 0, 0x69]) == ["is in UTF-16; save it as UTF-8"])
        let latin1 = Array((Self.header + "a,1,bank-a,0,").utf8) + [0xE9] + Array(",1\n".utf8)
        #expect(
            Self.mistakes(latin1)
                == ["line 2, column note (5): is not UTF-8; save the file as UTF-8"])
    }

    @Test("Missing and repeated columns are named")
    func header() {
        let found = Self.mistakes("id,Amount,bank,at,note,note\na,1,bank-a,0,n,n\n")
        #expect(found.count == 3)
        #expect(found[0].hasPrefix("line 1, column note (6): appears twice"))
        #expect(found[1].hasPrefix("line 1, column amount: is missing"))
        #expect(found[1].contains("found: id, Amount, bank"))
        #expect(found[2].hasPrefix("line 1, column count: is missing"))
    }

    @Test("All mistakes are counted, the first twenty shown, cells never")
    func many() throws {
        let rows = (0..<30).map { _ in Self.row(amount: "secret", count: "secret") }
        let text = Self.header + rows.joined()
        let error = try #require(throws: TableError.self) { try Self.read(text) }
        #expect(error.count == 60)
        #expect(error.mistakes.count == 20)
        #expect(error.mistakes[19].line == 11)
        #expect(error.description.hasSuffix("t.csv: and 40 more"))
        #expect(!error.description.contains("secret"))
        #expect(error.description.split(separator: "\n").count == 21)
    }

    @Test("A quote that swallows the file ends the reading at 1 MiB, whatever follows")
    func runawayQuote() throws {
        let text = Self.header + "a,1,bank-a,0,\"x" + String(repeating: "y\n", count: 3 << 19)
        let error = try #require(throws: TableError.self) {
            try Self.read(text, chunkBytes: 1 << 16)
        }
        #expect(error.count == 1)
        #expect(error.mistakes[0].line == 2)
        #expect(error.mistakes[0].message.contains("quote that is never closed"))
    }

    @Test("A file that is not there is named")
    func absent() {
        let file = URL(fileURLWithPath: "no-such-file.csv")
        #expect(throws: TableError.self) { try CSVReader.read(file: file, schema: Self.schema) }
    }
}
