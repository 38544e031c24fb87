public import Primitives

/// What a transport has sent and received.
///
/// Bytes are whole frames, header and payload, before TLS adds its own. Data frames are counted when
/// they are queued, and when they are handed to the session. Heartbeats and abort announcements are
/// control frames, counted apart: they depend on time, data frames do not.
public struct Traffic: Hashable, Sendable {
    public struct Count: Hashable, Sendable {
        public internal(set) var frames = 0
        public internal(set) var bytes = 0

        mutating func add(_ frameByteCount: Int) {
            frames += 1
            bytes += frameByteCount
        }

        static func + (a: Count, b: Count) -> Count {
            Count(frames: a.frames + b.frames, bytes: a.bytes + b.bytes)
        }
    }

    /// The frames exchanged with one peer.
    public struct Flow: Hashable, Sendable {
        public internal(set) var sent = Count()
        public internal(set) var received = Count()
        public internal(set) var controlSent = Count()
    }

    public internal(set) var flows: [Participant: Flow]

    init(peers: [Participant]) {
        flows = Dictionary(uniqueKeysWithValues: peers.map { ($0, Flow()) })
    }

    /// The sum over all peers.
    public var total: Flow {
        flows.values.reduce(into: Flow()) { sum, flow in
            sum.sent = sum.sent + flow.sent
            sum.received = sum.received + flow.received
            sum.controlSent = sum.controlSent + flow.controlSent
        }
    }

    /// Takes out what a decorator adds to every data frame.
    mutating func subtractFromEachFrame(_ byteCount: Int) {
        flows = flows.mapValues { flow in
            var flow = flow
            flow.sent.bytes -= byteCount * flow.sent.frames
            flow.received.bytes -= byteCount * flow.received.frames
            return flow
        }
    }

    mutating func countSent(_ frame: [UInt8], to peer: Participant) {
        if FrameHeader.isControl(frame) {
            flows[peer]?.controlSent.add(frame.count)
        } else {
            flows[peer]?.sent.add(frame.count)
        }
    }

    mutating func countReceived(_ frame: [UInt8], from peer: Participant) {
        flows[peer]?.received.add(frame.count)
    }
}
