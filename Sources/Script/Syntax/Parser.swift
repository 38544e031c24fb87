/// Reads a script's tokens into a tree and goes on after a mistake at the next statement.
public struct Parser {
    private let source: SourceText
    private var tokens: [Token]
    private var comments: ArraySlice<(text: String, range: SourceRange)>
    private var index = 0
    private var depth = 0
    private(set) var diagnostics: [Diagnostic]

    /// So deep may parentheses, cases and loops be nested.
    static let largestDepth = 64
    /// So many mistakes are told.
    static let mostDiagnostics = 100

    /// - Returns: the tree as far as it could be read, and every mistake of form.
    public static func parse(_ source: SourceText) -> (ScriptSyntax?, [Diagnostic]) {
        var parser = Parser(source)
        let script = parser.script()
        let all = parser.diagnostics.sorted { $0.range.start < $1.range.start }
        return (script, Array(all.prefix(mostDiagnostics)))
    }

    private init(_ source: SourceText) {
        var lexer = Lexer(source)
        lexer.run()
        self.source = source
        (tokens, comments, diagnostics) = (lexer.tokens, lexer.comments[...], lexer.diagnostics)
    }

    /// Thrown to leave a statement that has a mistake, which has been noted.
    private struct Mistake: Error {}

    // MARK: Tokens

    private var token: Token { tokens[index] }
    private var word: String? { if case .word(let word) = token.kind { word } else { nil } }
    private func wordAhead(_ distance: Int) -> String? {
        guard index + distance < tokens.count,
            case .word(let word) = tokens[index + distance].kind
        else { return nil }
        return word
    }

    private mutating func advance() -> Token {
        let token = token
        if index < tokens.count - 1 { index += 1 }
        return token
    }

    private var previousEnd: Int { index > 0 ? tokens[index - 1].range.end : 0 }

    private func isAt(_ symbol: String) -> Bool { token.kind == .symbol(symbol) }
    private func isAt(word: String) -> Bool { self.word == word }

    private mutating func take(_ symbol: String) -> Bool {
        guard isAt(symbol) else { return false }
        _ = advance()
        return true
    }

    private mutating func take(word: String) -> Bool {
        guard isAt(word: word) else { return false }
        _ = advance()
        return true
    }

    private func mistake(_ message: String, suggestion: String? = nil, rule: String = "syntax")
        -> Diagnostic
    { Diagnostic(rule, message, at: token.range, suggestion: suggestion) }

    private mutating func fail(
        _ message: String, suggestion: String? = nil, rule: String = "syntax"
    ) -> Mistake {
        diagnostics.append(mistake(message, suggestion: suggestion, rule: rule))
        return Mistake()
    }

    private var shown: String {
        switch token.kind {
        case .end: "the end of the script"
        default: "\"\(source.text(token.range))\""
        }
    }

    private mutating func expect(_ symbol: String, _ place: String) throws(Mistake) {
        guard take(symbol) else {
            throw fail("\"\(symbol)\" is expected \(place), not \(shown)")
        }
    }

    private mutating func expect(word: String, _ place: String) throws(Mistake) {
        guard take(word: word) else {
            throw fail("\"\(word)\" is expected \(place), not \(shown)")
        }
    }

    private mutating func expect(words: [String], _ place: String, rule: String = "syntax")
        throws(Mistake)
    {
        for word in words {
            guard take(word: word) else {
                throw fail("\"\(word)\" is expected \(place), not \(shown)", rule: rule)
            }
        }
    }

    /// A name that is no keyword.
    private mutating func name(_ what: String) throws(Mistake) -> Name {
        guard case .word(let text) = token.kind else {
            throw fail("\(what) is expected, not \(shown)")
        }
        guard !Self.reserved.contains(text) else {
            throw fail("\(what) is expected; \"\(text)\" is a word of the language")
        }
        return Name(text, advance().range)
    }

    /// A party's name, which may hold hyphens.
    private mutating func partyName() throws(Mistake) -> Name {
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

    private mutating func integer(_ what: String, in range: ClosedRange<Int>) throws(Mistake) -> Int {
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

    private mutating func nested<T>(_ body: (inout Self) throws(Mistake) -> T) throws(Mistake) -> T {
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
    private static let starters: Set<String> = [
        "script", "purpose", "basis", "parties", "security", "runs", "period", "table", "prepare",
        "model", "const", "choose", "let", "update", "repeat", "check", "reveal", "disclose",
    ]

    /// Skips to where the next item can begin: a keyword of an item at the start of a line.
    private mutating func recover(from start: Int) {
        if index == start { _ = advance() }
        while token.kind != .end {
            if token.startsLine, let word, Self.starters.contains(word) { return }
            if isAt("}"), token.startsLine { return }
            _ = advance()
        }
    }

    /// The name that an unreadable item would have declared.
    private func brokenItem(_ start: Int) -> ItemSyntax? {
        guard case .word(let starter) = tokens[start].kind, start + 1 < tokens.count,
            ["table", "let", "model", "const", "choose"].contains(starter),
            case .word(let name) = tokens[start + 1].kind
        else { return nil }
        let range = tokens[start + 1].range
        return ItemSyntax(kind: .broken(Name(name, range)), range: range)
    }

    /// The comments that lie before the current token.
    private mutating func commentsBefore() -> [String] {
        var texts: [String] = []
        while let first = comments.first, first.range.start < token.range.start {
            texts.append(first.text)
            comments = comments.dropFirst()
        }
        return texts
    }

    // MARK: Script and header

    private mutating func script() -> ScriptSyntax? {
        let leading = commentsBefore()
        var (title, version) = (Name("unnamed", SourceRange(0, 0)), 1)
        let start = index
        do throws(Mistake) {
            try expect(word: "script", "at the start")
            title = try name("the script's name")
            try expect(word: "version", "after the name")
            version = try integer("the version", in: 1...1_000_000)
        } catch { recover(from: start) }

        var header = HeaderSyntax()
        var items: [ItemSyntax] = []
        var isHeader = true
        while token.kind != .end {
            let before = commentsBefore()
            let start = index
            do throws(Mistake) {
                if isHeader, try headerLine(&header) {
                    continue
                }
                isHeader = false
                items.append(try item(before))
            } catch {
                if let broken = brokenItem(start) { items.append(broken) }
                recover(from: start)
            }
            if isAt("}") {
                diagnostics.append(mistake("there is no block that this \"}\" could close"))
                _ = advance()
            }
        }
        // Those behind the last token.
        let trailing = comments.map(\.text)
        comments = []
        return ScriptSyntax(
            name: title, version: version, header: header, items: items,
            comments: (leading, trailing))
    }

    /// Whether there was a line of the header.
    private mutating func headerLine(_ header: inout HeaderSyntax) throws(Mistake) -> Bool {
        switch word {
        case "purpose":
            _ = advance()
            guard header.purpose == nil else { throw fail("the purpose is stated twice") }
            header.purpose = try text("the purpose in double quotes")
        case "basis":
            _ = advance()
            guard header.basis == nil else { throw fail("the basis is stated twice") }
            header.basis = try text("the legal basis in double quotes")
        case "parties":
            _ = advance()
            guard header.parties.isEmpty else { throw fail("the parties are listed twice") }
            repeat { header.parties += try partyGroup() } while take(";")
        case "security": header.security = try security()
        case "runs": header.runs = try runs()
        case "period":
            _ = advance()
            let name = try name("the period's name")
            try expect("=", "after the period's name")
            try expect(word: "calendar", "in a period")
            header.period = PeriodSyntax(name: name, unit: try periodUnit())
        default: return false
        }
        return true
    }

    private mutating func text(_ what: String) throws(Mistake) -> String {
        guard case .text(let text) = token.kind else {
            throw fail("\(what) is expected, not \(shown)")
        }
        _ = advance()
        return text
    }

    private mutating func partyGroup() throws(Mistake) -> [PartySyntax] {
        var names = [try partyName()]
        while take(",") { names.append(try partyName()) }
        try expect(word: "as", "after the parties' names")
        var roles: [PartySyntax.Role] = []
        repeat {
            guard let role = word.flatMap(PartySyntax.Role.init) else {
                throw fail(
                    "a role is expected, not \(shown): bank, input, compute, result or observer")
            }
            roles.append(role)
            _ = advance()
        } while take(",")
        return names.map { PartySyntax(name: $0, roles: roles) }
    }

    private mutating func security() throws(Mistake) -> SecuritySyntax {
        let start = advance().range
        let isMalicious: Bool
        switch word {
        case "semi":
            _ = advance()
            try expect("-", "in \"semi-honest\"")
            try expect(word: "honest", "in \"semi-honest\"")
            isMalicious = false
        case "malicious":
            _ = advance()
            isMalicious = true
        default: throw fail("\"semi-honest\" or \"malicious\" is expected, not \(shown)")
        }
        try expect(",", "after the kind of adversary")
        try expect(words: ["at", "most"], "before the number of corrupt parties")
        let corrupt = try integer("the number of corrupt parties", in: 1...15)
        try expect(word: "of", "after the number of corrupt parties")
        let of = try integer("the number of computing parties", in: 2...16)
        try expect(word: "corrupt", "at the end of the security")
        return SecuritySyntax(
            isMalicious: isMalicious, corrupt: corrupt, of: of,
            range: start.to(tokens[index - 1].range))
    }

    private mutating func runs() throws(Mistake) -> RunsSyntax {
        let start = advance().range
        let count = try integer("the number of runs", in: 1...100_000)
        try expect(word: "per", "after the number of runs")
        let unit = try periodUnit()
        var until: Int?
        if take(word: "until") { until = try date() }
        return RunsSyntax(
            count: count, per: unit, until: until, range: start.to(tokens[index - 1].range))
    }

    private mutating func periodUnit() throws(Mistake) -> PeriodUnit {
        guard let unit = word.flatMap(PeriodUnit.init) else {
            throw fail("day, week, month, quarter or year is expected, not \(shown)")
        }
        _ = advance()
        return unit
    }

    private mutating func date() throws(Mistake) -> Int {
        guard case .date(let day) = token.kind else {
            throw fail("a date is expected, as 2027-12-31, not \(shown)")
        }
        _ = advance()
        return day
    }

    // MARK: Items

    private mutating func items() throws(Mistake) -> [ItemSyntax] {
        try nested { (parser) throws(Mistake) in
            try parser.expect("{", "before the statements")
            var items: [ItemSyntax] = []
            while !parser.isAt("}") {
                guard parser.token.kind != .end else {
                    throw parser.fail("\"}\" is missing: a block does not end")
                }
                let comments = parser.commentsBefore()
                let start = parser.index
                do throws(Mistake) {
                    items.append(try parser.item(comments))
                } catch {
                    if let broken = parser.brokenItem(start) { items.append(broken) }
                    parser.recover(from: start)
                }
            }
            _ = parser.advance()
            return items
        }
    }

    private mutating func item(_ comments: [String]) throws(Mistake) -> ItemSyntax {
        let start = token.range
        let kind: ItemSyntax.Kind
        switch word {
        case "table": kind = .table(try table())
        case "prepare": kind = .prepare(try prepare())
        case "model": kind = .model(try model())
        case "const": kind = .constant(try constant())
        case "choose": kind = .choose(try choose())
        case "let", "update": kind = .assign(try assign())
        case "repeat": kind = .loop(try loop())
        case "check":
            _ = advance()
            kind = .check(try expression())
        case "reveal": kind = .reveal(try reveal())
        case "disclose": kind = .disclose(try disclose())
        default:
            let starter = word.flatMap { nearest($0, among: Self.starters) }
            throw fail(
                "a statement is expected, not \(shown)",
                suggestion: starter.map { "did you mean \"\($0)\"?" })
        }
        let item = ItemSyntax(
            kind: kind, range: SourceRange(start.start, previousEnd), comments: comments)
        // What is left on the line belongs to nothing.
        if token.kind != .end, !isAt("}"), !(token.startsLine && word.map(Self.starters.contains) == true) {
            diagnostics.append(mistake("\(shown) is not expected here: the statement before has ended"))
            recover(from: index)
        }
        return item
    }

    private mutating func table() throws(Mistake) -> TableSyntax {
        _ = advance()
        let name = try name("the table's name")
        try expect(word: "at", "after the table's name")
        var owner: Name?
        if isAt(word: "each") {
            _ = advance()
            try expect(word: "bank", "after \"at each\"")
        } else {
            owner = try partyName()
        }
        return try tableBody(name, owner)
    }

    private mutating func tableBody(_ name: Name, _ owner: Name?) throws(Mistake) -> TableSyntax {
        try expect("(", "before the columns")
        var columns = [try column()]
        while take(",") { columns.append(try column()) }
        try expect(")", "after the columns")
        var unique: [[Name]] = []
        while take(word: "unique") {
            try expect("(", "after \"unique\"")
            var names = [try self.name("a column")]
            while take(",") { names.append(try self.name("a column")) }
            try expect(")", "after the unique columns")
            unique.append(names)
        }
        var isAcrossBanks = false
        if !unique.isEmpty, take(word: "across") {
            try expect(word: "banks", "after \"across\"")
            isAcrossBanks = true
        }
        try expect(words: ["at", "most"], "before the number of rows", rule: "R6")
        let rows = try integer("the number of rows", in: 1...100_000_000)
        try expect(word: "rows", "after the number of rows")
        return TableSyntax(
            name: name, owner: owner, columns: columns, unique: unique,
            isUniqueAcrossBanks: isAcrossBanks, atMost: rows)
    }

    private mutating func column() throws(Mistake) -> ColumnSyntax {
        let name = try name("a column's name")
        var column = ColumnSyntax(name: name, type: try type())
        if take(word: "in") {
            if case .word(let text) = token.kind, !Self.reserved.contains(text), !isCurrency {
                column.period = Name(text, advance().range)
            } else {
                column.range = try range()
            }
        }
        if take(word: "canonical") { column.canonical = try self.name("a canonical form") }
        if take(word: "default") { column.default = try literal() }
        return column
    }

    private mutating func range() throws(Mistake) -> (ExpressionSyntax, ExpressionSyntax) {
        let low = try literal()
        try expect("..", "between the ends of a range")
        return (low, try literal())
    }

    private var isCurrency: Bool {
        guard let word, word.count == 3, word.utf8.allSatisfy({ (0x41...0x5A).contains($0) }),
            index + 1 < tokens.count
        else { return false }
        switch tokens[index + 1].kind {
        case .number, .symbol("-"): return true
        default: return false
        }
    }

    private mutating func literal() throws(Mistake) -> ExpressionSyntax {
        let start = token.range
        let isNegative = take("-")
        let value = try primaryLiteral()
        guard let value else { throw fail("a value is expected, not \(shown)") }
        guard isNegative else { return value }
        return ExpressionSyntax(kind: .negated(value), range: start.to(value.range))
    }

    private mutating func type() throws(Mistake) -> TypeSyntax {
        guard let word else { throw fail("a type is expected, not \(shown)") }
        let start = advance().range
        let kind: TypeSyntax.Kind
        switch word {
        case "int": kind = .int
        case "day": kind = .day
        case "minute": kind = .minute
        case "bool": kind = .bool
        case "money":
            try expect("(", "before the currency")
            let currency = try name("a currency")
            guard currency.text.count == 3, currency.text == currency.text.uppercased() else {
                diagnostics.append(
                    Diagnostic(
                        "syntax", "a currency is three capitals, as EUR", at: currency.range))
                throw Mistake()
            }
            try expect(")", "after the currency")
            kind = .money(currency.text)
        case "fix":
            try expect("(", "before the number of fraction bits")
            kind = .fix(try integer("the number of fraction bits", in: 1...32))
            try expect(")", "after the number of fraction bits")
        case "key":
            try expect("(", "before the key's domain")
            let domain = try name("the key's domain")
            var bits = 64
            if take(",") { bits = try integer("the key's bits (64 or 128)", in: 64...128) }
            guard bits == 64 || bits == 128 else {
                throw fail("a key has 64 or 128 bits, not \(bits)")
            }
            try expect(")", "after the key's domain")
            kind = .key(domain: domain.text, bits: bits)
        case "code":
            try expect("(", "before the labels")
            var labels: [String] = []
            repeat { labels.append(try label()) } while take(",")
            try expect(")", "after the labels")
            kind = .code(labels)
        default:
            let types = ["int", "day", "minute", "bool", "money", "fix", "key", "code"]
            let near = nearest(word, among: types)
            diagnostics.append(
                Diagnostic(
                    "syntax", "there is no type \"\(word)\"", at: start,
                    suggestion: near.map { "did you mean \"\($0)\"?" }
                        ?? "types are \(types.joined(separator: ", "))"))
            throw Mistake()
        }
        return TypeSyntax(kind: kind, range: start.to(tokens[index - 1].range))
    }

    /// A label of a code: a name, or any text in single quotes.
    private mutating func label() throws(Mistake) -> String {
        if case .label(let text) = token.kind {
            _ = advance()
            return text
        }
        guard case .word(let text) = token.kind else {
            throw fail("a label is expected, not \(shown)")
        }
        _ = advance()
        return text
    }

    private mutating func prepare() throws(Mistake) -> PrepareSyntax {
        _ = advance()
        let table = try name("the table's name")
        try expect(word: "from", "after the table's name")
        let source = try name("the name of the source")
        let body = try tableBody(source, nil)
        return PrepareSyntax(table: table, source: body, body: try items())
    }

    private mutating func model() throws(Mistake) -> ModelSyntax {
        _ = advance()
        let name = try name("the model's name")
        try expect(word: "at", "after the model's name")
        let owner = try partyName()
        try expect(":", "before the kind of the model")
        try expect(word: "logistic", "as the kind of the model: only logistic models are built")
        try expect("(", "before the number of features")
        let features = try integer("the number of features", in: 1...4096)
        try expect(")", "after the number of features")
        return ModelSyntax(
            name: name, owner: owner, features: features,
            range: take(word: "in") ? try range() : nil)
    }

    private mutating func constant() throws(Mistake) -> ConstantSyntax {
        _ = advance()
        let name = try name("the constant's name")
        try expect("=", "after the constant's name")
        if take("(") {
            var values = [try expression()]
            while take(",") { values.append(try expression()) }
            try expect(")", "after the values")
            if values.count > 1 { return ConstantSyntax(name: name, values: values, isList: true) }
            return ConstantSyntax(name: name, values: values, isList: false)
        }
        return ConstantSyntax(name: name, values: [try expression()], isList: false)
    }

    private mutating func choose() throws(Mistake) -> ChooseSyntax {
        _ = advance()
        let name = try name("the name of the choice")
        try expect(word: "in", "after the name of the choice")
        try expect("{", "before the values")
        var values = [try literal()]
        while take(",") { values.append(try literal()) }
        try expect("}", "after the values")
        return ChooseSyntax(name: name, values: values)
    }

    private mutating func assign() throws(Mistake) -> AssignSyntax {
        let isUpdate = advance().kind == .word("update")
        let name = try name("a name")
        try expect("=", "after the name")
        let value: AssignSyntax.Value =
            isAt(word: "select") ? .select(try select()) : .expression(try expression())
        return AssignSyntax(isUpdate: isUpdate, name: name, value: value)
    }

    private mutating func loop() throws(Mistake) -> LoopSyntax {
        _ = advance()
        guard case .number = token.kind else {
            throw fail(
                "how often is repeated is written here as a number, not \(shown)",
                suggestion: "write `repeat 3 times`: cost and result must be known before the run",
                rule: "R5")
        }
        let count = try integer("the number of repetitions", in: 1...1000)
        try expect(word: "times", "after the number of repetitions")
        let variable = take(word: "as") ? try name("a name") : nil
        return LoopSyntax(count: count, variable: variable, body: try items())
    }

    private mutating func disclose() throws(Mistake) -> DiscloseSyntax {
        let start = advance().range
        guard take(word: "size") else {
            throw fail("only sizes can be disclosed: `disclose size of NAME to all for speed`")
        }
        try expect(word: "of", "after \"size\"")
        let table = try name("a table")
        try expect(words: ["to", "all", "for", "speed"], "at the end of a disclosure")
        return DiscloseSyntax(table: table, range: start.to(tokens[index - 1].range))
    }

    // MARK: Select

    private mutating func select() throws(Mistake) -> SelectSyntax {
        let start = advance().range
        let isDistinct = take(word: "distinct")
        var items = [try selectItem()]
        while take(",") { items.append(try selectItem()) }
        try expect(word: "from", "after the columns")
        let source = try tableSource()
        var joins: [JoinSyntax] = []
        while let join = try join() { joins.append(join) }
        let condition = take(word: "where") ? try expression() : nil
        let window = isAt(word: "window") ? try self.window() : nil
        var (groupBy, atMostGroups): ([Name], Int?) = ([], nil)
        if take(word: "group") {
            try expect(word: "by", "after \"group\"")
            groupBy = try names()
            if isAt(word: "at") {
                try expect(words: ["at", "most"], "before the number of groups")
                atMostGroups = try integer("the number of groups", in: 1...100_000_000)
                try expect(word: "groups", "after the number of groups")
            }
        }
        let having = take(word: "having") ? try expression() : nil
        var orderBy: [OrderSyntax] = []
        if take(word: "order") {
            try expect(word: "by", "after \"order\"")
            orderBy = try orders()
        }
        let limit = take(word: "limit") ? try integer("the number of rows", in: 1...100_000_000) : nil
        return SelectSyntax(
            isDistinct: isDistinct, items: items, source: source, joins: joins,
            condition: condition, window: window, groupBy: groupBy, atMostGroups: atMostGroups,
            having: having, orderBy: orderBy, limit: limit,
            range: start.to(tokens[index - 1].range))
    }

    private mutating func names() throws(Mistake) -> [Name] {
        var names = [try name("a column")]
        while take(",") { names.append(try name("a column")) }
        return names
    }

    private mutating func orders() throws(Mistake) -> [OrderSyntax] {
        var orders: [OrderSyntax] = []
        repeat {
            let column = try name("a column")
            let isDescending = take(word: "desc")
            if !isDescending { _ = take(word: "asc") }
            orders.append(OrderSyntax(column: column, isDescending: isDescending))
        } while take(",")
        return orders
    }

    private mutating func selectItem() throws(Mistake) -> SelectItemSyntax {
        let value = try expression()
        return SelectItemSyntax(
            expression: value, name: take(word: "as") ? try name("a column's name") : nil)
    }

    private mutating func tableSource() throws(Mistake) -> SourceSyntax {
        let isEvery = take(word: "every")
        let table = try name("a table")
        var alias: Name?
        if case .word(let text) = token.kind, !Self.reserved.contains(text),
            !["left", "semi", "anti", "inner", "at"].contains(text)
        {
            alias = Name(text, advance().range)
        }
        return SourceSyntax(isEvery: isEvery, table: table, alias: alias)
    }

    private mutating func join() throws(Mistake) -> JoinSyntax? {
        let start = token.range
        let kind: JoinSyntax.Kind
        switch (word, wordAhead(1)) {
        case ("join", _): kind = .inner
        case ("inner", "join"): kind = .inner
        case ("left", "join"): kind = .left
        case ("semi", "join"): kind = .semi
        case ("anti", "join"): kind = .anti
        default: return nil
        }
        if advance().kind != .word("join") { _ = advance() }
        let source = try tableSource()
        try expect(word: "on", "after the table of a join")
        var pairs: [(ExpressionSyntax, ExpressionSyntax)] = []
        repeat {
            let left = try columnName()
            try expect("=", "between the columns of a join")
            pairs.append((left, try columnName()))
        } while take(word: "and")
        var cap: Int?
        if isAt(word: "at") {
            try expect(words: ["at", "most"], "before the number of matches")
            cap = try integer("the number of matches", in: 1...10_000)
            try expect(word: "matches", "after the number of matches")
        }
        return JoinSyntax(
            kind: kind, source: source, on: pairs, cap: cap,
            range: start.to(tokens[index - 1].range))
    }

    private mutating func window() throws(Mistake) -> WindowSyntax {
        let start = advance().range
        let extent: WindowSyntax.Extent
        if take(word: "all") {
            extent = .all
        } else if take(word: "rows") {
            extent = .rows
        } else {
            let count = try integer("the length of the window", in: 1...10_000_000)
            if take(word: "days") || take(word: "day") {
                extent = .days(count)
            } else if take(word: "minutes") || take(word: "minute") {
                extent = .minutes(count)
            } else {
                throw fail("days or minutes is expected after the window's length, not \(shown)")
            }
        }
        try expect(word: "per", "after the length of the window")
        let per = try names()
        try expect(word: "by", "after the columns of the window: in which order?")
        let by = try orders()
        var atMost: Int?
        if isAt(word: "at") {
            try expect(words: ["at", "most"], "before the number of rows")
            atMost = try integer("the number of rows of a window", in: 1...10_000)
            try expect(word: "rows", "after the number of rows of a window")
        }
        return WindowSyntax(
            extent: extent, per: per, by: by, atMost: atMost,
            range: start.to(tokens[index - 1].range))
    }

    // MARK: Reveal

    private mutating func reveal() throws(Mistake) -> RevealSyntax {
        let start = advance().range
        var items = [try selectItem()]
        while take(",") { items.append(try selectItem()) }
        try expect(word: "from", "after the columns that are revealed")
        let table = try name("a table")
        let condition = take(word: "where") ? try expression() : nil
        try expect(word: "to", "before the recipient")
        let recipient: RevealSyntax.Recipient
        if take(word: "all") {
            recipient = .all
        } else if take(word: "the") {
            try expect(words: ["bank", "holding"], "after \"to the\"")
            let key = try name("a key column")
            recipient = .holder(key, in: take(word: "in") ? try name("a table") : nil)
        } else {
            recipient = .party(try partyName())
        }
        var limits: [RevealSyntax.Limit] = []
        while let limit = try limit() {
            limits.append(limit)
            _ = take(",")
        }
        return RevealSyntax(
            items: items, table: table, condition: condition, recipient: recipient, limits: limits,
            range: start.to(tokens[index - 1].range))
    }

    private mutating func limit() throws(Mistake) -> RevealSyntax.Limit? {
        let start = token.range
        func range(_ end: Int) -> SourceRange { SourceRange(start.start, end) }
        switch word {
        case "at":
            try expect(words: ["at", "most"], "in a limit")
            let number = try integer("the number of rows", in: 1...100_000_000)
            if take("%") {
                try expect(words: ["of", "rows"], "after the percentage")
                guard number <= 100 else { throw fail("a percentage is at most 100") }
                return .percent(number, range(previousEnd))
            }
            try expect(word: "rows", "after the number of rows")
            return .rows(number, range(previousEnd))
        case "groups":
            try expect(words: ["groups", "of", "at", "least"], "in a limit")
            let number = try integer("the size of a group", in: 1...100_000_000)
            var column: Name?
            if !take(word: "rows"), case .word(let text) = token.kind,
                !Self.reserved.contains(text), !token.startsLine, text != "groups", text != "rounded"
            {
                column = Name(text, advance().range)
            }
            return .groups(number, of: column, range(previousEnd))
        case "from":
            try expect(words: ["from", "at", "least"], "in a limit")
            let number = try integer("the number of banks", in: 1...16)
            try expect(word: "banks", "after the number of banks")
            return .banks(number, range(previousEnd))
        case "rounded":
            try expect(words: ["rounded", "to"], "in a limit")
            return .rounded(to: try literal(), range(previousEnd))
        case "and":
            try expect(words: ["and", "their", "number"], "in a limit")
            return .number(range(previousEnd))
        case "noise":
            throw fail(
                "noise is not built yet, so that there is no budget of it",
                suggestion: "limit the reveal by `groups of at least N` or by bands", rule: "R8")
        default: return nil
        }
    }

    // MARK: Expressions

    private mutating func expression() throws(Mistake) -> ExpressionSyntax {
        try nested { (parser) throws(Mistake) in try parser.disjunction() }
    }

    private func joined(
        _ operation: BinaryOperator, _ a: ExpressionSyntax, _ b: ExpressionSyntax
    ) -> ExpressionSyntax {
        ExpressionSyntax(kind: .binary(operation, a, b), range: a.range.to(b.range))
    }

    private mutating func disjunction() throws(Mistake) -> ExpressionSyntax {
        var value = try conjunction()
        while take(word: "or") { value = joined(.or, value, try conjunction()) }
        return value
    }

    private mutating func conjunction() throws(Mistake) -> ExpressionSyntax {
        var value = try negation()
        while isAt(word: "and"), wordAhead(1) != "their" {
            _ = advance()
            value = joined(.and, value, try negation())
        }
        return value
    }

    private mutating func negation() throws(Mistake) -> ExpressionSyntax {
        let start = token.range
        guard take(word: "not") else { return try comparison() }
        let value = try nested { (parser) throws(Mistake) in try parser.negation() }
        return ExpressionSyntax(kind: .not(value), range: start.to(value.range))
    }

    private mutating func comparison() throws(Mistake) -> ExpressionSyntax {
        let value = try sum()
        if take(word: "in") {
            try expect("(", "after \"in\"")
            var values = [try expression()]
            while take(",") { values.append(try expression()) }
            try expect(")", "after the values")
            return ExpressionSyntax(
                kind: .among(value, values), range: value.range.to(tokens[index - 1].range))
        }
        for operation: BinaryOperator in [
            .equal, .notEqual, .lessOrEqual, .greaterOrEqual, .less, .greater,
        ] where take(operation.rawValue) {
            return joined(operation, value, try sum())
        }
        return value
    }

    private mutating func sum() throws(Mistake) -> ExpressionSyntax {
        var value = try product()
        while true {
            if take("+") {
                value = joined(.add, value, try product())
            } else if take("-") {
                value = joined(.subtract, value, try product())
            } else {
                return value
            }
        }
    }

    private mutating func product() throws(Mistake) -> ExpressionSyntax {
        var value = try factor()
        while true {
            if take("*") {
                value = joined(.multiply, value, try factor())
            } else if take("/") {
                let divisor = try factor()
                let otherwise = take(word: "default") ? try literal() : nil
                value = ExpressionSyntax(
                    kind: .quotient(value, divisor, otherwise: otherwise),
                    range: value.range.to(tokens[index - 1].range))
            } else {
                return value
            }
        }
    }

    private mutating func factor() throws(Mistake) -> ExpressionSyntax {
        let start = token.range
        if take("-") {
            let value = try nested { (parser) throws(Mistake) in try parser.factor() }
            return ExpressionSyntax(kind: .negated(value), range: start.to(value.range))
        }
        if let literal = try primaryLiteral() { return literal }
        if take("(") {
            var value = try expression()
            try expect(")", "after an expression in parentheses")
            value.range = start.to(tokens[index - 1].range)
            return value
        }
        if take(word: "case") { return try cases(from: start) }
        if take(word: "if") {
            let condition = try expression()
            try expect(word: "then", "after the condition")
            let value = try expression()
            try expect(word: "else", "after the value")
            let otherwise = try expression()
            return ExpressionSyntax(
                kind: .choice([(condition, value)], otherwise: otherwise),
                range: start.to(otherwise.range))
        }
        let name = try name("a value")
        if take("(") { return try call(name) }
        if take("[") {
            let position = try expression()
            try expect("]", "after the position in a list")
            return ExpressionSyntax(
                kind: .element(name, position), range: start.to(tokens[index - 1].range))
        }
        if take(".") {
            let column = try self.name("a column")
            return ExpressionSyntax(
                kind: .name(qualifier: name, column), range: start.to(column.range))
        }
        return ExpressionSyntax(kind: .name(qualifier: nil, name), range: name.range)
    }

    private mutating func columnName() throws(Mistake) -> ExpressionSyntax {
        let first = try name("a column")
        guard take(".") else {
            return ExpressionSyntax(kind: .name(qualifier: nil, first), range: first.range)
        }
        let column = try name("a column")
        return ExpressionSyntax(
            kind: .name(qualifier: first, column), range: first.range.to(column.range))
    }

    private mutating func primaryLiteral() throws(Mistake) -> ExpressionSyntax? {
        let start = token.range
        switch token.kind {
        case .number(let number):
            _ = advance()
            return ExpressionSyntax(kind: .number(number), range: start)
        case .date(let day):
            _ = advance()
            return ExpressionSyntax(kind: .date(day), range: start)
        case .label(let label):
            _ = advance()
            return ExpressionSyntax(kind: .label(label), range: start)
        case .word("true"), .word("false"):
            return ExpressionSyntax(kind: .bool(advance().kind == .word("true")), range: start)
        case .word(let currency) where isCurrency:
            _ = advance()
            let isNegative = take("-")
            guard case .number(let amount) = token.kind else {
                throw fail("an amount is expected after \(currency), not \(shown)")
            }
            let end = advance().range
            return ExpressionSyntax(
                kind: .money(
                    currency: currency,
                    isNegative ? DecimalLiteral(-amount.mantissa, scale: amount.scale) : amount),
                range: start.to(end))
        default: return nil
        }
    }

    private mutating func cases(from start: SourceRange) throws(Mistake) -> ExpressionSyntax {
        var cases: [(when: ExpressionSyntax, then: ExpressionSyntax)] = []
        while take(word: "when") {
            let condition = try expression()
            try expect(word: "then", "after the condition")
            cases.append((condition, try expression()))
        }
        guard !cases.isEmpty else { throw fail("\"when\" is expected after \"case\", not \(shown)") }
        guard take(word: "else") else {
            throw fail(
                "\"else\" is missing: every row needs a value", suggestion: "add `else 0` or such")
        }
        let otherwise = try expression()
        try expect(word: "end", "after the last value of a case")
        return ExpressionSyntax(
            kind: .choice(cases, otherwise: otherwise), range: start.to(tokens[index - 1].range))
    }

    private mutating func call(_ name: Name) throws(Mistake) -> ExpressionSyntax {
        var call = CallSyntax(function: name)
        if take("*") {
            call.isStar = true
        } else if !isAt(")") {
            call.isDistinct = take(word: "distinct")
            repeat { call.arguments.append(try expression()) } while take(",")
        }
        try expect(")", "after the arguments of \(name.text)")
        return ExpressionSyntax(
            kind: .call(call), range: name.range.to(tokens[index - 1].range))
    }
}
