import Foundation
import Tables
import Testing

/// What needs no server.
@Suite struct PostgresReaderTests {
    private static func failure(
        _ address: String, _ query: String = "SELECT 1 AS n", library: String
    )
        -> String
    {
        do {
            _ = try PostgresReader.read(
                PostgresAddress(address), query: query,
                schema: Schema([.init("n", .integer(0...9))]), library: library)
            return "read"
        } catch { return "\(error)" }
    }

    @Test("Without the library the message says what to install; another library is none")
    func library() {
        let missing = Self.failure("postgres://host/db", library: "libpq-none.so.5")
        #expect(missing.hasPrefix("postgres host/db: needs PostgreSQL's client library"))
        #expect(missing.contains("apt install libpq5"))
        #expect(
            Self.failure("postgres://host/db", library: "libm.so.6").contains("has no PQconnectdb"))
    }

    @Test(
        "A server that does not answer is told, in one line",
        .enabled(if: PostgresServer.hasLibrary, "libpq5 is not installed"))
    func refused() {
        // Nobody listens on port 1; the name is one line whatever it holds.
        for (address, expected) in [
            ("postgresql://127.0.0.1:1/db?connect_timeout=2", "refused"),
            ("postgresql://127.0.0.1:1/a%1b%0ab", "refused"),
            ("postgresql://127.0.0.1:1/db?colour=red", "colour"),
            ("postgresql://127.0.0.1:x/db", "invalid"),
        ] {
            let text = Self.failure(address, library: "libpq.so.5")
            #expect(text.contains("cannot be connected to") && text.contains(expected), "\(text)")
            #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 }, "\(text)")
        }
        let nul = Self.failure("postgresql://127.0.0.1:1/db", "SELECT 1\0", library: "libpq.so.5")
        #expect(nul.contains("NUL"))
    }

    @Test(
        "Addresses are URIs without passwords",
        arguments: [
            "", "host", "host=a password=secret", "http://host/db", "postgresql:/host",
            "postgresql://host/d b", "postgresql://hö/db", "postgresql://u:secret@host/db",
            "postgresql://u:se@cret@host/db", "postgresql://host?user=a&password=secret",
            "postgresql://host?%70assword=secret", "postgresql://host?PASSWORD=secret",
            "postgresql://host?a=b?password=secret", "postgresql://host/?passw%ord=secret",
            "postgresql://?password=secret",
        ])
    func addresses(text: String) {
        let error = #expect(throws: TableError.self) { try PostgresAddress(text) }
        #expect(error?.description.contains("cret") == false)
    }
}

/// Against a server of its own, on a socket in a folder that goes with the tests.
@Suite(
    .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed: apt install postgresql"),
    PostgresServer())
struct PostgresServerTests {
    private static let schema = Schema([
        .init("name", .text(maxBytes: 8)), .init("amount", .money(0...1_000_000)),
        .init("rate", .fixed(fractionBits: 8, 0...256)), .init("at", .day(0...20_000), missing: 7),
    ])

    /// Whether a password that libpq finds by itself lets `guest` in; what is told if not.
    private static func logIn(_ variables: [String: String]) throws -> String {
        let address = try #require(PostgresServer.address).description
        let before = ProcessInfo.processInfo.environment
        for (name, value) in variables { _ = unsafe setenv(name, value, 1) }
        defer {
            for name in variables.keys {
                _ = unsafe unsetenv(name)
                if let value = before[name] { _ = unsafe setenv(name, value, 1) }
            }
        }
        do {
            let table = try PostgresReader.read(
                PostgresAddress(address.replacing("user=parley", with: "user=guest")),
                query: "SELECT 7 AS n", schema: Schema([.init("n", .integer(0...9))]))
            return table.integers("n") == [7] ? "read" : "another table"
        } catch { return "\(error)" }
    }

    @Test("Passwords come from PGPASSWORD or .pgpass, and are in no message")
    func passwords() throws {
        let home = FileManager.default.temporaryDirectory.appending(path: "parley-home-\(UUID())")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: home) }
        // Nobody's own file may help.
        let nobody = ["HOME": home.path]
        func logIn(_ more: [String: String] = [:]) throws -> String {
            try Self.logIn(nobody.merging(more) { $1 })
        }
        let none = try logIn()
        #expect(none.contains("cannot be connected to") && none.contains("PGPASSWORD or ~/.pgpass"))
        let wrong = try logIn(["PGPASSWORD": "4712-wrong"])
        #expect(wrong.contains("password authentication failed"), "\(wrong)")
        #expect(!wrong.contains("4712"))
        #expect(try logIn(["PGPASSWORD": PostgresServer.password]) == "read")

        let file = home.appending(path: ".pgpass")
        let escaped = PostgresServer.password.replacing(":", with: "\\:")
        try Data("*:*:postgres:guest:\(escaped)\n".utf8).write(to: file)
        for (mode, isRead) in [(0o600, true), (0o644, false)] {
            try FileManager.default.setAttributes(
                [.posixPermissions: mode], ofItemAtPath: file.path)
            let told = try logIn()
            #expect((told == "read") == isRead, "\(told)")
            #expect(!told.contains("4711"))
        }
    }

    private static func read(
        _ query: String, schema: Schema = schema, allowsNoRows: Bool = false
    ) throws -> Tables.Table {
        try PostgresReader.read(
            #require(PostgresServer.address), query: query, schema: schema,
            allowsNoRows: allowsNoRows)
    }

    private static func mistakes(_ query: String) throws -> String {
        do {
            _ = try read(query)
            return "read"
        } catch let error as TableError { return error.description }
    }

    private static let names = "t(name, amount, rate, at)"

    @Test("Numbers, texts, dates and NULL are cells")
    func values() throws {
        let table = try Self.read(
            """
            SELECT at, name, 5 AS other, amount, rate FROM (VALUES
              ('é', 12.50, 0.5::float8, DATE '2026-01-31'), ('a,"b', 12, 0.25, NULL),
              ('', 0.10, 1, '2000-01-02'), ('e', 0, 2e-5, NULL)) \(Self.names)
            """)
        #expect(table.integers("amount") == [1250, 1200, 10, 0])
        #expect(table.integers("rate") == [128, 64, 256, 0])
        #expect(table.integers("at") == [9527, 7, 1, 7])
        #expect((0..<4).map { table.texts("name")[$0] } == ["é", "a,\"b", "", "e"])
        #expect(table.place(ofRow: 2) == "row 3")
    }

    @Test("Booleans and moments are cells, whatever the server's settings")
    func kinds() throws {
        let schema = Schema([
            .init("yes", .bool), .init("moment", .timestamp),
            .init("minute", .minute(0...90_000_000)),
            .init("word", .code(["x", "y"])), .init("day", .day(0...20_000)),
        ])
        let table = try Self.read(
            """
            SELECT n > 1 AS yes, TIMESTAMPTZ '2026-01-01 02:00+02' AS moment,
              TIMESTAMP '2000-01-01 00:05:59' AS minute, CASE n WHEN 1 THEN 'x' ELSE 'y' END AS word,
              DATE '2000-01-02' AS day
            FROM generate_series(1, 2) n
            """, schema: schema)
        #expect(table.integers("yes") == [0, 1] && table.integers("word") == [0, 1])
        #expect(table.integers("moment") == [1_767_225_600, 1_767_225_600])
        #expect(table.integers("minute") == [5, 5] && table.integers("day") == [1, 1])
    }

    @Test(
        "Mistakes name the row and the column, never the cell",
        arguments: [
            ("('a', 0.1::float8 + 0.2, 0, NULL)", "row 1, column amount (2): is not an amount"),
            (
                "('a', 1, 0, NULL), ('a', 20000, 0, NULL)",
                "row 2, column amount (2): is out of range"
            ),
            ("('ninebytes', 1, 0, NULL)", "row 1, column name (1): is too long"),
            ("('a', '\\x31'::bytea, 0, NULL)", "row 1, column amount (2): is a blob"),
            ("('a', NULL, 0, NULL)", "row 1, column amount (2): is empty"),
            ("('a', 1, 'NaN'::float8, NULL)", "row 1, column rate (3): is not a decimal number"),
            (
                "('a', 1, 'Infinity'::float8, NULL)",
                "row 1, column rate (3): is not a decimal number"
            ),
        ])
    func cells(values: String, expected: String) throws {
        let found = try Self.mistakes("SELECT * FROM (VALUES \(values)) \(Self.names)")
        #expect(found.contains(expected), "\(found)")
    }

    @Test("What is no query of these columns is refused, and quotes no cell")
    func whole() throws {
        let none = "SELECT * FROM (VALUES ('a', 1, 0, NULL)) \(Self.names) WHERE amount > 1"
        #expect(try Self.mistakes(none).contains("has no rows"))
        #expect(try Self.read(none, allowsNoRows: true).rowCount == 0)
        for (query, expected) in [
            ("SELECT * FROM nowhere", "\"nowhere\" does not exist"), ("SELEC 1", "syntax error"),
            ("SELECT 1; SELECT 2", "multiple commands"), ("", "gives no rows"),
            ("SELECT 1 AS name", "column amount: is missing"),
            ("SELECT 1 AS name, 2 AS name", "appears twice"), ("COMMIT", "gives no rows"),
            ("CREATE TABLE x (n int)", "read-only"), ("COPY (SELECT 1) TO STDOUT", "gives no rows"),
            ("SELECT set_config('transaction_read_only', 'off', true)", "must be set before"),
            (
                "SELECT 'se' || 'cret' AS name, ('sec' || 'ret')::int AS amount, 0 AS rate, 0 AS at",
                "22P02"
            ),
            ("SELECT * FROM \"a\u{1B}[2J\nb\"", "does not exist"),
        ] {
            let found = try Self.mistakes(query)
            #expect(found.contains(expected), "\(query): \(found)")
            #expect(!found.contains("secret") && !found.contains("\u{1B}"), "\(found)")
        }
    }

    @Test("A failure after some rows is a failure")
    func late() throws {
        let found = try Self.mistakes(
            """
            SELECT 'a' AS name, 100 / (3000 - n) * 0 + 1 AS amount, 0 AS rate, NULL AS at
            FROM generate_series(1, 3001) n
            """)
        #expect(found.contains("22012") && !found.contains("row"), "\(found)")
    }

    @Test(
        "Rows come one at a time: without the columns no more than one is read",
        .timeLimit(.minutes(1)))
    func bounded() throws {
        let found = try Self.mistakes("SELECT generate_series(1, 10000000000) AS name")
        #expect(found.contains("column amount: is missing"))
    }
}
