import Networking
import Primitives

extension Session {
    /// Where the session stands: the numbers of its next operation and frames, the broadcasts so far.
    ///
    /// A replay leaves out the ledger's messages, and goes on from the place to which they brought
    /// the session. Bytes, little-endian: operation (4), for each peer in order the frames sent and
    /// received (8 and 8), 0 or 1 and the broadcasts' running digest.
    package var place: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: operation)
        for peer in transport.peers {
            bytes.append(littleEndian: codec.sent[peer, default: 0])
            bytes.append(littleEndian: codec.received[peer, default: 0])
        }
        bytes.append(broadcasts.digest == nil ? 0 : 1)
        return bytes + (broadcasts.digest?.bytes ?? [])
    }

    /// Goes to a place that was recorded.
    ///
    /// - Throws: ``MPCError/local(step:)`` if the bytes are no place of a session with these peers.
    package func move(to place: [UInt8]) throws(MPCError) {
        let numbers = 4 + 16 * transport.peers.count
        func integer(_ start: Int, _ count: Int) -> UInt64 {
            place[start..<start + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard place.count > numbers, place[numbers] <= 1,
            place.count == numbers + 1 + (place[numbers] == 1 ? Digest.byteCount : 0)
        else { throw .local(step: step) }
        // From anybody: numbers that leave room to be counted on.
        operation = UInt32(integer(0, 4) & (1 << 31 - 1))
        for (index, peer) in transport.peers.enumerated() {
            codec.sent[peer] = integer(4 + 16 * index, 8) & (1 << 62 - 1)
            codec.received[peer] = integer(12 + 16 * index, 8) & (1 << 62 - 1)
        }
        broadcasts.digest = Digest(Array(place[(numbers + 1)...]))
    }
}
