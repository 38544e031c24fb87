/// Values and conditions, by falling precedence.
extension Parser {
    mutating func expression() throws(Mistake) -> ExpressionSyntax {
        let isOutermost = values == nil
        if isOutermost { values = 0 }
        defer { if isOutermost { values = nil } }
        return try nested { (parser) throws(Mistake) in try parser.disjunction() }
    }

    func joined(
        _ operation: BinaryOperator, _ a: ExpressionSyntax, _ b: ExpressionSyntax
    ) -> ExpressionSyntax {
        ExpressionSyntax(kind: .binary(operation, a, b), range: a.range.to(b.range))
    }

    mutating func disjunction() throws(Mistake) -> ExpressionSyntax {
        var value = try conjunction()
        while take(word: "or") { value = joined(.or, value, try conjunction()) }
        return value
    }

    mutating func conjunction() throws(Mistake) -> ExpressionSyntax {
        var value = try negation()
        while isAt(word: "and"), wordAhead(1) != "their" {
            _ = advance()
            value = joined(.and, value, try negation())
        }
        return value
    }

    mutating func negation() throws(Mistake) -> ExpressionSyntax {
        let start = token.range
        guard take(word: "not") else { return try comparison() }
        let value = try nested { (parser) throws(Mistake) in try parser.negation() }
        return ExpressionSyntax(kind: .not(value), range: start.to(value.range))
    }

    mutating func comparison() throws(Mistake) -> ExpressionSyntax {
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

    mutating func sum() throws(Mistake) -> ExpressionSyntax {
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

    mutating func product() throws(Mistake) -> ExpressionSyntax {
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

    mutating func factor() throws(Mistake) -> ExpressionSyntax {
        let start = token.range
        if let count = values {
            guard count < Self.mostValues else {
                throw fail(
                    "an expression has more than \(Self.mostValues) values",
                    suggestion: "compute parts of it in another `let`")
            }
            values = count + 1
        }
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

    mutating func columnName() throws(Mistake) -> ExpressionSyntax {
        let first = try name("a column")
        guard take(".") else {
            return ExpressionSyntax(kind: .name(qualifier: nil, first), range: first.range)
        }
        let column = try name("a column")
        return ExpressionSyntax(
            kind: .name(qualifier: first, column), range: first.range.to(column.range))
    }

    mutating func primaryLiteral() throws(Mistake) -> ExpressionSyntax? {
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

    mutating func cases(from start: SourceRange) throws(Mistake) -> ExpressionSyntax {
        var cases: [(when: ExpressionSyntax, then: ExpressionSyntax)] = []
        while take(word: "when") {
            let condition = try expression()
            try expect(word: "then", "after the condition")
            cases.append((condition, try expression()))
        }
        guard !cases.isEmpty else {
            throw fail("\"when\" is expected after \"case\", not \(shown)")
        }
        guard take(word: "else") else {
            throw fail(
                "\"else\" is missing: every row needs a value", suggestion: "add `else 0` or such")
        }
        let otherwise = try expression()
        try expect(word: "end", "after the last value of a case")
        return ExpressionSyntax(
            kind: .choice(cases, otherwise: otherwise), range: start.to(tokens[index - 1].range))
    }

    mutating func call(_ name: Name) throws(Mistake) -> ExpressionSyntax {
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
