/// Values, conditions and what is revealed.
extension ScriptGenerator {
    // MARK: Values

    mutating func literal(_ kind: Kind) -> String {
        switch kind {
        case .int, .minute: pick(["0", "1", "5", "17", "three", "some", "list[2]"])
        case .money: pick(["EUR 0.00", "EUR 0.01", "EUR 12.50", "EUR 999.99"])
        case .fix: pick(["0.25", "0.5", "0.0001"])
        case .day: use(.dateLiteral, pick(["2026-01-01", "2026-01-03", "2026-01-06"]))
        case .bool, .key, .code: "true"
        }
    }

    mutating func number(_ kind: Kind, _ columns: [Column], _ depth: Int) -> String {
        let own = columns.filter { $0.kind == kind }
        guard depth > 0, chance(75) else {
            return own.isEmpty || chance(10) ? literal(kind) : pick(own).text
        }
        func sub() -> String { number(kind, columns, depth - 1) }
        let step = kind == .money ? "EUR 2.00" : kind == .int ? "4" : "0.125"
        let zero = kind == .money ? "EUR 0.00" : "0"
        switch below(12) {
        case 0: return use(.add, "(\(sub()) + \(sub()))")
        case 1: return use(.subtract, "(\(sub()) - \(sub()))")
        case 2: return use(.multiply, "\(1 + below(4)) * \(sub())")
        case 3: return use(.least, "least(\(sub()), \(sub()))")
        case 4: return use(.greatest, "greatest(\(sub()), \(sub()))")
        case 5: return use(.abs, "abs(\(sub()))")
        case 6: return use(.floor, "floor(\(sub()), \(step))")
        case 7:
            return use(.ifThen, "(if \(condition(columns, 1)) then \(sub()) else \(sub()))")
        case 8:
            return use(
                .caseWhen,
                "case when \(condition(columns, 1)) then \(sub()) when \(condition(columns, 1)) then "
                    + "\(sub()) else \(zero) end")
        case 9: return use(.divide, "\(sub()) / \(1 + below(3))")
        case 10: return use(.negated, "-(\(sub()))")
        default:
            let count = number(.int, columns, depth - 1)
            switch kind {
            case .int where chance(50):
                return use(.indicator, "indicator(\(condition(columns, 1)))")
            case .int:
                return use(.band, "band(\(count), \(below(4)), \(5 + below(4)))")
            case .fix:
                return use(
                    .ratio, "ratio(\(count), greatest(\(number(.int, columns, 0)), 1), 16, 0)")
            default:
                return use(.divide, "\(sub()) / greatest(\(count), 0) default EUR 3.00")
            }
        }
    }

    mutating func condition(_ columns: [Column], _ depth: Int) -> String {
        if depth > 0, chance(40) {
            let (x, y) = (condition(columns, depth - 1), condition(columns, depth - 1))
            switch below(3) {
            case 0: return use(.and, "(\(x) and \(y))")
            case 1: return use(.or, "(\(x) or \(y))")
            default: return use(.not, "not (\(x))")
            }
        }
        let column = columns.isEmpty ? Column(text: "true", kind: .bool) : pick(columns)
        let order = pick(["=", "<>", "<", "<=", ">", ">="])
        switch column.kind {
        case .bool: return column.text
        case .int, .money, .fix, .minute, .day:
            return "\(column.text) \(order) \(literal(column.kind))"
        case .key:
            return column.name == "id"
                ? use(.keyLiteral, "\(column.text) \(pick(["=", "<>"])) 'K'") : "true"
        case .code:
            let labels = column.name == "bank" ? ["bank-a", "bank-b"] : ["x", "y"]
            return chance(50)
                ? "\(column.text) = '\(pick(labels))'"
                : use(.among, "\(column.text) in ('\(labels[0])', '\(labels[1])')")
        }
    }

    // MARK: Reveals

    mutating func reveals() {
        if relations.isEmpty { rows() }
        if chance(8), let relation = relations.last(where: { !$0.hasRow }) {
            lines.append(use(.disclose, "disclose size of \(relation.name) to all for speed"))
        }
        if chance(10) {
            lines.append("let z0 = select count(*) as k from \(every)t")
            lines.append(use(.check, "check z0.k \(pick([">=", "<"])) \(below(4))"))
        }
        for _ in 0..<1 + below(2) { reveal(relations[max(0, relations.count - 1 - below(3))]) }
    }

    mutating func number(_ text: String) -> String {
        chance(20) ? text + use(.theirNumber, ", and their number") : text
    }

    mutating func reveal(_ relation: Relation) {
        let most = use(.limitRows, "at most \(pick([1, 3, 30])) rows")
        let condition =
            chance(30)
            ? use(.revealWhere, " where \(condition(relation.columns, 1))") : ""
        let names = relation.columns.map(\.name)
        if isAlone {
            lines.append(
                "reveal \(names.joined(separator: ", ")) from \(relation.name)\(condition) to bank-a "
                    + number(most))
            used.insert(.toParty)
            return
        }
        let isGroups = relation.groupKey != nil || relation.hasRow
        if isGroups, chance(60) {
            let recipient =
                chance(50) ? use(.toAll, "all") : use(.toParty, pick(["bank-a", "bank-b"]))
            var limits =
                chance(30)
                ? use(.limitGroupsOf, "groups of at least 2 ref")
                : use(.limitGroups, "groups of at least 2 rows")
            if chance(20) { limits += use(.limitBanks, ", from at least 2 banks") }
            if chance(20) { limits += use(.rounded, ", rounded to EUR 2.00") }
            lines.append(
                "reveal \(names.joined(separator: ", ")) from \(relation.name)\(condition) to "
                    + "\(recipient) \(number(most)), \(limits)")
            return
        }
        let coarse = relation.columns.compactMap { column -> String? in
            switch column.kind {
            case .int: "band(\(column.name), 1, 6) as \(column.name)"
            case .money: "band(\(column.name), 1.00, 20.00) as \(column.name)"
            case .fix: "band(\(column.name), 0, 0.5) as \(column.name)"
            case .bool: "indicator(\(column.name)) as \(column.name)"
            case .day, .minute, .key, .code: nil
            }
        }.prefix(3)
        let isHeld = names.contains("id")
        guard isHeld, chance(80) || coarse.isEmpty else {
            guard !coarse.isEmpty else { return }
            lines.append(
                "reveal \(coarse.joined(separator: ", ")) from \(relation.name)\(condition) to "
                    + use(.toAll, "all") + " \(number(most))")
            return
        }
        // Of its own rows a bank may learn everything.
        let columns = relation.isOwn ? names.filter { $0 != "id" } : Array(coarse)
        let place = !relation.isOwn && chance(60) ? use(.toHolderIn, " in u") : ""
        let limit =
            switch below(4) {
            case 0: " " + number(most)
            case 1: use(.limitPercent, " at most 50 % of rows")
            default: ""
            }
        lines.append(
            "reveal \((["id"] + columns).joined(separator: ", ")) from \(relation.name)\(condition) to "
                + use(.toHolder, "the bank holding id") + place + limit)
    }
}
