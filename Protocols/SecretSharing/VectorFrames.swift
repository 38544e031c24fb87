import Algebra
package import MPC
package import Primitives

/// Whole vectors on the wire: one frame, or several of at most 64 MiB.
extension Session {
    package func send<V: AbelianVector>(
        _ vector: V, to peer: Party, _ message: Message, _ operation: UInt32,
        limit: Int = maximumVectorFrame
    ) throws(MPCError) {
        let bytes = V.wireByteCount(vector.shape)
        guard bytes > limit else {
            return try send(
                message, to: .party(peer), operation: operation, byteCount: bytes
            ) { vector.appendWire(to: &$0) }
        }
        let words = vector.wireWords
        for start in stride(from: 0, to: words.count, by: limit / 8) {
            let part = words[start..<min(start + limit / 8, words.count)]
            try send(
                message, to: .party(peer), operation: operation, byteCount: 8 * part.count
            ) { appendLittleEndian(part, to: &$0) }
        }
    }

    /// What ``send(_:to:_:_:limit:)`` sent, which must have this shape.
    package func receive<V: AbelianVector>(
        _ shape: V.Shape, from peer: Party, _ message: Message, _ operation: UInt32,
        limit: Int = maximumVectorFrame
    ) throws(MPCError) -> V {
        let bytes = V.wireByteCount(shape)
        guard bytes > limit else {
            let wire = try receive(
                message, from: .party(peer), operation: operation, byteCount: bytes)
            guard let vector = V(received: wire, shape: shape) else {
                throw .cheating(.malformedMessage(step: step), by: peer)
            }
            return vector
        }
        var words: [UInt64] = []
        words.reserveCapacity(bytes / 8)
        while 8 * words.count < bytes {
            let part = try receive(
                message, from: .party(peer), operation: operation,
                byteCount: min(bytes - 8 * words.count, limit))
            guard let more = littleEndianWords(part) else {
                throw .cheating(.malformedMessage(step: step), by: peer)
            }
            words += more
        }
        guard let vector = V(wireWords: words, shape: shape) else {
            throw .cheating(.malformedMessage(step: step), by: peer)
        }
        return vector
    }
}

/// Bytes of a vector in one frame: whole words.
package let maximumVectorFrame = 1 << 26
