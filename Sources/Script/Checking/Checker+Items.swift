import Analytics

/// The columns of a select: computed, named, scored.
extension Checker {
    mutating func items(
        _ rows: inout Relation, _ select: SelectSyntax, _ scope: inout Scope
    ) throws(Mistake) {
        var results: [Relation.Column] = []
        var computed: [Operation.NamedExpression] = []
        var renamings: [Operation.Renaming] = []
        var isWrong = false
        for (place, item) in select.items.enumerated() {
            do throws(Mistake) {
                let name = try self.name(of: item)
                guard !results.contains(where: { $0.name == name.text }) else {
                    throw failing(
                        .name, "two columns are called \"\(name.text)\"", at: name.range,
                        suggestion: "give one another name with `as`")
                }
                if let score = try modelCall(item.expression, &rows, &scope) {
                    renamings.append(.init(score.name, to: name.text))
                    results.append(
                        .init(name: name.text, lineage: score.lineage))
                    continue
                }
                let value = try lower(item.expression, in: scope)
                let field: String
                switch value.value {
                case .value(.column(let column), _): field = column
                case .value(let expression, _):
                    field = "#item \(place)"
                    computed.append(.init(field, expression))
                case .literal(let literal):
                    let (expression, _) = try adaptItem(literal, at: item.expression.range)
                    field = "#item \(place)"
                    computed.append(.init(field, expression))
                case .label:
                    throw failing(.type, "a label is no column", at: item.expression.range)
                }
                renamings.append(.init(field, to: name.text))
                try spend(value.lineage.traces.count, at: item.expression.range)
                results.append(
                    .init(
                        name: name.text, lineage: value.lineage, key: value.key, bands: value.bands)
                )
            } catch { isWrong = true }
        }
        if isWrong { throw Mistake() }
        if !computed.isEmpty {
            try follow(&rows, .extend(rows.step, computed), "compute", at: select.range)
        }
        for hidden in rows.columns
        where hidden.name.hasPrefix("#") && !hidden.name.hasPrefix("#item") {
            guard isHidden(hidden.name) else { continue }
            renamings.append(.init(hidden.name, to: hidden.name))
            results.append(hidden)
        }
        let names = steps[rows.step].schema.names
        if renamings.map(\.from) != names || renamings.contains(where: { $0.from != $0.to }) {
            try follow(&rows, .project(rows.step, renamings), "columns", at: select.range)
        }
        rows.columns = results
    }

    /// A count that a reveal needs; it stays with the groups.
    func isHidden(_ name: String) -> Bool {
        name == HiddenCount.rows.field || name == HiddenCount.banks.field
            || name.hasPrefix(HiddenCount.distinct("").field)
    }

    mutating func adaptItem(_ literal: DecimalLiteral, at range: SourceRange)
        throws(Mistake) -> (Expression, ColumnType)
    {
        guard let value = literal.times(1, exactly: true) else {
            throw failing(.type, "a constant column is a whole number", at: range)
        }
        return (.integer(value), .integer(value...value))
    }

    mutating func name(of item: SelectItemSyntax) throws(Mistake) -> Name {
        if let name = item.name { return name }
        guard case .name(_, let name) = item.expression.kind else {
            throw failing(
                .name, "this column has no name", at: item.expression.range,
                suggestion: "add `as NAME`")
        }
        return name
    }

    /// `m(a, b, c)`: the score of a private model.
    mutating func modelCall(
        _ syntax: ExpressionSyntax, _ rows: inout Relation, _ scope: inout Scope
    ) throws(Mistake) -> (name: String, lineage: Lineage)? {
        guard case .call(let call) = syntax.kind,
            case .model(let model)? = bindings[call.function.text]
        else { return nil }
        guard call.arguments.count == model.checked.features else {
            throw failing(
                .type,
                "the model \(model.checked.name) has \(model.checked.features) features, not "
                    + "\(call.arguments.count)", at: syntax.range)
        }
        var (features, computed): ([String], [Operation.NamedExpression]) = ([], [])
        var lineage = Lineage(SourceColumn(table: model.checked.name, column: "weight"))
            .across("score") { min($0, .aggregate) }
        for (place, argument) in call.arguments.enumerated() {
            let value = try lower(argument, in: scope)
            lineage = lineage.union(value.lineage.noting("score of \(model.checked.name)"))
            guard case .value(let expression, _) = value.value else {
                throw failing(.type, "a feature is a column", at: argument.range)
            }
            if case .column(let name) = expression {
                features.append(name)
            } else {
                features.append("#feature \(model.checked.name) \(place)")
                computed.append(.init(features[place], expression))
            }
        }
        if !computed.isEmpty {
            try follow(&rows, .extend(rows.step, computed), "features", at: syntax.range)
        }
        let name = "#score \(syntax.range.start)"
        rows.step = try add(
            .score(rows.step, features: features, model: model.step, as: name),
            "score of \(model.checked.name)", at: syntax.range)
        rows.grouping = nil
        scope.step = rows.step
        return (name, lineage)
    }
}
