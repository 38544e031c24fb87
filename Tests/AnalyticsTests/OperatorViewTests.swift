import Algebra
import Analytics
import Gadgets
import MPC
import Primitives
import TestSupport
import Testing

private typealias Table = SecretTable<TranscriptEngine>
private typealias Operator = (inout TranscriptEngine, _ facts: Table, _ unique: Table) throws ->
    Void

/// Four rows, or fewer, with a key, an amount and a bool; and two rows of unique keys.
private struct Data {
    var keys: [UInt128]
    var amounts: [Int128]
    var flags: [Bool]
    var valid: [Bool]
    var unique: [UInt128]
}

private let key = ColumnType.key(domain: "account", bits: 64)

/// What an operator shows of its tables: what is run on which shapes, and what is revealed.
///
/// That must be the same for all tables of one shape, or have the same distribution over shuffles.
@Suite struct OperatorViewTests {
    private static func inputs(_ data: Data, _ engine: inout TranscriptEngine) throws -> (
        Table, Table
    ) {
        let facts = try TableSchema(
            [Field("k", key), Field("m", .integer(0...100)), Field("b", .bool)],
            bound: data.keys.count)
        let unique = try TableSchema(
            [Field("uk", key), Field("u", .integer(0...9))], bound: data.unique.count)
        return (
            try engine.input(
                PlainTable(
                    valid: data.valid,
                    columns: [.keys(data.keys), .numbers(data.amounts), .bools(data.flags)]),
                facts, from: Party(0)),
            try engine.input(
                PlainTable([
                    .keys(data.unique), .numbers(data.unique.map { Int128($0 % 10) }),
                ]), unique, unique: ["uk"], from: Party(1))
        )
    }

    private static func transcript(_ data: Data, _ shuffles: [Permutation], _ run: Operator) throws
        -> (transcript: [String], shuffled: [Int])
    {
        var engine = TranscriptEngine(shuffles: shuffles)
        let (facts, unique) = try inputs(data, &engine)
        try run(&engine, facts, unique)
        return (engine.transcript, engine.shuffled)
    }

    /// All orders of n rows.
    private static func orders(_ n: Int) -> [Permutation] {
        func all(_ n: Int) -> [[UInt32]] {
            guard n > 0 else { return [[]] }
            return all(n - 1).flatMap { rest in
                (0..<n).map { Array(rest[..<$0]) + [UInt32(n - 1)] + Array(rest[$0...]) }
            }
        }
        return all(n).compactMap { Permutation(checking: $0) }
    }

    /// How often each transcript occurs over all choices of all shuffles.
    private static func distribution(_ data: Data, _ run: Operator) throws -> [[String]: Int] {
        var counts: [[String]: Int] = [:]
        func extend(_ shuffles: [Permutation], _ sizes: ArraySlice<Int>) throws {
            guard let size = sizes.first else {
                counts[try transcript(data, shuffles, run).transcript, default: 0] += 1
                return
            }
            for order in orders(size) { try extend(shuffles + [order], sizes.dropFirst()) }
        }
        try extend([], transcript(data, [], run).shuffled[...])
        return counts
    }

    /// Different, equal and invalid rows; of one shape.
    private static func inputs(rows: Int) -> [Data] {
        let all = [
            Data(
                keys: [1, 2, 3, 4], amounts: [1, 2, 3, 4], flags: [true, true, true, true],
                valid: [true, true, true, true], unique: [1, 2]),
            Data(
                keys: [7, 7, 7, 7], amounts: [9, 9, 9, 9], flags: [false, false, false, false],
                valid: [true, true, true, true], unique: [3, 7]),
            Data(
                keys: [9, 1, 9, 1], amounts: [100, 0, 50, 0], flags: [true, false, true, false],
                valid: [true, false, false, true], unique: [9, 1]),
            Data(
                keys: [4, 3, 2, 1], amounts: [4, 3, 2, 1], flags: [false, true, true, false],
                valid: [false, false, false, false], unique: [5, 6]),
        ]
        return all.map { data in
            var data = data
            data.keys.removeLast(4 - rows)
            data.amounts.removeLast(4 - rows)
            data.flags.removeLast(4 - rows)
            data.valid.removeLast(4 - rows)
            return data
        }
    }

    private static func sameForAll(rows: Int, _ run: Operator) throws {
        let distributions = try inputs(rows: rows).map { try distribution($0, run) }
        #expect(distributions.allSatisfy { $0 == distributions[0] })
    }

    @Test("Exactly, over all shuffles: order by, distinct, limit")
    func ordering() throws {
        try Self.sameForAll(rows: 4) { engine, facts, _ in
            _ = try engine.orderBy(facts, [OrderKey("k"), OrderKey("m", descending: true)])
        }
        try Self.sameForAll(rows: 4) { engine, facts, _ in
            _ = try engine.orderBy(facts, [OrderKey("m")], first: 2)
        }
        try Self.sameForAll(rows: 4) { engine, facts, _ in _ = try engine.distinct(facts) }
        try Self.sameForAll(rows: 4) { engine, facts, _ in _ = try engine.limit(facts, to: 2) }
    }

    @Test("Exactly, over all shuffles: group by, group totals, windows")
    func groups() throws {
        try Self.sameForAll(rows: 4) { engine, facts, _ in
            _ = try engine.groupBy(
                facts, ["k"], [("s", .sum("m")), ("a", .average("m")), ("n", .countWhere("b"))])
        }
        try Self.sameForAll(rows: 3) { engine, facts, _ in
            _ = try engine.groupBy(facts, ["b"], [("d", .countDistinct("k")), ("n", .count)])
        }
        try Self.sameForAll(rows: 2) { engine, facts, _ in
            _ = try engine.withGroupTotals(facts, ["k"], [("s", .sum("m"))])
        }
        try Self.sameForAll(rows: 3) { engine, facts, _ in
            _ = try engine.window(
                facts, groups: ["k"], order: [OrderKey("m")],
                [
                    ("r", .runningSum("m")),
                    ("w", .recent(.maximum("m"), rows: 2, within: .init("m", 5))),
                ])
        }
    }

    @Test("Exactly, over all shuffles: joins")
    func joins() throws {
        // One row and two rows with one, whose interval has two ends.
        for rows in [1, 2] {
            let inputs = Self.inputs(rows: rows).map { data in
                var data = data
                data.unique.removeLast()
                return data
            }
            let distributions = try inputs.map {
                try Self.distribution($0) { engine, facts, unique in
                    _ = try engine.join(facts, unique, on: [("k", "uk")], .left, matched: "is")
                }
            }
            #expect(distributions.allSatisfy { $0 == distributions[0] })
        }
    }

    @Test("Exactly, over all shuffles: group joins, rows compacted, shuffled and limited")
    func groupJoinsAndReleases() throws {
        let one = Self.inputs(rows: 2).map { data in
            var data = data
            data.unique.removeLast()
            return data
        }
        let joins = try one.map {
            try Self.distribution($0) { engine, facts, unique in
                _ = try engine.groupJoin(
                    unique, facts, on: [("uk", "k")],
                    [("s", .sum("m")), ("n", .count), ("w", .countWhere("b"))])
            }
        }
        #expect(joins.allSatisfy { $0 == joins[0] })

        // Three of three rows are valid twice, then two of three, then none.
        let inputs = Self.inputs(rows: 3)
        let compacted = try inputs.map {
            try Self.distribution($0) { engine, facts, _ in _ = try engine.compacted(facts) }
        }
        #expect(compacted[0] == compacted[1])
        #expect(compacted[0] != compacted[2] && compacted[2] != compacted[3])

        // Whether a limit is exceeded or not, nothing is seen before the release.
        try Self.sameForAll(rows: 3) { engine, facts, _ in
            let limited = try engine.limited(facts, parts: [0..<3], to: 1, counting: true)
            let few = try engine.limit(engine.shuffled(limited.table), to: 1)
            _ = try engine.zeroed(few)
        }
    }

    /// Row by row, nothing is revealed at all: the transcripts are equal.
    @Test func otherOperatorsShowNothing() throws {
        let operators: [Operator] = [
            { engine, facts, _ in
                _ = try engine.filter(
                    facts, where: .comparison(.less, .column("m"), .number(5, .integer(0...9))))
            },
            { engine, facts, _ in
                _ = try engine.extend(
                    facts, "x",
                    .choice(
                        if: .column("b"), then: .column("m"),
                        else: .arithmetic(.multiply, .column("m"), .column("m"))))
            },
            { engine, facts, _ in
                _ = try engine.extend(
                    facts, "x",
                    .quotient(.column("m"), .column("m"), fractionBits: 4, ifZero: 1))
                _ = try engine.extend(facts, "x", .band(.column("m"), thresholds: [1, 50]))
            },
            { engine, facts, _ in
                let weights = try engine.limited(
                    facts, parts: [0..<4], to: nil, counting: true
                ).statements[0]
                _ = try engine.score(facts, features: [], model: weights, as: "s")
                _ = try engine.broadcast(facts, from: weights, [("number", "n")])
            },
            { engine, facts, _ in
                _ = try engine.histogram(facts, of: "m", edges: [0, 5, 50], as: "n")
            },
            { engine, facts, _ in _ = try engine.output(facts, to: .all) },
            { engine, facts, _ in
                // A merge of sorted rows moves them in secret.
                _ = try engine.union([facts, facts])
            },
        ]
        for run in operators {
            let transcripts = try Self.inputs(rows: 4).map { try Self.transcript($0, [], run) }
            #expect(transcripts.allSatisfy { $0.transcript == transcripts[0].transcript })
            #expect(transcripts[0].shuffled.isEmpty)
            #expect(!transcripts[0].transcript.contains { $0.hasPrefix("reveal") })
        }
    }

    /// The test can fail: rows that are not shuffled tell their order.
    @Test func withoutShufflesOrdersShow() throws {
        let transcripts = try Self.inputs(rows: 4).map {
            try Self.transcript($0, []) { engine, facts, _ in
                _ = try engine.orderBy(facts, [OrderKey("k")])
            }.transcript
        }
        #expect(Set(transcripts).count > 1)
    }
}
