import Algebra
public import MPC

/// Smaller, larger and absolute values: one comparison, one conversion of a bit and one product.
///
/// Domain: operands within ±``Ring/numberBound``. Exact.
extension Engine where Self: ~Copyable {
    /// The smaller of x and y, and whether it is x: [x < y], 1 row.
    public mutating func minimum(_ x: Shares, _ y: Shares) throws(MPCError) -> (
        value: Shares, isFirst: Bits
    ) {
        let isFirst = try isNegative(x - y)
        return (try select(isFirst, x, otherwise: y), isFirst)
    }

    /// The larger of x and y, and whether it is x: [y < x], 1 row.
    public mutating func maximum(_ x: Shares, _ y: Shares) throws(MPCError) -> (
        value: Shares, isFirst: Bits
    ) {
        let isFirst = try isNegative(y - x)
        return (try select(isFirst, x, otherwise: y), isFirst)
    }

    /// |x|, and [x < 0], 1 row.
    public mutating func absoluteValue(_ x: Shares) throws(MPCError) -> (
        value: Shares, isNegative: Bits
    ) {
        let sign = try isNegative(x)
        return (x - (try multiply(bits: sign, x)).scaled(by: number(2)), sign)
    }
}
