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

    mutating func value(_ assign: AssignSyntax) throws(Mistake) -> Relation {
        switch assign.value {
        case .select(let select):
            return try self.select(select, wanted: wanted[assign.name.text] ?? [])
        case .expression(let expression): return try scalar(expression, named: assign.name)
        }
    }

    // MARK: Select

    mutating func select(_ select: SelectSyntax, wanted: Set<HiddenCount>) throws(Mistake)
        -> Relation
    {
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
                        .name,
                        "rows can be ordered by the columns selected; "
                            + "\"\(order.column.text)\" is none", at: order.column.range,
                        suggestion: didYouMean(
                            order.column.text, rows.columns.map(\.name), "they are"))
                }
                keys.append(OrderKey(order.column.text, descending: order.isDescending))
                rows.rows = rows.rows.union(
                    (rows[order.column.text]?.lineage ?? Lineage()).through(
                        "order", atMost: .bit,
                        asking: [Cut(place: select.range, number: 0, rounds: rounds)]))
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

    mutating func filter(
        _ rows: inout Relation, _ condition: ExpressionSyntax, _ scope: inout Scope
    ) throws(Mistake) {
        let value = try self.condition(condition, in: scope)
        try follow(
            &rows, .filter(rows.step, value.expression), "where \(text(condition))",
            at: condition.range)
        rows.rows = rows.rows.union(value.lineage).asking(cuts(1, of: condition))
        scope.step = rows.step
    }

    // MARK: 1. Sources

    mutating func sources(_ select: SelectSyntax, wanted: Set<HiddenCount>)
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
    mutating func source(
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
            },
            unused: relation.columns.map(\.name))
        return (rows, scope)
    }

    /// The table that a name in `from` or `join` means.
    mutating func relation(_ source: SourceSyntax) throws(Mistake) -> Relation {
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
            rows: Lineage(SourceColumn(table: name, column: "*")).through(
                "whether it is there", atMost: .bit),
            aligned: name)
        unions[name] = relation
        return relation
    }
}
