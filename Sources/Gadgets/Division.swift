public import Algebra
import Foundation
public import MPC

/// Exact division of integers: ⌊a / b⌋, rounded towards −∞, error 0.
///
/// Approximate quotients that never exceed the true one are taken off the numerator until what is
/// left is below 2b; a comparison decides about the last unit.
extension Engine where Self: ~Copyable {
    /// ⌊a / b⌋ for secret 0 < b < 2^divisorBits and |a| < 2^numeratorBits.
    ///
    /// Domain: 2 ≤ divisorBits ≤ 31 on one-word rings. For b ≤ 0 the result is meaningless.
    ///
    /// One reciprocal, 2 or 3 steps of 3 products and 2 to 3 truncations, 2 comparisons.
    ///
    /// - Parameter quotientBits: where quotients are known to be smaller than numerators,
    ///   |a / b| < 2^quotientBits.
    public mutating func divide(
        _ a: Shares, by b: Shares, numeratorBits: Int, divisorBits: Int, quotientBits: Int? = nil
    ) throws(MPCError) -> Shares {
        let (w, capacity) = (workingBits, ring.numberBound.bitWidth - 1)
        precondition((1...capacity + 1).contains(numeratorBits), "numerators too large")
        let (y, factor) = try normalizedReciprocal(b, bits: divisorBits)

        // 1. ⌊a / b⌋ = −1 − ⌊(−a − 1) / b⌋ for negative a.
        let sign = try fromBits(isNegative(a))
        func flippedWhereNegative(_ x: Shares) throws(MPCError) -> Shares {
            try x - multiply(sign, adding(1, to: x + x))
        }
        var rest = try flippedWhereNegative(a)
        var quotient = constant(Vector(ring, zeros: a.count), count: a.count)

        // 2. Public bounds: rest < `largest`, rest / b < `ratio`.
        var largest = exp2(Double(numeratorBits))
        var ratio = exp2(Double(min(quotientBits ?? numeratorBits, numeratorBits)))
        var isLast = false
        while !isLast {
            let restBits = Int(log2(largest).rounded(.up))
            let dropped = max(0, Int(log2(ratio).rounded(.up)) + divisorBits - capacity)
            // The product of all of `rest` and y has room for so many bits of y. If they do not
            // bring rest / b below 2, the highest bits of `rest` and all of y are used.
            let used = min(w, capacity - 1 - restBits)
            isLast = dropped == 0 && ratio * (exp2(Double(-used)) + 0x1p-25) <= 0.5
            let (cut, shortened) = isLast ? (0, w - used) : (max(0, restBits + w + 1 - capacity), 0)
            let product = try multiply(
                shiftedDown(rest, by: cut), shiftedDown(y, by: shortened))
            let t = try shiftedDown(product, by: w - shortened - cut + dropped)
            let q = try shiftedDown(multiply(t, factor), by: divisorBits - dropped)
            quotient = quotient + q
            rest = try rest - multiply(q, b)
            // y is short by 2⁻²⁵ of it, rest by less than 2^cut, t than 2^dropped, q than 1.
            let lost = (rest: exp2(Double(cut)), t: exp2(Double(dropped)))
            largest = largest * 0x1p-25 + lost.rest + lost.t + exp2(Double(divisorBits))
            ratio = ratio * 0x1p-25 + lost.rest + lost.t / 2 + 1
        }

        // 3. Now rest < 2b: one more if rest ≥ b.
        let isDone = try fromBits(isNegative(rest - b))
        return try flippedWhereNegative(adding(1, to: quotient - isDone))
    }

    /// ⌊a / d⌋ for public d > 0 and |a| < 2^numeratorBits.
    ///
    /// Domain: numeratorBits ≤ 50 on one-word rings, d < 2⁵⁰. A shift by one or two truncations
    /// where d is a power of two or 2 · numeratorBits + 5 ≤ 59 on those rings; else two or three
    /// shifts and a comparison.
    public mutating func divide(_ a: Shares, by d: BigInteger, numeratorBits: Int)
        throws(MPCError) -> Shares
    {
        let capacity = ring.numberBound.bitWidth - 1
        precondition((1...capacity - 9).contains(numeratorBits), "numerators too large")
        precondition(d > 0 && d.bitWidth <= capacity - 9, "divisors too large")
        if d == 1 << (d.bitWidth - 1) { return try shiftedDown(a, by: d.bitWidth - 1) }

        // 1. a + K · d ≥ 0 has the quotient ⌊a / d⌋ + K.
        let range = BigInteger(1) << numeratorBits
        let offset = (range + d - 1).quotientAndRemainder(dividingBy: d).quotient
        var rest = adding(offset * d, to: a)
        var largest = range + offset * d

        // 2. In one step where it fits: m = ⌈2ˢ / d⌉ and ⌊rest · m / 2ˢ⌋ is exact for
        //    rest ≤ 2^(s − ⌈log₂ d⌉) (Granlund and Montgomery, *Division by Invariant Integers
        //    Using Multiplication*, PLDI 1994, theorem 4.2).
        if 2 * largest.bitWidth + 1 <= capacity {
            let shift = largest.bitWidth + d.bitWidth
            let m = ((1 << shift) + d - 1).quotientAndRemainder(dividingBy: d).quotient
            return adding(
                -offset, to: try shiftedDown(rest.scaled(by: number(m)), by: shift))
        }

        // 3. Else as much of 2ˢ / d as there is room for, rounded down, and what is left again.
        var quotient = constant(Vector(ring, zeros: a.count), count: a.count)
        while true {
            let shift = capacity - largest.bitWidth + d.bitWidth - 1
            let m = (BigInteger(1) << shift).quotientAndRemainder(dividingBy: d).quotient
            let q = try shiftedDown(rest.scaled(by: number(m)), by: shift)
            quotient = quotient + q
            rest = rest - q.scaled(by: number(d))
            if largest <= 1 << shift { break }
            largest = d + ((largest * d) >> shift) + 1
        }
        // 4. Now rest < 2d.
        let isDone = try fromBits(isNegative(adding(-d, to: rest)))
        return adding(1 - offset, to: quotient - isDone)
    }

    /// ⌊x / y · 2ᶠ⌋ / 2ᶠ for fixed-point numbers with f fraction bits: exact, so below 1 ulp.
    ///
    /// Domain: |x| < 2^xBits and 0 < y < 2^yBits as numbers; xBits + 2f ≤ 60 and yBits + f ≤ 31 on
    /// one-word rings. Cost: as ``divide(_:by:numeratorBits:divisorBits:quotientBits:)``.
    public mutating func quotient(
        _ x: Shares, _ y: Shares, fractionBits f: Int = 16, xBits: Int, yBits: Int
    ) throws(MPCError) -> Shares {
        try divide(
            x.scaled(by: number(1 << f)), by: y, numeratorBits: xBits + 2 * f,
            divisorBits: yBits + f)
    }
}
