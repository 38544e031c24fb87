import Algebra
import Gadgets
import MPC
import TestSupport
import Testing

private let sizes = [0, 1, 2, 3, 63, 64, 65, 1000]

private typealias Plain = PlainEngine<Z64>
private typealias Rows = Columns<Plain.Shares, Plain.Bits>

/// A record of 70 bits, 6 of them a key with ties, and a number: all tell where the row came from.
private struct Row: Equatable {
    var key: UInt64
    var flag: Bool
    var origin: Int

    static let key = 3..<9
    static let flag = 66
    static let width = 70

    var words: [UInt64] { [0b101 | key << 3 | UInt64(origin) << 9, flag ? 0b100100 : 0b100000] }

    static func random(_ count: Int, keys: UInt64 = 64) -> [Row] {
        var generator = SeededGenerator(seed: UInt64(count) + keys)
        return (0..<count).map {
            Row(
                key: .random(in: 0..<keys, using: &generator), flag: .random(using: &generator),
                origin: $0)
        }
    }
}

private func columns(_ rows: [Row], _ engine: borrowing Plain) -> Rows {
    let records = BitMatrix(
        integers: rows.flatMap(\.words), limbsPerInteger: 2, bits: Row.width
    ).transposed()
    let origins = Vector(engine.ring, rows.map { Int64($0.origin) })
    return Columns(numbers: [engine.constant(origins)], records: engine.constant(bits: records))
}

/// What came out, with the check that numbers and records stayed together.
private func rows(_ columns: Rows, _ engine: inout Plain) throws -> [Row] {
    let words = try engine.reveal(bits: columns.records.transposed()).value
        .integers(limbsPerInteger: 2)
    let origins = try engine.reveal(columns.numbers[0]).value.decoded()
    return origins.enumerated().map { index, origin in
        let row = Row(
            key: words[2 * index] >> 3 & 63, flag: words[2 * index + 1] & 4 > 0, origin: Int(origin)
        )
        #expect(row.words == Array(words[2 * index..<2 * index + 2]))
        return row
    }
}

private func stable(_ rows: [Row]) -> [Row] {
    rows.sorted { ($0.key, $0.origin) < ($1.key, $1.origin) }
}

@Suite struct RelationalGadgetTests {
    @Test(arguments: sizes, [1, 3, 64] as [UInt64])
    func sortsStably(_ count: Int, keys: UInt64) throws {
        var engine = PlainEngine(Z64())
        let given = Row.random(count, keys: keys)
        let columns = columns(given, engine)
        for batch in [64, 1 << 12] {
            let sorted = try engine.sort(columns, by: Row.key, batch: batch)
            #expect(try rows(sorted, &engine) == stable(given))
        }
        let top = try engine.sort(columns, by: Row.key, first: 7, batch: 128)
        #expect(try rows(top, &engine) == Array(stable(given).prefix(7)))
        let few = try engine.radixSort(columns, by: Row.key)
        #expect(try rows(few, &engine) == stable(given))
    }

    /// A key that does not begin at a word's border of the record, and one that spans two words.
    @Test func keysLieAnywhere() throws {
        var engine = PlainEngine(Z64())
        let given = Row.random(100)
        let columns = columns(given, engine)
        // Bits 60 ... 69 hold the flag as bit 6: flags last.
        let sorted = try engine.sort(columns, by: 60..<70, batch: 64)
        #expect(
            try rows(sorted, &engine) == given.filter { !$0.flag } + given.filter(\.flag))
        let flags = try engine.sort(columns, by: 66..<67, batch: 64)
        #expect(try rows(flags, &engine) == given.filter { !$0.flag } + given.filter(\.flag))
    }

    @Test(arguments: sizes) func partitions(_ count: Int) throws {
        var engine = PlainEngine(Z64())
        let given = Row.random(count)
        let columns = columns(given, engine)
        let expected = given.filter(\.flag) + given.filter { !$0.flag }
        #expect(try rows(engine.partition(columns, by: Row.flag), &engine) == expected)
        let compacted = try engine.compact(columns, by: Row.flag, to: 10)
        #expect(try rows(compacted, &engine) == Array(expected.prefix(10)))
    }

    @Test(arguments: sizes) func arranges(_ count: Int) throws {
        var engine = PlainEngine(Z64())
        let given = Row.random(count)
        let sorted = try engine.sort(columns(given, engine), by: Row.key, batch: 64)
        let restored = try engine.arrange(sorted, at: sorted.numbers[0])
        #expect(try rows(restored, &engine) == given)
    }

    @Test func placesThatAreNoPermutationAreRefused() {
        var engine = PlainEngine(Z64())
        let columns = columns(Row.random(3), engine)
        let places = engine.constant(Vector(engine.ring, [0, 2, 2]))
        #expect(throws: MPCError.cheating(.malformedMessage(step: "arranging rows"), by: nil)) {
            _ = try engine.arrange(columns, at: places)
        }
    }

    @Test(arguments: [
        [0], [1], [0, 0], [1, 1], [2, 1], [3, 0, 5], [31, 33], [64, 1, 1], [100, 63, 65, 7, 200],
    ])
    func merges(_ runs: [Int]) throws {
        var engine = PlainEngine(Z64())
        var given: [Row] = []
        for run in runs {
            let base = given.count
            let rows = stable(Row.random(run)).map(\.key)
            given += rows.enumerated().map { Row(key: $1, flag: $0 % 3 == 0, origin: base + $0) }
        }
        let merged = try engine.merge(
            columns(given, engine), runs: runs, by: Row.key, batch: 64)
        #expect(try rows(merged, &engine) == stable(given))
    }

    @Test(arguments: sizes) func scans(_ count: Int) throws {
        var engine = PlainEngine(Z64())
        var generator = SeededGenerator(seed: UInt64(count))
        let heads = (0..<count).map { _ in Int.random(in: 0..<5, using: &generator) == 0 }
        let values = (0..<count).map { _ in Int64.random(in: -9...9, using: &generator) }
        let flags = values.map { $0 == 3 }
        func expected<T>(_ values: [T], _ combine: (T, T) -> T) -> [T] {
            var running: [T] = []
            for (index, value) in values.enumerated() {
                running.append(
                    heads[index] || index == 0 ? value : combine(running[index - 1], value))
            }
            return running
        }
        let marks = engine.constant(bits: BitMatrix(heads))
        let x = engine.constant(Vector(engine.ring, values))
        let numbers: [(NumberScan, (Int64, Int64) -> Int64)] = [
            (.sum, +), (.minimum, min), (.maximum, max), (.first, { first, _ in first }),
        ]
        for (operation, combine) in numbers {
            let scanned = try engine.segmentedScan(x, operation, heads: marks)
            #expect(
                try engine.reveal(scanned).value == Vector(engine.ring, expected(values, combine)))
        }
        let any = try engine.segmentedScan(
            bits: engine.constant(bits: BitMatrix(flags)), .or, heads: marks)
        #expect(try engine.reveal(bits: any).value == BitMatrix(expected(flags) { $0 || $1 }))

        let unsigned = values.map { UInt64($0 + 9) }
        func wires(_ values: [UInt64]) -> BitMatrix {
            BitMatrix(integers: values, limbsPerInteger: 1, bits: 5)
        }
        let integers: [(BitScan, (UInt64, UInt64) -> UInt64)] = [
            (.minimum, min), (.maximum, max), (.first, { first, _ in first }), (.or, |),
        ]
        for (operation, combine) in integers {
            let scanned = try engine.segmentedScan(
                bits: engine.constant(bits: wires(unsigned)), operation, heads: marks)
            #expect(try engine.reveal(bits: scanned).value == wires(expected(unsigned, combine)))
        }
    }

    @Test(arguments: sizes) func spreads(_ count: Int) throws {
        var engine = PlainEngine(Z64())
        var generator = SeededGenerator(seed: UInt64(count))
        let flags = (0..<count).map { _ in Int.random(in: 0..<4, using: &generator) == 0 }
        let values = (0..<count).map { _ in UInt64.random(in: 0..<32, using: &generator) }
        var expected: [UInt64] = []
        for (flag, value) in zip(flags, values) {
            expected.append(flag ? value : expected.last ?? 0)
        }
        let wires = BitMatrix(integers: values, limbsPerInteger: 1, bits: 5)
        let numbers = Vector(engine.ring, values.map { Int64($0) })
        let spread = try engine.spread(
            numbers: [engine.constant(numbers)], wires: engine.constant(bits: wires),
            from: engine.constant(bits: BitMatrix(flags)))
        #expect(try engine.reveal(spread.numbers[0]).value.decoded() == expected)
        #expect(
            try engine.reveal(bits: spread.wires).value.integers(limbsPerInteger: 1) == expected)
    }
}
