import Algebra
import Analytics
import MPC
import Primitives
import Testing

/// Schemas found without an engine are those of the tables that operators make.
@Suite struct SchemaTests {
    private static let limit = Z64().numberLimit

    private static func table(_ engine: inout PlainEngine<Z64>, _ owner: Int) throws
        -> SecretTable<PlainEngine<Z64>>
    {
        let schema = try TableSchema(
            [
                Field("k", .key(domain: "d", bits: 64)), Field("a", .integer(3...9)),
                Field("c", .code(["x", "y"])), Field("b", .bool),
            ], bound: 3)
        return try engine.input(
            PlainTable([
                .keys([1, 2, 3]), .numbers([3, 4, 9]), .codes([0, 1, 1]),
                .bools([true, false, true]),
            ]), schema, unique: ["k"], from: Party(owner))
    }

    @Test func choicesAndOrders() throws {
        var engine = PlainEngine(Z64())
        let (t, limit) = (try Self.table(&engine, 0), Self.limit)
        let s = t.schema
        #expect(s.unique == [["k"]])
        #expect(
            try engine.orderBy(t, [OrderKey("a")], first: 2).schema
                == s.ordered(by: [OrderKey("a")], first: 2))
        #expect(try engine.limit(t, to: 7).schema == s.limited(to: 7))
        #expect(s.limited(to: 2).bound == 2 && s.limited(to: 2).unique == s.unique)
        #expect(try engine.distinct(t, on: ["a", "c"]).schema == s.distinct(on: ["a", "c"]))
        #expect(try s.distinct(on: ["a", "c"]).unique == [["k"], ["a", "c"]])
        let more = Expression.arithmetic(.multiply, .column("a"), .column("a"))
        let extended = try s.extended(by: "aa", more, limit: limit)
        #expect(try engine.extend(t, "aa", more).schema == extended)
        #expect(
            try extended.field("aa") == Field("aa", .integer(9...81), owners: [Party(0)]))
        let named = try s.projected(to: [("a", "k"), ("k", "id")])
        #expect(try engine.project(t, to: [("a", "k"), ("k", "id")]).schema == named)
        #expect(named.names == ["k", "id"] && named.unique == [["id"]])
        #expect(try s.projected(to: [("a", "a")]).unique.isEmpty)
        #expect(try engine.filter(t, where: .column("b")).schema == s)
    }

    @Test func unions() throws {
        var engine = PlainEngine(Z64())
        let (t, u) = (try Self.table(&engine, 0), try Self.table(&engine, 1))
        let both = try TableSchema.union([t.schema, u.schema], origin: ("bank", ["A", "B"]))
        #expect(try engine.union([t, u], origin: ("bank", ["A", "B"])).schema == both)
        #expect(both.bound == 6 && both.unique == [["k", "bank"]])
        #expect(try both.field("k").owners == [Party(0), Party(1)])
        #expect(try TableSchema.union([t.schema, u.schema]).unique.isEmpty)
        #expect(try TableSchema.union([t.schema]) == t.schema)
        // With the origin as a key the rows of both can be joined.
        let right = try both.projected(to: [("k", "id"), ("bank", "at")])
        _ = try both.joined(with: right, on: [("k", "id"), ("bank", "at")], .inner)
        #expect(throws: AnalyticsError.notUnique(columns: ["id"])) {
            try both.joined(with: right, on: [("k", "id")], .inner)
        }
    }

    @Test func joinsAndGroups() throws {
        var engine = PlainEngine(Z64())
        let (t, limit) = (try Self.table(&engine, 0), Self.limit)
        let u = try engine.project(
            Self.table(&engine, 1), to: [("k", "id"), ("a", "x"), ("c", "d"), ("b", "e")])
        let on = [(left: "k", right: "id")]
        for kind in JoinKind.allCases {
            let joined = try t.schema.joined(with: u.schema, on: on, kind, matched: "m")
            #expect(try engine.join(t, u, on: on, kind, matched: "m").schema == joined)
        }
        let left = try t.schema.joined(with: u.schema, on: on, .left)
        #expect(try left.field("x").type == .integer(0...9))
        #expect(try left.field("x").owners == [Party(0), Party(1)])
        #expect(left.names == ["k", "a", "c", "b", "x", "d", "e"])
        let pairs = try t.schema.joinedMany(with: u.schema, on: on, cap: 2)
        #expect(try engine.joinMany(t, u, on: on, cap: 2).pairs.schema == pairs)
        #expect(pairs.bound == 6)

        let totals: [(name: String, Aggregate)] = [
            ("n", .count), ("s", .sum("x")), ("w", .countWhere("e")), ("l", .countDistinct("d")),
        ]
        let joined = try t.schema.groupJoined(with: u.schema, on: on, totals, limit: limit)
        #expect(try engine.groupJoin(t, u, on: on, totals).schema == joined)
        #expect(try joined.field("s").type == .integer(0...27))
        #expect(try joined.field("l").type == .integer(0...2))
        #expect(joined.unique == t.schema.unique)
        for aggregate in [Aggregate.average("x"), .countDistinct("x"), .first("x"), .maximum("x")] {
            #expect(throws: AnalyticsError.self) {
                try t.schema.groupJoined(with: u.schema, on: on, [("y", aggregate)], limit: limit)
            }
        }

        let all: [(name: String, Aggregate)] = [
            ("n", .count), ("avg", .average("a")), ("low", .minimum("a")),
            ("l", .countDistinct("c")), ("d", .countDistinct("a")), ("first", .first("k")),
        ]
        let groups = try t.schema.grouped(by: ["b"], all, atMost: 2, limit: limit)
        #expect(try engine.groupBy(t, ["b"], all, atMost: 2).schema == groups)
        #expect(groups.bound == 2 && groups.unique == [["b"]])
        let rows = try t.schema.withGroupTotals(by: ["b"], [("n", .count)], limit: limit)
        #expect(try engine.withGroupTotals(t, ["b"], [("n", .count)]).schema == rows)
        let functions: [(name: String, WindowFunction)] = [
            ("r", .rowNumber), ("s", .runningSum("a")), ("p", .previous("a", rows: 1)),
        ]
        let order = [OrderKey("a")]
        let window = try t.schema.windowed(
            groups: ["b"], order: order, functions, limit: limit)
        #expect(try engine.window(t, groups: ["b"], order: order, functions).schema == window)
        let middle = try t.schema.quantiles(of: "a", [("m", 1, 2)], limit: limit)
        #expect(try engine.quantilesAsRow(t, of: "a", [("m", 1, 2)]).schema == middle)
        let wide = try t.schema.broadcast(from: middle, [("m", "middle")])
        let row = try engine.quantilesAsRow(t, of: "a", [("m", 1, 2)])
        #expect(try engine.broadcast(t, from: row, [("m", "middle")]).schema == wide)
        #expect(throws: AnalyticsError.self) {
            try t.schema.broadcast(from: t.schema, [("a", "x")])
        }
    }
}
