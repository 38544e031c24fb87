import Analytics
import Primitives

/// `let` and `update`: tables made of tables.
extension Checker {
    mutating func assign(_ assign: AssignSyntax) throws(Mistake) {
        let name = assign.name
        let relation: Relation
        if assign.isUpdate {
            if case .broken? = bindings[name.text] { throw Mistake() }
            guard case .relation(let old)? = bindings[name.text] else {
                throw failing(
                    .name, "there is no table \"\(name.text)\" to update", at: name.range,
                    suggestion: didYouMean(name.text, relationNames, "there are"))
            }
            relation = try value(assign)
            guard old.columns.map(\.name).sorted() == relation.columns.map(\.name).sorted() else {
                throw failing(
                    .name,
                    "an update keeps the columns, which are "
                        + old.columns.map(\.name).joined(separator: ", "), at: name.range,
                    suggestion: "it makes \(relation.columns.map(\.name).joined(separator: ", "))")
            }
        } else {
            try requireNew(name)
            relation = try value(assign)
        }
        bindings[name.text] = .relation(relation)
    }

    var relationNames: [String] {
        bindings.compactMap { if case .relation = $0.value { $0.key } else { nil } }
    }

    private mutating func value(_ assign: AssignSyntax) throws(Mistake) -> Relation {
        switch assign.value {
        case .select(let select):
            return try self.select(select, wanted: wanted[assign.name.text] ?? [])
        case .expression(let expression): return try scalar(expression, named: assign.name)
        }
    }

    // MARK: Scalars

    /// `let x = a.total / b.number`: a table of one row, of columns of such tables.
    mutating func scalar(_ syntax: ExpressionSyntax, named name: Name)
        throws(Mistake) -> Relation
    {
        var names: [(qualifier: Name?, Name)] = []
        syntax.collectNames(into: &names)
        var used: [String] = []
        for (qualifier, own) in names {
            let table = (qualifier ?? own).text
            if case .relation? = bindings[table], !used.contains(table) { used.append(table) }
        }
        for (qualifier, own) in names {
            if case .broken? = bindings[(qualifier ?? own).text] { throw Mistake() }
        }
        guard let first = used.first, case .relation(let base)? = bindings[first] else {
            throw failing(
                .type, "this is no value of a table", at: syntax.range,
                suggestion: "write `const` for constants")
        }
        var row = Relation(step: base.step, columns: [], rows: base.rows)
        row.step = try add(
            .project(base.step, base.columns.map { .init($0.name, to: "\(first).\($0.name)") }),
            "columns of \(first)", at: syntax.range)
        row.columns = base.columns.map { column in
            var column = column
            column.name = "\(first).\(column.name)"
            return column
        }
        try requireOneRow(base, first, at: syntax.range)
        for other in used.dropFirst() { try broadcast(other, into: &row, at: syntax.range) }
        let scope = self.scope(of: row, scalars: used)
        let value = try lower(syntax, in: scope)
        guard case .value(let expression, _) = value.value else {
            throw failing(.type, "this is a constant; write `const`", at: syntax.range)
        }
        let extended = try add(
            .extend(row.step, [.init("#value", expression)]), "compute \(name.text)",
            at: syntax.range)
        row.step = try add(
            .project(extended, [.init("#value", to: name.text)]), "compute \(name.text)",
            at: syntax.range)
        row.columns = [.init(name: name.text, lineage: value.lineage, bands: value.bands)]
        return row
    }

    private mutating func requireOneRow(_ relation: Relation, _ name: String, at range: SourceRange)
        throws(Mistake)
    {
        let bound = steps[relation.step].schema.bound
        guard bound == 1 else {
            throw failing(
                .size, "\"\(name)\" may have \(bound) rows where one is needed", at: range,
                suggestion: "sum it up first: `select sum(...) as total from \(name)`")
        }
    }

    /// Columns of a table of one row beside each row.
    private mutating func broadcast(_ name: String, into row: inout Relation, at range: SourceRange)
        throws(Mistake)
    {
        guard case .relation(let other)? = bindings[name] else { return }
        try requireOneRow(other, name, at: range)
        let step = try add(
            .broadcast(
                row.step, from: other.step, other.columns.map { .init($0.name, to: "\(name).\($0.name)") }),
            "\(name) beside each row", at: range)
        row.step = step
        for column in other.columns {
            row.columns.append(
                .init(
                    name: "\(name).\(column.name)", lineage: column.lineage.across("\(name)"),
                    bands: column.bands))
        }
        row.grouping = nil
    }

    /// Names as `table.column`, and the name alone of a table with one column of its name.
    private func scope(of row: Relation, scalars: [String]) -> Scope {
        var scope = Scope(step: row.step)
        for column in row.columns {
            let parts = column.name.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2, scalars.contains(parts[0]) else { continue }
            scope.columns.append(
                ScopeColumn(
                    qualifier: parts[0], name: parts[1], field: column.name, column: column))
            if parts[0] == parts[1] {
                scope.columns.append(
                    ScopeColumn(
                        qualifier: nil, name: parts[1], field: column.name, column: column))
            }
        }
        return scope
    }

    // MARK: Select

    mutating func select(_ select: SelectSyntax, wanted: Set<HiddenCount>) throws(Mistake) -> Relation {
        // 1. Where the rows come from.
        var (rows, scope) = try sources(select, wanted: wanted)
        scope.explainsAggregates = "it stands in `select` or `having`"

        // 2. Which of them.
        if let condition = select.condition {
            try filter(&rows, condition, &scope)
        }

        // 3. Windows.
        if let window = select.window {
            try self.window(&rows, window, select, &scope)
        } else if !select.groupBy.isEmpty || select.hasAggregates {
            // 4. Groups.
            try group(&rows, select, &scope, wanted: wanted)
        }

        // 5. Which groups.
        if let having = select.having {
            guard select.window != nil || !select.groupBy.isEmpty || select.hasAggregates else {
                throw failing(
                    .place, "`having` chooses groups; use `where`", at: having.range)
            }
            try filter(&rows, having.replacing(select.aliases), &scope)
        }

        // 6. What is kept of them.
        try items(&rows, select, &scope)
        if select.isDistinct {
            let names = rows.columns.map(\.name)
            rows.step = try add(.distinct(rows.step, on: names), "distinct", at: select.range)
            (rows.aligned, rows.grouping) = (nil, nil)
            rows.rows = rows.rows.across("distinct")
        }

        // 7. Order.
        if !select.orderBy.isEmpty {
            var keys: [OrderKey] = []
            for order in select.orderBy {
                guard rows[order.column.text] != nil else {
                    throw failing(
                        .name, "rows can be ordered by the columns selected; "
                            + "\"\(order.column.text)\" is none", at: order.column.range,
                        suggestion: didYouMean(
                            order.column.text, rows.columns.map(\.name), "they are"))
                }
                keys.append(OrderKey(order.column.text, descending: order.isDescending))
                rows.rows = rows.rows.union(
                    (rows[order.column.text]?.lineage ?? Lineage()).through(
                        "order", atMost: .bit))
            }
            rows.step = try add(
                .orderBy(rows.step, keys, first: select.limit), "order by", at: select.range)
            rows.order = select.orderBy.map(\.column.text).joined(separator: ", ")
            (rows.aligned, rows.grouping) = (nil, nil)
        } else if let limit = select.limit {
            guard rows.aligned == nil else {
                throw failing(
                    .place, "`limit` without `order by` would keep the first bank's rows",
                    at: select.range, suggestion: "add `order by COLUMN`")
            }
            rows.step = try add(.limit(rows.step, to: limit), "limit", at: select.range)
            rows.grouping = nil
        }
        return rows
    }

    /// Adds a local step to a relation, of which a later reveal may make another copy.
    mutating func follow(
        _ rows: inout Relation, _ operation: Operation, _ label: String, at range: SourceRange
    ) throws(Mistake) {
        rows.step = try add(operation, label, at: range)
        rows.grouping?.later.append(operation)
        rows.grouping?.steps.append(rows.step)
    }

    private mutating func filter(
        _ rows: inout Relation, _ condition: ExpressionSyntax, _ scope: inout Scope
    ) throws(Mistake) {
        let value = try self.condition(condition, in: scope)
        try follow(
            &rows, .filter(rows.step, value.expression), "where \(text(condition))",
            at: condition.range)
        rows.rows = rows.rows.union(value.lineage.noting("row kept"))
        scope.step = rows.step
    }

    // MARK: 1. Sources

    private mutating func sources(_ select: SelectSyntax, wanted: Set<HiddenCount>)
        throws(Mistake) -> (Relation, Scope)
    {
        var names: [(qualifier: Name?, Name)] = []
        select.collectNames(into: &names)
        for case .distinct(let column) in wanted {
            names.append((nil, Name(column, select.range)))
        }
        if wanted.contains(.banks) { names.append((nil, Name(Self.originColumn, select.range))) }
        names += wanted.map { (nil, Name($0.field, select.range)) }
        let isJoined = !select.joins.isEmpty
        var scalars: [String] = []
        let qualifiers =
            ([select.source] + select.joins.map(\.source)).map { ($0.alias ?? $0.table).text }
        for (qualifier, name) in names {
            let table = (qualifier ?? name).text
            guard !qualifiers.contains(table), !scalars.contains(table),
                case .relation(let relation)? = bindings[table],
                qualifier != nil || relation[table] != nil
            else { continue }
            scalars.append(table)
        }

        var (rows, scope) = try self.source(
            select.source, names, isQualified: isJoined || !scalars.isEmpty)
        for join in select.joins {
            try self.join(&rows, join, names, &scope)
        }
        for scalar in scalars {
            let place = names.first { ($0.qualifier ?? $0.1).text == scalar }
            try broadcast(scalar, into: &rows, at: place?.1.range ?? select.range)
            let others = self.scope(of: rows, scalars: [scalar])
            scope.columns += others.columns
            scope.step = rows.step
        }
        return (rows, scope)
    }

    /// The rows of a table with the columns that are used, under qualified names if there are
    /// several tables.
    private mutating func source(
        _ source: SourceSyntax, _ names: [(qualifier: Name?, Name)], isQualified: Bool
    ) throws(Mistake) -> (Relation, Scope) {
        let relation = try self.relation(source)
        let qualifier = (source.alias ?? source.table).text
        let used = relation.columns.filter { column in
            names.contains {
                $1.text == column.name && ($0 == nil || $0?.text == qualifier)
            }
        }
        // A table has at least one column.
        let kept = used.isEmpty ? Array(relation.columns.prefix(1)) : used
        func field(_ name: String) -> String { isQualified ? "\(qualifier).\(name)" : name }
        var rows = relation
        if isQualified || kept.count < relation.columns.count {
            try follow(
                &rows, .project(relation.step, kept.map { .init($0.name, to: field($0.name)) }),
                "columns of \(source.table.text)", at: source.table.range)
            if isQualified { rows.grouping = nil }
        }
        rows.columns = kept.map { column in
            var column = column
            column.name = field(column.name)
            return column
        }
        let scope = Scope(
            step: rows.step,
            columns: zip(kept, rows.columns).map { old, new in
                ScopeColumn(
                    qualifier: qualifier, name: old.name, field: new.name, column: new)
            })
        return (rows, scope)
    }

    /// The table that a name in `from` or `join` means.
    private mutating func relation(_ source: SourceSyntax) throws(Mistake) -> Relation {
        switch bindings[source.table.text] {
        case .relation(let relation)?:
            guard !source.isEvery else {
                throw failing(
                    .name, "\"\(source.table.text)\" is one table, not one at each bank",
                    at: source.table.range, suggestion: "leave `every` out")
            }
            return relation
        case .table(let table)?:
            guard source.isEvery == table.checked.isAtEachBank else {
                throw failing(
                    .name,
                    source.isEvery
                        ? "\"\(source.table.text)\" is at one party"
                        : "\"\(source.table.text)\" is at each bank", at: source.table.range,
                    suggestion: source.isEvery
                        ? "leave `every` out" : "write `from every \(source.table.text)`")
            }
            return try every(table, at: source.table.range)
        case .broken?: throw Mistake()
        case .model?:
            throw failing(
                .name, "\"\(source.table.text)\" is a model, not a table", at: source.table.range)
        default:
            throw failing(
                .name, "there is no table \"\(source.table.text)\"", at: source.table.range,
                suggestion: didYouMean(
                    source.table.text, tableNames + relationNames, "there are"))
        }
    }

    /// The rows of all its owners, with the column that tells whose they are.
    mutating func every(_ table: DeclaredTable, at range: SourceRange) throws(Mistake) -> Relation {
        let name = table.checked.name
        if let known = unions[name] { return known }
        var columns = table.checked.columns.map { column in
            let source = SourceColumn(table: name, column: column.field.name)
            var relation = Relation.Column(name: column.field.name, lineage: Lineage(source))
            if case .key = column.field.type { relation.key = source }
            return relation
        }
        var step = table.inputs[0].step
        if table.checked.isAtEachBank {
            columns.append(
                .init(
                    name: Self.originColumn,
                    lineage: Lineage(SourceColumn(table: name, column: Self.originColumn))))
            step = try add(
                .union(
                    table.inputs.map(\.step),
                    origin: .init(
                        column: Self.originColumn, labels: table.checked.owners.map(name(of:)))),
                "rows of every \(name)", at: range)
        }
        if table.syntax.isUniqueAcrossBanks, let unique = table.checked.unique.first {
            step = try add(
                .assumingUnique(step, unique), "different rows of every \(name)", at: range)
        }
        let relation = Relation(
            step: step, columns: columns,
            rows: Lineage(SourceColumn(table: name, column: "*")).through("is there", atMost: .bit),
            aligned: name)
        unions[name] = relation
        return relation
    }

    // MARK: Joins

    private mutating func join(
        _ rows: inout Relation, _ join: JoinSyntax, _ names: [(qualifier: Name?, Name)],
        _ scope: inout Scope
    ) throws(Mistake) {
        let qualifier = (join.source.alias ?? join.source.table).text
        guard !scope.columns.contains(where: { $0.qualifier == qualifier }) else {
            throw failing(
                .name, "two tables are called \"\(qualifier)\"", at: join.source.table.range,
                suggestion: "give one another name: `\(join.kind.rawValue) \(join.source.table.text) x`")
        }
        let grouped = try self.relation(join.source)
        let (right, rightScope) = try source(join.source, names, isQualified: true)

        // Which columns must be equal, in either order.
        var pairs: [Operation.KeyPair] = []
        var equal: [(left: ScopeColumn, right: ScopeColumn)] = []
        for (a, b) in join.on {
            let (x, y) = (columns(a, scope), columns(b, rightScope))
            let (u, v) = (columns(b, scope), columns(a, rightScope))
            let found: (ScopeColumn, ScopeColumn)
            if x.count == 1, y.count == 1 {
                found = (x[0], y[0])
            } else if u.count == 1, v.count == 1 {
                found = (u[0], v[0])
            } else {
                throw failing(
                    .name,
                    "a join needs a column of \(qualifier) and one of the tables before it",
                    at: a.range.to(b.range),
                    suggestion: "write \(qualifier).COLUMN = OTHER.COLUMN")
            }
            pairs.append(.init(left: found.0.field, right: found.1.field))
            equal.append(found)
        }
        let on = join.on.map { "\(text($0.0)) = \(text($0.1))" }.joined(separator: " and ")
        let label = "\(join.kind.rawValue) \(join.source.table.text)"

        if let cap = join.cap {
            guard join.kind == .inner else {
                throw failing(
                    .unbounded, "only an inner join can have several matches", at: join.range)
            }
            rows.step = try add(
                .joinMany(left: rows.step, right: right.step, on: pairs, cap: cap), label,
                at: join.range)
            rows.aligned = nil
        } else {
            let kind: JoinKind =
                switch join.kind {
                case .inner: .inner
                case .left: .left
                case .semi: .semi
                case .anti: .anti
                }
            if let sums = try totals(grouped, kind, pairs, rightScope, rows.step, label, join.range) {
                rows.step = sums
            } else {
                rows.step = try add(
                    .join(left: rows.step, right: right.step, on: pairs, kind, matched: nil), label,
                    at: join.range)
            }
        }
        rows.grouping = nil
        // Whether there is a partner shows in which rows there are, or in what their columns hold.
        var match = right.rows.across("partner in \(join.source.table.text)")
        for (left, right) in equal {
            match = match.union(left.column.lineage.through(on, atMost: .bit))
                .union(right.column.lineage.across(on) { min($0, .bit) })
        }
        if join.kind != .left { rows.rows = rows.rows.union(match) }
        guard join.kind == .inner || join.kind == .left else {
            scope.step = rows.step
            return
        }
        for column in rightScope.columns {
            if let pair = equal.first(where: { $0.right.field == column.field }) {
                // The right key is the left one; without a partner it is not there.
                guard join.kind == .inner else { continue }
                var alias = column
                (alias.field, alias.column) = (pair.left.field, pair.left.column)
                scope.columns.append(alias)
                continue
            }
            var column = column
            column.column.lineage = column.column.lineage.across("joined on \(on)")
            if join.kind == .left { column.column.lineage = column.column.lineage.union(match) }
            column.column.key = nil
            scope.columns.append(column)
            rows.columns.append(column.column)
        }
        scope.step = rows.step
    }

    /// Sums over groups that are joined by the groups' key, looked up in one sort: no table of the
    /// groups is made. Nil if the right table is something else.
    private mutating func totals(
        _ right: Relation, _ kind: JoinKind, _ pairs: [Operation.KeyPair], _ scope: Scope,
        _ left: Int, _ label: String, _ range: SourceRange
    ) throws(Mistake) -> Int? {
        guard kind == .left || kind == .inner, let grouping = right.grouping,
            pairs.count == grouping.keys.count, areTotals(grouping)
        else { return nil }
        // What the columns of the groups are called now.
        var names: [String: String] = [:]
        for name in grouping.keys + grouping.aggregates.map(\.name) { names[name] = name }
        for operation in grouping.later {
            guard case .project(_, let columns) = operation else { return nil }
            names = names.compactMapValues { now in columns.first { $0.from == now }?.to }
        }
        func field(_ name: String) -> String? {
            scope.columns.first { $0.name == names[name] }?.field
        }
        var keys: [Operation.KeyPair] = []
        for key in grouping.keys {
            guard let own = field(key), let pair = pairs.first(where: { $0.right == own }) else {
                return nil
            }
            keys.append(.init(left: pair.left, right: key))
        }
        var wanted: [Operation.NamedAggregate] = []
        for aggregate in grouping.aggregates {
            if let own = field(aggregate.name) { wanted.append(.init(own, aggregate.aggregate)) }
        }
        guard kind == .inner else {
            guard !wanted.isEmpty else { return nil }
            return try add(
                .groupJoin(left: left, right: grouping.source, on: keys, wanted), label, at: range)
        }
        let presence = "#partner \(range.start)"
        let joined = try add(
            .groupJoin(
                left: left, right: grouping.source, on: keys, wanted + [.init(presence, .count)]),
            label, at: range)
        let kept = try add(
            .filter(joined, .comparison(.greater, .column(presence), .integer(0))), label,
            at: range)
        return try add(
            .project(
                kept,
                steps[kept].schema.names.filter { $0 != presence }.map { .init($0, to: $0) }),
            label, at: range)
    }

    private func columns(_ syntax: ExpressionSyntax, _ scope: Scope) -> [ScopeColumn] {
        guard case .name(let qualifier, let name) = syntax.kind else { return [] }
        return scope.columns.filter {
            $0.name == name.text && (qualifier == nil || $0.qualifier == qualifier?.text)
        }
    }

    // MARK: 6. Items

    private mutating func items(
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
                results.append(
                    .init(
                        name: name.text, lineage: value.lineage, key: value.key, bands: value.bands))
            } catch { isWrong = true }
        }
        if isWrong { throw Mistake() }
        if !computed.isEmpty {
            try follow(&rows, .extend(rows.step, computed), "compute", at: select.range)
        }
        for hidden in rows.columns where hidden.name.hasPrefix("#") && !hidden.name.hasPrefix("#item") {
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
    private func isHidden(_ name: String) -> Bool {
        name == HiddenCount.rows.field || name == HiddenCount.banks.field
            || name.hasPrefix(HiddenCount.distinct("").field)
    }

    private mutating func adaptItem(_ literal: DecimalLiteral, at range: SourceRange)
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
    private mutating func modelCall(
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

// MARK: Names in a select

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
