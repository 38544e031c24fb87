import Algebra
import MPC
import ObliviousTransfer
import Primitives
import SecretSharing

/// Products of shared bits with shared numbers, between two parties.
extension ObliviousSession {
    /// ρ = ρ₀ ⊕ ρ₁, a = a₀ + a₁ and ρ · a.
    ///
    /// ρ · aᵢ = ρᵢ aᵢ + ρⱼ · (aᵢ − 2ρᵢaᵢ): one correlated transfer each way, which party j chooses with
    /// its bit, in place of a triple's one for each bit of an element. D. Rathee et al., *CrypTFlow2*,
    /// <https://eprint.iacr.org/2020/1002>, protocol Π_MUX, on random values.
    ///
    /// - Parameter count: a multiple of 64.
    func bitProducts<R: Ring>(_ ring: R, _ count: Int) throws(MPCError)
        -> BitProducts<AdditiveShares<R>, XORShares>
    {
        let (bits, a) = (own.bits(rows: 1, count: count), own.elements(ring, count))
        let mine = Vector(ring, bits: bits) * a
        let factors = a - mine - mine
        let shares = try gilboaProducts(
            ring,
            laneChunks(count, size: chunkTransfers).map { lanes in
                GilboaChunk(
                    pairs: [(Party(0), Party(1)), (Party(1), Party(0))], rows: 1,
                    count: lanes.count, x: factors[lanes], choices: { bits.lanes(lanes) })
            }, transfers, session)
        let cross = Vector.concatenating([Vector(ring, zeros: 0)] + shares.map(\.sum))
        return BitProducts(
            bits: XORShares(bits), number: AdditiveShares(try composed(ring, bits)),
            a: AdditiveShares(a), product: AdditiveShares(mine + cross))
    }
}
