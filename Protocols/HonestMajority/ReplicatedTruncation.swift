import Algebra
import Circuits
public import MPC
import Primitives
import SecretSharing

/// Exact division by a power of two, rounded towards −∞.
///
/// Masked truncation of A. Dalskov, D. Escudero and M. Keller, <https://eprint.iacr.org/2019/131>,
/// in local form: instead of an opened x + r and a mask r there are u, which P₀ knows, and v, which
/// P₁ and P₂ know. Deviation: the low carry is computed, so that the result is exact.
extension Replicated3 {
    public mutating func truncate(_ x: ReplicatedShares<R>, by bits: Int) throws(MPCError)
        -> ReplicatedShares<R>
    {
        precondition((1...min(40, ring.bitWidth - 2)).contains(bits), "truncation by \(bits) bits")
        let mark = costs.begin("truncate")
        defer { costs.end(mark) }
        return ring.isPowerOfTwo
            ? try truncatePowerOfTwo(x, by: bits) : try truncatePrime(x, by: bits)
    }

    /// Modulo 2ᵏ, for x in [−2ᵏ⁻², 2ᵏ⁻²).
    ///
    /// x′ = x + 2ᵏ⁻² = u + v − 2ᵏ·w is below 2ᵏ⁻¹, so the sum wraps exactly if one of the two has its
    /// top bit: w = u_top ∨ v_top. Then ⌊x′ / 2ᵐ⌋ = ⌊u / 2ᵐ⌋ + ⌊v / 2ᵐ⌋ + carry − 2ᵏ⁻ᵐ·w, with the
    /// carry of the lowest m bits.
    private mutating func truncatePowerOfTwo(_ x: ReplicatedShares<R>, by m: Int)
        throws(MPCError) -> ReplicatedShares<R>
    {
        let (k, n) = (ring.bitWidth, x.count)
        let shifted = adding(every(BigInteger(1) << (k - 2), n), to: x)
        let (u, v) = (first(shifted), last(shifted))

        // 1. The low carry: [2ᵐ − 1 − u_low < v_low].
        let lowU = try firstBits(shifted, m)
        let carry = try isLess(not(lowU), than: lastBits(shifted, m) { $0 })

        // 2. Carry and wrap become numbers: u_top ∨ v_top = v_top + (1 − v_top)·u_top.
        let bits = pairForm(of: carry)
        let one = every(1, n)
        let topU = u?.shiftedRight(by: k - 1)
        let topV = v?.shiftedRight(by: k - 1)
        let both = ReplicatedShares<R>(
            try session.pairProduct(
                ring, count: 2 * n, u: Self.joined(bits.u, topU),
                scale: Self.joined(bits.scale, topV.map { one - $0 }),
                constant: Self.joined(bits.constant, topV)))

        // 3. Everything else is local to P₀, or to P₁ and P₂.
        let high = try input(u?.shiftedRight(by: m), count: n, from: Party(0))
        let highV = ReplicatedShares<R>(
            component(2, v?.shiftedRight(by: m) ?? Vector(ring, zeros: n)))
        let wrap = both[n..<2 * n].scaled(by: Vector(ring, big: [BigInteger(1) << (k - m)]))
        return adding(
            -every(BigInteger(1) << (k - 2 - m), n), to: high + highV + both[0..<n] - wrap)
    }

    /// Modulo any odd prime, for every x that the offset o brings into [0, p).
    ///
    /// With r = −v, x′ = x + o = C − r for C = u + p·w, w = [u < r], and
    /// ⌊x′ / 2ᵐ⌋ = ⌊C / 2ᵐ⌋ − ⌊r / 2ᵐ⌋ − [C mod 2ᵐ < r mod 2ᵐ]. P₀ knows both candidates for C.
    private mutating func truncatePrime(_ x: ReplicatedShares<R>, by m: Int) throws(MPCError)
        -> ReplicatedShares<R>
    {
        let n = x.count
        // 2ᵐ divides the offset, and numbers are at most the offset.
        let offset = ((ring.numberBound >> m) + 1) << m
        let shifted = adding(every(offset, n), to: x)
        let u = first(shifted)

        // 1. w, and the low bits of C.
        let (bitsU, change) = try wrappedBits(shifted, m)
        let r = lastBits(shifted, ring.bitWidth) { -$0 }
        let w = try isLess(bitsU, than: r)
        let everyRow = ReplicatedBits.concatenating(rows: Array(repeating: w, count: m))
        let low = try bitsU[0..<m] ^ and(everyRow, change)

        // 2. [C mod 2ᵐ < r mod 2ᵐ]; both bits become numbers.
        let less = try isLess(low, than: r[0..<m])
        let numbers = try fromBits(.concatenating(rows: [w, less]))

        // 3. ⌊C / 2ᵐ⌋ = ⌊u / 2ᵐ⌋ + w·(⌊(u + p) / 2ᵐ⌋ − ⌊u / 2ᵐ⌋).
        let plain = u.map { u -> Vector<R> in
            let high = u.shiftedRight(by: m)
            let wrapped = plainBits(u, ring.bitWidth).appendingRows(
                BitMatrix(rows: 1, count: n)
            ).adding(constant: ring.order)[m..<ring.bitWidth + 1]
            let integers = wrapped.integers(limbsPerInteger: ring.limbsPerElement)
            return .concatenating([high, Vector(ring, plain: integers) - high])
        }
        let highs = try input(plain, count: 2 * n, from: Party(0))
        let product = try multiply(numbers[0..<n], highs[n..<2 * n])
        let highR = last(shifted).map { (-$0).shiftedRight(by: m) } ?? Vector(ring, zeros: n)
        return adding(
            -every(offset >> m, n),
            to: highs[0..<n] + product - ReplicatedShares(component(2, highR))
                - numbers[n..<2 * n])
    }

    private func every(_ value: BigInteger, _ count: Int) -> Vector<R> {
        Vector(repeating: Vector(ring, big: [value]), count: count)
    }

    private static func joined(_ x: Vector<R>?, _ y: Vector<R>?) -> Vector<R>? {
        guard let x, let y else { return nil }
        return x.appending(y)
    }
}
