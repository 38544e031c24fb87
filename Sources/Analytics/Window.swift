import Algebra
import Gadgets
public import MPC

/// A value of each row that depends on the rows above it in its group.
public enum WindowFunction: Hashable, Sendable {
    /// 1 for the first row of a group.
    case rowNumber
    case runningSum(String)
    /// The value so many rows above; zero where there is none in the group.
    case previous(String, rows: Int)
    /// An aggregate over this row and those above it, at most `rows` in all, as far as a column
    /// of days or minutes is at most `distance` less than in this row.
    case recent(RecentAggregate, rows: Int, within: Distance?)

    public struct Distance: Hashable, Sendable {
        public let column: String
        public let distance: Int128
        public init(_ column: String, _ distance: Int128) {
            (self.column, self.distance) = (column, distance)
        }
    }

    public enum RecentAggregate: Hashable, Sendable {
        case count
        case sum(String)
        case minimum(String)
        case maximum(String)
        /// The number of different labels of a code.
        case countDistinct(String)
    }
}

extension Engine where Self: ~Copyable {
    /// The rows in order of groups, and within a group in the order stated, with one more column
    /// for each function.
    ///
    /// Leaks nothing. One sort; row numbers and running sums then take one ``spread(numbers:wires:from:)``
    /// in all; what looks at recent rows a comparison for each of them.
    public mutating func window(
        _ table: SecretTable<Self>, groups: [String], order: [OrderKey],
        _ functions: [(name: String, WindowFunction)]
    ) throws(AnalyticsError) -> SecretTable<Self> {
        let schema = try table.schema.windowed(
            groups: groups, order: order, functions, limit: ring.numberLimit)
        // The groups' columns come last in the key's wires, below the wire of validity.
        let (rows, wires, _) = try sorted(table, by: groups.map { OrderKey($0) } + order)
        var width = 0
        for key in order { width += try table.schema.field(key.column).type.bitCount }
        let joined = try equalsRowAbove(wires[width..<wires.rows], context: table.context)
        let bases = try runningBases(rows, joined, functions.map { $0.1 })

        var more: [ColumnShares<Self>] = []
        var nextBase = 0
        for (_, function) in functions {
            let shares: ColumnShares<Self>
            switch function {
            case .rowNumber, .runningSum:
                shares = .numbers(bases[nextBase].sums - bases[nextBase].base)
                nextBase += 1
            case .previous(let column, let distance):
                shares = try previous(
                    rows.columns[try rows.schema.index(of: column)], distance, joined)
            case .recent(let aggregate, let count, let within):
                shares = .numbers(try recent(rows, aggregate, count, within, joined))
            }
            more.append(shares)
        }
        return rows.appending(more, schema)
    }

    /// For each running function its sums over all rows, and what they were before each group.
    private mutating func runningBases(
        _ rows: SecretTable<Self>, _ joined: Bits, _ functions: [WindowFunction]
    ) throws(AnalyticsError) -> [(sums: Shares, base: Shares)] {
        var (sums, before): ([Shares], [Shares]) = ([], [])
        let ones = constant(
            Vector(ring, repeating: 1, count: rows.bound), count: rows.bound)
        for function in functions {
            let values: Shares
            switch function {
            case .rowNumber: values = ones
            case .runningSum(let name):
                guard case .numbers(let x) = rows.columns[try rows.schema.index(of: name)] else {
                    continue
                }
                values = x
            case .previous, .recent: continue
            }
            sums.append(values.prefixSums())
            before.append(values.prefixSums() - values)
        }
        guard !sums.isEmpty else { return [] }
        let bases = try computing { () throws(MPCError) in
            try spread(
                numbers: before, wires: constant(bits: BitMatrix(rows: 0, count: rows.bound)),
                from: not(joined))
        }
        return zip(sums, bases.numbers).map { ($0, $1) }
    }

    /// Whether the row `distance` above is in the same group: 1 row of n lanes.
    private mutating func joined(_ joined: Bits, over distance: Int) throws(MPCError) -> Bits {
        var all = joined
        for _ in 1..<max(1, distance) { all = try and(joined, all.shiftedLanes(by: 1)) }
        return all
    }

    private mutating func previous(_ column: ColumnShares<Self>, _ distance: Int, _ joined: Bits)
        throws(AnalyticsError) -> ColumnShares<Self>
    {
        try computing { () throws(MPCError) -> ColumnShares<Self> in
            let same = try self.joined(joined, over: distance)
            switch column {
            case .numbers(let x):
                return .numbers(try multiply(bits: same, shifted(x, by: distance)))
            case .bits(let x):
                let all = Bits.concatenating(rows: Array(repeating: same, count: x.rows))
                return .bits(try and(all, x.shiftedLanes(by: distance)))
            }
        }
    }
}
