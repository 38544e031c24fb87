import Algebra
public import MPC

extension Engine where Self: ~Copyable {
    /// 1 / x for 0 < x < 2^integerBits, with f fraction bits.
    ///
    /// Off by at most 1/2 ulp plus 2⁻²⁵ of the result: 1 ulp for x ≥ 2^(f − 24). Domain:
    /// 2 ≤ f + integerBits ≤ 31 on one-word rings. For x ≤ 0 the result is meaningless.
    ///
    /// A normalisation of L = f + integerBits bits (decomposition, ⌈log₂ L⌉ rounds of ANDs, one
    /// conversion, ⌈log₂ log₂ L⌉ + 1 rounds of products), then four steps of a product and a
    /// truncation, one more product and one more truncation.
    ///
    /// - Parameter f: 1 ... 24.
    public mutating func reciprocal(
        _ x: Shares, fractionBits f: Int = 16, integerBits: Int
    ) throws(MPCError) -> Shares {
        let length = f + integerBits
        let (y, factor) = try normalizedReciprocal(x, bits: length)
        // 2²ᶠ / x = y · 2ᵉ · 2^(2f − L − w).
        return try rounded(multiply(y, factor), by: length + workingBits - 2 * f)
    }

    /// y and 2ᵉ with 1/b = y · 2ᵉ / 2^(L + w), for integers 0 < b < 2ᴸ, w = ``workingBits``.
    ///
    /// y never exceeds the true value, and misses at most 2⁻²⁵ of it.
    ///
    /// R. Goldschmidt, *Applications of Division by Convergence*, MIT 1964, in the form of Catrina
    /// and Saxena, *Secure Computation with Fixed-Point Numbers*, FC 2010, protocol Div.
    mutating func normalizedReciprocal(_ b: Shares, bits length: Int) throws(MPCError)
        -> (y: Shares, factor: Shares)
    {
        let w = workingBits
        precondition(
            (2..<ring.numberBound.bitWidth - w).contains(length), "divisors of \(length) bits")
        // 1. c = b · 2ᵉ / 2ᴸ in [1/2, 1], rounded up.
        let normal = try normalized(b, bits: length)
        var c = try shiftedDown(normal.value, by: length - w)
        if length > w { c = adding(1, to: c) }
        // 2. y = 2.9142 − 2c, and e = 1 − c · y: |e| < 0.0858.
        var y = subtracting(c + c, from: fixed(2.9142, w))
        let one = BigInteger(1) << w
        var e = try truncate(subtracting(multiply(c, y), from: one << w), by: w)
        // 3. y ← y · (1 + e), e ← e²; three times, since 0.0858⁸ < 2⁻²⁸. All rounds down.
        for _ in 0..<2 {
            let products = try truncate(
                multiply(.concatenating([y, e]), .concatenating([adding(one, to: e), e])), by: w)
            (y, e) = (products[0..<b.count], products[b.count..<2 * b.count])
        }
        return (try truncate(multiply(y, adding(one, to: e)), by: w), normal.factor)
    }
}
