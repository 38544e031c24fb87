/// Writes a tree as the one canonical text of the script: what is signed.
///
/// Formatting a canonical text changes nothing.
public enum Formatter {
    /// The longest line that is not broken.
    static let lineWidth = 96

    public static func format(_ script: ScriptSyntax) -> String {
        var lines = script.comments.leading.map(comment)
        lines.append("script \(script.name.text) version \(script.version)")
        lines += header(script.header)
        var previous: (item: ItemSyntax, lines: Int)?
        for item in script.items {
            let text = self.item(item, indent: "")
            let isShort = text.count == 1 && previous?.lines == 1
            if !isShort || previous.map({ isApart($0.item, item) }) ?? true { lines.append("") }
            lines += text
            previous = (item, text.count)
        }
        if !script.comments.trailing.isEmpty {
            lines.append("")
            lines += script.comments.trailing.map(comment)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Whether an empty line goes between two items: short ones of one kind stay together.
    private static func isApart(_ a: ItemSyntax, _ b: ItemSyntax) -> Bool {
        switch (a.kind, b.kind) {
        case (.constant, .constant), (.choose, .choose), (.constant, .choose), (.choose, .constant),
            (.check, .check), (.reveal, .reveal), (.disclose, .disclose), (.assign, .assign):
            !b.comments.isEmpty
        default: true
        }
    }

    private static func comment(_ text: String) -> String { text.isEmpty ? "--" : "-- \(text)" }

    private static func header(_ header: HeaderSyntax) -> [String] {
        var lines: [String] = []
        if let purpose = header.purpose { lines.append("purpose  \"\(purpose)\"") }
        if let basis = header.basis { lines.append("basis    \"\(basis)\"") }
        var groups: [(names: [String], roles: [PartySyntax.Role])] = []
        for party in header.parties {
            if let last = groups.last, last.roles == party.roles {
                groups[groups.count - 1].names.append(party.name.text)
            } else {
                groups.append(([party.name.text], party.roles))
            }
        }
        if !groups.isEmpty {
            let texts = groups.map { group in
                "\(group.names.joined(separator: ", ")) as "
                    + group.roles.map(\.rawValue).joined(separator: ", ")
            }
            lines.append("parties  " + texts.joined(separator: ";\n         "))
        }
        if let security = header.security {
            lines.append(
                "security \(security.isMalicious ? "malicious" : "semi-honest"), at most "
                    + "\(security.corrupt) of \(security.of) corrupt")
        }
        if let runs = header.runs {
            lines.append(
                "runs     \(runs.count) per \(runs.per.rawValue)"
                    + (runs.until.map { " until \(Day.text($0))" } ?? ""))
        }
        if let period = header.period {
            lines.append("period   \(period.name.text) = calendar \(period.unit.rawValue)")
        }
        return lines
    }

    // MARK: Items

    private static func item(_ item: ItemSyntax, indent: String) -> [String] {
        var lines = item.comments.map(comment)
        switch item.kind {
        case .table(let table):
            lines += body(
                "table \(table.name.text) at \(table.owner?.text ?? "each bank")", table)
        case .prepare(let prepare):
            var head = body(
                "prepare \(prepare.table.text) from \(prepare.source.name.text)", prepare.source)
            head[head.count - 1] += " {"
            lines += head + block(prepare.body)
        case .model(let model):
            lines.append(
                "model \(model.name.text) at \(model.owner.text) : logistic(\(model.features))"
                    + range(model.range))
        case .constant(let constant):
            let values = constant.values.map { text($0) }.joined(separator: ", ")
            lines.append(
                "const \(constant.name.text) = \(constant.isList ? "(\(values))" : values)")
        case .choose(let choose):
            lines.append(
                "choose \(choose.name.text) in { "
                    + choose.values.map { text($0) }.joined(separator: ", ") + " }")
        case .assign(let assign):
            let head = "\(assign.isUpdate ? "update" : "let") \(assign.name.text) ="
            switch assign.value {
            case .expression(let value): lines.append("\(head) \(text(value))")
            case .select(let select): lines += clauses(head, parts(select), indent)
            }
        case .loop(let loop):
            lines.append(
                "repeat \(loop.count) times" + (loop.variable.map { " as \($0.text)" } ?? "") + " {"
            )
            lines += block(loop.body)
        case .check(let condition): lines.append("check \(text(condition))")
        case .reveal(let reveal): lines += clauses("reveal", parts(reveal), indent)
        case .disclose(let disclose):
            lines.append("disclose size of \(disclose.table.text) to all for speed")
        case .broken: break
        }
        return lines.map { indent + $0 }
    }

    private static func block(_ items: [ItemSyntax]) -> [String] {
        items.flatMap { item($0, indent: "  ") } + ["}"]
    }

    /// The parts on one line, or each on a line of its own.
    private static func clauses(_ head: String, _ parts: [String], _ indent: String) -> [String] {
        let line = ([head] + parts).joined(separator: " ")
        guard line.count + indent.count > lineWidth else { return [line] }
        var lines = [head + " " + parts[0]]
        for part in parts.dropFirst() { lines.append("  " + part) }
        return lines
    }

    private static func body(_ head: String, _ table: TableSyntax) -> [String] {
        let unique = table.unique.map { " unique (\($0.map(\.text).joined(separator: ", ")))" }
        let across = table.isUniqueAcrossBanks ? " across banks" : ""
        let tail =
            ")" + unique.joined() + across
            + " at most \(DecimalLiteral(Int128(table.atMost)).text) rows"
        let columns = table.columns.map(column)
        return [head + " ("]
            + columns.enumerated().map { "  " + $1 + ($0 < columns.count - 1 ? "," : "") } + [tail]
    }

    private static func column(_ column: ColumnSyntax) -> String {
        var text = "\(column.name.text) \(type(column.type))"
        text += range(column.range)
        if let period = column.period { text += " in \(period.text)" }
        if let canonical = column.canonical { text += " canonical \(canonical.text)" }
        if let value = column.default { text += " default \(Self.text(value))" }
        return text
    }

    private static func range(_ range: (ExpressionSyntax, ExpressionSyntax)?) -> String {
        range.map { " in \(text($0.0)) .. \(text($0.1))" } ?? ""
    }

    private static func type(_ type: TypeSyntax) -> String {
        switch type.kind {
        case .int: "int"
        case .day: "day"
        case .minute: "minute"
        case .bool: "bool"
        case .money(let currency): "money(\(currency))"
        case .fix(let bits): "fix(\(bits))"
        case .key(let domain, let bits): "key(\(domain)\(bits == 64 ? "" : ", \(bits)"))"
        case .code(let labels): "code(\(labels.map(label).joined(separator: ", ")))"
        }
    }

    private static func label(_ label: String) -> String {
        let isWord =
            label.utf8.first.map { !(0x30...0x39).contains($0) } == true
            && label.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                    || (0x61...0x7A).contains($0) || $0 == 0x5F
            }
        return isWord ? label : "'\(label)'"
    }

    private static func source(_ source: SourceSyntax) -> String {
        (source.isEvery ? "every " : "") + source.table.text
            + (source.alias.map { " \($0.text)" } ?? "")
    }

    private static func items(_ items: [SelectItemSyntax]) -> String {
        items.map { text($0.expression) + ($0.name.map { " as \($0.text)" } ?? "") }
            .joined(separator: ", ")
    }

    private static func orders(_ orders: [OrderSyntax]) -> String {
        orders.map { $0.column.text + ($0.isDescending ? " desc" : "") }.joined(separator: ", ")
    }

    private static func number(_ value: Int) -> String { DecimalLiteral(Int128(value)).text }

    private static func parts(_ select: SelectSyntax) -> [String] {
        var parts = ["select \(select.isDistinct ? "distinct " : "")\(items(select.items))"]
        parts.append("from \(source(select.source))")
        for join in select.joins {
            let pairs = join.on.map { "\(text($0.0)) = \(text($0.1))" }.joined(separator: " and ")
            parts.append(
                "\(join.kind.rawValue) \(source(join.source)) on \(pairs)"
                    + (join.cap.map { " at most \(number($0)) matches" } ?? ""))
        }
        if let condition = select.condition { parts.append("where \(text(condition))") }
        if let window = select.window {
            let extent =
                switch window.extent {
                case .all: "all"
                case .rows: "rows"
                case .days(let count): "\(number(count)) days"
                case .minutes(let count): "\(number(count)) minutes"
                }
            parts.append(
                "window \(extent) per \(window.per.map(\.text).joined(separator: ", ")) by "
                    + orders(window.by)
                    + (window.atMost.map { " at most \(number($0)) rows" } ?? ""))
        }
        if !select.groupBy.isEmpty {
            parts.append(
                "group by \(select.groupBy.map(\.text).joined(separator: ", "))"
                    + (select.atMostGroups.map { " at most \(number($0)) groups" } ?? ""))
        }
        if let having = select.having { parts.append("having \(text(having))") }
        if !select.orderBy.isEmpty { parts.append("order by \(orders(select.orderBy))") }
        if let limit = select.limit { parts.append("limit \(number(limit))") }
        return parts
    }

    private static func parts(_ reveal: RevealSyntax) -> [String] {
        var parts = ["\(items(reveal.items)) from \(reveal.table.text)"]
        if let condition = reveal.condition { parts.append("where \(text(condition))") }
        switch reveal.recipient {
        case .all: parts.append("to all")
        case .party(let name): parts.append("to \(name.text)")
        case .holder(let column, let table):
            parts.append(
                "to the bank holding \(column.text)" + (table.map { " in \($0.text)" } ?? ""))
        }
        let limits = reveal.limits.map(text)
        if !limits.isEmpty { parts.append(limits.joined(separator: ", ")) }
        return parts
    }

    static func text(_ limit: RevealSyntax.Limit) -> String {
        switch limit {
        case .rows(let count, _): "at most \(number(count)) rows"
        case .percent(let percent, _): "at most \(percent) % of rows"
        case .groups(let count, let column, _):
            "groups of at least \(number(count)) \(column?.text ?? "rows")"
        case .banks(let count, _): "from at least \(count) banks"
        case .rounded(let value, _): "rounded to \(text(value))"
        case .number: "and their number"
        }
    }

    // MARK: Expressions

    /// How tightly an expression binds; what binds less needs parentheses.
    private static func precedence(_ value: ExpressionSyntax) -> Int {
        switch value.kind {
        case .choice(let cases, _): cases.count == 1 ? 0 : 9
        case .binary(.or, _, _): 1
        case .binary(.and, _, _): 2
        case .not: 3
        case .binary(.equal, _, _), .binary(.notEqual, _, _), .binary(.less, _, _),
            .binary(.lessOrEqual, _, _), .binary(.greater, _, _), .binary(.greaterOrEqual, _, _),
            .among:
            4
        case .binary(.add, _, _), .binary(.subtract, _, _): 5
        case .binary(.multiply, _, _), .quotient: 6
        case .negated: 7
        default: 9
        }
    }

    package static func text(_ value: ExpressionSyntax, atLeast least: Int = 0) -> String {
        let own = precedence(value)
        let text = bare(value, own)
        return own < least ? "(\(text))" : text
    }

    private static func bare(_ value: ExpressionSyntax, _ own: Int) -> String {
        switch value.kind {
        case .name(let qualifier, let name): (qualifier.map { $0.text + "." } ?? "") + name.text
        case .number(let number): number.text
        case .money(let currency, let amount): "\(currency) \(amount.text)"
        case .date(let day): Day.text(day)
        case .label(let label): "'\(label)'"
        case .bool(let value): "\(value)"
        case .element(let name, let position): "\(name.text)[\(text(position))]"
        // Two minus signs would begin a comment.
        case .negated(let a): "-\(text(a, atLeast: 8))"
        case .not(let a): "not \(text(a, atLeast: 3))"
        case .binary(let operation, let a, let b):
            // Comparisons do not chain; sums and products associate to the left.
            "\(text(a, atLeast: own == 4 ? 5 : own)) \(operation.rawValue) "
                + text(b, atLeast: own + 1)
        case .quotient(let a, let b, let otherwise):
            "\(text(a, atLeast: 6)) / \(text(b, atLeast: 7))"
                + (otherwise.map { " default \(text($0))" } ?? "")
        case .among(let a, let values):
            "\(text(a, atLeast: 5)) in (\(values.map { text($0) }.joined(separator: ", ")))"
        case .choice(let cases, let otherwise):
            choice(cases, otherwise)
        case .call(let call):
            "\(call.function.text)("
                + (call.isStar
                    ? "*"
                    : (call.isDistinct ? "distinct " : "")
                        + call.arguments.map { text($0) }.joined(separator: ", ")) + ")"
        }
    }

    private static func choice(
        _ cases: [(when: ExpressionSyntax, then: ExpressionSyntax)], _ otherwise: ExpressionSyntax
    ) -> String {
        if cases.count == 1, let only = cases.first {
            return "if \(text(only.when)) then \(text(only.then)) else \(text(otherwise))"
        }
        let branches = cases.map { "when \(text($0.when)) then \(text($0.then))" }
        return "case \(branches.joined(separator: " ")) else \(text(otherwise)) end"
    }
}
