import Algebra
import Circuits
import MPC
import Primitives
import SecretSharing

/// One kind of correlated randomness in the form that a dealer can compress.
///
/// Every party draws its shares of the free vectors from its own seed, so that their sums are
/// uniform; of the fixed vectors, which are a function of those sums, all parties but the last draw
/// theirs too, and the dealer sends the last one the correction
///
///     fixedₙ₋₁ = f(Σ free) − Σ_{i<n−1} fixedᵢ.
struct DealtCorrelation<Free: AbelianVector, Fixed: AbelianVector>: Sendable {
    let kind: DealtKind
    /// Shapes for a count of elements (of words, for bit triples).
    let free: @Sendable (Int) -> [Free.Shape]
    let fixed: @Sendable (Int) -> [Fixed.Shape]
    /// f, on plain values.
    let complete: @Sendable ([Free]) -> [Fixed]
}

/// The code of a correlation in a request.
package enum DealtKind: UInt16, Sendable {
    case triples = 1
    case squares, daBits, edaBits, bitTriples, forkedBitTriples
    /// No correlation: the parties are done.
    case finish
}

/// Elements or words dealt at a time: bounds a dealer's memory, and both sides cut alike.
let dealtChunk = 1 << 16

/// (a, b; ab): one correction element a triple.
func dealtTriples<R: Ring>(_ ring: R) -> DealtCorrelation<Vector<R>, Vector<R>> {
    DealtCorrelation(
        kind: .triples,
        free: { Array(repeating: VectorShape(ring: ring, count: $0), count: 2) },
        fixed: { [VectorShape(ring: ring, count: $0)] },
        complete: { [$0[0] * $0[1]] })
}

/// (a; a²): one correction element a square.
func dealtSquares<R: Ring>(_ ring: R) -> DealtCorrelation<Vector<R>, Vector<R>> {
    DealtCorrelation(
        kind: .squares,
        free: { [VectorShape(ring: ring, count: $0)] },
        fixed: { [VectorShape(ring: ring, count: $0)] },
        complete: { [$0[0] * $0[0]] })
}

/// (b in XOR shares; b as a ring element): one correction element a bit.
func dealtDaBits<R: Ring>(_ ring: R) -> DealtCorrelation<BitMatrix, Vector<R>> {
    DealtCorrelation(
        kind: .daBits,
        free: { [BitShape(rows: 1, count: $0)] },
        fixed: { [VectorShape(ring: ring, count: $0)] },
        complete: { [Vector(ring, bits: $0[0])] })
}

/// (r; the monomials of its bits): one correction bit a monomial, none for r, which is the sum of
/// uniform shares and so exactly uniform.
func dealtEdaBits<R: Ring>(_ ring: R, _ shape: MonomialShape)
    -> DealtCorrelation<Vector<R>, BitMatrix>
{
    DealtCorrelation(
        kind: .edaBits,
        free: { [VectorShape(ring: ring, count: $0)] },
        fixed: { [BitShape(rows: shape.rowCount, count: $0)] },
        complete: { free in
            let bits = BitMatrix(
                integers: free[0].decoded(), limbsPerInteger: ring.limbsPerElement,
                bits: ring.bitWidth)
            return [monomials(ofBits: bits, shape: shape)]
        })
}

/// (a, b; ab) over bits: one correction bit a triple.
let dealtBitTriples = DealtCorrelation<BitMatrix, BitMatrix>(
    kind: .bitTriples,
    free: { Array(repeating: BitShape(rows: 1, count: 64 * $0), count: 2) },
    fixed: { [BitShape(rows: 1, count: 64 * $0)] },
    complete: { [$0[0] & $0[1]] })

/// (a, b, b′; ab, ab′) over bits: two correction bits.
let dealtForkedBitTriples = DealtCorrelation<BitMatrix, BitMatrix>(
    kind: .forkedBitTriples,
    free: { Array(repeating: BitShape(rows: 1, count: 64 * $0), count: 3) },
    fixed: { Array(repeating: BitShape(rows: 1, count: 64 * $0), count: 2) },
    complete: { [$0[0] & $0[1], $0[0] & $0[2]] })

/// A request to the dealer: kind, count and ring, the same from every party.
package struct DealtRequest: Hashable, Sendable {
    let kind: DealtKind
    let count: Int
    let ring: UInt64

    /// More elements than this in one request is refused.
    static let maximumCount = 1 << 32
    static let byteCount = 18

    init(kind: DealtKind, count: Int, ring: UInt64) {
        precondition(count <= Self.maximumCount, "at most 2^32 elements in one request")
        (self.kind, self.count, self.ring) = (kind, count, ring)
    }

    /// Tells rings apart: the first bytes of the hash of the ring's name.
    static func code(of ring: some Ring) -> UInt64 {
        SHA256.hash(Array(ring.name.utf8)).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
            bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard let kind = DealtKind(rawValue: UInt16(integer(bytes.prefix(2)))) else { return nil }
        let count = integer(bytes.dropFirst(2).prefix(8))
        guard count <= UInt64(Self.maximumCount) else { return nil }
        self.init(kind: kind, count: Int(count), ring: integer(bytes.dropFirst(10)))
    }

    var bytes: [UInt8] {
        (0..<2).map { UInt8(truncatingIfNeeded: kind.rawValue >> (8 * $0)) }
            + (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
            + (0..<8).map { UInt8(truncatingIfNeeded: ring >> (8 * UInt64($0))) }
    }

    /// The counts of consecutive chunks.
    var chunks: [Int] {
        stride(from: 0, to: count, by: dealtChunk).map { min(dealtChunk, count - $0) }
    }
}
