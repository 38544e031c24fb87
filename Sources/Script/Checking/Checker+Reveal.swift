import Analytics
import Primitives

/// What leaves the computation: to whom, within which limits.
extension Checker {
    /// The counts that limits of reveals need, carried from where the groups are made.
    mutating func gatherWanted(_ items: [ItemSyntax]) {
        for item in items.reversed() {
            switch item.kind {
            case .reveal(let reveal) where !reveal.hasAggregates:
                wanted[reveal.table.text, default: []].formUnion(reveal.hiddenCounts)
            case .assign(let assign):
                guard let counts = wanted[assign.name.text], !counts.isEmpty,
                    case .select(let select) = assign.value, select.groupBy.isEmpty,
                    !select.hasAggregates, select.joins.isEmpty
                else { continue }
                wanted[select.source.table.text, default: []].formUnion(counts)
            case .loop(let loop): gatherWanted(loop.body)
            default: break
            }
        }
    }

    mutating func check(_ reveal: RevealSyntax) throws(Mistake) {
        let line = line(reveal.range)
        let name = "reveal \(reveals.filter { $0.recipient != .check }.count + 1)"
        let bound: RevealedRows
        var rows = try revealed(reveal)
        try applyGroupLimits(reveal, &rows)
        try round(reveal, &rows)
        let conditionText = reveal.condition.map { fullText($0) }
        switch reveal.recipient {
        case .all: bound = try release(reveal, &rows, to: .all, name, line)
        case .party(let party):
            bound = try release(reveal, &rows, to: .party(try self.party(party)), name, line)
        case .holder(let key, let table):
            bound = try release(reveal, &rows, toHoldersOf: key, in: table, name, line)
        }
        let checked = CheckedReveal(
            name: name, recipient: bound.recipient,
            columns: rows.columns.filter { !$0.name.hasPrefix("#") }.map { column in
                .init(
                    name: column.name, type: type(of: column, rows), lineage: column.lineage,
                    bands: column.bands,
                    isHolderKey: column.name == bound.holderKey,
                    isGroupKey: rows.grouping?.keys.contains(column.name) ?? false)
            },
            rows: rows.rows, condition: conditionText, atMost: bound.atMost,
            percent: reveal.percent, groups: reveal.groups, banks: reveal.banks,
            rounding: reveal.rounding, withNumber: reveal.withNumber,
            bound: steps[rows.step].schema.bound, order: rows.order, line: line)
        checkInference(checked, reveal)
        reveals.append(checked)
    }

    private typealias RevealedRows = (
        recipient: CheckedReveal.Recipient, atMost: Int?, holderKey: String?
    )

    private func type(of column: Relation.Column, _ rows: Relation) -> ColumnType {
        steps[rows.step].schema.fields.first { $0.name == column.name }?.type ?? .bool
    }

    /// The columns of a reveal, as a select of them.
    private mutating func revealed(_ reveal: RevealSyntax) throws(Mistake) -> Relation {
        let name = reveal.table
        switch bindings[name.text] {
        case .relation?: break
        case .broken?: throw Mistake()
        case .table?:
            throw failing(
                .place, "\"\(name.text)\" is an input; reveal what a `let` made of it",
                at: name.range, suggestion: "let x = select ... from every \(name.text)")
        default:
            throw failing(
                .name, "there is no table \"\(name.text)\"", at: name.range,
                suggestion: didYouMean(name.text, relationNames, "there are"))
        }
        if let condition = reveal.condition { try requireThresholds(condition, of: name) }
        return try select(
            SelectSyntax(
                isDistinct: false, items: reveal.items,
                source: SourceSyntax(isEvery: false, table: name, alias: nil), joins: [],
                condition: reveal.condition, window: nil, groupBy: [], atMostGroups: nil,
                having: nil, orderBy: [], limit: nil, range: reveal.range),
            wanted: reveal.hiddenCounts)
    }

    /// R3: what is revealed of a comparison is revealed of its other side too.
    private mutating func requireThresholds(_ condition: ExpressionSyntax, of table: Name)
        throws(Mistake)
    {
        guard case .relation(let relation)? = bindings[table.text] else { return }
        let scope = Scope(
            step: relation.step,
            columns: relation.columns.map {
                ScopeColumn(qualifier: table.text, name: $0.name, field: $0.name, column: $0)
            })
        var comparisons: [(ExpressionSyntax, ExpressionSyntax, SourceRange)] = []
        condition.collectOrders(into: &comparisons)
        for (a, b, range) in comparisons {
            let before = diagnostics.count
            guard let x = try? lower(a, in: scope), let y = try? lower(b, in: scope) else {
                // Told when the condition itself is checked.
                diagnostics.removeLast(diagnostics.count - before)
                continue
            }
            guard x.isConstant || y.isConstant else {
                throw failing(
                    .threshold,
                    "what is revealed is compared with a value that no signature fixes", at: range,
                    suggestion: "compare with a constant: a bank that chooses the threshold can "
                        + "find out the value by trying")
            }
        }
    }

    // MARK: Limits

    private mutating func applyGroupLimits(_ reveal: RevealSyntax, _ rows: inout Relation)
        throws(Mistake)
    {
        for limit in reveal.limits {
            let (count, hidden, range): (Int, HiddenCount, SourceRange)
            switch limit {
            case .groups(let number, let column, let place):
                (count, range) = (number, place)
                hidden = column.map { .distinct($0.text) } ?? .rows
            case .banks(let number, let place):
                (count, hidden, range) = (number, .banks, place)
                guard number <= banks.count else {
                    throw failing(
                        .size, "there are \(banks.count) banks, so that \(number) never contribute",
                        at: place)
                }
            default: continue
            }
            guard rows[hidden.field] != nil else {
                throw failing(
                    .size, "the rows of \"\(reveal.table.text)\" are no groups", at: range,
                    suggestion: "sum up with `group by` before, or leave this limit out")
            }
            try follow(
                &rows,
                .filter(
                    rows.step,
                    .comparison(.greaterOrEqual, .column(hidden.field), .integer(Int128(count)))),
                Formatter.text(limit), at: range)
        }
    }

    private mutating func round(_ reveal: RevealSyntax, _ rows: inout Relation) throws(Mistake) {
        for case .rounded(let unit, let range) in reveal.limits {
            var computed: [Operation.NamedExpression] = []
            var renamings: [Operation.Renaming] = []
            for column in rows.columns {
                let type = type(of: column, rows)
                let before = diagnostics.count
                guard type.range != nil, column.bands.isEmpty, !column.name.hasPrefix("#"),
                    let step = try? constant(unit, as: type), step > 0
                else {
                    diagnostics.removeLast(diagnostics.count - before)
                    renamings.append(.init(column.name, to: column.name))
                    continue
                }
                let quotient = Expression.quotient(
                    .column(column.name), .integer(step), fractionBits: 0, ifZero: 0)
                let field = "#rounded \(column.name)"
                computed.append(.init(field, .arithmetic(.multiply, quotient, .integer(step))))
                renamings.append(.init(field, to: column.name))
            }
            guard !computed.isEmpty else {
                throw failing(.type, "no column has this unit", at: range)
            }
            try follow(&rows, .extend(rows.step, computed), "rounded", at: range)
            try follow(&rows, .project(rows.step, renamings), "rounded", at: range)
        }
    }

    // MARK: Recipients

    private mutating func release(
        _ reveal: RevealSyntax, _ rows: inout Relation, to recipient: Release.Recipient,
        _ name: String, _ line: Int
    ) throws(Mistake) -> RevealedRows {
        let bound = steps[rows.step].schema.bound
        if let range = reveal.percentRange {
            throw failing(
                .size, "a percentage is of the rows of one bank", at: range,
                suggestion: "write `at most N rows`")
        }
        guard let atMost = reveal.atMost ?? (bound <= 1 ? 1 : nil) else {
            throw failing(
                .unbounded, "how many rows are revealed at most is not stated", at: reveal.range,
                suggestion: "add `at most N rows` (there may be \(bound)); beyond it nothing is "
                    + "revealed but that there are more")
        }
        releases.append(
            Release(
                name: name, kind: .rows(recipient, isOrdered: rows.order != nil || bound <= 1),
                table: rows.step, columns: rows.columns.map(\.name).filter { !$0.hasPrefix("#") },
                atMost: bound <= 1 ? nil : atMost, withNumber: reveal.withNumber,
                label: "\(name) (line \(line))"))
        switch recipient {
        case .all: return (.all, atMost, nil)
        case .party(let party): return (.party(self.name(of: party)), atMost, nil)
        }
    }

    /// Each bank learns what concerns the keys in its own table, in the order of its own rows.
    private mutating func release(
        _ reveal: RevealSyntax, _ rows: inout Relation, toHoldersOf key: Name, in place: Name?,
        _ name: String, _ line: Int
    ) throws(Mistake) -> RevealedRows {
        guard case .relation(let relation)? = bindings[reveal.table.text],
            let column = relation[key.text]
        else {
            throw failing(
                .holder, "\"\(reveal.table.text)\" has no column \"\(key.text)\"", at: key.range,
                suggestion: didYouMean(key.text, relationColumns(reveal.table), "its columns are"))
        }
        let origin = try holderKey(key, column, in: place)
        guard case .table(let table)? = bindings[origin.table] else { throw Mistake() }
        guard rows[key.text] != nil else {
            throw failing(
                .holder, "the holder cannot be found: \"\(key.text)\" is not revealed",
                at: key.range, suggestion: "add it: `reveal \(key.text), ...`")
        }
        let parts = table.inputs.map {
            Release.Part(input: $0.input, owner: inputs[$0.input].owner, rows: table.checked.bound)
        }
        if rows.aligned != origin.table {
            rows = try routed(rows, key, origin, table)
        }
        var atMost = reveal.atMost
        if let percent = reveal.percent {
            atMost = min(atMost ?? .max, max(1, table.checked.bound * percent / 100))
        }
        releases.append(
            Release(
                name: name, kind: .holders(parts), table: rows.step,
                columns: rows.columns.map(\.name).filter { $0 != key.text && !$0.hasPrefix("#") },
                atMost: atMost, withNumber: reveal.withNumber, label: "\(name) (line \(line))"))
        return (.holder(table: origin.table, key: origin.column), atMost, key.text)
    }

    /// The key column of the table whose owners hold a key.
    private mutating func holderKey(_ key: Name, _ column: Relation.Column, in place: Name?)
        throws(Mistake) -> SourceColumn
    {
        guard let own = column.key else {
            throw failing(
                .holder,
                "no bank holds \"\(key.text)\": it is not the key of a declared table", at: key.range,
                suggestion: "select the key column of a table at each bank")
        }
        guard let place else { return own }
        if case .broken? = bindings[place.text] { throw Mistake() }
        guard case .table(let table)? = bindings[place.text] else {
            throw failing(
                .holder, "there is no table \"\(place.text)\"", at: place.range,
                suggestion: didYouMean(place.text, tableNames, "the tables are"))
        }
        let kind = tables.first { $0.name == own.table }?.columns
            .first { $0.field.name == own.column }?.field.type
        let keys = table.checked.columns.filter { $0.field.type == kind }
        guard keys.count == 1, let only = keys.first else {
            throw failing(
                .holder,
                "\"\(place.text)\" has \(keys.count) columns that are keys of the same kind",
                at: place.range, suggestion: "name a table with exactly one")
        }
        return SourceColumn(table: place.text, column: only.field.name)
    }

    private func relationColumns(_ name: Name) -> [String] {
        if case .relation(let relation)? = bindings[name.text] {
            relation.columns.map(\.name).filter { !$0.hasPrefix("#") }
        } else { [] }
    }

    /// What a table says about each row of the holders' own tables, in their order.
    private mutating func routed(
        _ rows: Relation, _ key: Name, _ origin: SourceColumn, _ table: DeclaredTable
    ) throws(Mistake) -> Relation {
        let all = try every(table, at: key.range)
        var result = rows
        (result.aligned, result.order) = (origin.table, nil)
        // 1. Sums over groups of the key are looked up where they are made.
        if let grouping = rows.grouping, let own = groupKey(grouping, key.text) {
            let list = try add(
                .project(all.step, [.init(origin.column, to: own)]), "holders of \(key.text)",
                at: key.range)
            var step = try add(
                .groupJoin(
                    left: list, right: grouping.source, on: [.init(left: own, right: own)],
                    grouping.aggregates + [.init("#present", .count)]),
                "totals for the holders of \(key.text)", at: key.range)
            step = try add(
                .filter(step, .comparison(.greater, .column("#present"), .integer(0))),
                "in a group", at: key.range)
            var places = [grouping.steps[0]: step]
            for (operation, old) in zip(grouping.later, grouping.steps.dropFirst()) {
                step = try add(
                    operation.reading { places[$0] ?? $0 }, "for the holders", at: key.range)
                places[old] = step
            }
            result.step = step
            return result
        }
        // 2. Else each row finds its partner.
        let list = try add(
            .project(all.step, [.init(origin.column, to: "#holder")]), "holders of \(key.text)",
            at: key.range)
        let joined = try add(
            .join(
                left: list, right: rows.step, on: [.init(left: "#holder", right: key.text)],
                .inner, matched: nil),
            "rows for the holders of \(key.text)", at: key.range)
        result.step = try add(
            .project(
                joined,
                [.init("#holder", to: key.text)]
                    + rows.columns.filter { $0.name != key.text }.map { .init($0.name, to: $0.name) }),
            "columns", at: key.range)
        return result
    }

    /// The field that the rows were grouped by, if it is the only one, is the column now called
    /// `name`, and all aggregates are totals.
    private func groupKey(_ grouping: Relation.Grouping, _ name: String) -> String? {
        guard grouping.keys.count == 1, let own = grouping.keys.first else { return nil }
        var now = own
        for operation in grouping.later {
            if case .project(_, let columns) = operation {
                guard let column = columns.first(where: { $0.from == now }) else { return nil }
                now = column.to
            }
        }
        guard now == name else { return nil }
        guard areTotals(grouping) else { return nil }
        return own
    }

    /// Whether all aggregates are sums or counts over any order of rows.
    func areTotals(_ grouping: Relation.Grouping) -> Bool {
        let schema = steps[grouping.source].schema
        guard case .groupBy(_, _, _, nil) = steps[grouping.steps[0]].operation else { return false }
        return grouping.aggregates.allSatisfy { aggregate in
            switch aggregate.aggregate {
            case .count, .countWhere, .sum: true
            case .countDistinct(let column):
                if case .code(let labels)? = schema.fields.first(where: { $0.name == column })?.type {
                    labels.count <= 16
                } else { false }
            default: false
            }
        }
    }

    // MARK: R1 and R10

    /// Whether what is told of others' cells is coarse enough.
    private mutating func checkInference(_ reveal: CheckedReveal, _ syntax: RevealSyntax) {
        for column in reveal.columns where !column.isHolderKey {
            let range =
                syntax.items.first { $0.name?.text == column.name }?.expression.range
                ?? syntax.range
            if column.lineage.isEmpty, reveal.rows.isEmpty {
                fail(
                    .unreached, "\"\(column.name)\" depends on no table", at: range,
                    suggestion: "leave it out")
                continue
            }
            guard column.bands.isEmpty else { continue }
            if case .key = column.type { continue }
            for (source, trace) in column.lineage.sorted {
                guard trace.form >= .aggregate, isOthers(source, trace, reveal.recipient) else {
                    continue
                }
                let isGroup = reveal.groups.map { $0.count >= 2 } ?? false
                guard !isGroup || trace.form == .exact && !column.isGroupKey else { continue }
                let path = (trace.path + [recipientText(reveal.recipient)]).joined(separator: " -> ")
                let isOwnRow = trace.form == .exact
                fail(
                    .inference,
                    isOwnRow
                        ? "\"\(column.name)\" would tell single values of \(source.table).\(source.column)"
                        : "\"\(column.name)\" is a number that depends on others' "
                            + "\(source.table).\(source.column), without a limit on groups",
                    at: range,
                    suggestion: "path: \(path); "
                        + (column.type.range == nil || !isOwnRow
                            ? "add `groups of at least 10`, or reveal band(\(column.name), ...)"
                            : "reveal band(\(column.name), ...), or sum up groups and add `groups "
                                + "of at least 10`"))
                break
            }
        }
    }

    /// Whether a recipient learns about cells that are not its own.
    func isOthers(
        _ source: SourceColumn, _ trace: Lineage.Trace, _ recipient: CheckedReveal.Recipient
    ) -> Bool {
        switch recipient {
        case .all, .check: true
        case .party(let name):
            tables.first { $0.name == source.table }.map { $0.owners.map(self.name(of:)) != [name] }
                ?? (models.first { $0.name == source.table }.map { self.name(of: $0.owner) != name }
                    ?? true)
        case .holder(let table, _): trace.isForeign || source.table != table
        }
    }

    func recipientText(_ recipient: CheckedReveal.Recipient) -> String {
        switch recipient {
        case .all, .check: "all"
        case .party(let name): name
        case .holder(_, let key): "the bank holding \(key)"
        }
    }

    // MARK: Checks and disclosures

    /// `check CONDITION`: one bit to all; the run stops if it does not hold.
    mutating func checkCondition(_ condition: ExpressionSyntax, at range: SourceRange)
        throws(Mistake)
    {
        guard !isInLoop else {
            throw failing(
                .place, "a check inside `repeat` would reveal a bit of every step", at: range,
                suggestion: "check after the loop")
        }
        let row = try scalar(condition, named: Name("holds", condition.range))
        guard case .bool? = steps[row.step].schema.fields.first?.type else {
            throw failing(.type, "a check is of a condition", at: condition.range)
        }
        let (line, name) = (line(range), "check \(releases.count + 1)")
        releases.append(
            Release(
                name: name, kind: .check(column: "holds"), table: row.step, columns: ["holds"],
                atMost: nil, label: "\(name) (line \(line))"))
        reveals.append(
            CheckedReveal(
                name: name, recipient: .check,
                columns: [
                    .init(
                        name: "holds", type: .bool, lineage: row.columns.first?.lineage ?? Lineage(),
                        bands: [], isHolderKey: false, isGroupKey: false)
                ],
                rows: row.rows, condition: fullText(condition), atMost: 1, percent: nil,
                groups: nil, banks: nil, rounding: nil, withNumber: false, bound: 1, order: nil,
                line: line))
    }

    /// `disclose size of T to all for speed`
    mutating func check(_ disclose: DiscloseSyntax) throws(Mistake) {
        guard !isInLoop else {
            throw failing(
                .disclosure, "a disclosure inside `repeat` would tell a size of every step",
                at: disclose.range, suggestion: "disclose before or after the loop")
        }
        if case .broken? = bindings[disclose.table.text] { throw Mistake() }
        guard case .relation(var relation)? = bindings[disclose.table.text] else {
            throw failing(
                .disclosure, "there is no table \"\(disclose.table.text)\" whose size to disclose",
                at: disclose.table.range,
                suggestion: didYouMean(disclose.table.text, relationNames, "there are"))
        }
        relation.step = try add(
            .compacted(relation.step), "size of \(disclose.table.text)", at: disclose.range)
        (relation.aligned, relation.grouping) = (nil, nil)
        bindings[disclose.table.text] = .relation(relation)
        disclosures.append(
            Disclosure(
                text: "the exact number of rows of \(disclose.table.text)",
                line: line(disclose.range)))
    }
}

extension RevealSyntax {
    var hasAggregates: Bool {
        var calls: [(CallSyntax, SourceRange)] = []
        for item in items { item.expression.collectAggregates(into: &calls) }
        return !calls.isEmpty
    }

    var hiddenCounts: Set<Checker.HiddenCount> {
        var counts: Set<Checker.HiddenCount> = []
        for limit in limits {
            switch limit {
            case .groups(_, let column, _):
                counts.insert(column.map { .distinct($0.text) } ?? .rows)
            case .banks: counts.insert(.banks)
            default: break
            }
        }
        return counts
    }

    var atMost: Int? {
        limits.compactMap { if case .rows(let count, _) = $0 { count } else { nil } }.min()
    }
    var percent: Int? {
        limits.compactMap { if case .percent(let count, _) = $0 { count } else { nil } }.min()
    }
    var percentRange: SourceRange? {
        limits.compactMap { if case .percent(_, let range) = $0 { range } else { nil } }.first
    }
    var groups: (count: Int, of: String)? {
        for case .groups(let count, let column, _) in limits {
            return (count, column?.text ?? "rows")
        }
        return nil
    }
    var banks: Int? {
        limits.compactMap { if case .banks(let count, _) = $0 { count } else { nil } }.max()
    }
    var rounding: String? {
        limits.compactMap {
            if case .rounded(let unit, _) = $0 { Formatter.text(unit) } else { nil }
        }.first
    }
    var withNumber: Bool {
        limits.contains { if case .number = $0 { true } else { false } }
    }
}

extension ExpressionSyntax {
    /// The comparisons by size in a condition.
    func collectOrders(
        into comparisons: inout [(ExpressionSyntax, ExpressionSyntax, SourceRange)]
    ) {
        switch kind {
        case .binary(.less, let a, let b), .binary(.lessOrEqual, let a, let b),
            .binary(.greater, let a, let b), .binary(.greaterOrEqual, let a, let b):
            comparisons.append((a, b, range))
        case .binary(.and, let a, let b), .binary(.or, let a, let b):
            a.collectOrders(into: &comparisons)
            b.collectOrders(into: &comparisons)
        case .not(let a): a.collectOrders(into: &comparisons)
        default: break
        }
    }
}
