/// `select` and what belongs to it.
extension Parser {
    mutating func select() throws(Mistake) -> SelectSyntax {
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
        let limit =
            take(word: "limit") ? try integer("the number of rows", in: 1...100_000_000) : nil
        return SelectSyntax(
            isDistinct: isDistinct, items: items, source: source, joins: joins,
            condition: condition, window: window, groupBy: groupBy, atMostGroups: atMostGroups,
            having: having, orderBy: orderBy, limit: limit,
            range: start.to(tokens[index - 1].range))
    }

    mutating func names() throws(Mistake) -> [Name] {
        var names = [try name("a column")]
        while take(",") { names.append(try name("a column")) }
        return names
    }

    mutating func orders() throws(Mistake) -> [OrderSyntax] {
        var orders: [OrderSyntax] = []
        repeat {
            let column = try name("a column")
            let isDescending = take(word: "desc")
            if !isDescending { _ = take(word: "asc") }
            orders.append(OrderSyntax(column: column, isDescending: isDescending))
        } while take(",")
        return orders
    }

    mutating func selectItem() throws(Mistake) -> SelectItemSyntax {
        let value = try expression()
        return SelectItemSyntax(
            expression: value, name: take(word: "as") ? try name("a column's name") : nil)
    }

    mutating func tableSource() throws(Mistake) -> SourceSyntax {
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

    mutating func join() throws(Mistake) -> JoinSyntax? {
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

    mutating func window() throws(Mistake) -> WindowSyntax {
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
}
