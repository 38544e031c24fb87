import Algebra
import MPC
import ObliviousTransfer
import Primitives
import SecretSharing

/// From bits in XOR shares to ring elements in additive shares.
///
/// One party after the other is folded in: v ← v + b − 2vb is the XOR of v with the next party's
/// bit b, who chooses b towards all that hold a share of v: n(n − 1)/2 correlated transfers a bit,
/// as in D. Rotaru and T. Wood, *MArBled Circuits*, <https://eprint.iacr.org/2019/207>, section on
/// daBits, without its checks. A weighted sum of bits costs nothing more, so that an edaBit's r is
/// made at once, and modulo 2ˡ the bit of weight 2ⁱ needs l − i bits.
extension ObliviousSession {
    /// Shares of Σ 2ⁱ · (bit i), lane by lane; row i has bit i.
    ///
    /// - Parameter share: this party's share of the bits; `count` is a multiple of 64.
    func composed<R: Ring>(_ ring: R, _ share: BitMatrix) throws(MPCError) -> Vector<R> {
        // In groups, so that the elements that bits become on their way do not fill the memory.
        let lanes = chunkTransfers / max(1, share.rows)
        var parts = [Vector(ring, zeros: 0)]
        for group in laneChunks(share.count, size: 8 * session.partyCount * lanes) {
            parts.append(try composed(ring, group: share.lanes(group)))
        }
        return .concatenating(parts)
    }

    private func composed<R: Ring>(_ ring: R, group share: BitMatrix) throws(MPCError)
        -> Vector<R>
    {
        let (parties, me) = (session.partyCount, session.party)
        // The highest weight first, as products are made.
        let mine = share.reversedRows
        let chunks = laneChunks(
            share.count, size: chunkTransfers / max(1, share.rows)
        ).enumerated().map { (index, lanes) in
            // Who begins changes from chunk to chunk, so that all have as much to do.
            FoldedChunk(
                order: (0..<parties).map { Party((index + $0) % parties) }, lanes: lanes)
        }
        var values = chunks.map { chunk in
            chunk.order[0] == me
                ? Vector(ring, bits: mine.lanes(chunk.lanes))
                : Vector(ring, zeros: mine.rows * chunk.lanes.count)
        }
        for step in 1..<parties {
            let isLast = step == parties - 1
            let products = try gilboaProducts(
                ring,
                chunks.indices.map { c in
                    let chunk = chunks[c]
                    return GilboaChunk(
                        pairs: chunk.order[..<step].map { ($0, chunk.order[step]) },
                        rows: mine.rows, count: chunk.lanes.count, x: values[c],
                        choices: { mine.lanes(chunk.lanes) }, separate: !isLast)
                }, transfers, session)
            for (c, chunk) in chunks.enumerated() {
                // v + b − 2vb; in the last step of the weighted sums.
                let chooses = chunk.order[step] == me
                if isLast { values[c] = values[c].weightedSum(rows: mine.rows) }
                if chooses {
                    let b = Vector(ring, bits: mine.lanes(chunk.lanes))
                    values[c].accumulate(isLast ? b.weightedSum(rows: mine.rows) : b)
                }
                values[c] = values[c] - products[c].sum - products[c].sum
            }
        }
        return .concatenating([Vector(ring, zeros: 0)] + values)
    }
}

/// Lanes, and in which order the parties are folded in.
private struct FoldedChunk {
    let order: [Party]
    let lanes: Range<Int>
}

extension Vector {
    /// The rows added up with weights 2^(rows − 1), …, 2, 1.
    fileprivate func weightedSum(rows: Int) -> Vector {
        guard rows > 0 else { return self }
        let width = count / rows
        var sum = self[0..<width]
        for row in 1..<max(1, rows) {
            sum = sum + sum
            sum.accumulate(self[row * width..<(row + 1) * width])
        }
        return sum
    }
}
