public import Primitives

/// Keeps every frame that passes, for wire traces and for tests of what a party sees.
public final class RecordingTransport: Transport, @unchecked Sendable {
    public enum Direction: Hashable, Sendable { case sent, received }

    /// One frame, header included.
    public struct Record: Hashable, Sendable {
        public let direction: Direction
        public let peer: Participant
        public let frame: [UInt8]
    }

    // Invariant: `records` belongs to the session's thread.
    private let base: any Transport
    public private(set) var records: [Record] = []

    public init(_ base: any Transport) { self.base = base }

    public var me: Participant { base.me }
    public var peers: [Participant] { base.peers }
    public var traffic: Traffic { base.traffic }

    /// SHA-256 over the trace: equal for two runs with the same frames in the same order.
    public var digest: Digest {
        var hasher = SHA256()
        for record in records {
            hasher.update(Array("\(record.direction) \(record.peer) \(record.frame.count)\n".utf8))
            hasher.update(record.frame)
        }
        return hasher.finalize()
    }

    public func send(_ frame: [UInt8], to peer: Participant) throws(TransportError) {
        records.append(Record(direction: .sent, peer: peer, frame: frame))
        try base.send(frame, to: peer)
    }

    public func receive(from peer: Participant) throws(TransportError) -> [UInt8] {
        let frame = try base.receive(from: peer)
        records.append(Record(direction: .received, peer: peer, frame: frame))
        return frame
    }

    public func flush() throws(TransportError) { try base.flush() }
    public func close() { base.close() }
    public func cancel() { base.cancel() }
}
