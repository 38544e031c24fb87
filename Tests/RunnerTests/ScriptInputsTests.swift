import Algebra
import Analytics
import Foundation
import Primitives
import Runner
import Script
import Tables
import TestSupport
import Testing

/// A folder with a party's files, gone with the test.
final class InputFolder {
    let url = FileManager.default.temporaryDirectory.appending(path: "parley-inputs-\(UUID())")

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String, _ text: String) throws -> ScriptSource {
        let file = url.appending(path: name)
        try Data(text.utf8).write(to: file)
        return .csv(file)
    }
}

/// A script of two banks and a vendor with these declarations.
func inputScript(_ declarations: String, period: ClosedRange<Int>? = nil) throws -> CheckedScript {
    let text = """
        script test version 1
        purpose "p"
        basis "b"
        parties bank-a, bank-b as bank, compute, result; vendor as input, compute, result
        security semi-honest, at most 1 of 3 corrupt
        runs 1 per month until 2030-12-31
        period m = calendar month
        \(declarations)
        """
    var parameters = Checker.Parameters()
    parameters.period = period
    let source = SourceText(name: "test.parley", text)
    let (script, diagnostics) = Checker.check(
        source, parameters: parameters, limit: Z64().numberLimit)
    return try #require(
        script, "\(diagnostics.map { $0.text(in: source) }.joined(separator: "\n"))")
}

@Suite struct ScriptInputsTests {
    static let payments = """
        table pay at each bank (
          account key(iban) canonical iban,
          amount money(EUR) in 0.00 .. 1000.00 default 0,
          rate fix(16) in 0 .. 1,
          day day in m,
          moment minute in 0 .. 20_000_000,
          kind code(cash, card) default 'cash',
          flagged bool default false,
          number int in -5 .. 5
        ) unique (account, day) at most 4 rows
        let t = select kind, count(*) as n from every pay group by kind
        reveal kind, n from t to all at most 2 rows, groups of at least 10 rows, from at least 2 banks
        """
    static let header = "account,amount,rate,day,moment,kind,flagged,number\n"

    static func inputs(
        _ declarations: String, _ files: [String: String], me: Int = 0,
        period: ClosedRange<Int> = 9801...9830
    ) throws -> ScriptInputs {
        let folder = try InputFolder()
        let script = try inputScript(declarations, period: period)
        return try ScriptInputs(
            script, me: Party(me),
            sources: Dictionary(
                uniqueKeysWithValues: files.map { ($0, try folder.file("\($0).csv", $1)) }))
    }

    /// What the files are refused with.
    static func failure(
        _ declarations: String, _ files: [String: String], me: Int = 0
    ) -> String {
        do {
            _ = try inputs(declarations, files, me: me)
            return "taken"
        } catch {
            return "\(error)"
        }
    }

    @Test("Cells of every type are what the script computes with; keys in canonical form")
    func types() throws {
        let inputs = try Self.inputs(
            Self.payments,
            [
                "pay": Self.header
                    + "nl12 bank 0001,12.5,0.5,2026-11-23,2000-01-02T00:01,card,yes,-5\n"
                    + "NL12BANK0002,,1,2026-11-01,2000-01-01 01:00+01:00,,,0\n"
            ])
        let table = try #require(inputs.plain[0])
        #expect(inputs.plain.map { $0 == nil } == [false, true])
        let keys = ["NL12BANK0001", "NL12BANK0002"]
        #expect(
            table.columns == [
                .keys(keys.map { KeyDigest.key($0, domain: "iban", bits: 64) }),
                .numbers([1250, 0]), .numbers([32_768, 65_536]), .numbers([9823, 9801]),
                .numbers([1441, 0]), .codes([1, 0]), .bools([true, false]), .numbers([-5, 0]),
            ])
        #expect(inputs.keyTexts(input: 0, column: "account") == keys)
        #expect(inputs.keyTexts(input: 1, column: "account").isEmpty)
        #expect(inputs.committed.map(\.name) == ["pay"])
        #expect(inputs.committed[0].table.texts("account")[0] == "nl12 bank 0001")
        #expect(inputs.warnings.isEmpty)
    }

    static let badRows: [(String, String)] = [
        ("A,1001,0,2026-11-01,2026-11-01,cash,no,0\n", "line 2, column amount (2): is out"),
        ("A,1,1.1,2026-11-01,2026-11-01,cash,no,0\n", "line 2, column rate (3): is out"),
        ("A,1,0,2026-12-01,2026-11-01,cash,no,0\n", "line 2, column day (4): is out of range"),
        ("A,1,0,2026-11-01,2026-11-01,coin,no,0\n", "column kind (6): is not one of"),
        ("A,1,,2026-11-01,2026-11-01,cash,no,0\n", "column rate (3): is empty"),
        (",1,0,2026-11-01,2026-11-01,cash,no,0\n", "line 2, column account: is empty"),
        ("\"  \",1,0,2026-11-01,2026-11-01,cash,no,0\n", "account: has nothing left in its"),
        (
            "A B,1,0,2026-11-01,2026-11-01,cash,no,0\n"
                + "X,1,0,2026-11-01,2026-11-01,cash,no,0\n"
                + "ab,2,0,2026-11-01,2026-11-01,cash,no,0\n",
            "pay.csv: line 2 and line 4 have the same account, day, which must differ"
        ),
        (
            (1...5).map { "A\($0),1,0,2026-11-01,2026-11-01,cash,no,0\n" }.joined(),
            "pay.csv: 5 rows where pay has at most 4"
        ),
    ]

    @Test("Mistakes in rows are told with file and line", arguments: badRows)
    func mistakes(rows: String, expected: String) {
        let found = Self.failure(Self.payments, ["pay": Self.header + rows])
        #expect(found.contains(expected), "\(found)")
        #expect(!found.contains("\n"), "one line: \(found)")
    }

    @Test("Names that are missing or unknown are told with the nearest")
    func names() throws {
        let script = Self.payments + "\nmodel score at vendor : logistic(2)"
        #expect(
            Self.failure(script, ["pays": Self.header])
                == "bank-a brings no table pays to test; did you mean pay?\n"
                + "bank-a brings pay to test: add --table pay=SOURCE")
        #expect(Self.failure(script, [:], me: 2).contains("vendor brings score to test"))
        #expect(
            Self.failure(script, ["pay": Self.header, "score": "weight\n1\n"]).contains(
                "bank-a brings no table score to test; there are pay"))
        let checked = try inputScript(script)
        #expect(try checked.party("bank-b") == Party(1))
        #expect(
            throws: RunFailure(.usage, "no party bank_b takes part in test; did you mean bank-b?")
        ) { try checked.party("bank_b") }
    }

    @Test("Models have a weight for each feature and a bias")
    func models() throws {
        let script = Self.payments + "\nmodel score at vendor : logistic(2) in -1 .. 1"
        let inputs = try Self.inputs(
            script, ["score": "feature,weight\nage,0.5\nsize,-1\nbias,0.25\n"], me: 2)
        #expect(inputs.plain[2]?.columns == [.numbers([32_768, -65_536, 16_384])])
        #expect(inputs.committed.map(\.name) == ["score"])
        #expect(try Self.inputs(script, ["score": "weight\n0\n0\n0\n"], me: 2).plain[2]?.count == 3)
        for weights in ["0\n0\n", "0\n0\n0\n0\n"] {
            #expect(
                Self.failure(script, ["score": "weight\n" + weights], me: 2).contains(
                    "weights where the model score has 3"))
        }
        #expect(
            Self.failure(script, ["score": "weight\n0\n1.5\n0\n"], me: 2).contains(
                "score.csv: line 3, column weight (1): is out of range; allowed are -1 to 1"))
    }

    // MARK: Warnings

    static let plainKeys = """
        table pay at each bank (account key(a)) at most 9 rows
        let t = select account, count(*) as n from every pay group by account
        reveal account from t to the bank holding account
        """

    @Test(
        "Keys that would match only in canonical form are warned about, once a column",
        arguments: [
            ("A 1\nB 1\n", "the key at line 2 has spaces"),
            ("A1\n B1\n", "the key at line 3 has spaces"),
            ("A1\nb1\nB1\nB1\n", "the keys at line 3 and line 4 differ only by capitals"),
            ("a1\na1\nB1\n", nil), ("A1\nA1\n", nil), ("é\nÉ\n", nil),
        ])
    func warnings(rows: String, expected: String?) throws {
        let inputs = try Self.inputs(Self.plainKeys, ["pay": "account\n" + rows])
        #expect(inputs.warnings.count == (expected == nil ? 0 : 1))
        if let expected {
            #expect(inputs.warnings[0].hasPrefix("pay.csv: column account: " + expected))
        }
        // Somebody has thought of it.
        let exact = Self.plainKeys.replacing("key(a)", with: "key(a) canonical exact")
        #expect(try Self.inputs(exact, ["pay": "account\n" + rows]).warnings.isEmpty)
    }

    // MARK: Preparation

    static let prepared = """
        table inflow at each bank (
          account key(iban) canonical iban,
          total money(EUR) in 0.00 .. 300.00,
          number int in 1 .. 50
        ) unique (account) at most 40 rows
        prepare inflow from transfers (
          to_account key(iban) canonical iban,
          amount money(EUR) in 0.01 .. 100.00,
          kind code(cash, card)
        ) at most 200 rows {
          let inflow = select to_account as account, sum(amount) as total, count(*) as number
            from transfers where kind = 'card' group by to_account
        }
        let t = select account, sum(total) as total from every inflow group by account
        reveal account from t to the bank holding account
        """

    @Test("A prepared table equals an independent computation")
    func preparation() throws {
        var state: UInt64 = 5
        func random(_ bound: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % bound)
        }
        var (text, totals): (String, [String: [Int128]]) = ("kind,to_account,amount\n", [:])
        for _ in 0..<200 {
            let (account, cents, isCard) = (random(30), 1 + random(900), random(3) > 0)
            text += "\(isCard ? "card" : "cash"),nl \(account),\(cents / 100)."
            text += (cents % 100 < 10 ? "0" : "") + "\(cents % 100)\n"
            if isCard {
                let key = "NL\(account)"
                let old = totals[key] ?? [0, 0]
                totals[key] = [old[0] + Int128(cents), old[1] + 1]
            }
        }
        let inputs = try Self.inputs(Self.prepared, ["transfers": text])
        let table = try #require(inputs.plain[0])
        let names = inputs.keyTexts(input: 0, column: "account")
        #expect(table.valid == Array(repeating: true, count: totals.count))
        #expect(Set(names) == Set(totals.keys))
        let expected = names.map { totals[$0] ?? [] }
        #expect(
            table.columns == [
                .keys(names.map { KeyDigest.key($0, domain: "iban", bits: 64) }),
                .numbers(expected.map { $0[0] }), .numbers(expected.map { $0[1] }),
            ])
        #expect(inputs.committed.map(\.name) == ["transfers"])
        #expect(inputs.committed[0].table.rowCount == 200)
    }

    @Test("What a preparation makes must fit its table")
    func preparationMistakes() {
        func found(_ rows: [String]) -> String {
            Self.failure(
                Self.prepared,
                ["transfers": "kind,to_account,amount\n" + rows.joined(separator: "\n")])
        }
        let large = found((0..<4).map { _ in "card,A,99" })
        #expect(
            large.hasPrefix(
                "table inflow: column total: the preparation makes a value of transfers that is not "
                    + "money(EUR)"))
        #expect(
            found((0..<41).map { "card,A\($0),1" }).hasPrefix(
                "table inflow: the preparation makes 41 rows of transfers where at most 40"))
        #expect(
            found((0..<201).map { _ in "card,A,1" }).hasPrefix(
                "transfers.csv: 201 rows where transfers has at most 200"))
        #expect(found(["card,A,0"]).contains("transfers.csv: line 2, column amount (3): is out of"))
        #expect(
            Self.failure(Self.prepared, ["inflow": ""]).contains(
                "it is prepared from transfers: --table transfers=SOURCE"))
        let notUnique = Self.prepared.replacing(
            "let inflow = select to_account as account, sum(amount) as total, count(*) as number\n"
                + "    from transfers where kind = 'card' group by to_account",
            with: "let inflow = select to_account as account, amount as total, 1 as number "
                + "from transfers")
        #expect(
            Self.failure(
                notUnique, ["transfers": "kind,to_account,amount\ncard,A,1\ncard,a,2\n"]
            ).hasPrefix(
                "table inflow: the preparation makes rows of transfers with the same account"))
    }

    @Test("Tables without rows are tables")
    func noRows() throws {
        let inputs = try Self.inputs(Self.payments, ["pay": Self.header])
        #expect(inputs.plain[0]?.count == 0)
        let prepared = try Self.inputs(Self.prepared, ["transfers": "kind,to_account,amount\n"])
        #expect(prepared.plain[0]?.count == 0)
        #expect(prepared.plain[0]?.columns == [.keys([]), .numbers([]), .numbers([])])
        #expect(prepared.keyTexts(input: 0, column: "account").isEmpty)
        let script = try inputScript(Self.prepared)
        #expect(
            prepared.report(script, me: Party(0)).contains("inflow: 0 rows prepared from them"))
    }

    @Test("All tables' mistakes are told at once")
    func several() {
        let script =
            Self.payments
            + "\ntable own at bank-a (id key(a), n int in 0 .. 1) at most 1 rows"
        let found = Self.failure(
            script, ["pay": Self.header + "A,x,y,z,1,1,1,1\n", "own": "id,n\na,2\n"])
        #expect(found.split(separator: "\n").count == 6)
        #expect(found.contains("pay.csv: line 2, column rate") && found.contains("own.csv: line 2"))
    }

    // MARK: Sources

    @Test("Sources are files, kinds and selections")
    func sources() throws {
        #expect(try ScriptSource("a.csv") == .csv(URL(filePath: "a.csv")))
        #expect(try ScriptSource("csv:a=b.txt") == .csv(URL(filePath: "a=b.txt")))
        #expect(
            try ScriptSource("sqlite:a.db?table=my table")
                == .sqlite(URL(filePath: "a.db"), .table("my table")))
        #expect(
            try ScriptSource("sqlite:a.db?query=SELECT * FROM t WHERE x = '?table='")
                == .sqlite(URL(filePath: "a.db"), .query("SELECT * FROM t WHERE x = '?table='")))
        for text in ["", "csv:", "sqlite:a.db", "sqlite:?table=t", "sqlite:a.db?table="] {
            #expect(throws: RunFailure.self, "\(text)") { try ScriptSource(text) }
        }
        #expect(try ScriptSource.parse(["a=1.csv", "b=c=d"]).keys.sorted() == ["a", "b"])
        for tables in [["a"], ["=a"], ["a=1", "a=2"], ["a="]] {
            #expect(throws: RunFailure.self, "\(tables)") { try ScriptSource.parse(tables) }
        }
    }

    @Test("A PostgreSQL source is an address, and a query to its end")
    func postgres() throws {
        let plain = try ScriptSource(
            "postgres:postgresql://me@host:5433/db?query=SELECT '?query=' AS a&b")
        #expect(
            try plain
                == .postgres(
                    PostgresAddress("postgresql://me@host:5433/db"),
                    query: "SELECT '?query=' AS a&b"))
        let secure = try ScriptSource("postgres://host/db?sslmode=verify-full&query=SELECT 1")
        #expect(
            try secure
                == .postgres(
                    PostgresAddress("postgres://host/db?sslmode=verify-full"), query: "SELECT 1"))
        for source in [plain, secure] { #expect(try ScriptSource(source.text) == source) }
    }

    @Test(
        "What may hold a password is refused and not repeated",
        arguments: [
            "postgres://user:secret@host/db?query=SELECT 1",
            "postgres:postgresql://user:secret@host/db?query=SELECT 1",
            "postgres://user:se/?secret@host/db?query=SELECT 1",
            "postgres://host/db?password=secret&query=SELECT 1",
            "postgres://host/db?user=a&pass%77ord=secret&query=SELECT 1",
            "postgres://host/db?sslpassword=secret?query=SELECT 1",
            "postgres://user:secret@host/db", "postgres:user:secret@host?query=SELECT 1",
            "postgres://host/db secret?query=SELECT 1", "postgres:?query=secret",
        ])
    func passwords(text: String) throws {
        let failure = #expect(throws: RunFailure.self) { try ScriptSource(text) }
        #expect(failure?.code == .usage && failure?.description.contains("secret") == false)
    }
}
