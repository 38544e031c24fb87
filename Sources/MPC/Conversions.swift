import Algebra

/// An engine: arithmetic and boolean sharing, and the ways between them.
///
/// Every engine implements these by the cheapest way that it knows; gadgets compose them.
public protocol Engine: ArithmeticProtocol, BooleanProtocol, ~Copyable {
    /// [x < 0] for numbers |x| ≤ (order − 1) / 2, exactly. Shape n → 1 row, n lanes.
    mutating func isNegative(_ x: Shares) throws(MPCError) -> Bits
    /// [x = 0] for every ring element. Shape n → 1 row, n lanes.
    mutating func isZero(_ x: Shares) throws(MPCError) -> Bits
    /// The bits of the plain integer x in [0, order), lowest first. Shape n → bitWidth rows.
    mutating func bits(of x: Shares) throws(MPCError) -> Bits
    /// Each bit as the ring element 0 or 1, row after row. Shape r rows × n lanes → r · n.
    mutating func fromBits(_ b: Bits) throws(MPCError) -> Shares
}
