import Foundation
import GRDB
import Tables
import Testing

@Suite struct SQLiteReaderTests {
    static let schema = Schema([
        .init("name", .text(maxBytes: 8)), .init("amount", .money(0...1_000_000)),
        .init("rate", .fixed(fractionBits: 8, 0...256)), .init("at", .day(0...20_000), missing: 7),
    ])

    /// A file with one table `t`, and what is read from it.
    static func read(
        _ statements: String, _ selection: SQLiteReader.Selection = .table("t"),
        allowsNoRows: Bool = false
    ) throws -> Tables.Table {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).db")
        defer { try? FileManager.default.removeItem(at: file) }
        try DatabaseQueue(path: file.path).write {
            try $0.execute(sql: "CREATE TABLE t (amount, name, rate, at, other);" + statements)
        }
        return try SQLiteReader.read(
            file: file, selection, schema: schema, allowsNoRows: allowsNoRows)
    }

    static func mistakes(
        _ statements: String, _ selection: SQLiteReader.Selection = .table("t")
    ) -> String {
        do {
            _ = try read(statements, selection)
            return "read"
        } catch {
            let text = "\(error)"
            return text.firstRange(of: ".db: ").map { String(text[$0.upperBound...]) } ?? text
        }
    }

    @Test("Integers, floating-point numbers, texts and NULL are cells")
    func values() throws {
        let table = try Self.read(
            """
            INSERT INTO t VALUES (12, 'é', 0.5, '2026-01-31', x'00'),
              (12.5, 'a,"b', '0.25', NULL, 1), ('0.10', '', 1, '2000-01-02', NULL),
              (0, 'e', 1.9531250001e-3, NULL, 0), (0, 'e', 2e-5, NULL, 0);
            """)
        #expect(table.integers("amount") == [1200, 1250, 10, 0, 0])
        #expect(table.integers("rate") == [128, 64, 256, 1, 0])
        #expect(table.integers("at") == [9527, 7, 1, 7, 7])
        #expect((0..<3).map { table.texts("name")[$0] } == ["é", "a,\"b", ""])
        #expect(table.place(ofRow: 2) == "row 3")
    }

    @Test("A query chooses rows, names and order")
    func query() throws {
        let table = try Self.read(
            "INSERT INTO t VALUES (1,'a',0,NULL,5), (2,'b',0,NULL,6), (3,'c',0,NULL,7);",
            .query(
                "SELECT other AS amount, name, rate, at FROM t WHERE other > 5 ORDER BY name DESC"))
        #expect(table.integers("amount") == [700, 600])
    }

    @Test(
        "Mistakes name the row and the column, never the cell",
        arguments: [
            ("(0.1+0.2,'a',0,NULL,0)", "row 1, column amount (1): is not an amount"),
            ("(1,'a',0,NULL,0),(20000,'a',0,NULL,0)", "row 2, column amount (1): is out of range"),
            ("(1,'ninebytes',0,NULL,0)", "row 1, column name (2): is too long"),
            ("(x'31','a',0,NULL,0)", "row 1, column amount (1): is a blob"),
            ("(NULL,'a',0,NULL,0)", "row 1, column amount (1): is empty"),
            ("(1,'a'||char(0),0,NULL,0)", "row 1, column name (2): is not UTF-8"),
            ("(1,CAST(x'41FF' AS TEXT),0,NULL,0)", "row 1, column name (2): is not UTF-8"),
            ("(1,'a',1e-40,NULL,0)", "row 1, column rate (3): has more than 28 decimals"),
            ("(1,'a',9e999,NULL,0)", "row 1, column rate (3): is not a decimal number"),
        ])
    func cells(values: String, expected: String) {
        #expect(Self.mistakes("INSERT INTO t VALUES \(values);").hasPrefix(expected))
    }

    @Test("What is no table or query of these columns is refused")
    func whole() throws {
        #expect(Self.mistakes("").hasPrefix("has no rows"))
        #expect(try Self.read("", allowsNoRows: true).rowCount == 0)
        #expect(Self.mistakes("", .table("u")).contains("no such table: u"))
        #expect(Self.mistakes("", .table("t\" --")).contains("no such table"))
        #expect(Self.mistakes("", .query("SELEC 1")).contains("syntax error"))
        #expect(Self.mistakes("", .query("SELECT 1 AS name")).contains("column amount: is missing"))
        #expect(Self.mistakes("", .query("DELETE FROM t")) != "read")
        #expect(Self.mistakes("", .query("SELECT 1; SELECT 2")) != "read")
        #expect(throws: TableError.self) {
            try SQLiteReader.read(
                file: URL(filePath: "no-such.db"), .table("t"), schema: Self.schema)
        }
    }

    @Test("Reading changes nothing, and a file that is no database is refused")
    func readOnly() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).db")
        defer { try? FileManager.default.removeItem(at: file) }
        try DatabaseQueue(path: file.path).write {
            try $0.execute(sql: "CREATE TABLE t (amount, name, rate, at)")
        }
        let before = try Data(contentsOf: file)
        #expect(throws: TableError.self) {
            try SQLiteReader.read(
                file: file,
                .query("INSERT INTO t VALUES (1,2,3,4) RETURNING amount, name, rate, at"),
                schema: Self.schema)
        }
        #expect(try Data(contentsOf: file) == before)
        try Data("not a database, whatever its name says".utf8).write(to: file)
        let error = #expect(throws: TableError.self) {
            try SQLiteReader.read(file: file, .table("t"), schema: Self.schema)
        }
        #expect(error?.description.contains("not a database") == true)
    }
}
