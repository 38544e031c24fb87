import Algebra
package import MPC
import SecretSharing

/// Sign and equality with zero of additively shared numbers, between two parties, exactly.
///
/// Each asks one question about what the two parties hold: CrypTFlow2
/// (<https://eprint.iacr.org/2020/1002>, section 4) over 2ᵏ; over a prime by the least significant
/// bit (Nishide and Ohta, PKC 2007), without a mask.
extension LeafOTConsuming where Self: ~Copyable {
    /// [x < 0] for |x| ≤ (order − 1) / 2; rounds and bytes of ``isGreater(own:)``.
    package mutating func isNegativeByLeaves(_ x: Shares) throws(MPCError) -> Bits {
        if ring.isPowerOfTwo {
            // With xᵢ = 2ᵏ⁻¹ mᵢ + xᵢ′, the sign of x₀ + x₁ is m₀ ⊕ m₁ ⊕ [x₀′ > 2ᵏ⁻¹ − 1 − x₁′].
            let bits = plainBits(x.share)
            let low = bits[0..<bits.rows - 1]
            let carry = try isGreater(own: session.isFirst ? low : ~low)
            return XORShares(bits.row(bits.rows - 1)) ^ carry
        }
        // With yᵢ = 2xᵢ mod p, x is negative if y₀ + y₁ mod p is odd; the sum wraps if
        // y₀ > p − 1 − y₁, which takes the odd p away.
        let y = x.share + x.share
        let one = Vector(repeating: Vector(ring, big: [1]), count: y.count)
        let wraps = try isGreater(own: plainBits(session.isFirst ? y : -y - one))
        return XORShares(plainBits(y).row(0)) ^ wraps
    }

    /// [x = 0] for every x: whether x₀ = −x₁.
    package mutating func isZeroByLeaves(_ x: Shares) throws(MPCError) -> Bits {
        try isSame(own: plainBits(session.isFirst ? x.share : -x.share))
    }

    private func plainBits(_ share: Vector<R>) -> BitMatrix {
        BitMatrix(
            integers: share.decoded(), limbsPerInteger: ring.limbsPerElement, bits: ring.bitWidth)
    }
}
