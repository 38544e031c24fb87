import Algebra
public import MPC

extension Engine where Self: ~Copyable {
    /// ln x for 0 < x < 2^integerBits, with f fraction bits in and out.
    ///
    /// Off by at most 1 ulp. Domain: f + integerBits ≤ 58 on one-word rings; for x ≤ 0 the result is
    /// meaningless.
    ///
    /// ln x = ln c + e ln 2 with c in [1/2, 1): ln c by a minimax polynomial of degree 6. A
    /// normalisation as in ``reciprocal(_:fractionBits:integerBits:)``, three steps of a product and
    /// a truncation, one more truncation.
    ///
    /// - Parameter f: 8 ... 18.
    public mutating func logarithm(
        _ x: Shares, fractionBits f: Int = 16, integerBits: Int
    ) throws(MPCError) -> Shares {
        let (w, length) = (workingBits, f + integerBits)
        precondition(
            (2..<ring.numberBound.bitWidth - 1).contains(length) && (8...18).contains(f),
            "logarithms of \(length) bits")
        // 1. x · 2ᶠ = c · 2^(L − e).
        let normal = try normalized(x, bits: length)
        let c = try shiftedDown(normal.value, by: length - w)
        // 2. ln c from t = 4c − 3 in [−1, 1). The coefficients: Remez' algorithm; maximal error
        //    1.3 · 10⁻⁶.
        let t = adding(-3 << w, to: c.scaled(by: number(4)))
        let scale = f + 32
        let mantissa = try polynomial(
            [
                -0.2876816968893743, 0.33334183856232885, -0.05556480860315072,
                0.012278933689578001, -0.003048839193631545, 0.000951538703170417,
                -0.0002782455938161309,
            ], at: t, extraBits: scale - w)
        // 3. + (L − f − e) · ln 2.
        let ln2 = fixed(0.6931471805599453, scale)
        var sum = adding(ln2 * BigInteger(length - f), to: mantissa)
        for (t, bit) in normal.exponent.enumerated() {
            sum = sum - bit.scaled(by: number(ln2 << t))
        }
        return try rounded(sum, by: scale - f)
    }
}
