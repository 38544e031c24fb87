import Algebra
import Gadgets
import MPC

/// What a total of a group is made of: columns whose sums over the group's rows tell it.
struct Summands<Shares: ShareVector> {
    /// One for each label if labels are counted, two for an average, else one.
    let columns: [Shares]
    /// Whether the total is how many of the sums are not zero.
    let areLabels: Bool
}

extension Array {
    /// The same with other columns, which are given one after the other: sums of them.
    func replacing<Shares>(columns: [Shares]) -> Self where Element == Summands<Shares> {
        var rest = columns[...]
        return map { part in
            defer { rest.removeFirst(part.columns.count) }
            return Summands(
                columns: [Shares](rest.prefix(part.columns.count)), areLabels: part.areLabels)
        }
    }
}

/// Sums, counts and counts of different values, of rows that a sort has brought together or will.
extension Engine where Self: ~Copyable {
    /// For each sum, average or count the columns to be summed up; zero in rows that are not valid.
    ///
    /// One conversion of bits and one product for all of them; for labels a round of ANDs for each
    /// bit of the code.
    ///
    /// - Parameter key: where values of a column are counted that is no short code: the wires by
    ///   which the rows are sorted, that column's the lowest of them.
    mutating func summands(
        _ totals: [Aggregate], of rows: SecretTable<Self>, sortedBy key: Bits? = nil
    ) throws(AnalyticsError) -> [Summands<Shares>] {
        // 1. What is counted, as bits: validity, then for each count its condition or its labels.
        var wires = [rows.valid]
        var counted: [(rows: Range<Int>, areLabels: Bool)] = []
        var (amounts, next): ([Shares], Int) = ([], 1)
        for total in totals {
            var (bits, areLabels): (Bits?, Bool) = (nil, false)
            switch (total, try column(of: total, in: rows)) {
            case (.countWhere, .bits(let condition)?):
                bits = try computing { () throws(MPCError) in try and(rows.valid, condition) }
            case (.countDistinct(let name), let column?):
                let type = try rows.schema.field(name).type
                if case (.code(let labels), .bits(let code)) = (type, column), type.isShortCode {
                    areLabels = true
                    bits = try computing { () throws(MPCError) in
                        try indicators(of: code, where: rows.valid)[0..<labels.count]
                    }
                } else if let key {
                    let repeats = try equalsRowAbove(key, context: rows.context)
                    bits = try computing { () throws(MPCError) in
                        try and(rows.valid, not(repeats))
                    }
                }
            case (.sum, .numbers(let x)?), (.average, .numbers(let x)?): amounts.append(x)
            default: break
            }
            if let bits { wires.append(bits) }
            counted.append((next..<next + (bits?.rows ?? 0), areLabels))
            next += bits?.rows ?? 0
        }

        // 2. Bits as numbers, and amounts where rows are valid.
        return try computing { () throws(MPCError) in
            let n = rows.bound
            let flags = try fromBits(Bits.concatenating(rows: wires))
            let isCounted = flags[0..<n]
            var valid: [Shares] = []
            if !amounts.isEmpty {
                let all = try multiply(
                    .concatenating(amounts.map { _ in isCounted }), .concatenating(amounts))
                valid = amounts.indices.map { all[$0 * n..<($0 + 1) * n] }
            }
            return zip(totals, counted).map { total, bits in
                let columns =
                    switch total {
                    case .sum: [valid.removeFirst()]
                    case .average: [valid.removeFirst(), isCounted]
                    case .count: [isCounted]
                    default: bits.rows.map { flags[$0 * n..<($0 + 1) * n] }
                    }
                return Summands(columns: columns, areLabels: bits.areLabels)
            }
        }
    }

    /// The totals from groups' sums, one group a row: the sums themselves, or how many of them are
    /// not zero, for all labels in one test.
    mutating func totals(from sums: [Summands<Shares>]) throws(MPCError) -> [[Shares]] {
        let labels = sums.filter(\.areLabels).flatMap(\.columns)
        guard let n = labels.first?.count else { return sums.map(\.columns) }
        let isSeen = try fromBits(not(isZero(.concatenating(labels))))
        var next = 0
        return sums.map { sums in
            guard sums.areLabels else { return sums.columns }
            let seen = sums.columns.indices.map { label in
                isSeen[(next + label) * n..<(next + label + 1) * n]
            }
            next += sums.columns.count
            return [seen.dropFirst().reduce(seen[0]) { $0 + $1 }]
        }
    }

    private func column(of total: Aggregate, in rows: SecretTable<Self>) throws(AnalyticsError)
        -> ColumnShares<Self>?
    {
        guard let name = total.column else { return nil }
        return rows.columns[try rows.schema.index(of: name)]
    }

    /// Row i: whether the code is i and the condition holds, for all i below 2^(bits of the code).
    ///
    /// A round of ANDs for each bit, 2^bits − 1 of them a lane in all.
    private mutating func indicators(of code: Bits, where condition: Bits) throws(MPCError)
        -> Bits
    {
        var rows = condition
        for bit in 0..<code.rows {
            let same = Bits.concatenating(
                rows: Array(repeating: code[bit..<bit + 1], count: rows.rows))
            let set = try and(rows, same)
            rows = Bits.concatenating(rows: [rows ^ set, set])
        }
        return rows
    }
}
