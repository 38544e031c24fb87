import Algebra
import Analytics
import HonestMajority
import MPC
import Networking
import Primitives
import Script
import TestSupport
import Testing

let account = ColumnType.key(domain: "account", bits: 64)
let cents = ColumnType.money(currency: "EUR", 0...1_000_000)

/// What a release's rows hold, column by column.
extension ReleaseResult {
    var numbers: [[Int128]] {
        rows.columns.map { column in
            switch column {
            case .numbers(let values): values
            case .bools(let values): values.map { $0 ? 1 : 0 }
            case .keys(let values): values.map { Int128($0) }
            case .codes(let values): values.map { Int128($0) }
            }
        }
    }
}

/// Every operation of a program, by hand-made rows, on every engine.
@Suite struct InterpreterTests {
    /// Accounts of two banks, and payments of which one row is not valid; also with no rows at all.
    private static func banks(_ builder: inout ProgramBuilder, isEmpty: Bool = false) throws -> (
        accounts: Int, payments: Int
    ) {
        let fields = [Field("id", account), Field("risk", .fixed(fractionBits: 8, 0...256))]
        let paid = [Field("to", account), Field("amount", cents), Field("big", .bool)]
        let rows: [PlainTable] = [
            PlainTable([.keys([1, 2, 3]), .numbers([10, 20, 30])]),
            PlainTable([.keys([4, 1]), .numbers([40, 50])]),
            PlainTable(
                valid: [true, true, true, false],
                columns: [
                    .keys([1, 1, 4, 1]), .numbers([5, 6, 7, 1_000]),
                    .bools([true, false, true, true]),
                ]),
            PlainTable([.keys([1, 9]), .numbers([100, 200]), .bools([true, true])]),
        ].map { rows in
            isEmpty
                ? PlainTable(
                    rows.columns.map { column in
                        switch column {
                        case .numbers: .numbers([])
                        case .bools: .bools([])
                        case .keys: .keys([])
                        case .codes: .codes([])
                        }
                    }) : rows
        }
        let bounds = isEmpty ? [0, 0, 0, 0] : [3, 4, 5, 2]
        let accounts = try builder.add(
            .union(
                [
                    builder.input("account", 0, fields, bound: bounds[0], unique: ["id"], rows[0]),
                    builder.input("account", 1, fields, bound: bounds[1], unique: ["id"], rows[1]),
                ], origin: .init(column: "bank", labels: ["bankA", "bankB"])))
        let payments = try builder.add(
            .union(
                [
                    builder.input("paid", 0, paid, bound: bounds[2], rows[2]),
                    builder.input("paid", 1, paid, bound: bounds[3], rows[3]),
                ], origin: .init(column: "payer", labels: ["bankA", "bankB"])))
        return (accounts, payments)
    }

    @Test("Filter, computed columns, projection and union")
    func rowByRow() throws {
        var builder = ProgramBuilder()
        let (accounts, _) = try Self.banks(&builder)
        let risky = try builder.add(
            .filter(
                accounts,
                .comparison(
                    .greaterOrEqual, .column("risk"), .number(20, .fixed(fractionBits: 8, 20...20)))
            ))
        let more = try builder.add(
            .extend(
                risky,
                [
                    .init("band", .band(.column("risk"), thresholds: [21, 40, 50])),
                    .init(
                        "share",
                        .quotient(
                            .column("risk"),
                            .arithmetic(
                                .subtract, .number(50, .fixed(fractionBits: 8, 50...50)),
                                .arithmetic(
                                    .minimum, .column("risk"),
                                    .number(50, .fixed(fractionBits: 8, 50...50)))),
                            fractionBits: 4, ifZero: 99)),
                ]))
        let named = try builder.add(
            .project(
                more,
                [.init("id", to: "account"), .init("band", to: "band"), .init("share", to: "s")]))
        builder.reveal(named, ["account", "band", "s"])
        let results = try runEverywhere(builder)
        let expected: [[[Int128]]] = [
            [[1, 2, 3, 4], [3, 0, 1, 2], [99, 10, 24, 64]]
        ]
        #expect(results.map(\.numbers) == expected)
        #expect(results[0].schema.names == ["account", "band", "s"])
        #expect(results[0].rows.valid == [true, true, true, true])
    }

    @Test("Joins of every kind", arguments: JoinKind.allCases)
    func joins(kind: JoinKind) throws {
        var builder = ProgramBuilder()
        let (accounts, payments) = try Self.banks(&builder)
        let totals = try builder.add(
            .groupBy(
                payments, keys: ["to"],
                [.init("total", .sum("amount")), .init("payers", .countDistinct("payer"))],
                atMost: 6))
        // Of a union nobody knows that keys differ, until somebody says so.
        let both = try builder.add(
            .union([totals, builder.add(.filter(totals, .bool(false)))], origin: nil))
        let unique = try builder.add(.assumingUnique(both, ["to"]))
        let joined = try builder.add(
            .join(
                left: accounts, right: unique, on: [.init(left: "id", right: "to")], kind,
                matched: "isPaid"))
        let added = kind == .inner || kind == .left ? ["total", "payers"] : []
        builder.reveal(joined, ["id", "isPaid"] + added)
        let results = try runEverywhere(builder)
        let expected: [[Int128]] =
            switch kind {
            case .inner: [[1, 1, 4], [1, 1, 1], [111, 111, 7], [2, 2, 1]]
            case .left:
                [[1, 1, 2, 3, 4], [1, 1, 0, 0, 1], [111, 111, 0, 0, 7], [2, 2, 0, 0, 1]]
            case .semi: [[1, 1, 4], [1, 1, 1]]
            case .anti: [[2, 3], [0, 0]]
            }
        #expect(results.map(\.numbers) == [expected])
    }

    @Test("Pairs, totals of partners, windows, distinct rows, order")
    func groups() throws {
        var builder = ProgramBuilder()
        let (accounts, payments) = try Self.banks(&builder)
        let key = [Operation.KeyPair(left: "id", right: "to")]
        let pairs = try builder.add(.joinMany(left: accounts, right: payments, on: key, cap: 2))
        builder.reveal(pairs, ["id", "bank", "amount"])
        let totals = try builder.add(
            .groupJoin(
                left: accounts, right: payments, on: key,
                [
                    .init("payers", .countDistinct("payer")), .init("total", .sum("amount")),
                    .init("n", .count), .init("bigs", .countWhere("big")),
                ]))
        builder.revealToHolders(totals, ["id", "payers", "total", "n", "bigs"], [0, 1])
        let window = try builder.add(
            .window(
                payments, groups: ["to"], order: [OrderKey("amount", descending: true)],
                [.init("rank", .rowNumber), .init("running", .runningSum("amount"))]))
        builder.reveal(window, ["to", "amount", "rank", "running"], isOrdered: true)
        let first = try builder.add(.distinct(payments, on: ["to", "payer"]))
        builder.reveal(first, ["to", "payer", "amount"])
        let top = try builder.add(
            .orderBy(payments, [OrderKey("amount", descending: true)], first: 2))
        builder.reveal(top, ["amount"], isOrdered: true)
        let two = try builder.add(.limit(payments, to: 2))
        builder.reveal(two, ["amount"], isOrdered: true)

        let results = try runEverywhere(builder)
        let expected: [[[Int128]]] = [
            [[1, 1, 1, 1, 4], [0, 0, 1, 1, 1], [5, 6, 5, 6, 7]],
            [[1, 2, 3], [2, 0, 0], [111, 0, 0], [3, 0, 0], [2, 0, 0]],
            [[4, 1, 0, 0], [1, 2, 0, 0], [7, 111, 0, 0], [1, 3, 0, 0], [1, 2, 0, 0]],
            [
                [1, 1, 1, 4, 9], [100, 6, 5, 7, 200], [1, 2, 3, 1, 1], [100, 106, 111, 7, 200],
            ],
            [[1, 1, 4, 9], [0, 1, 0, 1], [5, 100, 7, 200]],
            [[200, 100]], [[5, 6]],
        ]
        #expect(results.map(\.numbers) == expected)
        #expect(results[2].rows.valid == [true, true, false, false])
    }

    @Test("Quantiles, broadcast, score and compacted rows")
    func numbers() throws {
        var builder = ProgramBuilder()
        let (accounts, payments) = try Self.banks(&builder)
        let middle = try builder.add(
            .quantiles(payments, of: "amount", [.init("median", 1, 2), .init("top", 1, 1)]))
        let wide = try builder.add(
            .broadcast(
                accounts, from: middle, [.init("top", to: "most"), .init("median", to: "m")]))
        let few = try builder.add(.compacted(wide))
        let model = try builder.input(
            "weights", 1, [Field("w", .fixed(fractionBits: 4, -64...64))], bound: 3,
            PlainTable([.numbers([-3, 2, 7])]))
        let plain = try builder.add(
            .extend(few, [.init("isA", .comparison(.equal, .column("bank"), .label("bankA")))]))
        let score = try builder.add(
            .score(plain, features: ["risk", "isA"], model: model, as: "s"))
        builder.reveal(score, ["id", "most", "m", "s"])
        let results = try runEverywhere(builder)
        // ⌊(−3 · risk + 256 · (2 · isA + 7)) / 256⌋ in units of 1/16.
        let expected: [[[Int128]]] = [
            [[1, 1, 2, 3, 4], [200, 200, 200, 200, 200], [7, 7, 7, 7, 7], [6, 8, 8, 8, 6]]
        ]
        #expect(results.map(\.numbers) == expected)
    }

    @Test("Tables of no rows, and rows none of which is valid", arguments: [true, false])
    func nothing(isEmpty: Bool) throws {
        var builder = ProgramBuilder()
        var (accounts, payments) = try Self.banks(&builder, isEmpty: isEmpty)
        if !isEmpty {
            accounts = try builder.add(.filter(accounts, .bool(false)))
            payments = try builder.add(.filter(payments, .bool(false)))
        }
        let key = [Operation.KeyPair(left: "id", right: "to")]
        let sums = try builder.add(
            .groupJoin(
                left: accounts, right: payments, on: key,
                [.init("total", .sum("amount")), .init("payers", .countDistinct("payer"))]))
        builder.reveal(sums, ["id", "total", "payers"], atMost: 2, withNumber: true)
        let pairs = try builder.add(.joinMany(left: accounts, right: payments, on: key, cap: 2))
        builder.reveal(pairs, ["amount"], to: .party(Party(1)), isOrdered: true)
        let all = try builder.add(.groupBy(payments, keys: [], [.init("n", .count)], atMost: 1))
        let middle = try builder.add(.quantiles(payments, of: "amount", [.init("median", 1, 2)]))
        let one = try builder.input(
            "one", 0, [Field("x", .bool)], bound: 1, PlainTable([.bools([true])]))
        let rows = try builder.add(.broadcast(one, from: all, [.init("n", to: "n")]))
        let both = try builder.add(.broadcast(rows, from: middle, [.init("median", to: "m")]))
        builder.reveal(both, ["x", "n", "m"])
        let test = try builder.add(
            .extend(
                all, [.init("isZero", .comparison(.equal, .column("n"), .integer(0)))]))
        builder.check(test, "isZero")
        builder.revealToHolders(accounts, ["id"], [0, 1], atMost: 0, withNumber: true)
        let few = try builder.add(.compacted(try builder.add(.distinct(payments, on: ["to"]))))
        builder.reveal(few, ["to"])
        let results = try runEverywhere(builder)
        #expect(results.allSatisfy { !$0.isSuppressed })
        #expect(results.map(\.number) == [0, nil, nil, nil, 0, 0, nil])
        #expect(results[3].holds == true)
        #expect(results[2].numbers == [[1], [0], [0]])
        for index in [0, 1, 4, 5, 6] { #expect(!results[index].rows.valid.contains(true)) }
    }

    @Test("All rows equal")
    func equalRows() throws {
        var builder = ProgramBuilder()
        let fields = [Field("k", account), Field("c", .code(["x"])), Field("n", .integer(-5...5))]
        let rows = PlainTable([
            .keys(Array(repeating: 7, count: 9)), .codes(Array(repeating: 0, count: 9)),
            .numbers(Array(repeating: -5, count: 9)),
        ])
        let (a, b) = (
            try builder.input("t", 0, fields, bound: 9, rows),
            try builder.input("t", 1, fields, bound: 9, rows)
        )
        let joined = try builder.add(
            .groupJoin(
                left: a, right: b, on: [.init(left: "k", right: "k")],
                [
                    .init("s", .sum("n")), .init("rows", .count),
                    .init("kinds", .countDistinct("c")),
                ]))
        // The same table twice in one step, and then once more.
        let twice = try builder.add(.union([joined, joined], origin: nil))
        builder.reveal(twice, ["s"], atMost: 17)
        builder.reveal(joined, ["rows"], atMost: 8)
        let groups = try builder.add(
            .groupBy(
                joined, keys: ["k", "s", "rows", "kinds"],
                [.init("c", .countDistinct("c")), .init("lowest", .minimum("n"))], atMost: nil))
        builder.reveal(groups, ["s", "rows", "kinds", "c", "lowest"], atMost: 1)
        let expected: [[[Int128]]] = [[[]], [[]], [[-45], [9], [1], [1], [-5]]]
        #expect(try runEverywhere(builder).map(\.numbers) == expected)
    }

    // MARK: How a program runs

    @Test("Every step and release is one operator of the session's costs")
    func costs() throws {
        var builder = ProgramBuilder()
        let (accounts, payments) = try Self.banks(&builder)
        let joined = try builder.add(
            .groupJoin(
                left: accounts, right: payments, on: [.init(left: "id", right: "to")],
                [.init("total", .sum("amount"))]))
        builder.reveal(joined, ["id", "total"], atMost: 5)
        let (program, tables) = (builder.program, builder.tables)
        let labels = program.steps.map(\.label) + program.releases.map(\.label)
        // Putting tables together is no work to wait for.
        let told =
            program.steps.filter { if case .union = $0.operation { false } else { true } }
            .map(\.label) + program.releases.map(\.label)
        let results = runParties(InMemoryTransport.mesh(partyCount: 3, deadline: .seconds(60))) {
            session in
            var engine = try Replicated3(Z64(), session: session)
            var heard: [String] = []
            let before = session.costs.report.total.rounds
            _ = try engine.run(
                program,
                inputs: zip(program.inputs, tables).map { $0.owner == session.party ? $1 : nil }
            ) { heard.append($0) }
            return (heard, before, session.costs.report)
        }
        for result in results {
            let (heard, before, report) = try #require(try result.get())
            #expect(heard == told)
            let rows = report.rows.filter { labels.contains($0.operator) }
            #expect(Set(rows.map(\.operator)) == Set(labels))
            #expect(rows.reduce(0) { $0 + $1.cost.rounds } == report.total.rounds - before)
        }
    }

    @Test("What only a later release needs is not computed before")
    func checksComeFirst() throws {
        var builder = ProgramBuilder()
        let (_, payments) = try Self.banks(&builder)
        let total = try builder.add(
            .groupBy(payments, keys: [], [.init("n", .count)], atMost: 1))
        let test = try builder.add(
            .extend(
                total,
                [.init("ok", .comparison(.greater, .column("n"), .number(5, .integer(0...9))))]))
        let few = try builder.add(.compacted(payments))
        builder.check(test, "ok")
        builder.reveal(few, ["amount"])
        var engine = PlainEngine(Z64())
        var heard: [String] = []
        let results = try engine.run(builder.program, inputs: builder.tables) { heard.append($0) }
        #expect(results.map(\.holds) == [false])
        #expect(!heard.contains("step \(few)") && !heard.contains("step 0"))
        #expect(heard.last == "release 0")
    }

    @Test("Tables missing or too many are refused")
    func wrongNumberOfTables() throws {
        var builder = ProgramBuilder()
        builder.reveal(try Self.banks(&builder).accounts, ["id"])
        var engine = PlainEngine(Z64())
        #expect(throws: AnalyticsError.self) { try engine.run(builder.program, inputs: []) }
    }
}
