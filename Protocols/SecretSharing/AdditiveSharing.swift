package import Algebra
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
    /// What a client brings it shares itself: ``inputShare(shape:fromClient:)``.
    ///
    /// 1. Party j ≠ owner takes xⱼ = G(seed it has in common with the owner).
    /// 2. The owner takes x − Σ xⱼ.
    package func inputShare<V: AbelianVector>(_ values: V?, shape: V.Shape, from owner: Party)
        throws(MPCError) -> V
    {
        guard owner.index < partyCount else {
            return try inputShare(shape: shape, fromClient: owner)
        }
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
        if Self.opensByKing(bytes: bytes, parties: partyCount) {
            return try openByKing(
                shares, king: Party(Int(operation) % partyCount), operation: operation)
        }
        for peer in otherParties { try sendAll(shares, to: .party(peer), .openShare, operation) }
        countRound()
        var sums = shares
        for peer in otherParties {
            try receiveAndAdd(into: &sums, from: peer, .openShare, operation)
        }
        return sums
    }

    /// Direct opening sends (n − 1)(n − 2) shares more than a king does; at 1.5 ns a byte over TLS
    /// a round trip of some 50 microseconds is worth 32 KiB.
    package static func opensByKing(bytes: Int, parties: Int) -> Bool {
        (parties - 1) * (parties - 2) * bytes > 32 << 10
    }

    private func openByKing<V: AbelianVector>(_ shares: [V], king: Party, operation: UInt32)
        throws(MPCError) -> [V]
    {
        countRound()
        countRound()
        guard party == king else {
            try sendAll(shares, to: .party(king), .openShare, operation)
            return try receiveAll(
                shares.map(\.shape), from: .party(king), .openSum, operation)
        }
        var sums = shares
        for peer in otherParties {
            try receiveAndAdd(into: &sums, from: peer, .openShare, operation)
        }
        for peer in otherParties { try sendAll(sums, to: .party(peer), .openSum, operation) }
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
        try release([(share, recipients)])[0]
    }

    /// As ``release(_:)`` for secrets of numbers and bits, whose shares are re-randomised before.
    package func release<R: Ring>(
        _ parts: [(numbers: Vector<R>, bits: BitMatrix, to: Recipients)]
    ) throws(MPCError) -> [(numbers: Vector<R>, bits: BitMatrix)?] {
        try release(
            parts.map { (rerandomised(AbelianPair($0.numbers, $0.bits)), $0.to) }
        ).map { $0.map { ($0.first, $0.second) } }
    }

    /// As ``release(_:to:)`` for several secrets in one release: a recipient's message is its parts,
    /// one after the other.
    package func release<V: AbelianVector>(_ parts: [(share: V, to: Recipients)])
        throws(MPCError) -> [V?]
    {
        func those(for recipient: Party) -> [Int] {
            parts.indices.filter { parts[$0].to.contains(recipient) }
        }
        let messages = whole.allParties.filter { !those(for: $0).isEmpty }.map { recipient in
            let own = those(for: recipient).map { parts[$0].share }
            let size = own.reduce(0) { $0 + V.wireByteCount($1.shape) }
            return (
                recipient,
                [UInt8](capacity: size) { output in
                    for share in own { share.appendWire(to: &output) }
                }
            )
        }
        var sums: [V?] = Array(repeating: nil, count: parts.count)
        guard let openings = try release(messages) else { return sums }
        let own = those(for: party)
        let received: [V] = try Self.sums(of: openings, own.map { parts[$0].share.shape })
        for (part, sum) in zip(own, received) { sums[part] = sum }
        return sums
    }

    /// Adds up released messages, one of each party, that are shares of these shapes in this order.
    static func sums<V: AbelianVector>(of messages: [[UInt8]], _ shapes: [V.Shape])
        throws(MPCError) -> [V]
    {
        var sums = shapes.map { V.zero($0) }
        for (index, message) in messages.enumerated() {
            var rest = message[...]
            for (part, shape) in shapes.enumerated() {
                let size = V.wireByteCount(shape)
                guard let vector = V(received: rest.prefix(size), shape: shape) else {
                    throw .cheating(.malformedMessage(step: "release"), by: Party(index))
                }
                rest = rest.dropFirst(size)
                sums[part].add(vector)
            }
        }
        return sums
    }

    // MARK: Frames of several vectors

    /// Sends vectors in one frame; one by one, in frames of at most `largestFrame` bytes, if
    /// they have more.
    package func sendAll<V: AbelianVector>(
        _ vectors: [V], to peer: Participant, _ opcode: Message, _ operation: UInt32,
        largestFrame: Int = 1 << 26
    ) throws(MPCError) {
        let bytes = vectors.reduce(0) { $0 + V.wireByteCount($1.shape) }
        guard bytes > largestFrame else {
            return try send(opcode, to: peer, operation: operation, byteCount: bytes) { frame in
                for vector in vectors { vector.appendWire(to: &frame) }
            }
        }
        for vector in vectors {
            let wire = [UInt8](capacity: V.wireByteCount(vector.shape)) {
                vector.appendWire(to: &$0)
            }
            for range in pieces(of: wire.count, largestFrame) {
                try send(opcode, to: peer, operation: operation, payload: Array(wire[range]))
            }
        }
    }

    /// Receives vectors of these shapes, as ``sendAll(_:to:_:_:largestFrame:)`` sends them.
    package func receiveAll<V: AbelianVector>(
        _ shapes: [V.Shape], from peer: Participant, _ opcode: Message, _ operation: UInt32,
        largestFrame: Int = 1 << 26
    ) throws(MPCError) -> [V] {
        let sizes = shapes.map(V.wireByteCount)
        let bytes = sizes.reduce(0, +)
        var vectors: [V] = []
        func parse(_ payload: ArraySlice<UInt8>, _ shape: V.Shape) throws(MPCError) {
            guard let vector = V(received: payload, shape: shape) else {
                guard case .party(let party) = peer else { throw .malformedFromDealer }
                throw .cheating(.malformedMessage(step: step), by: party)
            }
            vectors.append(vector)
        }
        guard bytes > largestFrame else {
            var payload = try receive(
                opcode, from: peer, operation: operation, byteCount: bytes)
            for (shape, size) in zip(shapes, sizes) {
                try parse(payload.prefix(size), shape)
                payload = payload.dropFirst(size)
            }
            return vectors
        }
        for (shape, size) in zip(shapes, sizes) {
            var wire: [UInt8] = []
            wire.reserveCapacity(size)
            for range in pieces(of: size, largestFrame) {
                wire += try receive(
                    opcode, from: peer, operation: operation, byteCount: range.count)
            }
            try parse(wire[...], shape)
        }
        return vectors
    }

    private func receiveAndAdd<V: AbelianVector>(
        into sums: inout [V], from peer: Party, _ opcode: Message, _ operation: UInt32
    ) throws(MPCError) {
        // Into what came, which nobody else holds and which is therefore not copied.
        var received: [V] = try receiveAll(
            sums.map(\.shape), from: .party(peer), opcode, operation)
        for i in sums.indices { received[i].add(sums[i]) }
        sums = received
    }
}

private func pieces(of bytes: Int, _ limit: Int) -> [Range<Int>] {
    stride(from: 0, to: bytes, by: limit).map { $0..<min($0 + limit, bytes) }
}
