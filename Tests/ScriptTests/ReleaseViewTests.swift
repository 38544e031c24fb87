import Algebra
import Analytics
import MPC
import Primitives
import Script
import TestSupport
import Testing

/// What a release shows, all that is revealed on the way included: exactly, over all shuffles.
///
/// For any two inputs of which the recipients may learn the same, it has the same distribution.
@Suite struct ReleaseViewTests {
    private typealias Rows = (valid: [Bool], numbers: [Int128])
    private typealias Reveal = (inout ProgramBuilder, _ table: Int) throws -> Void

    /// What is revealed and released for given shuffles of a table of two rows of bank A and two of
    /// bank B; the sizes of the shuffles there were.
    private static func view(_ rows: Rows, _ shuffles: [Permutation], _ reveal: Reveal) throws -> (
        view: [String], shuffled: [Int]
    ) {
        var builder = ProgramBuilder()
        let fields = [Field("n", .integer(0...9)), Field("isOdd", .bool)]
        let parts = try [0, 1].map { bank in
            let part = 2 * bank..<2 * bank + 2
            return try builder.input(
                "t", bank, fields, bound: 2,
                PlainTable(
                    valid: Array(rows.valid[part]),
                    columns: [
                        .numbers(Array(rows.numbers[part])),
                        .bools(rows.numbers[part].map { $0 % 2 == 1 }),
                    ]))
        }
        try reveal(&builder, builder.add(.union(parts, origin: nil)))
        var engine = TranscriptEngine(shuffles: shuffles)
        _ = try engine.run(builder.program, inputs: builder.tables)
        return (engine.transcript + engine.released, engine.shuffled)
    }

    private static func distribution(_ rows: Rows, _ reveal: Reveal) throws -> [[String]: Int] {
        var counts: [[String]: Int] = [:]
        func extend(_ shuffles: [Permutation], _ sizes: ArraySlice<Int>) throws {
            guard let size = sizes.first else {
                counts[try view(rows, shuffles, reveal).view, default: 0] += 1
                return
            }
            for order in orders(size) { try extend(shuffles + [order], sizes.dropFirst()) }
        }
        try extend([], view(rows, [], reveal).shuffled[...])
        return counts
    }

    private static func orders(_ n: Int) -> [Permutation] {
        func all(_ n: Int) -> [[UInt32]] {
            guard n > 0 else { return [[]] }
            return all(n - 1).flatMap { rest in
                (0..<n).map { Array(rest[..<$0]) + [UInt32(n - 1)] + Array(rest[$0...]) }
            }
        }
        return all(n).compactMap { Permutation(checking: $0) }
    }

    private static func isSame(_ inputs: [Rows], _ reveal: Reveal) throws -> Bool {
        let distributions = try inputs.map { try distribution($0, reveal) }
        return distributions.allSatisfy { $0 == distributions[0] }
    }

    /// The same valid rows in other orders, and with others that are not valid.
    private static let reordered: [Rows] = [
        ([true, true, false, false], [3, 8, 1, 1]), ([false, true, false, true], [5, 8, 0, 3]),
        ([true, false, false, true], [8, 9, 9, 3]),
    ]

    @Test("Neither the order of rows nor those that are not valid show, with a limit or without")
    func orders() throws {
        for limit in [nil, 2, 3] {
            #expect(
                try Self.isSame(Self.reordered) { builder, table in
                    builder.reveal(table, ["n", "isOdd"], atMost: limit)
                })
        }
        // Other rows show.
        let other: Rows = ([true, true, false, false], [3, 7, 1, 1])
        #expect(
            try !Self.isSame([Self.reordered[0], other]) { builder, table in
                builder.reveal(table, ["n", "isOdd"], atMost: 2)
            })
    }

    @Test("Columns that are not released do not show")
    func otherColumns() throws {
        let rows: [Rows] = [
            ([true, true, true, false], [1, 2, 3, 4]), ([true, true, true, false], [9, 8, 7, 7]),
        ]
        #expect(try Self.isSame(rows) { builder, table in builder.reveal(table, ["isOdd"]) })
    }

    @Test("In an order, gaps between valid rows do not show")
    func gaps() throws {
        let rows: [Rows] = [
            ([true, true, false, false], [2, 5, 7, 8]),
            ([false, true, false, true], [1, 2, 3, 5]),
        ]
        #expect(
            try Self.isSame(rows) { builder, table in
                builder.reveal(table, ["n"], isOrdered: true)
            })
    }

    @Test("Of suppressed rows nothing shows, not their number unless it is released")
    func suppressed() throws {
        let rows: [Rows] = [
            ([true, true, false, false], [3, 8, 1, 1]), ([true, true, true, true], [0, 1, 2, 3]),
            ([false, true, true, true], [9, 9, 9, 9]),
        ]
        for isOrdered in [true, false] {
            #expect(
                try Self.isSame(rows) { builder, table in
                    builder.reveal(table, ["n", "isOdd"], isOrdered: isOrdered, atMost: 1)
                })
            #expect(
                try !Self.isSame(rows) { builder, table in
                    builder.reveal(
                        table, ["n"], isOrdered: isOrdered, atMost: 1, withNumber: true)
                })
            #expect(
                try Self.isSame(Array(rows[..<1]) + [([true, false, false, true], [4, 4, 4, 4])]) {
                    builder, table in
                    builder.reveal(
                        table, ["n"], isOrdered: isOrdered, atMost: 1, withNumber: true)
                })
        }
    }

    @Test("A holder's suppressed rows do not show, another's do")
    func holders() throws {
        let rows: [Rows] = [
            ([true, true, true, false], [3, 8, 4, 1]), ([true, true, true, false], [0, 0, 4, 7]),
        ]
        let reveal: Reveal = { builder, table in
            builder.revealToHolders(table, ["n", "isOdd"], [0, 1], atMost: 1)
        }
        #expect(try Self.isSame(rows, reveal))
        let other: Rows = ([true, true, false, true], [3, 8, 4, 1])
        #expect(try !Self.isSame([rows[0], other], reveal))
    }

    @Test("Behind a check that does not hold nothing shows; of the check one bit")
    func checks() throws {
        let rows: [Rows] = [
            ([true, true, true, false], [3, 8, 4, 1]),
            ([true, false, false, false], [0, 9, 9, 9]),
        ]
        #expect(
            try Self.isSame(rows) { builder, table in
                let count = try builder.add(
                    .groupBy(table, keys: [], [.init("n", .count)], atMost: 1))
                let test = try builder.add(
                    .extend(
                        count,
                        [
                            .init(
                                "ok",
                                .comparison(
                                    .greater, .column("n"), .number(3, .integer(0...4))))
                        ]))
                builder.check(test, "ok")
                builder.reveal(table, ["n"])
                builder.reveal(try builder.add(.compacted(table)), ["n"])
            })
    }
}
