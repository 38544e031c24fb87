import Algebra
import Analytics
import Foundation
import Script
import Testing

private let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources/Applications/Scripts")

/// The text of a bundled script.
func bundled(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: "\(name).parley"), encoding: .utf8)
}

let bundledNames = ["exposure", "fraud", "overlap", "risk", "statistics", "structuring"]

@Suite struct FormatterTests {
    @Test(arguments: bundledNames)
    func bundledScriptsAreCanonical(_ name: String) throws {
        let text = try bundled(name)
        let (script, mistakes) = Parser.parse(SourceText(name: name, text))
        #expect(mistakes.isEmpty)
        let syntax = try #require(script)
        #expect(Formatter.format(syntax) == text)
    }

    /// Canonical text does not depend on how it was laid out, and formatting it changes nothing.
    @Test(arguments: bundledNames)
    func spaceDoesNotMatter(_ name: String) throws {
        let text = try bundled(name)
        let squeezed = text.split(separator: "\n").map { line in
            line.contains("--") || line.contains("\"")
                ? "\n\(line)\n" : line.split(separator: " ").joined(separator: "  ")
        }.joined(separator: "\n\n")
        let (script, mistakes) = Parser.parse(SourceText(name: name, squeezed))
        #expect(mistakes.isEmpty, "\(mistakes)")
        let syntax = try #require(script)
        #expect(Formatter.format(syntax) == text)
    }

    @Test func parenthesesAreKeptWhereTheyMatter() throws {
        let body = """
            let s = select id, (1 + 2) * (3 - (4 - 5)) as x, -(1 + 2) as y, -(-id) as u, not (true and false) as z,
              (if true then 1 else 2) + 3 as w, 8 / (4 / 2) as v from every t
            """
        let (first, mistakes) = Parser.parse(SourceText(name: "a", header + body))
        #expect(mistakes.isEmpty)
        let text = Formatter.format(try #require(first))
        for part in [
            "(1 + 2) * (3 - (4 - 5)) as x", "-(1 + 2) as y", "-(-id) as u",
            "not (true and false) as z",
            "(if true then 1 else 2) + 3 as w", "8 / (4 / 2) as v",
        ] { #expect(text.contains(part), "\(part) in \(text)") }
        let (second, _) = Parser.parse(SourceText(name: "b", text))
        #expect(Formatter.format(try #require(second)) == text)
    }
}

/// Texts that nobody would write: no crash, no hang, memory bounded.
@Suite struct ParserFuzzTests {
    /// A small generator of its own, so that the texts are the same each time.
    private struct Numbers {
        var state: UInt64
        mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
    }

    private func check(_ bytes: [UInt8]) -> Int {
        Checker.check(SourceText(name: "fuzz", bytes: bytes), limit: Z64().numberLimit)
            .diagnostics.count
    }

    @Test func randomBytes() {
        var numbers = Numbers(state: 1)
        for _ in 0..<300 {
            let bytes = (0..<numbers.next(2000)).map { _ in UInt8(numbers.next(256)) }
            #expect(check(bytes) <= 100)
        }
    }

    @Test(arguments: bundledNames)
    func mutatedScripts(_ name: String) throws {
        var numbers = Numbers(state: 7)
        let text = Array(try bundled(name).utf8)
        let words = try bundled(name).split(whereSeparator: \.isWhitespace).map { Array($0.utf8) }
        for _ in 0..<150 {
            var bytes = text
            for _ in 0...numbers.next(4) {
                let place = numbers.next(bytes.count)
                switch numbers.next(4) {
                case 0: bytes[place] = UInt8(0x20 + numbers.next(95))
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + numbers.next(40)))
                case 2:
                    bytes.insert(contentsOf: words[numbers.next(words.count)] + [0x20], at: place)
                default:
                    let end = min(bytes.count, place + numbers.next(200))
                    bytes.insert(contentsOf: bytes[place..<end], at: numbers.next(bytes.count))
                }
            }
            #expect(check(bytes) <= 100)
        }
    }

    @Test func deepNesting() {
        for (open, close) in [("(", ")"), ("not ", ""), ("-", ""), ("if true then 1 else ", "1")] {
            let deep =
                String(repeating: open, count: 20_000) + "1"
                + String(repeating: close, count: 20_000)
            #expect(check(Array((header + "const a = \(deep)\n").utf8)) > 0)
        }
        let loops = String(repeating: "repeat 2 times {\n", count: 5_000)
        #expect(check(Array((header + loops).utf8)) > 0)
        // As many as are allowed, which are 2^60 rounds.
        let body = "let s = select id from every t\n"
        let nested =
            String(repeating: "repeat 2 times {\n", count: 60) + body
            + String(repeating: "}\n", count: 60)
        #expect(check(Array((header + nested).utf8)) > 0)
    }

    /// Trees that grow without parentheses: as deep as they are long.
    @Test(arguments: [" + ", " and ", " * "])
    func longExpressions(operation: String) {
        for count in [250, 257, 100_000] {
            let value = operation == " and " ? "amount > 1" : "indicator(amount > 1)"
            let terms = Array(repeating: value, count: count / 2).joined(separator: operation)
            let text = header + "let s = select id from every t where (\(terms)) = 1\n"
            #expect(check(Array(text.utf8)) > 0)
        }
        let labels = Array(repeating: "EUR 1.00", count: 50_000).joined(separator: ", ")
        let cases = Array(repeating: "when amount > 1 then 1", count: 30_000)
        for value in [
            "amount in (\(labels))", "case \(cases.joined(separator: " ")) else 0 end = 1",
        ] {
            let found = Checker.check(
                SourceText(
                    name: "long", header + "let s = select id from every t where \(value)\n"),
                limit: Z64().numberLimit
            ).diagnostics
            #expect(found.map(\.message) == ["an expression has more than 256 values"])
        }
    }

    @Test func tenMegabytes() {
        #expect(check(Array(repeating: UInt8(ascii: "a"), count: 10 << 20)) == 1)
        let million = Array(String(repeating: "let a = b\n", count: 100_000).utf8.prefix(1 << 20))
        #expect(check(million) <= 100)
    }
}
