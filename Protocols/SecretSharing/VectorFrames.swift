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
        let wire = [UInt8](capacity: bytes) { vector.appendWire(to: &$0) }
        for start in stride(from: 0, to: bytes, by: limit) {
            let part = wire[start..<min(start + limit, bytes)]
            try send(
                message, to: .party(peer), operation: operation, payload: Array(part))
        }
    }

    /// What ``send(_:to:_:_:limit:)`` sent, which must have this shape.
    package func receive<V: AbelianVector>(
        _ shape: V.Shape, from peer: Party, _ message: Message, _ operation: UInt32,
        limit: Int = maximumVectorFrame
    ) throws(MPCError) -> V {
        let bytes = V.wireByteCount(shape)
        var wire = try receive(
            message, from: .party(peer), operation: operation, byteCount: min(bytes, limit))
        while wire.count < bytes {
            wire += try receive(
                message, from: .party(peer), operation: operation,
                byteCount: min(bytes - wire.count, limit))
        }
        guard let vector = V(received: wire, shape: shape) else {
            throw .cheating(.malformedMessage(step: step), by: peer)
        }
        return vector
    }
}

/// Bytes of a vector in one frame.
package let maximumVectorFrame = 1 << 26
