import Algebra
import Circuits
public import MPC

/// An engine that compares by opening x + r for an edaBit r made beforehand.
public protocol EdaBitConsuming: ArithmeticProtocol, BooleanProtocol, ~Copyable {
    var costs: CostMeter { get }
    mutating func takeEdaBits(_ count: Int) throws(MPCError) -> EdaBits<Shares, Bits>
}

/// Exact comparison, equality and bit decomposition by masked opening.
///
/// r is exactly uniform in the ring, so the opened c is too and nothing about x leaks; there is no
/// slack and no error term, for every odd prime and for ℤ modulo 2ᵏ.
///
/// Nishide and Ohta, PKC 2007 (least significant bit trick); Makri et al., *Rabbit*,
/// <https://eprint.iacr.org/2021/119>; for 2ᵏ Dalskov, Escudero
/// and Keller, <https://eprint.iacr.org/2019/131>.
/// Deviation: the monomials of blocks of r's bits come with r, so that leaves are local.
extension EdaBitConsuming where Self: ~Copyable {
    /// [x < 0] for |x| ≤ (order − 1) / 2.
    ///
    /// One opening of n elements, then ⌈log₂ B⌉ rounds for B blocks of bits.
    package mutating func isNegativeByMask(_ x: Shares) throws(MPCError) -> Bits {
        let mask = try takeEdaBits(x.count)
        let bitRows = mask.shape.bitRows

        if ring.isPowerOfTwo {
            // 1. Open c = x + r.
            let c = try openedBits(x + mask.r)
            // 2. The top bit of x = c − r is c_top ⊕ r_top ⊕ [c_low < r_low].
            let low = mask.shape.prefix(mask.shape.blocks.count - 1)
            let less = try isLess(
                c[0..<low.bitWidth], than: mask.monomials[0..<low.rowCount], shape: low)
            let top = bitRows[low.bitWidth]
            return xoring(
                c[low.bitWidth..<c.rows], into: less ^ mask.monomials[top..<top + 1])
        }
        // 1. x < 0 exactly when y = 2x mod p is odd. Open c = y + r.
        let c = try openedBits(x + x + mask.r)
        // 2. y = c − r + p·[c < r] and p is odd: lsb(y) = c₀ ⊕ r₀ ⊕ [c < r].
        let less = try isLess(c, than: mask.monomials, shape: mask.shape)
        return xoring(c[0..<1], into: less ^ mask.monomials[bitRows[0]..<bitRows[0] + 1])
    }

    /// [x = 0], for every x.
    ///
    /// One opening of n elements, then ⌈log₂ B⌉ rounds.
    package mutating func isZeroByMask(_ x: Shares) throws(MPCError) -> Bits {
        let mask = try takeEdaBits(x.count)
        // x = 0 exactly when the opened c = x + r equals r.
        let c = try openedBits(x + mask.r)
        return try isEqual(c, to: mask.monomials, shape: mask.shape)
    }

    /// The lowest `count` bits of the plain integer x in [0, order), lowest first.
    ///
    /// One opening of n elements; ⌈log₂ count⌉ rounds for 2ᵏ, 1 + ⌈log₂ B⌉ + ⌈log₂ count⌉ for a
    /// prime.
    public mutating func bits(of x: Shares, count: Int) throws(MPCError) -> Bits {
        let mark = costs.begin("bits")
        defer { costs.end(mark) }
        let mask = try takeEdaBits(x.count)
        let r = Bits.concatenating(
            rows: mask.shape.bitRows.prefix(count).map { mask.monomials[$0..<$0 + 1] })
        let c = try openedBits(x + mask.r)
        if ring.isPowerOfTwo { return try subtract(r, from: c[0..<count]) }

        // x = c + p·u − r with u = [c < r], all modulo 2ᵏ; bit i of c + p·u is
        // cᵢ ⊕ u·(cᵢ ⊕ (c + p)ᵢ), linear in the shared u.
        let u = try isLess(c, than: mask.monomials, shape: mask.shape)
        let wrapped = c.adding(constant: ring.order)
        let everyRow = Bits.concatenating(rows: Array(repeating: u, count: count))
        let selected = (c ^ wrapped)[0..<count] & everyRow
        return try subtract(r, from: xoring(c[0..<count], into: selected))
    }

    /// Opens a masked vector and slices the plain integers into bits: `bitWidth` rows.
    private mutating func openedBits(_ masked: Shares) throws(MPCError) -> BitMatrix {
        let c = try open([masked])[0].masked
        return BitMatrix(
            integers: c.decoded(), limbsPerInteger: ring.limbsPerElement, bits: ring.bitWidth)
    }
}
