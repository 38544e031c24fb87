import Analytics
import Applications
import Primitives
import Script
import Tables

/// One made-up table of one party.
struct SampleTable {
    private let script: CheckedScript
    private let party: Party
    private let rows: Int
    /// How often rows like these, but larger, were too large.
    private let attempt: Int
    private var generator: SampleGenerator
    private let parties: Int
    private let keysOfParty: Int

    init(
        _ script: CheckedScript, party: Party, rows: Int, attempt: Int,
        _ generator: SampleGenerator
    ) {
        (self.script, self.party, self.rows) = (script, party, rows)
        (self.attempt, self.generator) = (attempt, generator)
        parties = script.program.parties.count
        keysOfParty = script.tables.map(\.bound).reduce(rows, min)
    }

    /// Makes the table from which all of `brought` are read.
    mutating func make(_ brought: [BroughtTable]) -> Table {
        let name = brought[0].source
        if let weights = brought[0].weights { return model(name, brought[0].read[0], weights) }
        var columns: [CheckedColumn] = []
        for column in brought.flatMap(\.read)
        where !columns.contains(where: { $0.field.name == column.field.name }) {
            columns.append(column)
        }
        let declared = script.tables.filter { table in brought.contains { $0.name == table.name } }
        let unique = declared.flatMap { $0.preparation?.unique ?? $0.unique }
        let bound = declared.map { $0.preparation?.bound ?? $0.bound }.min() ?? rows
        let isHolders = declared.contains { table in
            script.reveals.contains {
                guard case .holder(table.name, let key) = $0.recipient else { return false }
                return unique.contains([key])
            }
        }
        // As many as there may be groups after a preparation.
        let groups = declared.map(\.bound).min() ?? rows
        let keys = Array((isHolders ? ownKeys : knownKeys).prefix(groups))
        let isPrepared = declared.contains { $0.preparation != nil }
        let count = isPrepared ? max(1, rows >> (attempt / 3)) : rows
        let rows = self.rows(min(count, bound), columns, unique, keys)
        return Table(
            name: name, schema: Schema(columns),
            columns: columns.indices.map { index in
                guard case .key(let domain, _) = columns[index].field.type else {
                    return .integers(rows.map { $0[index] })
                }
                let spelling = KeySpeller(domain, in: script)
                return .texts(TextColumn(rows.lazy.map { spelling.text(Int($0[index])) }))
            })
    }

    // MARK: Rows

    /// Rows as numbers, keys by their numbers, such that unique columns are.
    private mutating func rows(
        _ count: Int, _ columns: [CheckedColumn], _ unique: [[String]], _ keys: [Int]
    ) -> [[Int64]] {
        let places = unique.map { names in
            columns.indices.filter { names.contains(columns[$0].field.name) }
        }
        // A column that is unique by itself takes each key once, in any order.
        let single = Set(places.filter { $0.count == 1 }.map { $0[0] })
        var shuffled = keys
        if !single.isEmpty { generator.shuffle(&shuffled) }
        var seen = places.map { _ in Set<[Int64]>() }
        var rows: [[Int64]] = []
        var misses = 0
        while rows.count < count, misses < 100 {
            var row: [Int64] = []
            for (index, column) in columns.enumerated() {
                if case .key = column.field.type {
                    let number =
                        single.contains(index)
                        ? shuffled[rows.count % shuffled.count] : keys[oftenSmall(keys.count)]
                    row.append(Int64(number))
                } else {
                    row.append(cell(column.field.type))
                }
            }
            let values = places.map { $0.map { row[$0] } }
            guard seen.indices.allSatisfy({ !seen[$0].contains(values[$0]) }) else {
                misses += 1
                continue
            }
            misses = 0
            for index in seen.indices { seen[index].insert(values[index]) }
            rows.append(row)
        }
        return rows
    }

    private mutating func cell(_ type: Analytics.ColumnType) -> Int64 {
        switch type {
        case .bool: return generator.below(8) == 0 ? 1 : 0
        case .code(let labels):
            return Int64(min(generator.below(labels.count), generator.below(labels.count)))
        case .day(let range), .minute(let range): return uniform(range)
        default: return type.range.map { spread($0) } ?? 0
        }
    }

    private mutating func uniform(_ range: ClosedRange<Int128>) -> Int64 {
        let width = Int(clamping: range.upperBound - range.lowerBound)
        return Int64(clamping: range.lowerBound + Int128(generator.below(max(1, width + 1))))
    }

    /// A number of the range, on both sides of zero if zero is inside.
    private mutating func spread(_ range: ClosedRange<Int128>) -> Int64 {
        let (low, high) = (range.lowerBound, range.upperBound)
        if low < 0, high > 0 {
            return generator.below(2) == 0
                ? Int64(clamping: magnitude(upTo: high)) : Int64(clamping: -magnitude(upTo: -low))
        }
        return high <= 0
            ? Int64(clamping: high - magnitude(upTo: high - low))
            : Int64(clamping: low + magnitude(upTo: high - low))
    }

    /// First how many bits it has, then which: as many numbers of one size as of another.
    private mutating func magnitude(upTo largest: Int128) -> Int128 {
        let width = min(largest, Int128(Int64.max)) >> Int128(2 * attempt)
        let bits = Int128.bitWidth - width.leadingZeroBitCount
        let mask = (Int128(1) << Int128(generator.below(bits + 1))) - 1
        let number = Int128(generator.next() >> 1) & mask
        return number > width ? number % (width + 1) : number
    }

    /// A place below `count`, more often a small one: the cube of a number from 0 to 1.
    private mutating func oftenSmall(_ count: Int) -> Int {
        let number = generator.next()
        let square = number.multipliedFullWidth(by: number).high
        let cube = square.multipliedFullWidth(by: number).high
        return Int(cube.multipliedFullWidth(by: UInt64(count)).high)
    }

    // MARK: Keys

    /// The keys that this party may have rows of: a third are everybody's, the others its own.
    private var knownKeys: [Int] {
        (0..<parties * keysOfParty).filter {
            ($0 / parties).isMultiple(of: 3) || $0 % parties == party.index
        }
    }

    /// The keys that this party alone holds.
    private var ownKeys: [Int] {
        Array(stride(from: party.index, to: parties * keysOfParty, by: parties))
    }

    // MARK: Models

    /// Small weights, a row for each feature and the last for the bias.
    private mutating func model(_ name: String, _ column: CheckedColumn, _ weights: Int) -> Table {
        let quarter: ClosedRange<Int128> = -(1 << 14)...1 << 14
        let range = column.field.type.range.map { $0.clamped(to: quarter) } ?? quarter
        let names = (1..<weights).map { "feature \($0)" } + ["bias"]
        let values = names.map { _ in uniform(range) }
        return Table(
            name: name,
            schema: Schema([
                .init("feature", .text(maxBytes: 32)),
                .init(column.field.name, Tables.ColumnType(column.field.type)),
            ]), columns: [.texts(TextColumn(names)), .integers(values)])
    }
}

/// How keys of one domain are written: alike at all parties, and equal to their canonical forms.
private struct KeySpeller {
    private let prefix: String

    init(_ domain: String, in script: CheckedScript) {
        let columns = script.tables.flatMap { $0.columns + ($0.preparation?.columns ?? []) }
        let isDigits = columns.contains {
            guard case .key(domain, _) = $0.field.type else { return false }
            return $0.canonical == .digits
        }
        prefix =
            isDigits
            ? "" : String(domain.uppercased().filter { ("A"..."Z").contains($0) }.prefix(4))
    }

    func text(_ number: Int) -> String { prefix + String(100_000_000 + number) }
}
