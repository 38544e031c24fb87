import MPC
import Primitives
import SecretSharing

/// Replicated 2-out-of-3 sharing of vectors over an abelian group, written once for ring elements
/// and bits.
///
/// T. Araki, J. Furukawa, Y. Lindell, A. Nof and K. Ohara, *High-Throughput Semi-Honest Secure
/// Three-Party Computation with an Honest Majority*, <https://eprint.iacr.org/2016/768>. Pᵢ holds
/// (xᵢ, xᵢ₊₁) and the keys kᵢ, in common with Pᵢ₋₁, and kᵢ₊₁, in common with Pᵢ₊₁; so kᵢ is known
/// to exactly the two holders of xᵢ. F(kᵢ) and G(kᵢ) are streams of kᵢ for one operation.
extension Session {
    var next: Party { Party((party.index + 1) % 3) }
    var previous: Party { Party((party.index + 2) % 3) }

    /// The stream of kᵢ at Pᵢ and Pᵢ₋₁; of index i or i + 1 at Pᵢ.
    func stream(ofKey index: Int, _ purpose: String, _ operation: UInt32) -> CounterGenerator {
        precondition(index == party.index || index == next.index, "a key of the two others")
        return generator(
            with: .party(index == party.index ? previous : next), "replicated/\(purpose)",
            operation)
    }

    /// Input by the owner Pᵢ: xᵢ = G(kᵢ), xᵢ₊₁ = x − xᵢ, xᵢ₊₂ = 0.
    ///
    /// One element, to Pᵢ₊₁; one round. Deviation from the paper, which sends two. A client's additive
    /// shares are reshared: one round more, one element from each party more.
    func inputReplicated<V: AbelianVector>(_ value: V?, shape: V.Shape, from owner: Party)
        throws(MPCError) -> Replicated<V>
    {
        guard owner.index < partyCount else {
            return try reshare(inputShare(shape: shape, fromClient: owner))
        }
        let operation = nextOperation()
        countRound()
        if party == owner {
            guard let value else { preconditionFailure("the owner passes the values") }
            precondition(value.shape == shape, "an input of another shape than declared")
            var generator = stream(ofKey: party.index, "input", operation)
            let first = V.random(shape, using: &generator)
            var second = value
            second.subtract(first)
            try send(second, to: next, .inputShare, operation)
            try flush()
            return Replicated(first, second)
        }
        if party.index == (owner.index + 1) % 3 {
            return Replicated(
                try receive(shape, from: owner, .inputShare, operation), .zero(shape))
        }
        var generator = stream(ofKey: owner.index, "input", operation)
        return Replicated(.zero(shape), .random(shape, using: &generator))
    }

    /// Pᵢ's zᵢ with Σ zᵢ = z becomes the replicated sharing of z.
    ///
    /// 1. zᵢ += F(kᵢ) − F(kᵢ₊₁), a sharing of zero. 2. zᵢ goes to Pᵢ₋₁. One round, one element
    /// from each party.
    func reshare<V: AbelianVector>(_ z: consuming V) throws(MPCError) -> Replicated<V> {
        let operation = nextOperation()
        var own = stream(ofKey: party.index, "zero", operation)
        z.add(streamOf: &own)
        var other = stream(ofKey: next.index, "zero", operation)
        z.subtract(streamOf: &other)
        try send(z, to: previous, .reshare, operation)
        countRound()
        let second: V = try receive(z.shape, from: next, .reshare, operation)
        return Replicated(z, second)
    }

    /// Opens x to all.
    ///
    /// Pᵢ sends xᵢ to Pᵢ₊₁, which lacks it, and a hash of xᵢ₊₁ to Pᵢ₋₁, which compares it with what
    /// Pᵢ₋₂ = Pᵢ₊₁ sent. One round; an element and 32 bytes from each party. A party that alone sends a wrong share is noticed; who it was cannot be told.
    func openReplicated<V: AbelianVector>(_ x: Replicated<V>) throws(MPCError) -> V {
        let operation = nextOperation()
        try send(x.first, to: next, .openShare, operation)
        try send(
            .openDigest, to: .party(previous), operation: operation,
            payload: digest(of: x.second, operation).bytes)
        countRound()
        var sum: V = try receive(x.first.shape, from: previous, .openShare, operation)
        let expected = digest(of: sum, operation)
        let received = try receive(
            .openDigest, from: .party(next), operation: operation, byteCount: Digest.byteCount)
        guard Digest(Array(received)) == expected else {
            throw .cheating(.inconsistentOpening, by: nil)
        }
        sum.add(x.first)
        sum.add(x.second)
        return sum
    }

    private func digest<V: AbelianVector>(of share: V, _ operation: UInt32) -> Digest {
        var hasher = SHA256()
        hasher.update(Array("parley/opening/v1".utf8) + id.bytes)
        hasher.update((0..<4).map { UInt8(truncatingIfNeeded: operation >> (8 * $0)) })
        hasher.update([UInt8](capacity: V.wireByteCount(share.shape)) { share.appendWire(to: &$0) })
        return hasher.finalize()
    }
}
