import Glibc
public import Primitives
import Synchronization

/// Makes a fast link look slow: frames arrive late, and take the time that the bandwidth asks for.
///
/// For measurements on one machine, with every party's transport wrapped alike. A frame carries the
/// instant at which it is due in 8 bytes after its payload, which ``traffic`` does not count;
/// `receive` sleeps until then. Each direction between two parties is a link of its own.
public final class EmulatedLinkTransport: Transport, @unchecked Sendable {
    private static let stampByteCount = 8

    // Invariant: all but `isCancelled` belongs to the session's thread.
    private let base: any Transport
    private let latency: UInt64
    private let bytesPerSecond: Double
    private var linkFreeAt: [Participant: UInt64] = [:]
    private let isCancelled = Atomic(false)
    private let clock = SystemClock()

    /// - Parameters:
    ///   - latency: one way; the round trip takes twice as long.
    ///   - bytesPerSecond: of each direction; `.infinity` for no limit.
    public init(_ base: any Transport, latency: Duration, bytesPerSecond: Double) {
        precondition(bytesPerSecond > 0 && latency >= .zero, "a link has a speed")
        self.base = base
        self.latency = UInt64(latency / .nanoseconds(1))
        self.bytesPerSecond = bytesPerSecond
    }

    public var me: Participant { base.me }
    public var peers: [Participant] { base.peers }
    public var traffic: Traffic {
        var traffic = base.traffic
        traffic.subtractFromEachFrame(EmulatedLinkTransport.stampByteCount)
        return traffic
    }

    public func send(_ frame: [UInt8], to peer: Participant) throws(TransportError) {
        guard let header = FrameHeader(reading: frame), !FrameHeader.isControl(frame) else {
            return try base.send(frame, to: peer)
        }
        let start = max(clock.monotonicNanoseconds, linkFreeAt[peer, default: 0])
        let end = start + UInt64(Double(frame.count) / bytesPerSecond * 1e9)
        linkFreeAt[peer] = end
        let payload = frame[FrameHeader.byteCount...]
        let stamped = header.frame(
            payloadByteCount: payload.count + EmulatedLinkTransport.stampByteCount
        ) { output in
            output.append(contentsOf: payload.span)
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                output.append(UInt8(truncatingIfNeeded: (end + latency) >> shift))
            }
        }
        try base.send(stamped, to: peer)
    }

    public func receive(from peer: Participant) throws(TransportError) -> [UInt8] {
        let frame = try base.receive(from: peer)
        let payload = frame.dropFirst(FrameHeader.byteCount)
        guard let header = FrameHeader(reading: frame),
            payload.count >= EmulatedLinkTransport.stampByteCount
        else {
            throw .malformedFrame(peer, reason: "no arrival time: its link is not emulated")
        }
        let due = payload.suffix(EmulatedLinkTransport.stampByteCount)
            .reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        try sleep(until: due)
        return header.frame(
            payload: Array(payload.dropLast(EmulatedLinkTransport.stampByteCount)))
    }

    /// Sleeps in slices, so that a cancelled session ends soon.
    private func sleep(until due: UInt64) throws(TransportError) {
        while true {
            let now = clock.monotonicNanoseconds
            guard now < due else { return }
            if isCancelled.load(ordering: .relaxed) { throw .cancelled }
            usleep(UInt32(min((due - now) / 1000 + 1, 20_000)))
        }
    }

    public func flush() throws(TransportError) { try base.flush() }
    public func close() { base.close() }

    public func cancel() {
        isCancelled.store(true, ordering: .relaxed)
        base.cancel()
    }
}
