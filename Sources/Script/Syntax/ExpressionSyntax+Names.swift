extension ExpressionSyntax {
    /// Every name that may be a column, with its qualifier.
    func collectNames(into names: inout [(qualifier: Name?, Name)]) {
        switch kind {
        case .name(let qualifier, let name): names.append((qualifier, name))
        case .number, .money, .date, .label, .bool: break
        case .element(_, let a), .negated(let a), .not(let a): a.collectNames(into: &names)
        case .binary(_, let a, let b):
            a.collectNames(into: &names)
            b.collectNames(into: &names)
        case .quotient(let a, let b, _):
            a.collectNames(into: &names)
            b.collectNames(into: &names)
        case .among(let a, let values):
            a.collectNames(into: &names)
            for value in values { value.collectNames(into: &names) }
        case .choice(let cases, let otherwise):
            for (when, then) in cases {
                when.collectNames(into: &names)
                then.collectNames(into: &names)
            }
            otherwise.collectNames(into: &names)
        case .call(let call):
            for argument in call.arguments { argument.collectNames(into: &names) }
        }
    }

    /// The same with some names replaced by what they stand for.
    func replacing(_ aliases: [String: ExpressionSyntax]) -> Self {
        func all(_ a: ExpressionSyntax) -> ExpressionSyntax { a.replacing(aliases) }
        var result = self
        switch kind {
        case .name(nil, let name):
            if let value = aliases[name.text] { return value }
        case .name, .number, .money, .date, .label, .bool: break
        case .element(let name, let a): result.kind = .element(name, all(a))
        case .negated(let a): result.kind = .negated(all(a))
        case .not(let a): result.kind = .not(all(a))
        case .binary(let operation, let a, let b): result.kind = .binary(operation, all(a), all(b))
        case .quotient(let a, let b, let otherwise):
            result.kind = .quotient(all(a), all(b), otherwise: otherwise)
        case .among(let a, let values): result.kind = .among(all(a), values.map(all))
        case .choice(let cases, let otherwise):
            result.kind = .choice(
                cases.map { (all($0.when), all($0.then)) }, otherwise: all(otherwise))
        case .call(var call):
            // Inside of a function over several rows names are columns of the rows.
            guard AggregateFunction(rawValue: call.function.text) == nil else { break }
            call.arguments = call.arguments.map(all)
            result.kind = .call(call)
        }
        return result
    }

    /// The calls of functions over several rows, outermost first.
    func collectAggregates(into calls: inout [(CallSyntax, SourceRange)]) {
        switch kind {
        case .call(let call) where AggregateFunction(rawValue: call.function.text) != nil:
            calls.append((call, range))
        case .name, .number, .money, .date, .label, .bool: break
        case .element(_, let a), .negated(let a), .not(let a): a.collectAggregates(into: &calls)
        case .binary(_, let a, let b), .quotient(let a, let b, _):
            a.collectAggregates(into: &calls)
            b.collectAggregates(into: &calls)
        case .among(let a, let values):
            a.collectAggregates(into: &calls)
            for value in values { value.collectAggregates(into: &calls) }
        case .choice(let cases, let otherwise):
            for (when, then) in cases {
                when.collectAggregates(into: &calls)
                then.collectAggregates(into: &calls)
            }
            otherwise.collectAggregates(into: &calls)
        case .call(let call):
            for argument in call.arguments { argument.collectAggregates(into: &calls) }
        }
    }
}

extension SelectSyntax {
    func collectNames(into names: inout [(qualifier: Name?, Name)]) {
        for item in items { item.expression.collectNames(into: &names) }
        for join in joins {
            for (a, b) in join.on {
                a.collectNames(into: &names)
                b.collectNames(into: &names)
            }
        }
        condition?.collectNames(into: &names)
        having?.collectNames(into: &names)
        names += groupBy.map { (nil, $0) }
        if let window {
            names += (window.per + window.by.map(\.column)).map { (nil, $0) }
        }
    }

    /// What `having` may call by the names of the columns: those computed over several rows.
    var aliases: [String: ExpressionSyntax] {
        var aliases: [String: ExpressionSyntax] = [:]
        for item in items {
            var calls: [(CallSyntax, SourceRange)] = []
            item.expression.collectAggregates(into: &calls)
            if let name = item.name?.text, !calls.isEmpty { aliases[name] = item.expression }
        }
        return aliases
    }

    var aggregates: [(CallSyntax, SourceRange)] {
        var calls: [(CallSyntax, SourceRange)] = []
        for item in items { item.expression.collectAggregates(into: &calls) }
        having?.collectAggregates(into: &calls)
        return calls
    }

    var hasAggregates: Bool { !aggregates.isEmpty }
}
