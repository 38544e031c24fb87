package import MPC
package import Primitives

/// Additive n-out-of-n sharing: x = Σ xᵢ over a ring, or ⊕ over bits.
///
/// Inputs and zero sharings come from the seeds that each pair of parties has in common
/// (pseudorandom secret sharing; folklore, see Araki et al., <https://eprint.iacr.org/2016/768>,
/// section 2.2, for zero sharings), so that they cost no message.
extension Session {
    /// Shares `values`, which only `owner` passes: no message.
    ///
    /// 1. Party j ≠ owner takes xⱼ = G(seed it has in common with the owner).
    /// 2. The owner takes x − Σ xⱼ.
    package func inputShare<V: AbelianVector>(_ values: V?, shape: V.Shape, from owner: Party) -> V
    {
        let operation = nextOperation()
        guard party == owner else {
            var generator = generator(with: .party(owner), "input", operation)
            return .random(shape, using: &generator)
        }
        guard var mine = values else { preconditionFailure("the owner passes the values") }
        precondition(mine.shape == shape, "an input of another shape than declared")
        for peer in otherParties {
            var generator = generator(with: .party(peer), "input", operation)
            mine.subtract(.random(shape, using: &generator))
        }
        return mine
    }

    /// The same secret in fresh shares that depend on nothing but it: no message.
    ///
    /// Party i adds Σ_{j>i} G(i, j) − Σ_{j<i} G(j, i): a sharing of zero. Made before every
    /// value is released, so that shares tell nothing about how it was computed.
    package func rerandomised<V: AbelianVector>(_ share: V) -> V {
        let operation = nextOperation()
        var fresh = share
        for peer in otherParties {
            var generator = generator(with: .party(peer), "zero", operation)
            let mask = V.random(share.shape, using: &generator)
            if party < peer { fresh.add(mask) } else { fresh.subtract(mask) }
        }
        return fresh
    }

    /// Opens shares to all parties.
    ///
    /// Direct: every party sends its shares to every other, one round, n(n − 1) vectors on the
    /// wire. By king: all send to one party, which returns the sums, two rounds, 2(n − 1) vectors.
    /// The king is taken from three parties on when the saved bytes outweigh a round trip; it
    /// rotates with the operation.
    package func open<V: AbelianVector>(_ shares: [V]) throws(MPCError) -> [V] {
        let operation = nextOperation()
        let bytes = shares.reduce(0) { $0 + V.wireByteCount($1.shape) }
        if opensByKing(bytes: bytes) {
            return try openByKing(
                shares, king: Party(Int(operation) % partyCount), operation: operation)
        }
        for peer in otherParties { try sendAll(shares, to: peer, .openShare, operation) }
        countRound()
        var sums = shares
        for peer in otherParties {
            try receiveAndAdd(into: &sums, from: peer, .openShare, operation)
        }
        return sums
    }

    /// Direct opening sends (n − 1)(n − 2) shares more than a king does; at 1.5 ns a byte over TLS
    /// a round trip of some 50 microseconds is worth 32 KiB.
    private func opensByKing(bytes: Int) -> Bool {
        (partyCount - 1) * (partyCount - 2) * bytes > 32 << 10
    }

    private func openByKing<V: AbelianVector>(_ shares: [V], king: Party, operation: UInt32)
        throws(MPCError) -> [V]
    {
        countRound()
        countRound()
        guard party == king else {
            try sendAll(shares, to: king, .openShare, operation)
            return try receiveAll(like: shares, from: king, .openSum, operation)
        }
        var sums = shares
        for peer in otherParties {
            try receiveAndAdd(into: &sums, from: peer, .openShare, operation)
        }
        for peer in otherParties { try sendAll(sums, to: peer, .openSum, operation) }
        try flush()
        return sums
    }

    /// Hands the secret to `recipients`, after commitments that all have signed.
    ///
    /// Each recipient verifies the shares and adds them; nil for other
    /// parties.
    package func release<V: AbelianVector>(_ share: V, to recipients: Recipients) throws(MPCError)
        -> V?
    {
        let bytes = [UInt8](capacity: V.wireByteCount(share.shape)) { share.appendWire(to: &$0) }
        guard let openings = try release(bytes, to: recipients) else { return nil }
        var sum = V.zero(share.shape)
        for (index, opening) in openings.enumerated() {
            guard let vector = V(received: opening[...], shape: share.shape) else {
                throw .cheating(.malformedMessage(step: "release"), by: Party(index))
            }
            sum.add(vector)
        }
        return sum
    }

    // MARK: Frames of several vectors

    private func sendAll<V: AbelianVector>(
        _ vectors: [V], to peer: Party, _ opcode: Message, _ operation: UInt32
    ) throws(MPCError) {
        for piece in framePieces(vectors) {
            let bytes = piece.reduce(0) { $0 + V.wireByteCount($1.shape) }
            try send(opcode, to: .party(peer), operation: operation, byteCount: bytes) { frame in
                for vector in piece { vector.appendWire(to: &frame) }
            }
        }
    }

    private func receiveAll<V: AbelianVector>(
        like vectors: [V], from peer: Party, _ opcode: Message, _ operation: UInt32
    ) throws(MPCError) -> [V] {
        var parts: [V] = []
        for piece in framePieces(vectors) {
            var payload = try receive(
                opcode, from: .party(peer), operation: operation,
                byteCount: piece.reduce(0) { $0 + V.wireByteCount($1.shape) })
            for vector in piece {
                let size = V.wireByteCount(vector.shape)
                guard let part = V(received: payload.prefix(size), shape: vector.shape) else {
                    throw .cheating(.malformedMessage(step: step), by: peer)
                }
                parts.append(part)
                payload = payload.dropFirst(size)
            }
        }
        guard parts.count > vectors.count else { return parts }
        let perVector = parts.count / vectors.count
        return vectors.indices.map {
            .joining(Array(parts[$0 * perVector..<($0 + 1) * perVector]))
        }
    }

    private func receiveAndAdd<V: AbelianVector>(
        into sums: inout [V], from peer: Party, _ opcode: Message, _ operation: UInt32
    ) throws(MPCError) {
        // Into what came, which nobody else holds and which is therefore not copied.
        var received = try receiveAll(like: sums, from: peer, opcode, operation)
        for i in sums.indices { received[i].add(sums[i]) }
        sums = received
    }
}

/// What one frame carries: all vectors, which have equal shapes, or if they are too large for a
/// frame, one slice of one vector after the other.
package func framePieces<V: AbelianVector>(_ vectors: [V], limit: Int = 1 << 26) -> [[V]] {
    let bytes = vectors.reduce(0) { $0 + V.wireByteCount($1.shape) }
    guard bytes > limit, let count = vectors.first?.count, count > 64 else { return [vectors] }
    precondition(vectors.allSatisfy { $0.count == count }, "vectors of different lengths")
    let slices = vectors.count * bytes / limit + 1
    let length = max(64, (count / slices + 63) / 64 * 64)
    return vectors.flatMap { vector in
        stride(from: 0, to: count, by: length).map {
            [vector.slice($0..<min($0 + length, count))]
        }
    }
}
