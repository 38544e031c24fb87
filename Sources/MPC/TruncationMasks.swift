public import Algebra

/// n ring elements ⟦r⟧, exactly uniform, with what an exact truncation by m bits needs of them:
/// ⟦⌊r / 2ᵐ⌋⟧ and the monomials of bits of r.
public struct TruncationMasks<Shares: ShareVector, Bits: BitShares>: Sendable {
    public var r, high: Shares
    public var monomials: Bits  // shape.all.rowCount rows
    public let shape: TruncationShape

    public init(r: Shares, high: Shares, monomials: Bits, shape: TruncationShape) {
        (self.r, self.high, self.monomials, self.shape) = (r, high, monomials, shape)
    }
}

/// How a truncation by m bits over a ring of order N and k = ⌈log₂ N⌉ bits is laid out.
public struct TruncationShape: Hashable, Sendable {
    /// m.
    public let bits: Int
    /// o, a multiple of 2ᵐ: x + o ≥ 0 for every number x.
    public let offset: BigInteger
    /// Whether x + o + r ≥ N shows in the top bits alone: r has it and the masked sum has not.
    ///
    /// So it is for x + o < min(2ᵏ⁻¹, N + 1 − 2ᵏ⁻¹); otherwise it takes a comparison of k bits.
    public let isWrapLocal: Bool
    /// The blocks of the lowest m bits.
    public let low: MonomialShape
    /// Those, then the top bit, or all other bits where a comparison of k bits is needed.
    public let all: MonomialShape

    /// - Precondition: 1 ≤ bits, and numbers of the ring have at least as many bits.
    public init(for ring: some Ring, bits: Int, blockBits: Int = 4) {
        let (k, bound) = (ring.bitWidth, ring.numberBound)
        precondition(Self.isPossible(for: ring, bits: bits), "truncation by \(bits) bits")
        self.bits = bits
        offset = BigInteger(1) << bound.bitWidth
        let half = BigInteger(1) << (k - 1)
        let largest = bound + offset
        isWrapLocal = largest < half && largest <= ring.order - half
        low = MonomialShape(bitWidth: bits, separateTopBit: false, blockBits: blockBits)
        let rest =
            isWrapLocal
            ? [k - 1..<k]
            : stride(from: bits, to: k, by: blockBits).map { $0..<min($0 + blockBits, k) }
        all = MonomialShape(low.blocks + rest)
    }

    /// Whether numbers of the ring can be truncated by so many bits.
    package static func isPossible(for ring: some Ring, bits: Int) -> Bool {
        1 <= bits && bits <= min(ring.numberBound.bitWidth, ring.limbsPerElement > 1 ? 40 : 32)
    }
}
