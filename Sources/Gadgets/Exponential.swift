import Algebra
public import MPC

extension Engine where Self: ~Copyable {
    /// eˣ for −(f + 1) ln 2 ≤ x < (30 − f) ln 2, with f fraction bits in and out: for f = 16 from
    /// −11.78 to 9.70.
    ///
    /// Off by at most 1/2 ulp plus 2⁻²⁶ of the result: 1 ulp for x below (25 − f) ln 2. Outside of
    /// the domain the result is meaningless.
    ///
    /// eˣ = 2ⁿ · 2ʳ with n the floor of x log₂ e: 2ʳ by a minimax polynomial of degree 6, 2ⁿ from
    /// the five bits of n. Two truncations, three steps of a product and a truncation, one more;
    /// a decomposition into 5 bits and their conversion, four rounds of products, a truncation.
    ///
    /// - Parameter f: 8 ... 18.
    public mutating func exponential(_ x: Shares, fractionBits f: Int = 16) throws(MPCError)
        -> Shares
    {
        let w = workingBits
        // 1. z = x · log₂ e + f + 1 ≥ 0, with w fraction bits.
        precondition((8...18).contains(f), "exponentials with \(f) fraction bits")
        let extra = 8
        let scaled = x.scaled(by: number(fixed(1.4426950408889634, w + extra)))
        let z = adding(
            BigInteger(f + 1) << w, to: try shiftedDown(scaled, by: f + extra))
        // 2. n in 0 ... 30, and r = z − n in [0, 1).
        let n = try truncate(z, by: w)
        let r = z - n.scaled(by: number(1 << w))
        // 3. 2ʳ from t = 2r − 1. The coefficients: Remez' algorithm; maximal error 2.7 · 10⁻⁹.
        let t = adding(-1 << w, to: r + r)
        let fraction = try rounded(
            polynomial(
                [
                    1.41421356225864, 0.4901290902249159, 0.08493289890653179,
                    0.009811685030134009, 0.0008501186427649688, 5.9222100685779446e-05,
                    3.420192063183113e-06,
                ], at: t, extraBits: 28), by: 28)
        // 4. 2ⁿ from the bits of n.
        let digits = try fromBits(bits(of: n, count: 5)).split(into: 5)
        let wholePower = try productOfAll(digits.enumerated().map { power(1 << $0, where: $1) })
        // 5. 2^(z − f − 1) · 2ᶠ.
        return try rounded(multiply(fraction, wholePower), by: w + 1)
    }
}
