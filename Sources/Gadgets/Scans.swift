import Algebra
public import MPC

/// What a segmented scan of numbers gives each row, of its segment's rows up to itself.
public enum NumberScan: Sendable { case sum, minimum, maximum, first }

/// What a segmented scan of bits gives each row, of its segment's rows up to itself.
///
/// Minimum and maximum take all rows of wires as one unsigned integer, lowest bit first.
public enum BitScan: Sendable { case or, minimum, maximum, first }

/// Running results within segments, in ⌈log₂ n⌉ levels (W. D. Hillis and G. L. Steele, CACM 1986).
///
/// A segment begins at each row with a head, and at row 0. At level s = 1, 2, 4 ... row j combines
/// with row j − s, unless a head among rows j − s + 1 ... j separates them.
extension Engine where Self: ~Copyable {
    /// Running results of numbers.
    ///
    /// Shape n → n. A level converts n bits and multiplies n numbers; minimum and maximum also
    /// compare.
    ///
    /// Sums may wrap around the ring; numbers compared lie within ±``Ring/numberBound``.
    ///
    /// - Parameter heads: 1 row of n lanes.
    public mutating func segmentedScan(_ x: Shares, _ operation: NumberScan, heads: Bits)
        throws(MPCError) -> Shares
    {
        let n = x.count
        var (x, separated) = (x, heads)
        for s in Self.distances(n) {
            let previous = shifted(x, by: s)
            let joined = joined(separated, at: s)
            switch operation {
            case .sum: x = try x + multiply(bits: joined, previous)
            case .first: x = try select(joined, previous, otherwise: x)
            case .minimum:
                let takes = try and(joined, isLess(previous, than: x))
                x = try select(takes, previous, otherwise: x)
            case .maximum:
                let takes = try and(joined, isLess(x, than: previous))
                x = try select(takes, previous, otherwise: x)
            }
            separated = try or(separated, separated.shiftedLanes(by: s))
        }
        return x
    }

    /// Running results of bits.
    ///
    /// Shape r × n → r × n. A level takes one AND a bit; minimum and maximum also compare.
    ///
    /// - Parameter heads: 1 row of n lanes.
    public mutating func segmentedScan(bits x: Bits, _ operation: BitScan, heads: Bits)
        throws(MPCError) -> Bits
    {
        var (x, separated) = (x, heads)
        for s in Self.distances(x.count) {
            let previous = x.shiftedLanes(by: s)
            let joined = joined(separated, at: s)
            switch operation {
            case .or:
                let all = Bits.concatenating(rows: Array(repeating: joined, count: x.rows))
                x = try or(x, and(all, previous))
            case .first: x = try select(joined, previous, otherwise: x)
            case .minimum:
                let takes = try and(joined, isLess(previous, than: x))
                x = try select(takes, previous, otherwise: x)
            case .maximum:
                let takes = try and(joined, isLess(x, than: previous))
                x = try select(takes, previous, otherwise: x)
            }
            separated = try or(separated, separated.shiftedLanes(by: s))
        }
        return x
    }

    /// Row j is row j − distance; zero in the first rows.
    public func shifted(_ x: Shares, by distance: Int) -> Shares {
        let distance = min(distance, x.count)
        return .concatenating([
            constant(Vector(ring, zeros: distance)), x[0..<x.count - distance],
        ])
    }

    private static func distances(_ n: Int) -> [Int] {
        Array(sequence(first: 1) { $0 * 2 }.prefix { $0 < n })
    }

    /// Whether row j − s exists and no head separates it from row j.
    private func joined(_ separated: Bits, at s: Int) -> Bits {
        let exists = BitMatrix(rows: 1, count: separated.count, repeating: true)
            .shiftedLanes(by: s)
        return exists & not(separated)
    }
}
