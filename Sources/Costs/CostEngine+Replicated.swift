import Algebra
import Circuits
import MPC
import Primitives

/// What the protocols of `Replicated3` send: one function for each of its own, named as there.
extension CostEngine {
    /// An input, from its owner to the next party; between additive sharings no message.
    ///
    /// From a client one message, to the first party, and the additive shares are reshared.
    func inputBytes(_ bytes: Int, _ owner: Party) {
        guard owner.index < tally.parties else {
            return tally.engine(.input, bytes) {
                tally.nextOperationOfAll()
                tally.round()
                tally.vector(bytes, from: owner.index)
                if engine == .replicated3 { reshare(bytes) }
            }
        }
        _ = tally.nextOperation()
        guard engine == .replicated3 else { return }
        tally.engine(.input, bytes) {
            tally.round()
            tally.vector(bytes, from: owner.index)
        }
    }

    func reshare(_ bytes: Int) {
        _ = tally.nextOperation()
        tally.round()
        for party in tally.everyParty { tally.vector(bytes, from: party) }
    }

    func openReplicated(_ bytes: Int) {
        _ = tally.nextOperation()
        tally.round()
        for party in tally.everyParty {
            tally.vector(bytes, from: party)
            tally.frame(Digest.byteCount, from: party)
        }
    }

    /// Three vectors: P₀ to P₂, P₁ to P₂, P₂ to P₁.
    func pairProduct(_ count: Int) {
        _ = tally.nextOperation()
        tally.round(2)
        for party in tally.everyParty { tally.vector(byteCount(count), from: party) }
    }

    // MARK: Conversions

    private mutating func firstBits(_ rows: Int, _ count: Int) -> Bits {
        input(bits: nil, rows: rows, count: count, from: Party(0))
    }

    mutating func isNegativeReplicated(_ n: Int) throws(MPCError) {
        let k = ring.bitWidth
        let u = firstBits(k, n)
        let compared = ring.isPowerOfTwo ? u[0..<k - 1] : u
        _ = try isLess(compared, than: compared)
    }

    mutating func isZeroReplicated(_ n: Int) throws(MPCError) {
        let u = firstBits(ring.bitWidth, n)
        _ = try isEqual(u, to: u)
    }

    mutating func bitsReplicated(_ n: Int, _ count: Int) throws(MPCError) {
        guard count > 0 else { return }
        let selected =
            ring.isPowerOfTwo ? firstBits(count, n) : try wrapped(n, count).selected
        _ = try subtract(selected, from: selected)
    }

    /// w = [u < r], and the lowest `count` bits of u + p · w.
    private mutating func wrapped(_ n: Int, _ count: Int) throws(MPCError) -> (
        w: Bits, selected: Bits
    ) {
        let k = ring.bitWidth
        let both = firstBits(k + count, n)
        let w = try isLess(both[0..<k], than: both[0..<k])
        let change = both[0..<count]
        return (w, and(AndLayer(change, change)).plain)
    }

    mutating func truncateReplicated(_ n: Int, by m: Int) throws(MPCError) {
        guard ring.isPowerOfTwo else {
            let (w, low) = try wrapped(n, m)
            let less = try isLess(low, than: low)
            _ = try fromBits(.concatenating(rows: [w, less]))
            let highs = input(nil, count: 2 * n, from: Party(0))
            _ = multiply(highs[0..<n], highs[n..<2 * n])
            return
        }
        let low = firstBits(m, n)
        _ = try isLess(low, than: low)
        pairProduct(2 * n)
        _ = input(nil, count: n, from: Party(0))
    }

    // MARK: Rearrangements

    private func send(_ columns: Columns<Shares, Bits>, from party: Int) {
        let (numbers, records) = byteCounts(columns)
        for bytes in numbers { tally.vector(bytes, from: party) }
        tally.vector(records, from: party)
    }

    /// P₀ to P₂, P₁ to P₀, P₂ and P₀ to each other.
    func shuffleReplicated(_ columns: Columns<Shares, Bits>) {
        _ = tally.nextOperation()
        tally.round(3)
        for party in [0, 1, 0, 2] { send(columns, from: party) }
    }

    func permuteReplicated(_ columns: Columns<Shares, Bits>, _ owners: (Int, Int)) {
        _ = tally.nextOperation()
        tally.round()
        send(columns, from: owners.0)
        send(columns, from: owners.1)
    }

    func permuteReplicated(_ columns: Columns<Shares, Bits>, _ owner: Int) {
        _ = tally.nextOperation()
        tally.vector(8 * columns.count, from: owner)
        permuteReplicated(columns, (owner, (owner + 1) % 3))
        permuteReplicated(columns, ((owner + 2) % 3, owner))
    }
}
