import Algebra
import Analytics
import Foundation
import Script
import Testing

/// A header that has nothing wrong with it.
let header = """
    script test version 1
    purpose  "Test"
    basis    "None"
    parties  bank-a, bank-b, bank-c as bank, compute, result
    security semi-honest, at most 1 of 3 corrupt
    runs     1 per month until 2028-06-30
    table t at each bank (id key(iban), amount money(EUR) in 0.00 .. 1_000_000.00,
      kind code(cash, card)) at most 1_000 rows
    table own at bank-a (id key(iban), amount money(EUR) in 0.00 .. 1_000.00) unique (id)
      at most 100 rows

    """

private func check(_ text: String, limit: Int128 = Z64().numberLimit)
    -> (script: CheckedScript?, diagnostics: [Diagnostic])
{
    Checker.check(SourceText(name: "test.parley", text), limit: limit)
}

/// The only diagnostic of a script whose body is wrong in one way.
private func only(_ body: String, sourceLocation: SourceLocation = #_sourceLocation) throws
    -> Diagnostic
{
    let found = check(header + body).diagnostics
    #expect(found.count == 1, "\(found.map(\.message))", sourceLocation: sourceLocation)
    return try #require(found.first, sourceLocation: sourceLocation)
}

/// The rules R1 to R12, each with a script that breaks it.
@Suite struct CheckerRuleTests {
    @Test func soundScriptHasNoMistakes() {
        let found = check(
            header + """
                let s = select id, sum(amount) as total from every t group by id
                reveal id, band(total, 100, 1_000) as level from s to the bank holding id
                """)
        #expect(found.diagnostics.isEmpty)
        #expect(found.script?.program.releases.count == 1)
    }

    @Test func r1EveryColumnHasASource() throws {
        #expect(try only("").rule == "R1")
        let diagnostic = try only("")
        #expect(diagnostic.message == "nothing is revealed: nobody would learn anything")
    }

    @Test func r2HoldersHoldAKey() throws {
        let diagnostic = try only(
            """
            let s = select kind, sum(amount) as total from every t group by kind
            reveal kind from s to the bank holding kind
            """)
        #expect(diagnostic.rule == "R2")
        #expect(
            diagnostic.message
                == "no bank holds \"kind\": it is not the key of a declared table")
    }

    @Test func r3ThresholdsAreConstants() throws {
        let diagnostic = try only(
            """
            let s = select id, sum(amount) as total, max(amount) as most from every t group by id
            reveal id from s where total >= 2 * most to the bank holding id
            """)
        #expect(diagnostic.rule == "R3")
        #expect(
            diagnostic.message
                == "what is revealed is compared with a value that no signature fixes")
    }

    @Test func r4NothingOverflows() throws {
        let diagnostic = try only(
            """
            let s = select id, amount * amount as square from every t
            let u = select id, band(square, 10) as b from s
            reveal id, b from u to the bank holding id
            """)
        // Money times money has no unit at all.
        #expect(diagnostic.rule == "type")
        let overflow = try only(
            """
            let s = select id, indicator(amount > 0) * 4_000_000_000 * 4_000_000_000 as x from every t
            let u = select id, band(x, 10) as b from s
            reveal id, b from u to the bank holding id
            """)
        #expect(overflow.rule == "R4")
        #expect(overflow.message.hasPrefix("this may need 64 bits, more than the ring can compare"))
        #expect(overflow.suggestion?.contains("--ring p126") == true)
        // A wider ring proves it.
        let wide = check(
            header + """
                let s = select id, indicator(amount > 0) * 4_000_000_000 * 4_000_000_000 as x
                  from every t
                let u = select id, band(x, 10) as b from s
                reveal id, b from u to the bank holding id
                """, limit: Prime126().numberLimit)
        #expect(wide.diagnostics.isEmpty)
    }

    @Test func r5LoopsAreLiteral() throws {
        let diagnostic = try only("repeat n times {\n}")
        #expect(diagnostic.rule == "R5")
    }

    @Test func r6SizesAreKnown() throws {
        let join = try only(
            """
            let s = select a.id, a.amount from own a join every t b on b.id = a.id
            reveal id from s to the bank holding id
            """)
        #expect(join.rule == "R6")
        #expect(join.suggestion?.contains("at most N matches") == true)
        let rows = try only(
            """
            let s = select id, sum(amount) as total from every t group by id
            reveal id from s to all
            """)
        #expect(rows.rule == "R6")
    }

    @Test func r8NoiseHasABudget() throws {
        let diagnostic = try only(
            """
            let s = select sum(amount) as total from every t
            reveal total from s to all noise laplace(0.5)
            """)
        #expect(diagnostic.rule == "R8")
    }

    @Test func r9NoRevealInLoops() throws {
        let diagnostic = try only(
            """
            let s = select id, sum(amount) as total from every t group by id
            repeat 2 times {
              reveal id from s to the bank holding id
            }
            """)
        #expect(diagnostic.rule == "R9")
    }

    @Test func r10NumbersOfOthersNeedGroupsOrBands() throws {
        let diagnostic = try only(
            """
            let s = select id, sum(amount) as total from every t group by id
            reveal id, total from s to the bank holding id
            """)
        #expect(diagnostic.rule == "R10")
        #expect(
            diagnostic.message
                == "\"total\" is a number that depends on others' t.amount, without a limit on groups"
        )
        #expect(
            diagnostic.suggestion
                == "path: t.amount -> sum by id -> the bank holding id; add `groups of at least "
                + "10`, or reveal band(total, ...)")
        let single = try only(
            """
            let s = select id, amount from every t
            reveal id, amount from s to bank-b at most 10 rows
            """)
        #expect(single.message == "\"amount\" would tell single values of t.amount")
        // A limit on groups makes the first one sound.
        let sound = check(
            header + """
                let s = select id, sum(amount) as total from every t group by id
                reveal id, total from s to the bank holding id groups of at least 10 rows
                """)
        #expect(sound.diagnostics.isEmpty)
    }

    @Test func r11DisclosuresAreOfTables() throws {
        #expect(try only("disclose size of nothing to all for speed").rule == "R11")
        let script = check(
            header + """
                let s = select id, sum(amount) as total from every t where kind = 'cash' group by id
                disclose size of s to all for speed
                reveal id from s to the bank holding id
                """
        ).script
        #expect(
            script?.disclosures.map(\.text) == [
                "the exact number of rows of s, which depends on how many rows t has, t.id, t.kind"
            ])
    }

    @Test func r1RecipientsHaveTheRole() throws {
        let text =
            header.replacing("compute, result\n", with: "compute, result; helper as compute\n")
            .replacing("1 of 3", with: "1 of 4")
        let body = "let s = select count(*) as n from every t\n"
        let limit = "groups of at least 10 rows"
        for (recipient, name) in [("all", "helper"), ("helper", "helper")] {
            let found = check(text + body + "reveal n from s to \(recipient) \(limit)\n")
                .diagnostics
            #expect(found.map(\.rule) == ["R1"])
            #expect(
                found.first?.message == "\(name) would learn this, but has not the role result")
        }
        #expect(check(text + body + "reveal n from s to bank-b \(limit)\n").diagnostics.isEmpty)
        let banks = header.replacing("bank, compute, result", with: "bank, compute")
        let found = check(
            banks + "let s = select id from every t\nreveal id from s to the bank holding id\n"
        ).diagnostics
        #expect(
            found.map(\.message) == ["bank-a would learn this, but has not the role result"])
    }

    @Test func r3NumbersAreNotJoined() throws {
        let diagnostic = try only(
            """
            let s = select id, sum(amount) as total from every t group by id
            let guess = select amount, count(*) as n from own group by amount
            let hits = select s.id from s join guess g on g.amount = s.total
            reveal id from hits to the bank holding id
            """)
        #expect(diagnostic.rule == "R3")
        #expect(
            diagnostic.message
                == "a join on \"total\" compares a number with every value that the other table lists"
        )
    }

    @Test func r12RunsAreCounted() {
        let text = (header + "let s = select count(*) as n from every t\n").replacing(
            "runs     1 per month until 2028-06-30\n", with: "")
        let found = check(
            text + "reveal n from s to all groups of at least 10 rows"
        ).diagnostics
        #expect(found.map(\.rule) == ["R12"])
    }
}

/// Mistakes of other kinds, and many at once.
@Suite struct CheckerMistakeTests {
    @Test func nearestNamesAreSuggested() throws {
        let column = try only(
            """
            let s = select id, amont from every t
            reveal id from s to the bank holding id
            """)
        #expect(column.suggestion == "did you mean \"amount\"?")
        let table = try only("let s = select id from every tt\n")
        #expect(table.suggestion == "did you mean \"t\"?")
        let bank = try only(
            """
            let s = select count(*) as n from every t
            reveal n from s to bank-d groups of at least 10 rows
            """)
        #expect(bank.message == "there is no party \"bank-d\"")
        #expect(bank.suggestion == "did you mean \"bank-a\"?")
        let label = try only(
            """
            let s = select id from every t where kind = 'crad'
            reveal id from s to the bank holding id
            """)
        #expect(label.suggestion == "did you mean \"card\"?")
    }

    @Test func twentyMistakesGiveTwentyMessages() {
        var body = ""
        for number in 1...20 {
            body +=
                [
                    "let a\(number) = select id, amont from every t",
                    "let a\(number) = select id from t",
                    "let a\(number) = select id from every nothing",
                    "let a\(number) = select id from every t where amount + kind > 2",
                    "let a\(number) = selct id from every t",
                    "reveal id from zz to all at most 3 rows",
                    "const c\(number) = 1 +",
                    "repeat k times {",
                    "check 3",
                    "let a\(number) = select id, sum(amount) from every t group by id",
                ][number % 10] + "\n"
            if number % 10 == 7 { body += "}\n" }
        }
        let found = check(header + body).diagnostics
        #expect(found.count == 20, "\(found.map(\.message))")
        // In the order of the text.
        #expect(found.map(\.range.start) == found.map(\.range.start).sorted())
    }

    @Test func aMistakeDoesNotSpread() {
        let found = check(
            header + """
                let s = select id, amont from every t
                let u = select id, sum(x) as total from s group by id
                reveal id, total from u to the bank holding id
                """)
        #expect(found.diagnostics.count == 1)
    }

    @Test func diagnosticsShowTheLine() throws {
        let source = SourceText(
            name: "x.parley", header + "let s = select id, amont from every t\n")
        let diagnostic = try #require(
            Checker.check(source, limit: Z64().numberLimit).diagnostics.first)
        #expect(
            diagnostic.text(in: source) == """
                x.parley:11:20: error: there is no column or constant "amont" [name]
                    did you mean "amount"?
                    | let s = select id, amont from every t
                    |                    ^~~~~
                """)
    }

    @Test func onlyPrintableASCII() {
        // A right-to-left override in a comment, a letter that looks like another.
        for text in ["-- \u{202E}abc\n", "const \u{0430} = 1\n", "const a = 1\u{0}\n"] {
            let found = check(header + text).diagnostics
            #expect(found.contains { $0.message.contains("printable ASCII") }, "\(text)")
        }
    }
}
