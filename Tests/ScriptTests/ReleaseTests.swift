import Analytics
import Primitives
import Script
import Testing

/// What releases tell, at their limits and beyond, on every engine.
@Suite struct ReleaseTests {
    private static let fields = [
        Field("id", account), Field("amount", cents), Field("kind", .code(["a", "b", "c"])),
    ]

    /// A table of bank A with 4 of 5 rows valid, and one of bank B with 2 of 3.
    private static func tables(_ builder: inout ProgramBuilder) throws -> Int {
        let first = try builder.input(
            "t", 0, fields, bound: 6,
            PlainTable(
                valid: [true, true, false, true, true],
                columns: [
                    .keys([3, 1, 8, 2, 4]), .numbers([30, 10, 80, 20, 40]),
                    .codes([0, 1, 2, 1, 0]),
                ]))
        let second = try builder.input(
            "t", 1, fields, bound: 3,
            PlainTable(
                valid: [false, true, true],
                columns: [.keys([9, 6, 5]), .numbers([90, 60, 50]), .codes([2, 2, 2])]))
        return try builder.add(.union([first, second], origin: nil))
    }

    @Test("To all, to one, in no order: limits met exactly and exceeded by one")
    func rows() throws {
        var builder = ProgramBuilder()
        let all = try Self.tables(&builder)
        builder.reveal(all, ["amount", "kind"], atMost: 6)
        builder.reveal(all, ["amount", "kind"], atMost: 5)
        builder.reveal(all, ["id"], to: .party(Party(1)), atMost: 5, withNumber: true)
        builder.reveal(all, ["id"], to: .party(Party(0)), atMost: 100, withNumber: true)
        builder.reveal(all, ["id"], atMost: 0)
        builder.reveal(all, [], withNumber: true)
        let results = try runEverywhere(builder)
        #expect(results.map(\.isSuppressed) == [false, true, true, false, true, false])
        #expect(results.map(\.number) == [nil, nil, 6, 6, nil, 6])
        #expect(results.map(\.recipient) == [nil, nil, Party(1), Party(0), nil, nil])
        #expect(
            results.map(\.numbers) == [
                [[10, 20, 30, 40, 50, 60], [1, 1, 0, 0, 2, 2]], [[], []], [[]],
                [[1, 2, 3, 4, 5, 6]], [[]], [],
            ])
        #expect(results.map(\.schema.bound) == [6, 5, 5, 9, 0, 9])
        #expect(results[1].schema.names == ["amount", "kind"] && results[1].rows.count == 0)
    }

    @Test("In an order: the valid rows close up, so that gaps tell nothing")
    func orderedRows() throws {
        var builder = ProgramBuilder()
        let sorted = try builder.add(
            .orderBy(Self.tables(&builder), [OrderKey("amount", descending: true)], first: nil))
        let some = try builder.add(
            .filter(sorted, .not(.comparison(.equal, .column("kind"), .label("b")))))
        builder.reveal(some, ["amount"], isOrdered: true)
        builder.reveal(some, ["amount"], isOrdered: true, atMost: 4, withNumber: true)
        builder.reveal(some, ["amount"], isOrdered: true, atMost: 3)
        let results = try runEverywhere(builder)
        #expect(results.map(\.numbers) == [[[60, 50, 40, 30]], [[60, 50, 40, 30]], [[]]])
        #expect(results.map(\.isSuppressed) == [false, false, true])
    }

    @Test("To holders: each its own rows in its own order, each part with its own limit")
    func holders() throws {
        var builder = ProgramBuilder()
        let all = try Self.tables(&builder)
        builder.revealToHolders(all, ["id", "kind"], [0, 1])
        builder.revealToHolders(all, ["amount"], [0, 1], atMost: 4, withNumber: true)
        builder.revealToHolders(all, ["amount"], [0, 1], atMost: 3)
        builder.revealToHolders(all, ["amount"], [0, 1], atMost: 1, withNumber: true)
        let results = try runEverywhere(builder)
        #expect(results.map(\.index) == [0, 0, 1, 1, 2, 2, 3, 3])
        #expect(results.map(\.recipient?.index) == [0, 1, 0, 1, 0, 1, 0, 1])
        #expect(
            results.map(\.isSuppressed) == [false, false, false, false, true, false, true, true])
        #expect(results.map(\.number) == [nil, nil, 4, 2, nil, nil, 4, 2])
        let first: [Int128] = [30, 10, 0, 20, 40, 0]
        #expect(
            results.map(\.numbers) == [
                [[3, 1, 0, 2, 4, 0], [0, 1, 0, 1, 0, 0]], [[0, 6, 5], [0, 2, 2]],
                [first], [[0, 60, 50]], [[]], [[0, 60, 50]], [[]], [[]],
            ])
        #expect(results[0].rows.valid == [true, true, false, true, true, false])
    }

    @Test("Rows that are not the holders' are refused")
    func notTheHoldersRows() throws {
        var builder = ProgramBuilder()
        let all = try Self.tables(&builder)
        builder.revealToHolders(all, ["id"], [0])
        #expect(throws: AnalyticsError.self) { try runEverywhere(builder) }
    }

    @Test(
        "A check that holds goes on; one that does not ends the run; no row is no", arguments: 0..<4
    )
    func checks(number: Int) throws {
        var builder = ProgramBuilder()
        let all = try Self.tables(&builder)
        let rows =
            switch number {
            // Six, six, none by a filter, and a table of no rows.
            case 2: try builder.add(.filter(all, .bool(false)))
            case 3: try builder.add(.limit(all, to: 0))
            default: all
            }
        let count = try builder.add(.groupBy(rows, keys: [], [.init("n", .count)], atMost: 1))
        let least: Expression = .number(number == 1 ? 7 : 6, .integer(0...9))
        let test = try builder.add(
            .extend(
                count, [.init("enough", .comparison(.greaterOrEqual, .column("n"), least))]))
        builder.reveal(all, ["amount"], atMost: 1)
        builder.check(test, "enough")
        builder.reveal(all, ["id"], atMost: 6)
        let results = try runEverywhere(builder)
        #expect(results.map(\.holds) == (number == 0 ? [nil, true, nil] : [nil, false]))
        #expect(results[1].rows.count == 0 && results[1].recipient == nil)
        if number == 0 { #expect(results[2].numbers == [[1, 2, 3, 4, 5, 6]]) }
    }
}
