import Algebra
import Script
import Testing

/// R10 under attack: scripts that would tell single values by a way around bands and groups.
@Suite struct InferenceTests {
    private static func check(_ body: String) -> [Diagnostic] {
        Checker.check(SourceText(name: "attack", header + body), limit: Z64().numberLimit)
            .diagnostics
    }

    /// The message of the only mistake, which breaks R10.
    private static func refusal(
        _ body: String, sourceLocation: SourceLocation = #_sourceLocation
    ) -> String? {
        let found = check(body)
        #expect(found.map(\.rule) == ["R10"], "\(found)", sourceLocation: sourceLocation)
        return found.first?.message
    }

    private static let sums = "let s = select id, sum(amount) as total from every t group by id\n"

    private static func constants(_ count: Int) -> String {
        (1...count).map { "\($0 * 10)" }.joined(separator: ", ")
    }

    // MARK: Questions

    @Test func aBandHasFewConstants() {
        let reveal = { (count: Int) in
            Self.sums
                + "reveal id, band(total, \(Self.constants(count))) as b from s to the bank holding id\n"
        }
        #expect(Self.check(reveal(8)).isEmpty)
        #expect(
            Self.refusal(reveal(9))
                == "t.amount would be compared with 9 constants for bank-a, over all reveals; 8 are the "
                + "most")
    }

    @Test func conditionsAddUp() {
        let sum = { (count: Int) in
            (1...count).map { "indicator(total >= \($0 * 10))" }.joined(separator: " + ")
        }
        let reveal = { (count: Int) in
            Self.sums + "let v = select id, \(sum(count)) as level from s\n"
                + "reveal id, level from v to the bank holding id\n"
        }
        #expect(Self.check(reveal(8)).isEmpty)
        #expect(Self.refusal(reveal(9))?.contains("compared with 9 constants") == true)
        // In cases as well.
        let cases = (1...9).map { "when total >= \(100 - $0 * 10) then \(9 - $0)" }
        #expect(
            Self.refusal(
                Self.sums
                    + "let v = select id, case \(cases.joined(separator: " ")) else 9 end as x from s\n"
                    + "reveal id, x from v to the bank holding id\n")?
                .contains("compared with 9 constants") == true)
        // One condition is one question, however long.
        let either = (1...12).map { "total = \($0 * 10)" }.joined(separator: " or ")
        #expect(
            Self.check(Self.sums + "reveal id from s where \(either) to the bank holding id\n")
                .isEmpty)
    }

    @Test func revealsChecksAndDisclosuresAddUp() {
        func reveal(_ first: Int, _ recipient: String) -> String {
            "reveal band(total, \(first), \(first + 1), \(first + 2)) as b from s to \(recipient) at most "
                + "9 rows\n"
        }
        let two = reveal(10, "bank-a") + reveal(20, "all")
        #expect(Self.check(Self.sums + two).isEmpty)
        #expect(
            Self.refusal(Self.sums + two + reveal(30, "bank-a"))?
                .contains("9 constants for bank-a") == true)
        // Each party has its own count.
        #expect(
            Self.check(Self.sums + two + reveal(30, "bank-b").replacing(", 32", with: "")).isEmpty)
        let whole = "let w = select sum(amount) as total from every t\n"
        let checks = (1...9).map { "check w.total >= \($0)\n" }.joined()
        let count =
            "let n = select count(*) as n from every t\nreveal n from n to all groups of at least 2 rows\n"
        #expect(Self.refusal(whole + checks + count)?.contains("9 constants") == true)
        let disclosures = (1...9).map {
            "let d\($0) = select id from every t where id = 'X' and amount >= \($0)\n"
                + "disclose size of d\($0) to all for speed\n"
        }.joined()
        #expect(Self.check(disclosures + count).first?.message.contains("9 constants") == true)
    }

    @Test func choicesAndRoundsAddUp() {
        let values = (1...9).map { "EUR \($0).00" }.joined(separator: ", ")
        let chosen =
            "choose c in { \(values) }\n" + Self.sums
            + "const d = 2 * c\nreveal id from s where total >= d to the bank holding id\n"
        #expect(Self.refusal(chosen)?.contains("9 constants") == true)
        let rounds = { (count: Int) in
            """
            const list = (1, 2, 3, 4, 5, 6, 7, 8, 9)
            let s = select id, sum(amount) as total, count(distinct kind) - count(distinct kind) as x
              from every t group by id
            let v = select id, total, 0 as x from s
            repeat \(count) times as k {
              update v = select id, total, x + indicator(total >= list[k]) as x from v
            }
            reveal id, x from v to the bank holding id

            """
        }
        #expect(Self.check(rounds(8)).isEmpty)
        #expect(Self.refusal(rounds(9))?.contains("9 constants") == true)
    }

    // MARK: Groups that are none

    @Test func valuesBesideGroupsAreNotOfThem() {
        let beside = Self.check(
            """
            let one = select sum(amount) as amount from every t where id = 'X'
            let g = select kind, count(*) as n from every t group by kind
            let v = select kind, one.amount as amount from g
            reveal kind, amount from v to all at most 2 rows, groups of at least 10 rows

            """)
        #expect(beside.map(\.message) == ["the rows of \"v\" are no groups"])
        // The row above is another group, of which nobody counted the rows.
        let before = Self.check(
            """
            let g = select kind, sum(amount) as total from every t group by kind
            let v = select kind, previous(total) as before from g window all per kind by total
            reveal kind, total from g to all at most 2 rows, groups of at least 10 rows
            reveal before from v to all at most 2 rows, groups of at least 10 rows

            """)
        #expect(
            before.map(\.message) == [
                "\"before\" is of other rows than those that `groups of at least 10 rows` counts"
            ])
    }

    @Test func conditionsInsideSumsAreNotCounted() {
        for sum in [
            "sum(if id = 'X' then amount else EUR 0.00)", "sum(amount * indicator(id = 'X'))",
            "max(if id = 'X' then amount else EUR 0.00)",
            "avg(least(amount, indicator(id = 'X') * EUR 999.00))",
        ] {
            #expect(
                Self.refusal(
                    """
                    let g = select kind, \(sum) as x from every t group by kind
                    reveal kind, x from g to all at most 2 rows, groups of at least 10 rows

                    """)
                    == "\"x\" may be of fewer rows than `groups of at least 10 rows` counts: a "
                    + "condition or a join in it sets others to zero")
        }
        let counts = Self.check(
            """
            let g = select kind, count(amount >= 100) as x from every t group by kind
            reveal kind, x from g to all at most 2 rows, groups of at least 10 rows

            """)
        #expect(counts.isEmpty)
    }

    @Test func copiesAreNoGroup() {
        let joined = { (limit: String) in
            """
            let j = select a.id, a.kind, o.amount from every t a join own o on o.id = a.id
            let g = select kind, sum(amount) as x from j group by kind
            reveal kind, x from g to bank-b at most 2 rows, groups of at least 10 \(limit)

            """
        }
        #expect(
            Self.refusal(joined("rows"))
                == "\"x\" is of joined values, of which one may stand in all rows that `groups of at "
                + "least 10 rows` counts")
        #expect(Self.check(joined("id")).isEmpty)
        #expect(
            Self.refusal(
                """
                let j = select a.kind, a.amount from every t a join every t b on b.id = a.id at most 20 matches
                let g = select kind, sum(amount) as x from j group by kind
                reveal kind, x from g to all at most 2 rows, groups of at least 10 rows

                """)
                == "one row of a table may be several rows of these groups, so that counting them "
                + "protects nobody")
    }

    // MARK: What is no way around

    @Test func hugeScriptsEnd() {
        // Constants that double themselves; loops around nothing; columns that all depend on all.
        var body = "const c0 = EUR 1_000_000_000_000.00\n"
        for number in 1...140 { body += "const c\(number) = c\(number - 1) + c\(number - 1)\n" }
        #expect(!Self.check(body).isEmpty)
        let loops =
            String(repeating: "repeat 1000 times {\n", count: 40)
            + String(repeating: "}\n", count: 40)
        #expect(!Self.check(loops).isEmpty)
        let names = (0..<100).map { "a\($0)" }
        let wide =
            "let w = select " + names.map { "amount as \($0)" }.joined(separator: ", ")
            + " from every t\nrepeat 1000 times {\nupdate w = select "
            + names.map { "least(\(names.joined(separator: " + ")), EUR 1.00) as \($0)" }
            .joined(separator: ", ") + " from w\n}\n"
        #expect(Self.check(wide).contains { $0.message.contains("too much to be checked") })
    }
}
