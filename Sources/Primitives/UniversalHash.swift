import Algebra
import CKernels

/// A linear universal hash of bit strings in blocks of 128 bits: a polynomial over GF(2¹²⁸).
///
/// h(b₁ … b_n) = Σ b_i x^{n−i}: two different strings of n blocks meet for at most n − 1 of the 2¹²⁸
/// keys x, and the last block, whose coefficient is 1, hides the others if it is uniform. The key is
/// public.
package struct UniversalHash {
    package static let keyByteCount = 16
    private let key: [UInt64]

    package init(key: Block) { self.key = [key.low, key.high] }

    /// The hash of one string.
    ///
    /// - Precondition: whole blocks, two words each.
    package func hash(_ words: Span<UInt64>) -> Block {
        precondition(words.count.isMultiple(of: 2), "part of a block")
        var sum: [UInt64] = [0, 0]
        unsafe words.withUnsafeBufferPointer {
            unsafe ck_gf128_hash(key, $0.baseAddress, $0.count / 2, &sum)
        }
        return Block(low: sum[0], high: sum[1])
    }

    /// The hashes of the 128 rows of a matrix given by columns, a block each.
    ///
    /// - Precondition: a multiple of 128 columns, two words each.
    package func hashRows(ofColumns words: Span<UInt64>) -> [Block] {
        precondition(words.count.isMultiple(of: 2 * 128), "whole blocks of columns")
        var sums = [UInt64](repeating: 0, count: 2 * 128)
        unsafe words.withUnsafeBufferPointer {
            unsafe ck_gf128_hash_columns(key, $0.baseAddress, $0.count / (2 * 128), &sums)
        }
        return (0..<128).map { Block(low: sums[2 * $0], high: sums[2 * $0 + 1]) }
    }
}
