public import Networking
public import Primitives

/// An adversary below the frame codec: decides what becomes of the frames that a party sends.
public final class TamperingTransport: Transport, @unchecked Sendable {
    // Invariant: `sentFrames` belongs to the session's thread; the rest does not change.
    private let base: any Transport
    private let rewrite: (Int, [UInt8]) -> [[UInt8]]
    public private(set) var sentFrames = 0

    /// - Parameter rewrite: gets each sent frame with its number from 0, and returns what is sent in
    ///   its place: nothing drops it, two frames duplicate it.
    public init(_ base: any Transport, rewrite: @escaping (Int, [UInt8]) -> [[UInt8]]) {
        self.base = base
        self.rewrite = rewrite
    }

    /// Changes only the frame with number `target`.
    public convenience init(
        _ base: any Transport, frame target: Int, rewrite: @escaping ([UInt8]) -> [[UInt8]]
    ) {
        self.init(base) { number, frame in number == target ? rewrite(frame) : [frame] }
    }

    public var me: Participant { base.me }
    public var peers: [Participant] { base.peers }
    public var traffic: Traffic { base.traffic }

    public func send(_ frame: [UInt8], to peer: Participant) throws(TransportError) {
        for replacement in rewrite(sentFrames, frame) { try base.send(replacement, to: peer) }
        sentFrames += 1
    }

    public func receive(from peer: Participant) throws(TransportError) -> [UInt8] {
        try base.receive(from: peer)
    }

    public func flush() throws(TransportError) { try base.flush() }
    public func close() { base.close() }
    public func cancel() { base.cancel() }
}
