import Algebra
import MPC
import ObliviousTransfer
import Primitives
import SecretSharing

/// Triples and squares of n parties from products of two parties' random shares.
///
/// With a = Σ aᵢ and b = Σ bᵢ the product is Σ aᵢbᵢ + Σ_{i≠j} aᵢbⱼ: one Gilboa product for each
/// ordered pair. A square takes one for each unordered pair: Σ aᵢ² + 2 Σ_{i<j} aᵢaⱼ.
extension ObliviousSession {
    /// - Returns: shares of `count` triples, a multiple of 64.
    func triples<R: Ring>(_ ring: R, _ count: Int) throws(MPCError) -> (
        a: Vector<R>, b: Vector<R>, c: Vector<R>
    ) {
        let a = own.elements(ring, count)
        let chunks = laneChunks(count, size: chunkTransfers / ring.bitWidth)
        // Modulo 2ˡ every choice of bits is an element: then two parties need not choose.
        let chosen =
            ring.isPowerOfTwo && session.partyCount == 2
            ? nil : own.elements(ring, count)
        let pairs = session.allParties.flatMap { sender in
            session.allParties.filter { $0 != sender }.map { (sender: sender, chooser: $0) }
        }
        let shares = try gilboaProducts(
            ring,
            chunks.map { lanes in
                GilboaChunk(
                    pairs: pairs, rows: ring.bitWidth, count: lanes.count, x: a[lanes],
                    choices: chosen.map { b in { bits(of: b[lanes]) } })
            }, transfers, session)
        let b =
            chosen
            ?? .concatenating(
                [Vector(ring, zeros: 0)] + shares.compactMap(\.choices).map { element(ring, $0) })
        let products = Vector.concatenating([Vector(ring, zeros: 0)] + shares.map(\.sum))
        return (a, b, a * b + products)
    }

    /// - Returns: shares of `count` squares, a multiple of 64.
    func squares<R: Ring>(_ ring: R, _ count: Int) throws(MPCError) -> (a: Vector<R>, c: Vector<R>)
    {
        let a = own.elements(ring, count)
        let parties = session.allParties
        let chunks = laneChunks(count, size: chunkTransfers / ring.bitWidth).enumerated().map {
            (index, lanes) in
            // Who chooses changes from chunk to chunk, so that all have as much to do.
            let pairs = parties.flatMap { i in
                parties.filter { i < $0 }.map { j in
                    (i.index + j.index + index).isMultiple(of: 2)
                        ? (sender: i, chooser: j) : (sender: j, chooser: i)
                }
            }
            return GilboaChunk(
                pairs: pairs, rows: ring.bitWidth, count: lanes.count, x: a[lanes],
                choices: { bits(of: a[lanes]) })
        }
        let products = Vector.concatenating(
            [Vector(ring, zeros: 0)]
                + (try gilboaProducts(ring, chunks, transfers, session).map(\.sum)))
        return (a, a * a + products + products)
    }
}

/// The bits of elements, highest first.
func bits<R: Ring>(of x: Vector<R>) -> BitMatrix {
    BitMatrix(
        integers: x.decoded(), limbsPerInteger: x.ring.limbsPerElement, bits: x.ring.bitWidth
    ).reversedRows
}

/// The elements with these bits, highest first.
func element<R: Ring>(_ ring: R, _ bits: BitMatrix) -> Vector<R> {
    Vector(
        ring, plain: bits.reversedRows.integers(limbsPerInteger: ring.limbsPerElement))
}

extension BitMatrix {
    var reversedRows: BitMatrix { gatheringRows((0..<UInt32(rows)).reversed()) }
}
