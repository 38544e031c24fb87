/// Declarations and statements.
extension Parser {
    mutating func items() throws(Mistake) -> [ItemSyntax] {
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

    mutating func item(_ comments: [String]) throws(Mistake) -> ItemSyntax {
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
        // What is left on the line belongs to nothing.
        let isEnd = token.kind == .end || isAt("}")
        guard isEnd || token.startsLine && word.map(Self.starters.contains) == true else {
            var near: String?
            if index > 0, case .word(let last) = tokens[index - 1].kind,
                !Self.reserved.contains(last)
            {
                near = nearest(last, among: Self.reserved)
            }
            throw fail(
                "\(shown) is not expected here: the statement before has ended",
                suggestion: near.map { "did you mean \"\($0)\" before it?" })
        }
        return ItemSyntax(
            kind: kind, range: SourceRange(start.start, previousEnd), comments: comments)
    }

    mutating func table() throws(Mistake) -> TableSyntax {
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

    mutating func tableBody(_ name: Name, _ owner: Name?) throws(Mistake) -> TableSyntax {
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

    mutating func column() throws(Mistake) -> ColumnSyntax {
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

    mutating func range() throws(Mistake) -> (ExpressionSyntax, ExpressionSyntax) {
        let low = try literal()
        try expect("..", "between the ends of a range")
        return (low, try literal())
    }

    var isCurrency: Bool {
        guard let word, word.count == 3, word.utf8.allSatisfy({ (0x41...0x5A).contains($0) }),
            index + 1 < tokens.count
        else { return false }
        switch tokens[index + 1].kind {
        case .number, .symbol("-"): return true
        default: return false
        }
    }

    mutating func literal() throws(Mistake) -> ExpressionSyntax {
        let start = token.range
        let isNegative = take("-")
        let value = try primaryLiteral()
        guard let value else { throw fail("a value is expected, not \(shown)") }
        guard isNegative else { return value }
        return ExpressionSyntax(kind: .negated(value), range: start.to(value.range))
    }

    mutating func type() throws(Mistake) -> TypeSyntax {
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
    mutating func label() throws(Mistake) -> String {
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

    mutating func prepare() throws(Mistake) -> PrepareSyntax {
        _ = advance()
        let table = try name("the table's name")
        try expect(word: "from", "after the table's name")
        let source = try name("the name of the source")
        let body = try tableBody(source, nil)
        return PrepareSyntax(table: table, source: body, body: try items())
    }

    mutating func model() throws(Mistake) -> ModelSyntax {
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

    mutating func constant() throws(Mistake) -> ConstantSyntax {
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

    mutating func choose() throws(Mistake) -> ChooseSyntax {
        _ = advance()
        let name = try name("the name of the choice")
        try expect(word: "in", "after the name of the choice")
        try expect("{", "before the values")
        var values = [try literal()]
        while take(",") { values.append(try literal()) }
        try expect("}", "after the values")
        return ChooseSyntax(name: name, values: values)
    }

    mutating func assign() throws(Mistake) -> AssignSyntax {
        let isUpdate = advance().kind == .word("update")
        let name = try name("a name")
        try expect("=", "after the name")
        let value: AssignSyntax.Value =
            isAt(word: "select") ? .select(try select()) : .expression(try expression())
        return AssignSyntax(isUpdate: isUpdate, name: name, value: value)
    }

    mutating func loop() throws(Mistake) -> LoopSyntax {
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

    mutating func disclose() throws(Mistake) -> DiscloseSyntax {
        let start = advance().range
        guard take(word: "size") else {
            throw fail("only sizes can be disclosed: `disclose size of NAME to all for speed`")
        }
        try expect(word: "of", "after \"size\"")
        let table = try name("a table")
        try expect(words: ["to", "all", "for", "speed"], "at the end of a disclosure")
        return DiscloseSyntax(table: table, range: start.to(tokens[index - 1].range))
    }
}
