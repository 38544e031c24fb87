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
        let guarded = reveal.limits.lazy.compactMap { limit -> Int? in
            guard case .groups(_, let column, _) = limit else { return nil }
            let count = column.map { HiddenCount.distinct($0.text) } ?? .rows
            return rows[count.field]?.counted
        }.first
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
            percent: reveal.percent, groups: reveal.groups, guarded: guarded,
            banks: reveal.banks, rounding: reveal.rounding, withNumber: reveal.withNumber,
            bound: steps[rows.step].schema.bound, order: rows.order, line: line)
        checkInference(checked, reveal)
        requireResult(checked.recipient, at: recipientRange(reveal))
        reveals.append(checked)
    }

    private func recipientRange(_ reveal: RevealSyntax) -> SourceRange {
        switch reveal.recipient {
        case .all: reveal.range
        case .party(let name), .holder(let name, _): name.range
        }
    }

    typealias RevealedRows = (
        recipient: CheckedReveal.Recipient, atMost: Int?, holderKey: String?
    )

    func type(of column: Relation.Column, _ rows: Relation) -> ColumnType {
        steps[rows.step].schema.fields.first { $0.name == column.name }?.type ?? .bool
    }

    /// The columns of a reveal, as a select of them.
    mutating func revealed(_ reveal: RevealSyntax) throws(Mistake) -> Relation {
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
    mutating func requireThresholds(_ condition: ExpressionSyntax, of table: Name)
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

    mutating func applyGroupLimits(_ reveal: RevealSyntax, _ rows: inout Relation)
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

    mutating func round(_ reveal: RevealSyntax, _ rows: inout Relation) throws(Mistake) {
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
        let checked = CheckedReveal(
            name: name, recipient: .check,
            columns: [
                .init(
                    name: "holds", type: .bool,
                    lineage: row.columns.first?.lineage ?? Lineage(),
                    bands: [], isHolderKey: false, isGroupKey: false)
            ],
            rows: row.rows, condition: fullText(condition), atMost: 1, percent: nil,
            groups: nil, guarded: nil, banks: nil, rounding: nil, withNumber: false, bound: 1,
            order: nil, line: line)
        count(checked, at: range)
        reveals.append(checked)
    }

    /// Of `disclose size of T to all for speed`.
    mutating func check(_ disclose: DiscloseSyntax) throws(Mistake) {
        guard !isInLoop else {
            throw failing(
                .disclosure, "a disclosure inside `repeat` would tell a size of every step",
                at: disclose.range, suggestion: "disclose before or after the loop")
        }
        if let client = parties.first(where: \.isClient) {
            throw failing(
                .disclosure,
                "\(client.name) does not compute, and would not know how much it receives",
                at: disclose.range,
                suggestion: "leave the disclosure out, or give \(client.name) the role compute")
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
        let number = "the exact number of rows of \(disclose.table.text)"
        var asked: [SourceColumn: Set<Cut>] = [:]
        for (source, trace) in relation.rows.sorted where !trace.cuts.isEmpty {
            asked[source, default: []].formUnion(trace.cuts)
        }
        count(asked, for: recipients(.all), at: disclose.range)
        let sources = Set(relation.rows.sorted.map(\.source)).sorted().map {
            $0.column == "*" ? "how many rows \($0.table) has" : "\($0.table).\($0.column)"
        }
        disclosures.append(
            Disclosure(
                text: "\(number), which depends on \(sources.joined(separator: ", "))",
                rows: relation.rows, line: line(disclose.range)))
    }
}
