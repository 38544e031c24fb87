import Algebra
public import MPC

/// Square roots of fixed-point numbers with f fraction bits, f even.
///
/// R. Goldschmidt's coupled iteration for √c and 1/√c (P. Markstein, *Software Division and Square
/// Root Using Goldschmidt's Algorithms*, 2004), after a normalisation that keeps the exponent even.
extension Engine where Self: ~Copyable {
    /// √x for 0 ≤ x < 2^integerBits.
    ///
    /// Off by at most 1/2 ulp plus 2⁻²⁵ of the result: 1 ulp below 2²⁴ ulp. Domain: f + integerBits
    /// from 3 to 58 on one-word rings. For negative x the result is meaningless.
    ///
    /// A normalisation as in ``reciprocal(_:fractionBits:integerBits:)``, then nine steps of a
    /// product and a truncation, two more rounds of products and one more truncation.
    public mutating func squareRoot(
        _ x: Shares, fractionBits f: Int = 16, integerBits: Int
    ) throws(MPCError) -> Shares {
        let length = evenLength(f, integerBits)
        let roots = try normalizedRoots(x, bits: length)
        // √(x · 2ᶠ) = g · 2^((L + f)/2 − k − w); the factor is Π (kₜ ? 1 : 2^(2ᵗ)) / 2^(Σ 2ᵗ).
        let highest = 1 << roots.halfExponent.count - 1
        let factor = try productOfAll(
            roots.halfExponent.enumerated().map { t, bit in
                power(1 << t, where: subtracting(bit, from: 1))
            })
        return try rounded(
            multiply(roots.root, factor), by: workingBits + highest - (length + f) / 2)
    }

    /// 1/√x for 0 < x < 2^integerBits.
    ///
    /// Off by at most 1/2 ulp plus 2⁻²⁵ of the result. Domain and cost as
    /// ``squareRoot(_:fractionBits:integerBits:)``; for x ≤ 0 the result is meaningless.
    public mutating func reciprocalSquareRoot(
        _ x: Shares, fractionBits f: Int = 16, integerBits: Int
    ) throws(MPCError) -> Shares {
        let length = evenLength(f, integerBits)
        let roots = try normalizedRoots(x, bits: length)
        // 2^(3f/2) / √x = 2h · 2ᵏ · 2^((3f − L)/2 − w).
        let factor = try productOfAll(
            roots.halfExponent.enumerated().map { power(1 << $0, where: $1) })
        return try rounded(
            multiply(roots.halfReciprocal, factor),
            by: workingBits - 1 - (3 * f - length) / 2)
    }

    private func evenLength(_ f: Int, _ integerBits: Int) -> Int {
        precondition(f % 2 == 0, "\(f) fraction bits under a root")
        let length = (f + integerBits + 1) / 2 * 2
        precondition(
            (4..<ring.numberBound.bitWidth).contains(length), "radicands of \(length) bits")
        return length
    }

    /// √c and 1/(2√c) for c = x · 4ᵏ / 2ᴸ in [1/4, 1), and the bits of k.
    ///
    /// With ``workingBits`` fraction bits. For x = 0 the root is 0.
    private mutating func normalizedRoots(_ x: Shares, bits length: Int) throws(MPCError) -> (
        root: Shares, halfReciprocal: Shares, halfExponent: [Shares]
    ) {
        let (w, n) = (workingBits, x.count)
        let normal = try normalized(x, bits: length, even: true)
        let c = try shiftedDown(normal.value, by: length - w)
        // 1. 1/√c ≈ (17 − 10c) / 8 within 12.5 %; g = c/√c, h = 1/(2√c).
        let start = subtracting(c.scaled(by: number(10)), from: 17 << w)
        var both = try truncate(
            .concatenating([multiply(c, start), start.scaled(by: number(1 << (w - 1)))]),
            by: w + 3)
        // 2. r = 1/2 − g · h; g ← g + g · r, h ← h + h · r. The error e becomes 3e²/2.
        for _ in 0..<4 {
            let (g, h) = (both[0..<n], both[n..<2 * n])
            let r = try truncate(subtracting(multiply(g, h), from: 1 << (2 * w - 1)), by: w)
            both = try both + truncate(multiply(both, .concatenating([r, r])), by: w)
        }
        return (both[0..<n], both[n..<2 * n], normal.exponent)
    }
}
