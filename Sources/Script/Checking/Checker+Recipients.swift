import Analytics
import Primitives

/// Who receives what a reveal tells: all, a party, or each bank for the keys that it holds.
extension Checker {
    mutating func release(
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
    mutating func release(
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
    mutating func holderKey(_ key: Name, _ column: Relation.Column, in place: Name?)
        throws(Mistake) -> SourceColumn
    {
        guard let own = column.key else {
            throw failing(
                .holder,
                "no bank holds \"\(key.text)\": it is not the key of a declared table",
                at: key.range,
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

    func relationColumns(_ name: Name) -> [String] {
        if case .relation(let relation)? = bindings[name.text] {
            relation.columns.map(\.name).filter { !$0.hasPrefix("#") }
        } else {
            []
        }
    }

    /// What a table says about each row of the holders' own tables, in their order.
    mutating func routed(
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
                    operation.reading { places[$0] ?? $0 }, "holders: \(label(of: old))",
                    at: key.range)
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
                    + rows.columns.filter { $0.name != key.text }.map {
                        .init($0.name, to: $0.name)
                    }),
            "columns", at: key.range)
        return result
    }

    /// The field that the rows were grouped by, if it is the only one, is the column now called
    /// `name`, and all aggregates are totals.
    func groupKey(_ grouping: Relation.Grouping, _ name: String) -> String? {
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
                if case .code(let labels)? = schema.fields.first(where: { $0.name == column })?.type
                {
                    labels.count <= 16
                } else {
                    false
                }
            default: false
            }
        }
    }
}
