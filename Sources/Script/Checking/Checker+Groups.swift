import Analytics
import Primitives

/// `group by`: functions over several rows.
extension Checker {
    // MARK: 4. Groups

    mutating func group(
        _ rows: inout Relation, _ select: SelectSyntax, _ scope: inout Scope,
        wanted: Set<HiddenCount>
    ) throws(Mistake) {
        let by =
            select.groupBy.isEmpty
            ? "over all rows" : "by \(select.groupBy.map(\.text).joined(separator: ", "))"
        var keys: [ScopeColumn] = []
        for name in select.groupBy { keys.append(try column(name, scope)) }
        let calls = select.aggregates
        if calls.contains(where: { ["median", "quantile"].contains($0.0.function.text) }) {
            try quantiles(&rows, select, calls, &scope, wanted: wanted)
            return
        }
        var aggregates: [Operation.NamedAggregate] = []
        var computed: [Operation.NamedExpression] = []
        var after: [(field: String, aggregate: String)] = []
        var results: [SourceRange: (String, Lineage)] = [:]
        var presence = rows.rows
        for key in keys {
            presence = presence.union(key.column.lineage.through("same group", atMost: .bit))
        }
        if rows.isMultiplied, wanted.contains(.rows) {
            throw failing(
                .inference,
                "one row of a table may be several rows of these groups, so that counting them "
                    + "protects nobody", at: select.range,
                suggestion: "reveal it with `groups of at least N COLUMN`: different values")
        }
        // What comes of a group names the grouping that limits of reveals count.
        let grouping = steps.count
        presence = presence.across(by, group: grouping)
        for (call, range) in calls where results[range] == nil {
            var field = "#group \(aggregates.count)"
            let (aggregate, lineage) = try self.aggregate(
                call, range, scope, of: rows.rows, &computed)
            aggregates.append(.init(field, aggregate))
            if call.function.text == "any" {
                after.append(("#any \(aggregates.count)", field))
                field = "#any \(aggregates.count)"
            }
            results[range] = (
                field,
                lineage.across("\(call.function.text) \(by)", group: grouping) {
                    $0.summed(by: call)
                }
                .union(presence)
            )
        }
        aggregates += try hiddenAggregates(wanted, select, scope)
        if aggregates.isEmpty { aggregates.append(.init("#group 0", .count)) }
        if !computed.isEmpty {
            rows.step = try add(.extend(rows.step, computed), "arguments", at: select.range)
        }
        let source = rows.step
        rows.step = try add(
            .groupBy(
                source, keys: keys.map(\.field), aggregates,
                atMost: select.atMostGroups ?? mostGroups(keys.map(\.field), of: source)),
            "group \(by)", at: select.range)
        rows.grouping = Relation.Grouping(
            source: source, keys: keys.map(\.field), aggregates: aggregates, later: [],
            steps: [rows.step])
        (rows.aligned, rows.isMultiplied) = (nil, false)
        rows.rows = presence
        if !after.isEmpty {
            try follow(
                &rows,
                .extend(
                    rows.step,
                    after.map {
                        .init(
                            $0.field,
                            .comparison(.greater, .column($0.aggregate), .integer(0)))
                    }), "any", at: select.range)
        }
        scope.step = rows.step
        // Keys keep their names, all else was computed.
        scope.columns = scope.columns.compactMap { column in
            guard keys.contains(where: { $0.field == column.field }) else { return nil }
            var column = column
            column.column.lineage = column.column.lineage.across("group \(by)", group: grouping)
            return column
        }
        rows.columns = scope.columns.map(\.column)
        for (range, result) in results {
            scope.computed[range] = ScopeColumn(
                qualifier: nil, name: result.0, field: result.0,
                column: .init(name: result.0, lineage: result.1))
        }
        for count in wanted {
            rows.columns.append(.init(name: count.field, lineage: presence, counted: grouping))
        }
    }

    /// What reveals' limits count, as columns of groups.
    private mutating func hiddenAggregates(
        _ wanted: Set<HiddenCount>, _ select: SelectSyntax, _ scope: Scope
    ) throws(Mistake) -> [Operation.NamedAggregate] {
        var aggregates: [Operation.NamedAggregate] = []
        for count in wanted.sorted(by: { $0.field < $1.field }) {
            let aggregate: Aggregate
            switch count {
            case .rows: aggregate = .count
            case .banks:
                aggregate = .countDistinct(
                    try column(Name(Self.originColumn, select.range), scope).field)
            case .distinct(let name):
                aggregate = .countDistinct(try column(Name(name, select.range), scope).field)
            }
            aggregates.append(.init(count.field, aggregate))
        }
        return aggregates
    }

    /// How many groups there can be where all keys have few values; nil if rows bound them as well.
    func mostGroups(_ keys: [String], of step: Int) -> Int? {
        let schema = steps[step].schema
        var product = 1
        for key in keys {
            let values: Int
            switch schema.fields.first(where: { $0.name == key })?.type {
            case .bool?: values = 2
            case .code(let labels)?: values = labels.count
            case .integer(let range)? where range.upperBound - range.lowerBound < 1 << 20:
                values = Int(range.upperBound - range.lowerBound) + 1
            default: return nil
            }
            let (next, overflow) = product.multipliedReportingOverflow(by: values)
            guard !overflow, next < schema.bound else { return nil }
            product = next
        }
        return keys.isEmpty ? nil : product
    }

    mutating func aggregate(
        _ call: CallSyntax, _ range: SourceRange, _ scope: Scope, of presence: Lineage,
        _ computed: inout [Operation.NamedExpression]
    ) throws(Mistake) -> (Aggregate, Lineage) {
        let name = call.function.text
        if name == "count", call.isStar { return (.count, presence) }
        let (column, lineage) = try argument(call, 0, range, scope, &computed)
        let isBool = try argumentIsBool(call, scope, computed, column)
        switch (name, isBool) {
        case ("count", _) where call.isDistinct: return (.countDistinct(column), lineage)
        case ("count", true), ("any", true): return (.countWhere(column), lineage)
        case ("count", false):
            throw failing(
                .type, "count counts rows: every row has a value", at: range,
                suggestion: "write count(*), count(distinct ...) or count(CONDITION)")
        case ("any", false): throw failing(.type, "any takes a condition", at: range)
        case ("sum", false): return (.sum(column), lineage)
        case ("avg", false): return (.average(column), lineage)
        case ("min", false): return (.minimum(column), lineage)
        case ("max", false): return (.maximum(column), lineage)
        case ("sum", true), ("avg", true), ("min", true), ("max", true):
            throw failing(
                .type, "\(name) takes a number, not a condition", at: range,
                suggestion: "write count(CONDITION) or any(CONDITION)")
        default:
            throw failing(
                .place, "\(name) is over a window", at: range,
                suggestion: "add `window all per KEY by COLUMN`")
        }
    }

    func argumentIsBool(
        _ call: CallSyntax, _ scope: Scope, _ computed: [Operation.NamedExpression],
        _ column: String
    ) throws(Mistake) -> Bool {
        guard let step = scope.step else { throw Mistake() }
        if let field = steps[step].schema.fields.first(where: { $0.name == column }) {
            return field.type == .bool
        }
        guard let expression = computed.first(where: { $0.name == column })?.expression else {
            throw Mistake()
        }
        do {
            return try expression.type(in: steps[step].schema, bound: limit) == .bool
        } catch { throw Mistake() }
    }

    /// The column of an argument, computed before if it is more than a column.
    mutating func argument(
        _ call: CallSyntax, _ place: Int, _ range: SourceRange, _ scope: Scope,
        _ computed: inout [Operation.NamedExpression]
    ) throws(Mistake) -> (String, Lineage) {
        guard call.arguments.indices.contains(place), !call.isStar else {
            throw failing(.type, "\(call.function.text) takes a value", at: range)
        }
        var inner = scope
        inner.explainsAggregates = "functions over several rows are not nested: use another `let`"
        let value = try lower(call.arguments[place], in: inner)
        let expression: Expression
        switch value.value {
        case .value(.column(let name), _): return (name, value.lineage)
        case .value(let other, _): expression = other
        case .literal(let literal):
            guard let number = literal.times(1, exactly: true) else {
                throw failing(
                    .type, "a constant is summed as a whole number", at: call.arguments[place].range
                )
            }
            expression = .integer(number)
        case .label:
            throw failing(.type, "a label is no value", at: call.arguments[place].range)
        }
        if let known = computed.first(where: { $0.expression == expression }) {
            return (known.name, value.lineage)
        }
        let name = "#argument \(computed.count) \(range.start)"
        computed.append(.init(name, expression))
        return (name, value.lineage)
    }

    mutating func column(_ name: Name, _ scope: Scope) throws(Mistake) -> ScopeColumn {
        let found = scope.columns.filter { $0.name == name.text }
        guard let column = found.first else {
            throw failing(
                .name, "there is no column \"\(name.text)\"", at: name.range,
                suggestion: didYouMean(name.text, Set(scope.columns.map(\.name)), "there are"))
        }
        guard found.count == 1 else {
            throw failing(
                .name, "\"\(name.text)\" is a column of several tables", at: name.range,
                suggestion: "select it under another name in a `let` before")
        }
        return column
    }

    // MARK: Quantiles

    mutating func quantiles(
        _ rows: inout Relation, _ select: SelectSyntax, _ calls: [(CallSyntax, SourceRange)],
        _ scope: inout Scope, wanted: Set<HiddenCount>
    ) throws(Mistake) {
        guard select.groupBy.isEmpty else {
            throw failing(
                .type, "median and quantile are over all rows, not of groups", at: select.range)
        }
        let grouping = steps.count
        var computed: [Operation.NamedExpression] = []
        var column: String?
        var quantiles: [Operation.NamedQuantile] = []
        var results: [SourceRange: (String, Lineage)] = [:]
        for (call, range) in calls where results[range] == nil {
            let isMedian = call.function.text == "median"
            guard isMedian || call.function.text == "quantile" else {
                throw failing(
                    .type, "a select has medians and quantiles of one column, or other functions",
                    at: range, suggestion: "compute the others in another `let`")
            }
            guard call.arguments.count == (isMedian ? 1 : 2) else {
                throw failing(
                    .type, isMedian ? "median takes a column" : "write quantile(COLUMN, 0.9)",
                    at: range)
            }
            let (name, lineage) = try argument(call, 0, range, scope, &computed)
            guard column == nil || column == name else {
                throw failing(
                    .type, "the quantiles of one select are of one column", at: range)
            }
            column = name
            var fraction = DecimalLiteral(5, scale: 1)
            if !isMedian {
                guard case .literal(let literal) = try lower(call.arguments[1], in: scope).value
                else {
                    throw failing(
                        .threshold, "the fraction is a constant", at: call.arguments[1].range)
                }
                fraction = literal
            }
            guard (0...DecimalLiteral.power(fraction.scale)).contains(fraction.mantissa),
                fraction.scale <= 4
            else {
                throw failing(
                    .range, "a fraction is from 0 to 1, with at most four decimals", at: range)
            }
            let field = "#quantile \(quantiles.count)"
            quantiles.append(
                .init(
                    field, Int(fraction.mantissa), Int(DecimalLiteral.power(fraction.scale))))
            results[range] = (
                field,
                lineage.union(rows.rows).across(
                    "\(call.function.text) over all rows", group: grouping
                ) { _ in .pick }
            )
        }
        guard let column else { throw Mistake() }
        if !computed.isEmpty {
            rows.step = try add(.extend(rows.step, computed), "arguments", at: select.range)
        }
        let source = rows.step
        let counts = try hiddenAggregates(wanted, select, scope)
        rows.step = try add(
            .quantiles(source, of: column, quantiles), "quantiles", at: select.range)
        if !counts.isEmpty {
            let counted = try add(
                .groupBy(source, keys: [], counts, atMost: nil), "rows of quantiles",
                at: select.range)
            rows.step = try add(
                .broadcast(
                    rows.step, from: counted, counts.map { .init($0.name, to: $0.name) }),
                "rows of quantiles", at: select.range)
        }
        rows.rows = rows.rows.across("any row")
        (rows.aligned, rows.grouping) = (nil, nil)
        rows.columns = counts.map {
            .init(name: $0.name, lineage: rows.rows, counted: grouping)
        }
        scope.step = rows.step
        scope.columns = []
        for (range, result) in results {
            scope.computed[range] = ScopeColumn(
                qualifier: nil, name: result.0, field: result.0,
                column: .init(name: result.0, lineage: result.1))
        }
    }
}

extension Form {
    /// What a function over several rows makes of it.
    func summed(by call: CallSyntax) -> Form {
        switch call.function.text {
        case "min", "max", "previous": .pick
        case "any": .bit
        default: .aggregate
        }
    }
}
