package import Algebra
package import MPC

/// [c < r] and [c = r] of m-bit blocks for public c, as XORs of the monomials of r's bits.
///
/// Every function f of the bits of r has an algebraic normal form f(r) = ⊕ₛ αₛ · Πᵢ∈ₛ rᵢ with
/// αₛ = ⊕ of f over the subsets of s (Möbius transform). Here f is [c < r] or [c = r], so that the
/// αₛ are public functions of c and the leaf of a comparison tree costs no communication
/// (the edaBits of <https://eprint.iacr.org/2020/338>, with the monomials dealt as well).
struct BlockCoefficients {
    /// Σ (2ᵐ − 1) rows: αₛ of every block, in the row order of ``MonomialShape``.
    private(set) var less, equal: BitMatrix
    /// One row a block: α∅ of [c = r], which is [c = 0].
    ///
    /// α∅ of [c < r] is 0.
    private(set) var equalConstant: BitMatrix

    /// - Parameter c: one row a bit, lowest first: the bits of the public values.
    init(_ c: BitMatrix, shape: MonomialShape) {
        let width = c.wordsPerRow
        var less: [UInt64] = []
        var equal: [UInt64] = []
        var constant: [UInt64] = []
        less.reserveCapacity(shape.rowCount * width)
        equal.reserveCapacity(shape.rowCount * width)
        for block in shape.blocks {
            let size = 1 << block.count
            var equals = [UInt64](repeating: 0, count: size * width)  // row v: [c = v]
            var lesses = equals  // row v: [c < v]
            let bits = c[block]
            for w in 0..<width {
                for v in 0..<size {
                    var all = UInt64.max
                    for i in 0..<block.count {
                        let bit = bits.words[i * width + w]
                        all &= v >> i & 1 == 1 ? bit : ~bit
                    }
                    equals[v * width + w] = all
                }
                for v in 1..<size {
                    lesses[v * width + w] =
                        lesses[(v - 1) * width + w] ^ equals[(v - 1) * width + w]
                }
                for i in 0..<block.count {
                    for v in 0..<size where v >> i & 1 == 1 {
                        equals[v * width + w] ^= equals[(v ^ 1 << i) * width + w]
                        lesses[v * width + w] ^= lesses[(v ^ 1 << i) * width + w]
                    }
                }
            }
            constant += equals[..<width]
            equal += equals[width...]
            less += lesses[width...]
        }
        let rows = shape.rowCount
        self.less = BitMatrix(maskingTails: less, rows: rows, count: c.count)
        self.equal = BitMatrix(maskingTails: equal, rows: rows, count: c.count)
        equalConstant = BitMatrix(
            maskingTails: constant, rows: shape.blocks.count, count: c.count)
    }
}

/// The products of the bits of each block: `shape.rowCount` rows from `shape.bitWidth` rows.
///
/// Local work on plain bits; what a dealer computes from the r that it knows.
package func monomials(ofBits bits: BitMatrix, shape: MonomialShape) -> BitMatrix {
    let width = bits.wordsPerRow
    var words: [UInt64] = []
    words.reserveCapacity(shape.rowCount * width)
    for block in shape.blocks {
        let start = words.count - width  // row s of this block begins at start + s · width
        for s in 1..<1 << block.count {
            let lowest = block.lowerBound + s.trailingZeroBitCount
            let rest = s & (s - 1)
            for w in 0..<width {
                let bit = bits.words[lowest * width + w]
                words.append(rest == 0 ? bit : bit & words[start + rest * width + w])
            }
        }
    }
    return BitMatrix(rows: shape.rowCount, count: bits.count, words: words)
}
