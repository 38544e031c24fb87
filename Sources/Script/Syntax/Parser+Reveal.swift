/// `reveal` and its limits.
extension Parser {
    mutating func reveal() throws(Mistake) -> RevealSyntax {
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

    mutating func limit() throws(Mistake) -> RevealSyntax.Limit? {
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
                !Self.reserved.contains(text), !token.startsLine, text != "groups",
                text != "rounded"
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
}
