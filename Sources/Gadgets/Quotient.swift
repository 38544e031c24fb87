import Algebra
public import MPC

extension Engine where Self: ~Copyable {
    /// ⌊x / y⌋ for 0 ≤ x < 2^bits · y, by long division.
    ///
    /// Exact. Each bit takes a comparison, a conversion and a product. For other operands the
    /// result is arbitrary.
    ///
    /// - Precondition: 2^(bits − 1) · y and x are within ``Ring/numberBound``.
    public mutating func quotient(_ x: Shares, by y: Shares, bits: Int) throws(MPCError) -> Shares {
        var rest = x
        var quotient = constant(Vector(ring, zeros: x.count))
        for bit in (0..<bits).reversed() {
            let power = Vector(ring, big: [BigInteger(1) << bit])
            let part = y.scaled(by: power)
            let fits = try fromBits(not(isLess(rest, than: part)))
            rest = try rest - multiply(fits, part)
            quotient = quotient + fits.scaled(by: power)
        }
        return quotient
    }
}
