import MPC
import Reports
import Script
import Testing

@Suite struct RunPageTests {
    /// What data may hold that markup must not.
    private static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'--><svg onload=x>",
        "</td></table>", "a\u{0}b\u{1b}[31mc", "left\u{202e}thgir", "&lt;", "]]>",
    ]

    @Test("Nothing that data holds becomes markup")
    func escaping() throws {
        let plain = try RunPage(
            Sample.document(
                answers: [Sample.answer(rows: Self.hostile.count)],
                operators: Self.hostile.map { _ in "x" },
                facts: Self.hostile.map { _ in ("x", "x") })
        ).html
        let html = try RunPage(
            Sample.document(
                answers: [Sample.answer(rows: Self.hostile.count) { Self.hostile[$0] }],
                operators: Self.hostile, facts: Self.hostile.map { ($0, $0) })
        ).html
        // The same tags as with harmless texts, in the same order.
        let (tags, others) = (try TagReader(html).tags, try TagReader(plain).tags)
        #expect(tags.map(\.name) == others.map(\.name))
        #expect(!tags.contains { $0.name == "script" || $0.name == "img" })
        // Marks that turn the writing around, and controls, are shown.
        #expect(html.contains("left[U+202E]thgir"))
        #expect(html.contains("a[U+0]b[U+1B][31mc"))
        #expect(html.unicodeScalars.allSatisfy { $0.value >= 32 || $0 == "\n" || $0 == "\t" })
    }

    @Test("A page refers to nothing outside itself and runs nothing")
    func alone() throws {
        let html = try RunPage(Sample.document(answers: [Sample.answer(rows: 3)])).html
        for outside in ["http:", "https:", "src=", "url(", "@import", "javascript:", "<script"] {
            #expect(!html.contains(outside), "\(outside)")
        }
        let tags = try TagReader(html).tags
        let ids = Set(tags.compactMap { $0.attributes["id"] })
        for tag in tags {
            if let link = tag.attributes["href"] {
                #expect(link.hasPrefix("#") && ids.contains(String(link.dropFirst())))
            }
            #expect(!tag.attributes.keys.contains { $0.hasPrefix("on") })
        }
        let policy = tags.first { $0.attributes["http-equiv"] == "Content-Security-Policy" }
        #expect(policy?.attributes["content"]?.hasPrefix("default-src &#39;none&#39;;") == true)
    }

    @Test("Headings, heads of tables and pictures say what they are")
    func accessible() throws {
        let tags = try TagReader(
            RunPage(Sample.document(answers: [Sample.answer(rows: 3)])).html
        ).tags
        #expect(tags.count { $0.name == "h1" } == 1)
        #expect(tags.first?.attributes["lang"] == "en")
        for tag in tags {
            if tag.name == "th" { #expect(tag.attributes["scope"] == "col") }
            if tag.name == "svg" { #expect(tag.attributes["aria-label"]?.isEmpty == false) }
        }
        #expect(tags.count { $0.name == "svg" } == 3)
    }

    @Test("Every figure of the run is on the page")
    func figures() throws {
        let operators = (1...30).map { "operator \($0) (line \($0))" }
        let document = try Sample.document(
            answers: [Sample.answer(rows: 12)], operators: operators)
        let html = RunPage(document).html
        for row in document.costs.rows {
            #expect(html.contains(">\(row.operator)<"))
            for number in [row.cost.bytesSent, row.cost.rounds, row.cost.messagesSent] {
                #expect(html.contains(">\(Self.grouped(number))<"), "\(number)")
            }
        }
        for row in 0..<12 { #expect(html.contains(">DE\(100_000 + row)<")) }
        for entry in Sample.proof.entries { #expect(html.contains(entry.leafHash)) }
        for sentence in document.manifest.items.flatMap(\.learns) {
            #expect(html.contains(sentence))
        }
        #expect(html.contains("input of north: payment, 4711 rows"))
        #expect(html.contains("compliance"))
    }

    private static func grouped(_ number: Int) -> String {
        var text = "\(number)"
        var place = text.count - 3
        while place > 0 {
            text.insert(",", at: text.index(text.startIndex, offsetBy: place))
            place -= 3
        }
        return text
    }

    @Test("An answer of more than 200 rows is cut and says so", arguments: [200, 201, 5000])
    func cut(rows: Int) throws {
        let html = try RunPage(Sample.document(answers: [Sample.answer(rows: rows)])).html
        #expect(html.contains(">DE100199<"))
        #expect(!html.contains(">DE100200<"))
        #expect(html.contains("the first 200 are here, all in reveal-1.csv") == (rows > 200))
    }

    @Test("Suppressed answers, checks and no answer are told")
    func otherAnswers() throws {
        func answer(suppressed: Bool, holds: Bool?) -> RunDocument.Answer {
            .init(
                name: "reveal 2", line: 9, columns: ["a"], rows: [], isSuppressed: suppressed,
                number: 12345, holds: holds)
        }
        func text(_ answers: [RunDocument.Answer]) throws -> String {
            try TagReader(RunPage(Sample.document(answers: answers)).html).text
        }
        #expect(
            try text([answer(suppressed: true, holds: nil)])
                .contains("Suppressed: there are more rows than the script reveals; 12,345 in all"))
        #expect(
            try text([answer(suppressed: false, holds: false)]).contains("the run stopped here"))
        #expect(try text([answer(suppressed: false, holds: true)]).contains("The check holds."))
        #expect(try text([]).contains("Nothing was revealed to north."))
    }

    @Test("Equal documents give equal bytes")
    func deterministic() throws {
        let pages = try (0..<3).map { _ in
            try RunPage(Sample.document(answers: [Sample.answer(rows: 50)])).html
        }
        #expect(pages[0] == pages[1] && pages[1] == pages[2])
    }
}
