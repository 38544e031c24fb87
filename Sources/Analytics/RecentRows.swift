import Algebra
import Gadgets
import MPC

extension Engine where Self: ~Copyable {
    /// An aggregate over each row and the recent ones above it.
    ///
    /// One row upwards after the other: whether it is in the group and recent, and what it adds.
    ///
    /// - Parameter joined: whether a row is in the group of the row above: 1 row of n lanes.
    mutating func recent(
        _ rows: SecretTable<Self>, _ aggregate: WindowFunction.RecentAggregate, _ count: Int,
        _ within: WindowFunction.Distance?, _ joined: Bits
    ) throws(AnalyticsError) -> Shares {
        let n = rows.bound
        let clock = try within.map { within throws(AnalyticsError) in
            rows.columns[try rows.schema.index(of: within.column)]
        }
        var result = try RecentResult(of: aggregate, rows, engine: &self)
        return try computing { () throws(MPCError) in
            var same = joined
            for distance in 1..<max(1, count) {
                var isRecent = same
                if let within, case .numbers(let time)? = clock {
                    // Not recent: earlier + distance < time.
                    let limit = adding(
                        Vector(ring, repeating: within.distance, count: n),
                        to: shifted(time, by: distance))
                    let isLong = try isLess(limit, than: time)
                    isRecent = try and(isRecent, not(isLong))
                }
                try result.add(rowsAbove: distance, where: isRecent, engine: &self)
                same = try and(joined, same.shiftedLanes(by: 1))
            }
            return try result.value(engine: &self)
        }
    }
}

/// What has been gathered for each row so far.
private enum RecentResult<E: Engine & ~Copyable> {
    case count(Shares)
    case sum(of: Shares, Shares)
    case minimum(of: Shares, Shares)
    case maximum(of: Shares, Shares)
    /// One row of lanes for each label: whether it is the row's own, and whether it was seen.
    case labels(own: Bits, seen: Bits)

    typealias Shares = E.Shares
    typealias Bits = E.Bits

    init(
        of aggregate: WindowFunction.RecentAggregate, _ rows: SecretTable<E>, engine: inout E
    ) throws(AnalyticsError) {
        guard let name = aggregate.column else {
            self = .count(
                engine.constant(
                    Vector(engine.ring, repeating: 1, count: rows.bound), count: rows.bound))
            return
        }
        switch (aggregate, rows.columns[try rows.schema.index(of: name)]) {
        case (.sum, .numbers(let x)): self = .sum(of: x, x)
        case (.minimum, .numbers(let x)): self = .minimum(of: x, x)
        case (.maximum, .numbers(let x)): self = .maximum(of: x, x)
        case (_, .bits):
            var own: [Bits] = []
            if case .code(let labels) = try rows.schema.field(name).type {
                for label in labels {
                    own.append(
                        try engine.condition(
                            .comparison(.equal, .column(name), .label(label)), over: rows))
                }
            }
            let wires = Bits.concatenating(rows: own)
            self = .labels(own: wires, seen: wires)
        default: throw .wrongType(expression: name, reason: "is a number")
        }
    }

    mutating func add(rowsAbove distance: Int, where isRecent: Bits, engine: inout E)
        throws(MPCError)
    {
        switch self {
        case .count(let count): self = .count(try count + engine.fromBits(isRecent))
        case .sum(let x, let sum):
            let flags = try engine.fromBits(isRecent)
            self = .sum(
                of: x, try sum + engine.multiply(flags, engine.shifted(x, by: distance)))
        case .minimum(let x, let least):
            let above = engine.shifted(x, by: distance)
            let takes = try engine.and(isRecent, engine.isLess(above, than: least))
            self = .minimum(of: x, try engine.select(takes, above, otherwise: least))
        case .maximum(let x, let largest):
            let above = engine.shifted(x, by: distance)
            let takes = try engine.and(isRecent, engine.isLess(largest, than: above))
            self = .maximum(of: x, try engine.select(takes, above, otherwise: largest))
        case .labels(let own, let seen):
            let all = Bits.concatenating(rows: Array(repeating: isRecent, count: own.rows))
            let above = try engine.and(all, own.shiftedLanes(by: distance))
            self = .labels(own: own, seen: try engine.or(seen, above))
        }
    }

    func value(engine: inout E) throws(MPCError) -> Shares {
        switch self {
        case .count(let result), .sum(_, let result), .minimum(_, let result),
            .maximum(_, let result):
            return result
        case .labels(_, let seen):
            let (n, flags) = (seen.count, try engine.fromBits(seen))
            return (1..<seen.rows).reduce(flags[0..<n]) { $0 + flags[$1 * n..<($1 + 1) * n] }
        }
    }
}
