import Analytics
import Primitives

/// `window`: functions over the rows around each row.
extension Checker {
    mutating func window(
        _ rows: inout Relation, _ window: WindowSyntax, _ select: SelectSyntax, _ scope: inout Scope
    ) throws(Mistake) {
        guard select.groupBy.isEmpty else {
            throw failing(
                .place, "a select has a window or groups, not both", at: window.range,
                suggestion: "group in a second `let`")
        }
        var groups: [String] = []
        for name in window.per { groups.append(try column(name, scope).field) }
        var order: [OrderKey] = []
        for key in window.by {
            order.append(
                OrderKey(try column(key.column, scope).field, descending: key.isDescending))
        }
        let within = try distance(window, scope)
        var functions: [Operation.NamedWindow] = []
        var computed: [Operation.NamedExpression] = []
        var results: [SourceRange: (String, Lineage)] = [:]
        let per = window.per.map(\.text).joined(separator: ", ")
        for (call, range) in select.aggregates where results[range] == nil {
            let field = "#window \(functions.count)"
            let (function, lineage) = try windowFunction(
                call, window, within, range, scope, &computed)
            functions.append(.init(field, function))
            results[range] = (
                field, lineage.across("\(call.function.text) per \(per)") { $0.summed(by: call) }
            )
        }
        guard !functions.isEmpty else {
            throw failing(
                .place, "nothing is computed over the window", at: window.range,
                suggestion: "add `count(*) as n` or such to the columns")
        }
        if !computed.isEmpty {
            rows.step = try add(.extend(rows.step, computed), "arguments", at: window.range)
        }
        rows.step = try add(
            .window(rows.step, groups: groups, order: order, functions), "window per \(per)",
            at: window.range)
        (rows.aligned, rows.grouping) = (nil, nil)
        scope.step = rows.step
        for (range, result) in results {
            scope.computed[range] = ScopeColumn(
                qualifier: nil, name: result.0, field: result.0,
                column: .init(name: result.0, lineage: result.1))
        }
    }

    /// How far back a window of days or minutes reaches.
    mutating func distance(_ window: WindowSyntax, _ scope: Scope)
        throws(Mistake) -> WindowFunction.Distance?
    {
        let (count, isDays): (Int, Bool)
        switch window.extent {
        case .all, .rows: return nil
        case .days(let days): (count, isDays) = (days, true)
        case .minutes(let minutes): (count, isDays) = (minutes, false)
        }
        guard let key = window.by.first, window.by.count == 1, !key.isDescending else {
            throw failing(
                .type, "a window of days or minutes is by one rising column", at: window.range)
        }
        let column = try self.column(key.column, scope)
        let type = try type(of: column, scope)
        switch (type, isDays) {
        case (.day, true), (.minute, false):
            return .init(column.field, Int128(count - 1))
        case (.minute, true): return .init(column.field, Int128(count) * 1440 - 1)
        default:
            throw failing(
                .type,
                "\"\(key.column.text)\" is \(type.inWords), not a \(isDays ? "day" : "minute")",
                at: key.column.range)
        }
    }

    func type(of column: ScopeColumn, _ scope: Scope) throws(Mistake) -> ColumnType {
        guard let step = scope.step,
            let field = steps[step].schema.fields.first(where: { $0.name == column.field })
        else { throw Mistake() }
        return field.type
    }

    mutating func windowFunction(
        _ call: CallSyntax, _ window: WindowSyntax, _ within: WindowFunction.Distance?,
        _ range: SourceRange, _ scope: Scope, _ computed: inout [Operation.NamedExpression]
    ) throws(Mistake) -> (WindowFunction, Lineage) {
        let name = call.function.text
        let presence = try presence(window, scope)
        switch name {
        case "row_number": return (.rowNumber, presence)
        case "previous":
            let (column, lineage) = try argument(call, 0, range, scope, &computed)
            return (.previous(column, rows: 1), lineage.union(presence))
        default: break
        }
        if case .all = window.extent {
            guard name == "sum" else {
                throw failing(
                    .type, "over `window all` there are sum, row_number and previous", at: range)
            }
            let (column, lineage) = try argument(call, 0, range, scope, &computed)
            return (.runningSum(column), lineage.union(presence))
        }
        guard let rows = window.atMost else {
            throw failing(
                .unbounded, "how many rows a window can have is not stated", at: window.range,
                suggestion: "add `at most 40 rows`: rows beyond count as if they were not there")
        }
        if name == "count", call.isStar {
            return (.recent(.count, rows: rows, within: within), presence)
        }
        if name == "count", !call.isDistinct {
            throw failing(
                .type, "over a window there is count(*) or count(distinct CODE)", at: range)
        }
        let (column, lineage) = try argument(call, 0, range, scope, &computed)
        let aggregate: WindowFunction.RecentAggregate
        switch name {
        case "sum": aggregate = .sum(column)
        case "min": aggregate = .minimum(column)
        case "max": aggregate = .maximum(column)
        case "count": aggregate = .countDistinct(column)
        default:
            throw failing(
                .type, "over a window there are count, sum, min, max, row_number and previous",
                at: range)
        }
        return (.recent(aggregate, rows: rows, within: within), lineage.union(presence))
    }

    /// What the choice of a window's rows tells.
    mutating func presence(_ window: WindowSyntax, _ scope: Scope) throws(Mistake)
        -> Lineage
    {
        var lineage = Lineage()
        for name in window.per + window.by.map(\.column) {
            lineage = lineage.union(
                try column(name, scope).column.lineage.through("same window", atMost: .bit))
        }
        return lineage
    }
}
