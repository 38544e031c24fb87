import Script
import TestSupport

/// What a random script may contain; a test counts that each of it occurs.
enum Construct: String, CaseIterable {
    case tableAtEachBank, tableAtOneBank, unique, uniqueAcrossBanks, prepare, model, choose,
        constant
    case list, defaultValue, canonical
    case int, money, fix, day, minute, bool, key, code
    case add, subtract, multiply, divide, ratio, least, greatest, abs, floor, indicator, band
    case ifThen, caseWhen, among, and, or, not, negated, keyLiteral, dateLiteral, element
    case every, whereClause, join, leftJoin, semiJoin, antiJoin, matches, twoKeys
    case groupBy, mostGroups, having, distinct, orderBy, descending, limit
    case count, countCondition, countDistinct, sum, avg, min, max, any, allRows, median, quantile
    case windowDays, windowMinutes, windowRows, windowAll, rowNumber, previous
    case scalar, scalarBesideRows, update, repeatTimes, score, disclose, check
    case toAll, toParty, toHolder, toHolderIn, revealWhere
    case limitRows, limitPercent, limitGroups, limitGroupsOf, limitBanks, rounded, theirNumber
}

/// Makes random scripts of small tables that are meant to be well-typed.
///
/// Some are refused, since neither ranges nor what R10 forbids is followed here: a next one is made.
struct ScriptGenerator {
    enum Kind: Equatable { case int, money, fix, day, minute, bool, key, code }
    struct Column {
        /// As it is written: `n`, or `a.n` where there are several tables.
        var text: String
        var kind: Kind
        var name: String { text.split(separator: ".").last.map(String.init) ?? text }
    }
    struct Relation {
        var name: String
        var columns: [Column]
        /// Grouped by one key, by which others can be joined to it.
        var groupKey: String?
        var hasRow = false
        /// Whether its rows are those of table t, one for one.
        var isOwn = false
    }

    var numbers: SeededGenerator
    var used: Set<Construct> = []
    var lines: [String] = []
    var relations: [Relation] = []
    private var count = 0
    /// All tables at one bank, which learns everything; or tables at each bank.
    var isAlone = true

    init(seed: UInt64) { numbers = SeededGenerator(seed: seed) }

    // MARK: Chance

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &numbers) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }
    mutating func use(_ construct: Construct, _ text: String) -> String {
        used.insert(construct)
        return text
    }
    mutating func fresh(_ letter: String) -> String {
        count += 1
        return "\(letter)\(count)"
    }

    // MARK: The script

    mutating func script() -> String {
        (used, lines, relations, count) = ([], [], [], 0)
        isAlone = chance(50)
        header()
        for _ in 0..<1 + below(4) { statement() }
        reveals()
        return lines.joined(separator: "\n") + "\n"
    }

    mutating func header() {
        let owner = isAlone ? use(.tableAtOneBank, "bank-a") : use(.tableAtEachBank, "each bank")
        let number = pick(["-20 .. 20", "0 .. 1", "0 .. 1_000_000", "5 .. 5"])
        let amount = pick(["0.00 .. 50.00", "-5.00 .. 5.00", "0.01 .. 1_000_000.00"])
        let missing = chance(30) ? use(.defaultValue, " default 'x'") : ""
        let canonical = chance(30) ? use(.canonical, " canonical upper") : ""
        let across = isAlone ? "" : use(.uniqueAcrossBanks, " across banks")
        used.formUnion([
            .int, .money, .fix, .day, .minute, .bool, .key, .code, .unique, .constant, .list,
            .choose, .model,
        ])
        lines = [
            "script random version 1", "purpose \"Test\"", "basis \"None\"",
            "parties bank-a, bank-b as bank, compute, result",
            "security semi-honest, at most 1 of 2 corrupt", "runs 1 per month",
            "period p = calendar month",
            "table t at \(owner) (id key(k)\(canonical), ref key(k), n int in \(number),",
            "  m money(EUR) in \(amount), f fix(16) in -1 .. 1, d day in 2026-01-01 .. 2026-01-06,",
            "  h minute in 0 .. 300, b bool, c code(x, y, 'z z')\(missing)) at most \(2 + below(3)) rows",
            "table u at \(owner) (id key(k), w int in 0 .. 9, e code(x, y)) unique (id)\(across) "
                + "at most \(1 + below(3)) rows",
        ]
        if chance(15) {
            used.insert(.prepare)
            lines += [
                "prepare u from raw (id key(k), w int in 0 .. 9, e code(x, y)) at most 9 rows {",
                "let u = select id, w, e from raw where w > 0", "}",
            ]
        }
        lines += [
            "model md at bank-a : logistic(2) in -2 .. 2", "const three = 3",
            "const list = (1, 2, 3)", "choose some in { 2, 4 }",
        ]
    }

    var every: String { isAlone ? "" : "every " }

    private var tableColumns: [Column] {
        [
            Column(text: "id", kind: .key), Column(text: "ref", kind: .key),
            Column(text: "n", kind: .int), Column(text: "m", kind: .money),
            Column(text: "f", kind: .fix), Column(text: "d", kind: .day),
            Column(text: "h", kind: .minute), Column(text: "b", kind: .bool),
            Column(text: "c", kind: .code),
        ] + (isAlone ? [] : [Column(text: "bank", kind: .code)])
    }

    mutating func statement() {
        switch below(10) {
        case 0...1: rows()
        case 2...3: groups()
        case 4: window()
        case 5...6: join()
        case 7: scalars()
        case 8: loop()
        default: special()
        }
    }

    /// Rows to select from: the table, or what a `let` made.
    mutating func source() -> (text: String, columns: [Column], relation: Relation?) {
        let known = relations.filter { !$0.hasRow }
        if known.isEmpty || chance(50) {
            if !isAlone { used.insert(.every) }
            return ("\(every)t", tableColumns, nil)
        }
        let relation = pick(known)
        return (relation.name, relation.columns, relation)
    }

    mutating func filter(_ columns: [Column]) -> String {
        chance(40) ? use(.whereClause, " where \(condition(columns, 2))") : ""
    }

    mutating func rows() {
        let (text, columns, relation) = source()
        var (items, made) = kept(columns)
        for _ in 0..<1 + below(3) { add(columns, &items, &made) }
        var tail = filter(columns)
        var isOwn = relation?.isOwn ?? true
        if chance(25) {
            let by = pick(made)
            let down = chance(50) ? use(.descending, " desc") : ""
            tail += use(.orderBy, " order by \(by.name)\(down)")
            if chance(60) { tail += use(.limit, " limit \(1 + below(4))") }
            isOwn = false
        }
        let distinct = chance(20) ? use(.distinct, "distinct ") : ""
        let name = fresh("r")
        lines.append(
            "let \(name) = select \(distinct)\(items.joined(separator: ", ")) from \(text)\(tail)")
        relations.append(
            Relation(name: name, columns: made, isOwn: isOwn && distinct.isEmpty))
    }

    /// Some columns as they are; the key with a good chance.
    mutating func kept(_ columns: [Column]) -> (items: [String], made: [Column]) {
        var (items, made): ([String], [Column]) = ([], [])
        for column in columns
        where (column.name == "id" ? chance(85) : chance(30))
            && !made.contains(where: { $0.name == column.name })
        {
            items.append(column.text)
            made.append(Column(text: column.name, kind: column.kind))
        }
        return (items, made)
    }

    mutating func add(_ columns: [Column], _ items: inout [String], _ made: inout [Column]) {
        let kind = pick([Kind.int, .int, .money, .fix, .bool])
        let text = kind == .bool ? condition(columns, 2) : number(kind, columns, 2)
        let name = fresh("v")
        items.append("\(text) as \(name)")
        made.append(Column(text: name, kind: kind))
    }

    mutating func groups() {
        let (text, columns, _) = source()
        var keys = columns.filter { [.key, .code, .bool, .day].contains($0.kind) }
        if let id = columns.first(where: { $0.name == "id" }), chance(50) { keys = [id] }
        let isWhole = keys.isEmpty || chance(15)
        var by = isWhole ? [] : [pick(keys)]
        if !isWhole, chance(15), let other = keys.first(where: { $0.name != by[0].name }) {
            by.append(other)
            used.insert(.twoKeys)
        }
        var (items, made) = (by.map(\.text), by)
        for _ in 0..<1 + below(3) { aggregate(columns, &items, &made) }
        var tail = filter(columns)
        if isWhole {
            used.insert(.allRows)
        } else {
            tail += use(.groupBy, " group by \(by.map(\.text).joined(separator: ", "))")
            if chance(10) { tail += use(.mostGroups, " at most \(2 + below(8)) groups") }
        }
        if chance(25) { tail += use(.having, " having count(*) >= \(1 + below(2))") }
        let name = fresh(isWhole ? "w" : "g")
        lines.append("let \(name) = select \(items.joined(separator: ", ")) from \(text)\(tail)")
        relations.append(
            Relation(
                name: name, columns: made, groupKey: by.count == 1 ? by[0].name : nil,
                hasRow: isWhole))
    }

    mutating func aggregate(
        _ columns: [Column], _ items: inout [String], _ made: inout [Column]
    ) {
        let name = fresh("a")
        let kind = pick([Kind.int, .money, .fix])
        let argument = number(kind, columns, 1)
        let all: (String, Kind)
        switch below(8) {
        case 0: all = (use(.count, "count(*)"), .int)
        case 1: all = (use(.countCondition, "count(\(condition(columns, 1)))"), .int)
        case 2:
            let codes = columns.filter { [.code, .key, .day, .int].contains($0.kind) }
            all =
                codes.isEmpty
                ? ("count(*)", .int)
                : (use(.countDistinct, "count(distinct \(pick(codes).text))"), .int)
        case 3: all = (use(.sum, "sum(\(argument))"), kind)
        case 4: all = (use(.avg, "avg(\(argument))"), kind)
        case 5: all = (use(.min, "min(\(argument))"), kind)
        case 6: all = (use(.max, "max(\(argument))"), kind)
        default: all = (use(.any, "any(\(condition(columns, 1)))"), .bool)
        }
        items.append("\(all.0) as \(name)")
        made.append(Column(text: name, kind: all.1))
    }

    mutating func window() {
        var (items, made) = kept(tableColumns)
        let per = pick(["id", "c", "ref"])
        func item(_ text: String, _ kind: Kind) {
            count += 1
            items.append("\(text) as v\(count)")
            made.append(Column(text: "v\(count)", kind: kind))
        }
        let clause: String
        if chance(40) {
            clause = use(.windowAll, "window all per \(per) by \(pick(["n", "m desc", "d, n"]))")
            item(use(.rowNumber, "row_number()"), .int)
            item(use(.previous, "previous(n)"), .int)
            item("sum(n)", .int)
        } else {
            let extent =
                switch below(3) {
                case 0: use(.windowDays, "window 3 days per \(per) by d")
                case 1: use(.windowMinutes, "window 90 minutes per \(per) by h")
                default: use(.windowRows, "window rows per \(per) by n")
                }
            clause = "\(extent) at most \(1 + below(4)) rows"
            item("count(*)", .int)
            item("sum(n)", .int)
            item(pick(["min", "max"]) + "(n)", .int)
            item("count(distinct c)", .int)
        }
        if !isAlone { used.insert(.every) }
        let name = fresh("r")
        lines.append(
            "let \(name) = select \(items.joined(separator: ", ")) from \(every)t"
                + filter(tableColumns) + " \(clause)")
        relations.append(Relation(name: name, columns: made))
    }

    mutating func join() {
        let left = tableColumns.map { Column(text: "a.\($0.text)", kind: $0.kind) }
        let grouped = relations.filter { $0.groupKey == "id" }
        let (kind, construct) = pick([
            ("join", Construct.join), ("left join", .leftJoin), ("semi join", .semiJoin),
            ("anti join", .antiJoin),
        ])
        used.insert(construct)
        var right: [Column]
        var clause: String
        if chance(20), kind == "join" {
            right = tableColumns
            clause = use(
                .matches, "join \(every)t z on z.id = a.ref at most \(1 + below(3)) matches")
        } else if let group = grouped.last, chance(60) {
            right = group.columns
            clause = "\(kind) \(group.name) z on z.id = a.id"
        } else {
            right = [
                Column(text: "id", kind: .key), Column(text: "w", kind: .int),
                Column(text: "e", kind: .code),
            ]
            clause = "\(kind) \(every)u z on z.id = a.\(pick(["id", "ref"]))"
        }
        right = right.map { Column(text: "z.\($0.text)", kind: $0.kind) }
        // Without a partner there is no key; and codes would have none of their labels.
        let isAdded = kind == "join" || kind == "left join"
        let columns = left + (isAdded ? right.filter { $0.name != "id" } : [])
        var (items, made) = kept(columns)
        add(columns, &items, &made)
        let name = fresh("r")
        lines.append(
            "let \(name) = select \(items.joined(separator: ", ")) from \(every)t a \(clause)"
                + filter(columns))
        relations.append(Relation(name: name, columns: made))
    }

    mutating func scalars() {
        let whole = fresh("w")
        lines.append(
            "let \(whole) = select count(*) as k, sum(n) as s, any(b) as o from \(every)t"
                + filter(tableColumns))
        used.formUnion([.allRows, .count, .sum, .any])
        let value = fresh("x")
        lines.append(
            use(.scalar, "let \(value) = \(whole).s / greatest(\(whole).k, 1) + \(below(5))"))
        let name = fresh("r")
        lines.append(
            use(
                .scalarBesideRows,
                "let \(name) = select id, n - \(value) as far, indicator(m > 1.00 and \(whole).o) as y "
                    + "from \(every)t"))
        relations.append(
            Relation(
                name: name,
                columns: [
                    Column(text: "id", kind: .key), Column(text: "far", kind: .int),
                    Column(text: "y", kind: .int),
                ]))
    }

    mutating func loop() {
        let name = fresh("r")
        lines.append("let \(name) = select id, n as i, m as j, b from \(every)t")
        let columns = [
            Column(text: "id", kind: .key), Column(text: "i", kind: .int),
            Column(text: "j", kind: .money), Column(text: "b", kind: .bool),
        ]
        let (i, j) = (number(.int, columns, 1), number(.money, columns, 1))
        let update = use(
            .update,
            "update \(name) = select id, least(\(i), 30) * list[k] as i, \(j) as j, "
                + "not b as b from \(name)")
        used.formUnion([.element, .repeatTimes, .not])
        lines += ["repeat \(1 + below(3)) times as k {", update, "}"]
        relations.append(Relation(name: name, columns: columns))
    }

    /// Quantiles and scores.
    mutating func special() {
        let name = fresh("r")
        if chance(50) {
            lines.append(
                "let \(name) = select median(n) as q1, quantile(n, 0.9) as q2, quantile(n, 0) as q3 "
                    + "from \(every)t" + filter(tableColumns))
            used.formUnion([.median, .quantile])
            relations.append(
                Relation(
                    name: name, columns: ["q1", "q2", "q3"].map { Column(text: $0, kind: .int) },
                    hasRow: true))
        } else {
            lines.append(use(.score, "let \(name) = select id, md(f, n) as z from \(every)t"))
            relations.append(
                Relation(
                    name: name,
                    columns: [Column(text: "id", kind: .key), Column(text: "z", kind: .fix)]))
        }
    }
}
