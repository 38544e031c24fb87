package import Algebra
import CKernels
import Glibc

/// The hash that turns rows of an OT extension into independent pads: fixed-key AES (Guo, Katz,
/// Wang and Yu, eprint 2019/074).
///
/// π is AES-128 under a public key of this direction of this session. Block b of the pad of OT i
/// with row x is
/// - in the semi-honest form π(x ⊕ w) ⊕ x with w = (b, i): up to the public w it is their
///   π(y) ⊕ y at y = x ⊕ w, correlation robust for points y that are all different. Rows are
///   pseudo-random to either side, so two of n points meet with probability n²/2¹²⁹;
/// - in the malicious form π(π(x) ⊕ w) ⊕ π(x), their tweakable circular correlation robust hash,
///   for rows that the other side may choose.
///
/// Both results are for the ideal permutation, and an adversary who sees n pads needs work 2¹²⁸/n.
/// For 1-of-16 OT the rows are x ⊕ c Δ with c ≠ 0 in GF(2¹²⁸) in place of Δ alone: the same
/// argument, since c Δ is as uniform as Δ (correlation robustness for a set of multiples, as in
/// Kolesnikov and Kumaresan's 1-of-n OT).
package final class CorrelationHash {
    private let cipher: CipherKeys
    private let isMalicious: Bool

    /// - Parameter context: tells apart all hashes that may meet rows of one Δ.
    package init(context: [UInt8], isMalicious: Bool) {
        var text: [UInt8] = []
        text.append(lengthPrefixed: "parley/ot-hash/v1")
        let key = SHA256.hash(text, context, [isMalicious ? 1 : 0]).bytes
        cipher = CipherKeys(SecretBytes(copying: Array(key.prefix(16))))
        self.isMalicious = isMalicious
    }

    /// Pads of `width` blocks of `rows` ⊕ offset, for the OTs from `index` on.
    package func pads(_ rows: Span<UInt64>, offset: Block, index: UInt64, width: Int) -> Blocks {
        let count = rows.count / 2
        return Blocks(
            words: [UInt64](capacity: 2 * count * width) { output in
                // The kernel writes `width` blocks a row.
                unsafe output.withUnsafeMutableBufferPointer { buffer, filled in
                    unsafe rows.withUnsafeBufferPointer { rows in
                        unsafe withCipher(offset) {
                            unsafe ck_ot_pads(
                                $0, isMalicious, $1, rows.baseAddress, index, count, width,
                                buffer.baseAddress)
                        }
                    }
                    filled = 2 * count * width
                }
            })
    }

    /// The low `bits` bits of pads of one block, bit-sliced: `bits` rows of a lane an OT.
    package func bitPads(_ rows: Span<UInt64>, offset: Block, index: UInt64, bits: Int)
        -> BitMatrix
    {
        precondition((0...64).contains(bits), "\(bits) bits of a pad")
        let count = rows.count / 2
        let stride = (count + 63) / 64
        let words = [UInt64](capacity: bits * stride) { output in
            unsafe output.withUnsafeMutableBufferPointer { buffer, filled in
                unsafe rows.withUnsafeBufferPointer { rows in
                    unsafe withCipher(offset) {
                        unsafe ck_ot_pad_bits(
                            $0, isMalicious, $1, rows.baseAddress, index, count, bits,
                            buffer.baseAddress, stride)
                    }
                }
                filled = bits * stride
            }
        }
        return BitMatrix(rows: bits, count: count, words: words)
    }

    /// Pads of two bits for 1-of-16 OTs, each of four consecutive rows of `rows`.
    ///
    /// OT e combines rows e, n + e, 2n + e and 3n + e to x = Σ αᵐ q_m, α = X in GF(2¹²⁸). Bit m of
    /// offset v's pad is row 2v + m of the result: shape 2 · offsets.count × n.
    package func leafPads(_ rows: Span<UInt64>, offsets: [Block], index: UInt64) -> BitMatrix {
        let count = rows.count / 8
        let stride = (count + 63) / 64
        let piece = 1024
        var combined = [UInt64](repeating: 0, count: 2 * min(piece, count))
        defer { combined.wipe() }
        let words = [UInt64](capacity: 2 * offsets.count * stride) { output in
            unsafe output.withUnsafeMutableBufferPointer { buffer, filled in
                unsafe rows.withUnsafeBufferPointer { rows in
                    guard let rows = rows.baseAddress,
                        let result = buffer.baseAddress
                    else { return }
                    // Pieces of whole words of every row, combined while they are in the cache.
                    for start in Swift.stride(from: 0, to: count, by: piece) {
                        let lanes = min(piece, count - start)
                        unsafe combined.withPointer { combined in
                            unsafe ck_gf128_polynomials(
                                rows + 2 * start, 4, 2 * count, lanes, combined)
                            for (v, offset) in offsets.enumerated() {
                                unsafe withCipher(offset) {
                                    unsafe ck_ot_pad_bits(
                                        $0, isMalicious, $1, combined, index + UInt64(start),
                                        lanes, 2, result + 2 * v * stride + start / 64, stride)
                                }
                            }
                        }
                    }
                }
                filled = 2 * offsets.count * stride
            }
        }
        return BitMatrix(rows: 2 * offsets.count, count: count, words: words)
    }

    private func withCipher(
        _ offset: Block, _ body: (UnsafePointer<ck_cipher>, UnsafePointer<UInt64>) -> Void
    ) {
        unsafe cipher.withCiphers { cipher in
            unsafe [offset.low, offset.high].withUnsafeBufferPointer {
                guard let offset = $0.baseAddress else { return }
                unsafe body(cipher, offset)
            }
        }
    }
}

/// One block of 128 bits as an element of GF(2¹²⁸) = GF(2)[X] / (X¹²⁸ + X⁷ + X² + X + 1).
package struct Block: Sendable {
    package var low, high: UInt64

    package static let zero = Block(low: 0, high: 0)

    package init(low: UInt64, high: UInt64) { (self.low, self.high) = (low, high) }

    /// - Precondition: 16 bytes, the lowest first.
    package init(_ bytes: SecretBytes) {
        precondition(bytes.count == 16, "a block has 16 bytes")
        let words = bytes.withBytes { bytes in
            (0..<2).map { word in
                (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[8 * word + $1]) << UInt64(8 * $1) }
            }
        }
        self.init(low: words[0], high: words[1])
    }

    package static func ^ (a: Self, b: Self) -> Self {
        Block(low: a.low ^ b.low, high: a.high ^ b.high)
    }

    /// X times this.
    package var timesX: Self {
        let carry = 0 &- (high >> 63)
        return Block(low: low << 1 ^ 0x87 & carry, high: high << 1 | low >> 63)
    }

    /// The products c(v) · this for v = 0 ..< 16, where bit m of v is the coefficient of Xᵐ in c(v).
    package var sixteenMultiples: [Block] {
        let powers = [self, timesX, timesX.timesX, timesX.timesX.timesX]
        return (0..<16).map { v in
            powers.indices.reduce(.zero) { $0 ^ (v >> $1 & 1 == 1 ? powers[$1] : .zero) }
        }
    }
}

extension Block: CustomStringConvertible, CustomReflectable {
    package var description: String { "a block" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension [UInt64] {
    /// Lends the words, of which there are some, to a kernel.
    mutating func withPointer<T>(_ body: (UnsafeMutablePointer<UInt64>) -> T) -> T {
        unsafe withUnsafeMutableBufferPointer {
            guard let start = $0.baseAddress else { preconditionFailure("no words") }
            return unsafe body(start)
        }
    }

    /// Overwrites the words with zeros, in a way that the compiler does not remove.
    package mutating func wipe() {
        unsafe withUnsafeMutableBytes { bytes in
            if let start = bytes.baseAddress { unsafe explicit_bzero(start, bytes.count) }
        }
    }
}
