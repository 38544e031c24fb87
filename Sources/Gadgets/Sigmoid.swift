import Algebra
public import MPC

extension Engine where Self: ~Copyable {
    /// 1 / (1 + e⁻ˣ) for every number x, with 16 fraction bits.
    ///
    /// Off by at most 0.00098, which is 64 ulp. Far out it is 0.00095 or 1 less that.
    ///
    /// Three comparisons (two of them together), four products with a bit, two truncations and two
    /// rounds of products: the odd part is two cubic pieces in |x| and a constant, of which bits
    /// choose. Nothing is truncated in between.
    ///
    /// - Parameter f: the fraction bits of x. An inner product of numbers with 16 fraction bits
    ///   each needs no truncation before: it has 32.
    public mutating func sigmoid(_ x: Shares, fractionBits f: Int = 16) throws(MPCError) -> Shares {
        let n = x.count
        let pieces = SigmoidPieces.self
        // 1. |x| and its sign.
        let (magnitude, isNegative) = try absoluteValue(x)
        // 2. Which pieces |x| lies below.
        let ends = pieces.ends.map { end in
            Vector(repeating: number(fixed(end, f)), count: n)
        }
        let isBelow = try isLess(
            .concatenating([magnitude, magnitude]), than: .concatenating(ends))
        // 3. t, t², t³ with 11, 22 and 33 fraction bits.
        let t = try rounded(magnitude, by: f - pieces.argumentBits)
        let square = try square(t)
        let powers = [t, square, try multiply(t, square)]
        // 4. h = tail + [t < end₁] · (p₁ − tail) + [t < end₀] · (p₀ − p₁), with 48 fraction bits.
        let p = pieces.coefficients.map { evaluate($0, powers) }
        let differences = Shares.concatenating([
            p[0] - p[1], adding(-fixed(pieces.tail, pieces.scale), to: p[1]),
        ])
        let chosen = try multiply(bits: isBelow, differences)
        let h = adding(
            fixed(pieces.tail, pieces.scale), to: chosen[0..<n] + chosen[n..<2 * n])
        // 5. 1/2 ± h.
        let negative = try multiply(bits: isNegative, h).scaled(by: number(2))
        return try rounded(
            adding(1 << (pieces.scale - 1), to: h - negative), by: pieces.scale - 16)
    }

    /// c₀ + c₁ t + c₂ t² + c₃ t³: local.
    private func evaluate(_ coefficients: [Double], _ powers: [Shares]) -> Shares {
        let pieces = SigmoidPieces.self
        var sum = powers[0].scaled(by: number(0))
        for (k, power) in powers.enumerated() {
            let bits = pieces.scale - (k + 1) * pieces.argumentBits
            sum = sum + power.scaled(by: number(fixed(coefficients[k + 1], bits)))
        }
        return adding(fixed(coefficients[0], pieces.scale), to: sum)
    }
}

/// 1 / (1 + e⁻ᵗ) − 1/2 for t ≥ 0: minimax cubics found by linear programming, with the highest
/// coefficient fixed to a multiple of 2⁻¹⁵ first; maximal errors 0.000896, 0.000946, 0.000949.
private enum SigmoidPieces {
    static let argumentBits = 11
    static let scale = 48
    static let ends = [2.28125, 6.265625]
    static let coefficients = [
        [-0.0008959010184701854, 0.26268202399757334, -0.027409737476365544, -0.004150390625],
        [0.0863926744827977, 0.21906307053075433, -0.039748858375258406, 0.00244140625],
    ]
    static let tail = 0.49905154
}
