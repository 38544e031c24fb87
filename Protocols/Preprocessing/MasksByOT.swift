package import Algebra
import Circuits
package import MPC
import SecretSharing

/// Uniform ring elements with their bits: edaBits and truncation masks.
///
/// What they are: D. Escudero et al., *Improved Primitives for MPC over Mixed Arithmetic-Binary
/// Circuits*, <https://eprint.iacr.org/2020/338>. Here the bits come first: every party draws shares
/// of k bits; over a prime [r < p] is opened and r discarded where it does not hold, so that r is
/// exactly uniform in 0 ..< p. That an r is kept says nothing else about it.
extension ObliviousSession {
    func edaBits<R: Ring>(_ ring: R, _ count: Int, _ shape: MonomialShape) throws(MPCError)
        -> EdaBits<AdditiveShares<R>, XORShares>
    {
        let monomials = try uniformMonomials(ring, count, shape)
        let bits = monomials.gatheringRows(shape.bitRows.map(UInt32.init))
        let r = try composed(ring, bits.share)
        return EdaBits(r: AdditiveShares(r), monomials: monomials, shape: shape)
    }

    /// r and ⌊r / 2ᵐ⌋ are weighted sums of the same bits.
    func truncationMasks<R: Ring>(_ ring: R, _ count: Int, _ shape: TruncationShape)
        throws(MPCError) -> TruncationMasks<AdditiveShares<R>, XORShares>
    {
        let (m, k) = (shape.bits, ring.bitWidth)
        let full = shape.made(bitWidth: k)
        let monomials = try uniformMonomials(ring, count, full)
        let bits = monomials.gatheringRows(full.bitRows.map(UInt32.init))
        let low = try composed(ring, bits[0..<m].share)
        let high = try composed(ring, bits[m..<k].share)
        let weight = Vector(ring, big: [BigInteger(1) << m])

        // Of the upper bits the top one, or all.
        let top =
            shape.isWrapLocal ? bits[k - 1..<k] : monomials[shape.low.rowCount..<full.rowCount]
        return TruncationMasks(
            r: AdditiveShares(low + high.scaled(by: weight)), high: AdditiveShares(high),
            monomials: .concatenating(rows: [monomials[0..<shape.low.rowCount], top]),
            shape: shape)
    }

    /// The monomials of the bits of `count` uniform elements, a multiple of 64.
    ///
    /// - Parameter shape: blocks of one or two bits, all bits of the ring together.
    private func uniformMonomials<R: Ring>(_ ring: R, _ count: Int, _ shape: MonomialShape)
        throws(MPCError) -> XORShares
    {
        guard count > 0 else { return XORShares(BitMatrix(rows: shape.rowCount, count: 0)) }
        guard !ring.isPowerOfTwo else { return try randomMonomials(count, shape) }
        var circuits = BitCircuits(work: self)
        let largest = ring.order - 1
        var kept: [BitMatrix] = []  // records: a row for each element
        var missing = count
        while missing > 0 {
            let r = try randomMonomials(ring.candidates(for: missing), shape)
            // 1. Open [p − 1 < r].
            let c = Vector(repeating: Vector(ring, big: [largest]), count: r.count)
            let bits = BitMatrix(
                integers: c.decoded(), limbsPerInteger: ring.limbsPerElement, bits: ring.bitWidth)
            let outside = try circuits.reveal(bits: circuits.isLess(bits, than: r, shape: shape))
            // 2. Keep the others.
            let lanes = outside.value.zeroLanes.prefix(missing)
            if lanes.count == count, r.count == count { return r }
            kept.append(r.share.transposed().gatheringRows(Array(lanes)))
            missing -= lanes.count
        }
        return XORShares(BitMatrix.concatenating(rows: kept).transposed())
    }

    /// Uniform bits and the products of the two bits of each block.
    private func randomMonomials(_ count: Int, _ shape: MonomialShape) throws(MPCError)
        -> XORShares
    {
        let bits = XORShares(own.bits(rows: shape.bitWidth, count: count))
        let pairs = shape.blocks.filter { $0.count == 2 }.map { UInt32($0.lowerBound) }
        guard !pairs.isEmpty else { return bits }
        var circuits = BitCircuits(work: self)
        let products = try circuits.and(
            bits.gatheringRows(pairs), bits.gatheringRows(pairs.map { $0 + 1 }))
        // In a block: the lower bit, the upper bit, their product.
        var (rows, next): ([UInt32], Int) = ([], shape.bitWidth)
        for block in shape.blocks {
            precondition(block.count <= 2, "products of two bits at most")
            rows += block.map(UInt32.init)
            if block.count == 2 {
                rows.append(UInt32(next))
                next += 1
            }
        }
        return XORShares.concatenating(rows: [bits, products]).gatheringRows(rows)
    }
}

extension TruncationShape {
    /// All k bits in blocks, the lowest as the truncation wants them.
    package func made(bitWidth k: Int) -> MonomialShape {
        let rest = MonomialShape(bitWidth: k - bits, separateTopBit: false, blockBits: blockBits)
        return MonomialShape(
            low.blocks + rest.blocks.map { $0.lowerBound + bits..<$0.upperBound + bits })
    }
}

/// Bits in a block of a mask: products of two cost a bit triple, products of more cost too much.
package let blockBits = 2

extension Ring {
    /// How many uniform integers of ``bitWidth`` bits to draw for `count` below the order, a
    /// multiple of 64: as many as are expected and some, or just `count` where almost none is above.
    package func candidates(for count: Int) -> Int {
        let all = BigInteger(1) << bitWidth
        guard (all - order).bitWidth + 20 > bitWidth else { return wholeWords(count) }
        let expected = (BigInteger(count) << bitWidth).quotientAndRemainder(dividingBy: order)
        return wholeWords(Int(expected.quotient.limbs[0])) + 64
    }
}

extension BitMatrix {
    /// The lanes of the one row that are zero; for public bits.
    fileprivate var zeroLanes: [UInt32] {
        (0..<UInt32(count)).filter { !self[row: 0, lane: Int($0)] }
    }
}
