/// Reads a script's tokens into a tree and goes on after a mistake at the next statement.
public struct Parser {
    let source: SourceText
    var tokens: [Token]
    var comments: ArraySlice<(text: String, range: SourceRange)>
    var index = 0
    var depth = 0
    /// Of the expression that is read; nil outside of expressions.
    var values: Int?
    var diagnostics: [Diagnostic]

    /// So deep may parentheses, cases and loops be nested.
    static let largestDepth = 64
    /// So many values may one expression have: those who read and check it go down into it.
    static let mostValues = 256
    /// So many mistakes are told.
    static let mostDiagnostics = 100

    /// - Returns: the tree as far as it could be read, and every mistake of form.
    public static func parse(_ source: SourceText) -> (ScriptSyntax?, [Diagnostic]) {
        var parser = Parser(source)
        guard source.bytes.count <= SourceText.largestByteCount else {
            return (nil, parser.diagnostics)
        }
        let script = parser.script()
        let all = parser.diagnostics.sorted { $0.range.start < $1.range.start }
        return (script, Array(all.prefix(mostDiagnostics)))
    }

    init(_ source: SourceText) {
        var lexer = Lexer(source)
        lexer.run()
        self.source = source
        (tokens, comments, diagnostics) = (lexer.tokens, lexer.comments[...], lexer.diagnostics)
    }

    /// Thrown to leave a statement that has a mistake, which has been noted.
    struct Mistake: Error {}

    // MARK: Tokens

    var token: Token { tokens[index] }
    var word: String? { if case .word(let word) = token.kind { word } else { nil } }
    func wordAhead(_ distance: Int) -> String? {
        guard index + distance < tokens.count,
            case .word(let word) = tokens[index + distance].kind
        else { return nil }
        return word
    }

    mutating func advance() -> Token {
        let token = token
        if index < tokens.count - 1 { index += 1 }
        return token
    }

    var previousEnd: Int { index > 0 ? tokens[index - 1].range.end : 0 }

    func isAt(_ symbol: String) -> Bool { token.kind == .symbol(symbol) }
    func isAt(word: String) -> Bool { self.word == word }

    mutating func take(_ symbol: String) -> Bool {
        guard isAt(symbol) else { return false }
        _ = advance()
        return true
    }

    mutating func take(word: String) -> Bool {
        guard isAt(word: word) else { return false }
        _ = advance()
        return true
    }

    func mistake(_ message: String, suggestion: String? = nil, rule: String = "syntax")
        -> Diagnostic
    { Diagnostic(rule, message, at: token.range, suggestion: suggestion) }

    mutating func fail(
        _ message: String, suggestion: String? = nil, rule: String = "syntax"
    ) -> Mistake {
        diagnostics.append(mistake(message, suggestion: suggestion, rule: rule))
        return Mistake()
    }

    var shown: String {
        switch token.kind {
        case .end: "the end of the script"
        default: "\"\(source.text(token.range))\""
        }
    }

    mutating func expect(_ symbol: String, _ place: String) throws(Mistake) {
        guard take(symbol) else {
            throw fail("\"\(symbol)\" is expected \(place), not \(shown)")
        }
    }

    mutating func expect(word: String, _ place: String) throws(Mistake) {
        guard take(word: word) else {
            throw fail("\"\(word)\" is expected \(place), not \(shown)")
        }
    }

    mutating func expect(words: [String], _ place: String, rule: String = "syntax")
        throws(Mistake)
    {
        for word in words {
            guard take(word: word) else {
                throw fail("\"\(word)\" is expected \(place), not \(shown)", rule: rule)
            }
        }
    }

    /// A name that is no keyword.
    mutating func name(_ what: String) throws(Mistake) -> Name {
        guard case .word(let text) = token.kind else {
            throw fail("\(what) is expected, not \(shown)")
        }
        guard !Self.reserved.contains(text) else {
            throw fail("\(what) is expected; \"\(text)\" is a word of the language")
        }
        return Name(text, advance().range)
    }

    /// A party's name, which may hold hyphens.
    mutating func partyName() throws(Mistake) -> Name {
        var name = try name("a party's name")
        while isAt("-"), token.isAdjacent, index + 1 < tokens.count, tokens[index + 1].isAdjacent {
            switch tokens[index + 1].kind {
            case .word(let part):
                _ = advance()
                name = Name(name.text + "-" + part, name.range.to(advance().range))
            case .number(let part) where part.scale == 0:
                _ = advance()
                name = Name(name.text + "-" + "\(part.mantissa)", name.range.to(advance().range))
            default: return name
            }
        }
        return name
    }

    mutating func integer(_ what: String, in range: ClosedRange<Int>) throws(Mistake) -> Int {
        guard case .number(let literal) = token.kind, literal.scale == 0 else {
            throw fail("\(what) is expected: a whole number, not \(shown)")
        }
        guard let value = Int(exactly: literal.mantissa), range.contains(value) else {
            throw fail(
                "\(what) must be from \(range.lowerBound) to \(range.upperBound), not \(shown)")
        }
        _ = advance()
        return value
    }

    mutating func nested<T>(_ body: (inout Self) throws(Mistake) -> T) throws(Mistake) -> T {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.largestDepth else {
            throw fail("this is nested more than \(Self.largestDepth) deep; use `let` for parts")
        }
        return try body(&self)
    }

    /// Words that no table, column or constant may have as a name.
    static let reserved: Set<String> = [
        "script", "purpose", "basis", "parties", "security", "runs", "period", "table", "prepare",
        "model", "const", "choose", "let", "update", "repeat", "check", "reveal", "disclose",
        "select", "distinct", "from", "every", "join", "on", "where", "window", "group", "having",
        "order", "limit", "by", "as", "and", "or", "not", "in", "case", "when", "then", "else",
        "end", "if", "default", "true", "false", "to", "at", "per",
    ]

    /// Words that begin an item or a line of the header.
    static let starters: Set<String> = [
        "script", "purpose", "basis", "parties", "security", "runs", "period", "table", "prepare",
        "model", "const", "choose", "let", "update", "repeat", "check", "reveal", "disclose",
    ]

    /// Skips to where the next item can begin: a keyword of an item at the start of a line.
    mutating func recover(from start: Int) {
        if index == start { _ = advance() }
        while token.kind != .end {
            if token.startsLine, let word, Self.starters.contains(word) { return }
            if isAt("}"), token.startsLine { return }
            _ = advance()
        }
    }

    /// The name that an unreadable item would have declared.
    func brokenItem(_ start: Int) -> ItemSyntax? {
        guard case .word(let starter) = tokens[start].kind, start + 1 < tokens.count,
            ["table", "let", "model", "const", "choose"].contains(starter),
            case .word(let name) = tokens[start + 1].kind
        else { return nil }
        let range = tokens[start + 1].range
        return ItemSyntax(kind: .broken(Name(name, range)), range: range)
    }

    /// The comments that lie before the current token.
    mutating func commentsBefore() -> [String] {
        var texts: [String] = []
        while let first = comments.first, first.range.start < token.range.start {
            texts.append(first.text)
            comments = comments.dropFirst()
        }
        return texts
    }
}
