import Algebra
import Circuits
import MPC
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
    /// The bits that a truncation cuts off.
    var bits = 0
}

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

/// (r; the monomials of its bits, ⌊r / 2ᵐ⌋): a bit a monomial and one element.
func dealtTruncationMasks<R: Ring>(_ ring: R, _ shape: TruncationShape)
    -> DealtCorrelation<Vector<R>, AbelianPair<BitMatrix, Vector<R>>>
{
    DealtCorrelation(
        kind: .truncationMasks,
        free: { [VectorShape(ring: ring, count: $0)] },
        fixed: {
            let rows = BitShape(rows: shape.all.rowCount, count: $0)
            return [.init(rows, VectorShape(ring: ring, count: $0))]
        },
        complete: { free in
            let bits = BitMatrix(
                integers: free[0].decoded(), limbsPerInteger: ring.limbsPerElement,
                bits: ring.bitWidth)
            let high = free[0].shiftedRight(by: shape.bits)
            return [AbelianPair(monomials(ofBits: bits, shape: shape.all), high)]
        }, bits: shape.bits)
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
