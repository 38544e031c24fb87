import Analytics

/// Joins: which columns are equal, and by which operator.
extension Checker {
    mutating func join(
        _ rows: inout Relation, _ join: JoinSyntax, _ names: [(qualifier: Name?, Name)],
        _ scope: inout Scope
    ) throws(Mistake) {
        let qualifier = (join.source.alias ?? join.source.table).text
        guard !scope.columns.contains(where: { $0.qualifier == qualifier }) else {
            throw failing(
                .name, "two tables are called \"\(qualifier)\"", at: join.source.table.range,
                suggestion:
                    "give one another name: `\(join.kind.rawValue) \(join.source.table.text) x`")
        }
        let grouped = try self.relation(join.source)
        let (right, rightScope) = try source(join.source, names, isQualified: true)

        scope.unused += rightScope.unused
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
            (rows.aligned, rows.isMultiplied) = (nil, true)
        } else {
            let kind: JoinKind =
                switch join.kind {
                case .inner: .inner
                case .left: .left
                case .semi: .semi
                case .anti: .anti
                }
            if let sums = try totals(grouped, kind, pairs, rightScope, rows.step, label, join.range)
            {
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
            try requireName(left, scope, of: join)
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
            column.column.lineage = column.column.lineage.across("joined on \(on)").copied
            if join.kind == .left {
                column.column.lineage = column.column.lineage.chosen.union(match)
            }
            column.column.key = nil
            scope.columns.append(column)
            rows.columns.append(column.column)
        }
        scope.step = rows.step
    }

    /// R3: a number that is joined is compared with all those that the other table lists.
    mutating func requireName(_ column: ScopeColumn, _ scope: Scope, of join: JoinSyntax)
        throws(Mistake)
    {
        switch try type(of: column, scope) {
        case .integer, .money, .fixed:
            throw failing(
                .threshold,
                "a join on \"\(column.name)\" compares a number with every value that the other "
                    + "table lists", at: join.range,
                suggestion: "join on keys, codes, days or minutes, and compare numbers with "
                    + "constants")
        default: break
        }
    }

    /// Sums over groups that are joined by the groups' key, looked up in one sort.
    ///
    /// No table of the groups is made. Nil if the right table is something else.
    mutating func totals(
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

    func columns(_ syntax: ExpressionSyntax, _ scope: Scope) -> [ScopeColumn] {
        guard case .name(let qualifier, let name) = syntax.kind else { return [] }
        return scope.columns.filter {
            $0.name == name.text && (qualifier == nil || $0.qualifier == qualifier?.text)
        }
    }
}
