public import Algebra
public import MPC

/// Comparisons of numbers, exact over the whole declared range.
///
/// Operands and thresholds lie within ±``Ring/numberBound``, so that their difference can be told
/// from its negative. Each is one call of ``Engine/isNegative(_:)`` or ``Engine/isZero(_:)``;
/// everything else is local. Results are one row of n lanes.
extension Engine where Self: ~Copyable {
    /// [x < y].
    public mutating func isLess(_ x: Shares, than y: Shares) throws(MPCError) -> Bits {
        try isNegative(x - y)
    }

    /// [x < t] for public t.
    public mutating func isLess(_ x: Shares, than t: Vector<R>) throws(MPCError) -> Bits {
        try isNegative(adding(-t, to: x))
    }

    /// [x ≥ t] for public t.
    public mutating func isAtLeast(_ x: Shares, _ t: Vector<R>) throws(MPCError) -> Bits {
        not(try isLess(x, than: t))
    }

    /// [x = y], for every two ring elements.
    public mutating func isEqual(_ x: Shares, to y: Shares) throws(MPCError) -> Bits {
        try isZero(x - y)
    }

    /// [x = t] for public t.
    public mutating func isEqual(_ x: Shares, to t: Vector<R>) throws(MPCError) -> Bits {
        try isZero(adding(-t, to: x))
    }
    // MARK: Keys

    /// [x < k] of unsigned integers for public k, in equally many bits each, lowest first.
    public mutating func isLess(_ x: Bits, than k: BitMatrix) throws(MPCError) -> Bits {
        try isLess(x, than: constant(bits: k))
    }

    /// [k < x].
    public mutating func isGreater(_ x: Bits, than k: BitMatrix) throws(MPCError) -> Bits {
        try isLess(constant(bits: k), than: x)
    }

    /// [x = k].
    public mutating func isEqual(_ x: Bits, to k: BitMatrix) throws(MPCError) -> Bits {
        try isEqual(x, to: constant(bits: k))
    }
}
