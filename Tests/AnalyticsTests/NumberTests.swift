import Algebra
import Analytics
import MPC
import Primitives
import Testing

/// Quotients, bands and scores: types, ranges and values at their ends.
@Suite struct NumberTests {
    private static let limit = Z64().numberLimit
    private static let euro = ColumnType.money(currency: "EUR", -1_000...1_000)

    private static func schema(_ a: ColumnType, _ b: ColumnType) throws -> TableSchema {
        try TableSchema([Field("a", a), Field("b", b)], bound: 8)
    }

    private static func quotient(_ bits: Int, ifZero: Int128 = 0) -> Expression {
        .quotient(.column("a"), .column("b"), fractionBits: bits, ifZero: ifZero)
    }

    @Test(
        "What a quotient is",
        arguments: [
            (euro, .money(currency: "EUR", 0...50), 0, .integer(-1_000...1_000)),
            (euro, .money(currency: "EUR", 3...50), 4, .fixed(fractionBits: 4, -5_334...5_333)),
            (.integer(7...20), .integer(2...3), 0, .integer(2...10)),
            (.integer(-9 ... -7), .integer(2...4), 0, .integer(-5 ... -2)),
            (euro, .integer(1...9), 0, euro),
            (
                .fixed(fractionBits: 8, 0...512), .fixed(fractionBits: 8, 0...2), 16,
                .fixed(fractionBits: 16, 0...512 << 16)
            ),
        ] as [(ColumnType, ColumnType, Int, ColumnType)])
    func types(_ a: ColumnType, _ b: ColumnType, _ bits: Int, _ expected: ColumnType) throws {
        #expect(
            try Self.quotient(bits).type(in: Self.schema(a, b), bound: Self.limit) == expected)
    }

    @Test(
        "Quotients that mean nothing or do not fit are refused",
        arguments: [
            (euro, .money(currency: "USD", 1...2), 0), (euro, .integer(1...2), 4),
            (.integer(0...9), euro, 0), (.integer(0...9), .integer(-1...9), 0),
            (.integer(0...9), .integer(0...1 << 31), 0),
            (.integer(0...1 << 50), .integer(1...2), 16),
            (.day(0...9), .integer(1...2), 0), (.integer(0...9), .integer(1...2), 33),
            (.integer(0...9), .bool, 0), (.integer(0...9), .integer(1...9), -1),
        ] as [(ColumnType, ColumnType, Int)])
    func refusedQuotients(_ a: ColumnType, _ b: ColumnType, _ bits: Int) throws {
        #expect(throws: AnalyticsError.self) {
            try Self.quotient(bits).type(in: Self.schema(a, b), bound: Self.limit)
        }
    }

    @Test("The largest divisors and dividends, on rings of one and two words")
    func largestQuotients() throws {
        func run<R: Ring>(_ ring: R, _ divisors: Int128) throws {
            var engine = PlainEngine(ring)
            let limit = ring.numberLimit
            let table = try engine.input(
                PlainTable([
                    .numbers([limit, -limit, limit, -limit, 0, -1, 17, limit]),
                    .numbers([1, 1, divisors, divisors, 5, divisors, 0, 3]),
                ]), Self.schema(.integer(-limit...limit), .integer(0...divisors)),
                from: Party(0))
            let result = try engine.extend(table, "q", Self.quotient(0, ifZero: -5))
            let expected: [Int128] = [
                limit, -limit, limit / divisors, -((limit + divisors - 1) / divisors), 0, -1, -5,
                limit / 3,
            ]
            #expect(try engine.output(result, to: .all)?.columns[2] == .numbers(expected))
        }
        try run(Z64(), (1 << 31) - 1)
        try run(Prime62(), (1 << 31) - 1)
        try run(Prime126(), (1 << 95) - 1)
    }

    @Test("By a public number, near and beyond what the cheaper division has room for")
    func constantDivisors() throws {
        for (bits, divisor) in [(50, 7), (49, 7), (60, 7), (20, 1), (40, 1 << 20), (30, 1_000_003)]
            as [(Int128, Int128)]
        {
            var engine = PlainEngine(Prime62())
            let largest = min(Self.limit, (1 << bits) - 1)
            let values: [Int128] = [
                -largest, -divisor, -1, 0, divisor - 1, divisor, largest - 1, largest,
            ]
            let table = try engine.input(
                PlainTable([.numbers(values), .bools(Array(repeating: true, count: 8))]),
                Self.schema(.integer(-largest...largest), .bool), from: Party(0))
            let quotient = Expression.quotient(
                .column("a"), .integer(divisor), fractionBits: 0, ifZero: 0)
            let result = try engine.output(engine.extend(table, "q", quotient), to: .all)
            let expected = values.map { value in
                let (q, rest) = value.quotientAndRemainder(dividingBy: divisor)
                return rest < 0 ? q - 1 : q
            }
            #expect(result?.columns[2] == .numbers(expected), "\(bits) bits by \(divisor)")
        }
    }

    @Test("Bands count thresholds from their own value on, also beyond the range")
    func bands() throws {
        var engine = PlainEngine(Z64())
        let table = try engine.input(
            PlainTable([
                .numbers([-1_000, -1, 0, 1, 9, 10, 11, 1_000]),
                .bools(Array(repeating: true, count: 8)),
            ]),
            Self.schema(Self.euro, .bool), from: Party(0))
        let band = Expression.band(.column("a"), thresholds: [-2_000, 0, 10, 5_000])
        let result = try engine.output(engine.extend(table, "band", band), to: .all)
        #expect(result?.columns[2] == .numbers([1, 1, 2, 2, 2, 3, 3, 3]))
        for thresholds in [[], [3, 3], [4, 3], [0, Int128.max]] as [[Int128]] {
            #expect(throws: AnalyticsError.self) {
                try Expression.band(.column("a"), thresholds: thresholds)
                    .type(in: table.schema, bound: Self.limit)
            }
        }
        #expect(throws: AnalyticsError.self) {
            try Expression.band(.column("b"), thresholds: [1]).type(
                in: table.schema, bound: Self.limit)
        }
    }

    // MARK: Scores

    private static func scored(
        _ features: [ColumnType], _ weights: ColumnType, count: Int? = nil
    ) throws -> TableSchema {
        let names = features.indices.map { "x\($0)" }
        let model = try TableSchema(
            [Field("w", weights)], bound: count ?? features.count + 1)
        return try TableSchema(zip(names, features).map { Field($0, $1) }, bound: 4).scored(
            features: names, model: model, as: "s", limit: limit)
    }

    @Test func scoreTypes() throws {
        let fixed = ColumnType.fixed(fractionBits: 4, -32...16)
        #expect(
            try Self.scored([.bool, .integer(-2...3)], fixed).field("s").type
                == .fixed(fractionBits: 4, -32 - 96 - 32...16 + 64 + 16))
        #expect(
            try Self.scored([.fixed(fractionBits: 2, 0...5)], .integer(1...2)).field("s").type
                == .integer(0...(10 + 8) / 4))
        #expect(try Self.scored([], fixed).field("s").type == fixed)
        for (features, weights, count): ([ColumnType], ColumnType, Int?) in [
            ([.bool], fixed, 1), ([.bool], fixed, 3), ([Self.euro], fixed, nil),
            ([.day(0...1)], fixed, nil), ([.bool], .bool, nil), ([.bool], Self.euro, nil),
            ([.integer(0...1 << 40)], .integer(0...1 << 20), nil),
        ] {
            #expect(throws: AnalyticsError.self) {
                try Self.scored(features, weights, count: count)
            }
        }
    }

    @Test("A score is rounded down, and a missing weight is zero")
    func scores() throws {
        var engine = PlainEngine(Prime62())
        let table = try engine.input(
            PlainTable([.numbers([-7, 0, 3]), .numbers([5, -5, 0]), .bools([true, false, true])]),
            TableSchema(
                [
                    Field("f", .fixed(fractionBits: 3, -8...8)), Field("i", .integer(-5...5)),
                    Field("b", .bool),
                ], bound: 4), from: Party(0))
        let weights = try TableSchema([Field("w", .fixed(fractionBits: 5, 1...99))], bound: 4)
        let cases: [(rows: [Int128], expected: [Int128])] = [
            ([9, 2, 40, 77], [(-63 + 80 + 936) >> 3, 67, (27 + 936) >> 3]),
            ([9, 2], [(-63 + 80) >> 3, -10, 27 >> 3]), ([], [0, 0, 0]),
        ]
        for (rows, expected) in cases {
            let model = try engine.input(PlainTable([.numbers(rows)]), weights, from: Party(1))
            let result = try engine.score(table, features: ["f", "i", "b"], model: model, as: "s")
            #expect(
                try engine.output(result, to: .all)?.columns[3] == .numbers(expected + [0]))
        }
    }
}
