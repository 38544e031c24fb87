import Algebra
import Circuits
public import MPC

/// An engine that truncates by opening x + r for a mask r made beforehand.
public protocol TruncationConsuming: DaBitConsuming, ~Copyable {
    mutating func takeTruncationMasks(_ count: Int, by bits: Int) throws(MPCError)
        -> TruncationMasks<Shares, Bits>
}

/// Exact truncation by masked opening: ⌊x / 2ᵐ⌋, always rounded towards −∞.
///
/// r is exactly uniform in the ring, so the opened c is too; there is no slack and no error term,
/// over ℤ modulo 2ᵏ and for every odd prime.
///
/// Dalskov, Escudero and Keller, <https://eprint.iacr.org/2019/131> (truncation over ℤ modulo 2ᵏ),
/// and Escudero et al., <https://eprint.iacr.org/2020/338> (with edaBits). Deviation: both wraps of
/// the masked sum, at the order and at 2ᵐ, are computed instead of being left to chance or slack.
extension TruncationConsuming where Self: ~Copyable {
    /// ⌊x / 2^bits⌋ for numbers x of the ring.
    ///
    /// One opening of n elements; ⌈log₂⌈m/4⌉⌉ rounds for the comparison of m bits; over a prime one
    /// AND; one opening of two bits a number. Where the wrap is not local (primes that
    /// are not just below a power of two), ⌈log₂ B⌉ rounds more.
    public mutating func truncate(_ x: Shares, by bits: Int) throws(MPCError) -> Shares {
        guard x.count > 0 else { return x }
        let mark = costs.begin("truncate")
        defer { costs.end(mark) }
        let n = x.count
        let lanes = (n + 63) / 64 * 64  // whole words, so that lanes can be put side by side
        let mask = try takeTruncationMasks(lanes, by: bits)
        let (shape, order) = (mask.shape, ring.order)

        // 1. Open c = x + o + r, where x + o ≥ 0. As integers x + o = c − r + N·w, w = [c < r].
        let c = try open([adding(every(shape.offset, n), to: x) + mask.r[0..<n]])[0].masked
        let none = [UInt64](repeating: 0, count: (lanes - n) * ring.limbsPerElement)
        let digits = BitMatrix(
            integers: c.decoded() + none, limbsPerInteger: ring.limbsPerElement,
            bits: ring.bitWidth)

        // 2. w: r's top bit is set and c's is not, or a comparison of all bits.
        let w: Bits
        if shape.isWrapLocal {
            let top = shape.all.rowCount - 1
            w = ~digits.row(ring.bitWidth - 1) & mask.monomials[top..<top + 1]
        } else {
            w = try isLess(digits, than: mask.monomials, shape: shape.all)
        }

        // 3. u = [(c + N·w) mod 2ᵐ < r mod 2ᵐ]. c + N carries out of its low m bits or not.
        let low = digits[0..<bits]
        let r = mask.monomials[0..<shape.low.rowCount]
        let orderLow = order.modulo(BigInteger(1) << bits)
        let sum = low.appendingRows(BitMatrix(rows: 1, count: lanes)).adding(constant: orderLow)
        var u: Bits
        if orderLow == 0 {
            u = try isLess(low, than: r, shape: shape.low)
        } else {
            let both = try isLess(
                .concatenating(lanes: [low, sum[0..<bits]]),
                than: .concatenating(lanes: [r, r]), shape: shape.low)
            let (plain, wrapped) = (both.lanes(0..<lanes), both.lanes(lanes..<2 * lanes))
            u = try plain ^ and(w, plain ^ wrapped)
        }

        // 4. Both bits as ring elements.
        let numbers = try fromBits(.concatenating(rows: [u, w]).lanes(0..<n))

        // 5. ⌊(x + o)/2ᵐ⌋ = ⌊c/2ᵐ⌋ − ⌊r/2ᵐ⌋ − u + w·(⌊(c + N)/2ᵐ⌋ − ⌊c/2ᵐ⌋).
        let carry = Vector(ring, bits: sum.row(bits).lanes(0..<n))
        let z = (every(order >> bits, n) + carry) * numbers[n..<2 * n] - numbers[0..<n]
        return adding(
            c.shiftedRight(by: bits) - every(shape.offset >> bits, n), to: z - mask.high[0..<n])
    }

    private func every(_ value: BigInteger, _ count: Int) -> Vector<R> {
        Vector(repeating: Vector(ring, big: [value]), count: count)
    }
}
