import Algebra
import Analytics
import MPC
import Primitives
import Testing

private let account = ColumnType.key(domain: "account", bits: 64)
private let amount = ColumnType.money(currency: "EUR", 0...1000)

private func schema(_ bound: Int = 3) throws -> TableSchema {
    try TableSchema(
        [
            Field("key", account), Field("amount", amount), Field("day", .day(0...9)),
            Field("kind", .code(["a", "b"])), Field("share", .fixed(fractionBits: 8, 0...256)),
        ], bound: bound)
}

private func rows(
    keys: [UInt128] = [1, 2], amounts: [Int128] = [0, 1000], days: [Int128] = [0, 9],
    kinds: [Int] = [0, 1], shares: [Int128] = [0, 256]
) -> PlainTable {
    PlainTable([
        .keys(keys), .numbers(amounts), .numbers(days), .codes(kinds), .numbers(shares),
    ])
}

/// Everything that stops before a share leaves: at the owner, or at the author's desk.
@Suite struct BadInputTests {
    // MARK: The owner's data

    @Test func valuesOutOfRangeAreNamedByRowAndColumn() throws {
        let schema = try schema()
        try rows().check(against: schema, unique: ["key"])
        let cases: [(PlainTable, String, Int, ColumnType)] = [
            (rows(amounts: [0, 1001]), "amount", 1, amount),
            (rows(amounts: [-1, 0]), "amount", 0, amount),
            (rows(days: [0, 10]), "day", 1, .day(0...9)),
            (rows(kinds: [2, 0]), "kind", 0, .code(["a", "b"])),
            (rows(keys: [1, 1 << 64]), "key", 1, account),
        ]
        for (rows, column, row, type) in cases {
            #expect(throws: AnalyticsError.outOfRange(column: column, row: row, type: type)) {
                try rows.check(against: schema)
            }
        }
    }

    @Test func moreRowsThanDeclared() throws {
        let schema = try schema(1)
        #expect(throws: AnalyticsError.tooManyRows(count: 2, bound: 1)) {
            try rows().check(against: schema)
        }
        #expect(
            AnalyticsError.tooManyRows(count: 2, bound: 1).description
                == "2 rows where at most 1 are declared; declare more or send fewer")
    }

    @Test func equalUniqueKeys() throws {
        let schema = try schema()
        let twice = rows(keys: [7, 7])
        #expect(throws: AnalyticsError.duplicateKey(columns: ["key"], rows: [0, 1])) {
            try twice.check(against: schema, unique: ["key"])
        }
        try twice.check(against: schema, unique: ["key", "day"])
        try twice.check(against: schema)
        // A row that does not count has no key.
        var one = twice
        one.valid = [true, false]
        try one.check(against: schema, unique: ["key"])
    }

    @Test func columnsThatAreNotTheSchemas() throws {
        let schema = try schema()
        for (wrong, reason) in [
            (PlainTable([.keys([1])]), "1 columns where 5 are declared"),
            (rows(days: [1]), "column \"day\" has 1 of 2 rows"),
            (
                PlainTable([
                    .keys([1]), .bools([true]), .numbers([1]), .codes([0]), .numbers([1]),
                ]), "column \"amount\" does not hold money(EUR) in 0 .. 1000 cents"
            ),
        ] {
            #expect(throws: AnalyticsError.wrongData(reason: reason)) {
                try wrong.check(against: schema)
            }
        }
    }

    // MARK: The author's expressions

    private static let bound = Z64().numberLimit

    private func type(_ expression: Expression) throws -> ColumnType {
        try expression.type(in: schema(), bound: Self.bound)
    }

    @Test func overflowNamesTheExpression() throws {
        let large = Expression.integer(1 << 50)
        let fits = Expression.arithmetic(.multiply, .column("amount"), large)
        #expect(try type(fits) == .money(currency: "EUR", 0...1000 << 50))
        let beyond = Expression.arithmetic(.multiply, fits, .integer(2))
        #expect(
            throws: AnalyticsError.overflow(
                expression: "((amount * 1125899906842624) * 2)", range: 0...1000 << 51,
                bound: Self.bound)
        ) { try type(.comparison(.less, beyond, .column("amount"))) }
        // A threshold is an operand too.
        let threshold = Expression.number(Self.bound + 1, amount)
        #expect(
            throws: AnalyticsError.overflow(
                expression: "\(Self.bound + 1)", range: Self.bound + 1...Self.bound + 1,
                bound: Self.bound)
        ) { try type(.comparison(.less, .column("amount"), threshold)) }
        // Wider than 128 bits is still an overflow, not a trap.
        let huge = Expression.arithmetic(.multiply, large, large)
        #expect(throws: AnalyticsError.self) { try type(.arithmetic(.multiply, huge, huge)) }
    }

    @Test func sumsOfAllRowsMustFit() throws {
        let wide = ColumnType.integer(0...1 << 50)
        let few = try TableSchema([Field("x", wide)], bound: 1 << 9)
        let many = try TableSchema([Field("x", wide)], bound: 1 << 11)
        #expect(try Aggregate.sum("x").type(in: few, bound: Self.bound) == .integer(0...1 << 59))
        #expect(
            throws: AnalyticsError.overflow(
                expression: "sum(x) over 2048 rows", range: 0...1 << 61, bound: Self.bound)
        ) { try Aggregate.sum("x").type(in: many, bound: Self.bound) }
        #expect(
            try Aggregate.sum("x").type(in: many, bound: Prime126().numberLimit)
                == .integer(0...1 << 61))
    }

    @Test func rangesOfResults() throws {
        let day = Expression.column("day")
        #expect(try type(.arithmetic(.subtract, day, day)) == .integer(-9...9))
        #expect(try type(.arithmetic(.add, day, .integer(30))) == .day(30...39))
        let share = Expression.column("share")
        // 256 / 256 of an amount is the amount; the product is rounded down.
        #expect(try type(.arithmetic(.multiply, share, .column("amount"))) == amount)
        #expect(
            try type(.arithmetic(.minimum, .column("amount"), .number(10, amount)))
                == .money(currency: "EUR", 0...10))
    }

    @Test func whatDoesNotGoTogether() throws {
        let amounts = Expression.column("amount")
        for expression: Expression in [
            .arithmetic(.add, amounts, .integer(1)),
            .arithmetic(.add, .column("day"), .column("day")),
            .arithmetic(.multiply, amounts, amounts),
            .arithmetic(.add, .column("key"), .column("key")),
            .comparison(.less, .column("key"), .key(1)),
            .comparison(.equal, amounts, .key(1)),
            .comparison(.equal, .column("kind"), .label("c")),
            .comparison(.equal, .key(1), .key(1)),
            .and(amounts, .bool(true)), .not(.column("day")), .indicator(amounts), .label("a"),
            .choice(if: .bool(true), then: amounts, else: .column("day")),
        ] {
            let error = #expect(throws: AnalyticsError.self) { try type(expression) }
            guard case .wrongType? = error else {
                Issue.record("\(expression): \(String(describing: error))")
                continue
            }
        }
        #expect(
            throws: AnalyticsError.unknownColumn(
                "amuont", known: ["key", "amount", "day", "kind", "share"])
        ) { try type(.column("amuont")) }
        #expect(throws: AnalyticsError.duplicateColumn("x")) {
            try TableSchema([Field("x", .bool), Field("x", .bool)], bound: 1)
        }
    }

    // MARK: Operators

    @Test func tablesThatDoNotFitTogether() throws {
        var engine = PlainEngine(Z64())
        let table = try engine.input(rows(), schema(), unique: ["key"], from: Party(0))
        let byDay = try engine.input(rows(), schema(), unique: ["day"], from: Party(0))
        let other = try engine.project(table, to: ["key"])
        #expect(throws: AnalyticsError.self) { try engine.union([table, other]) }
        #expect(
            throws: AnalyticsError.differentColumns(
                reason: "\"key\" is \(account), \"day\" is day in 0 .. 9")
        ) { try engine.join(other, byDay, on: [("key", "day")], .inner) }
        #expect(throws: AnalyticsError.duplicateColumn("amount")) {
            try engine.join(table, table, on: [("key", "key")], .inner)
        }
        #expect(throws: AnalyticsError.self) {
            try engine.groupBy(table, ["key"], [("x", .sum("day"))])
        }
    }

    /// What is unique stays so in some of the rows, under another name, and not in a union.
    @Test func joinsNeedAUniqueKey() throws {
        var engine = PlainEngine(Z64())
        let keys = try engine.project(
            engine.input(rows(), schema(), unique: ["key"], from: Party(0)), to: ["key"])
        let other = try engine.rename(keys, "key", to: "id")
        _ = try engine.join(keys, engine.limit(other, to: 1), on: [("key", "id")], .semi)
        let both = try engine.union([other, other])
        #expect(throws: AnalyticsError.notUnique(columns: ["id"])) {
            try engine.join(keys, both, on: [("key", "id")], .semi)
        }
        _ = try engine.join(keys, engine.distinct(both), on: [("key", "id")], .semi)
        _ = try engine.join(
            keys, engine.groupBy(both, ["id"], [("n", .count)]), on: [("key", "id")], .inner)
    }

    /// Nothing of a table's contents is printed.
    @Test func tablesPrintTheirShape() throws {
        var engine = PlainEngine(Z64())
        let table = try engine.input(rows(amounts: [0, 777]), schema(), from: Party(0))
        for text in ["\(table)", String(reflecting: table), "\(rows(amounts: [0, 777]))"] {
            #expect(!text.contains("777"))
        }
    }

    @Test func ownersAndOriginAreTracked() throws {
        var engine = PlainEngine(Z64())
        let first = try engine.input(rows(), schema(), from: Party(0))
        let second = try engine.input(rows(), schema(), from: Party(2))
        let both = try engine.union([first, second], origin: ("bank", ["one", "two"]))
        let groups = try engine.groupBy(both, ["bank"], [("n", .count)])
        #expect(try both.schema.field("amount").owners == [Party(0), Party(2)])
        let result = try engine.output(groups, to: .all)
        #expect(result?.columns[0] == .codes([0, 1, 0, 0, 0, 0]))
        #expect(result?.columns[1] == .numbers([2, 2, 0, 0, 0, 0]))
        #expect(result?.valid == [true, true, false, false, false, false])
    }

    @Test func whatACapLeavesOutIsTold() throws {
        var engine = PlainEngine(Z64())
        let left = try engine.project(
            engine.input(rows(keys: [1, 2]), schema(), from: Party(0)), to: ["key"])
        for (keys, isCapped): ([UInt128], Bool) in [([1, 1, 2], false), ([1, 1, 1], true)] {
            let many = try engine.project(
                engine.input(
                    rows(
                        keys: keys, amounts: [1, 2, 3], days: [0, 0, 0], kinds: [0, 0, 0],
                        shares: [0, 0, 0]), schema(), from: Party(1)), to: ["key", "amount"])
            let joined = try engine.joinMany(left, many, on: [("key", "key")], cap: 2)
            #expect(try engine.output(joined.capped, to: .all)?.columns == [.bools([isCapped])])
        }
    }
}
