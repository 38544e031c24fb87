import Primitives

/// What one peer has said that nobody has asked for yet, when it was last heard, and how it ended.
struct Inbox {
    enum Ending: Hashable {
        case aborted(payload: [UInt8])
        case malformed(reason: String)
        case tls(reason: String)
        /// The connection broke off.
        case vanished
        /// The peer hung up in the proper way, and this side noticed at this time.
        case left(at: UInt64)
    }

    /// As much of an abort frame's payload as is passed on.
    static let abortPayloadLimit = 1024
    /// What a frame costs beside its bytes, about: it bounds how many empty frames may wait.
    private static let frameOverhead = 64

    let peer: Participant
    private(set) var lastHeard: UInt64
    private(set) var ending: Ending?
    /// The memory that waiting frames take, about.
    private(set) var heldByteCount = 0
    private var frames: [[UInt8]] = []
    private var head = 0

    init(peer: Participant, now: UInt64) {
        self.peer = peer
        lastHeard = now
    }

    /// Bytes came, whatever they were.
    mutating func hear(at now: UInt64) { lastHeard = now }

    /// Sorts in a whole frame: heartbeats vanish, an abort ends the conversation.
    mutating func accept(_ frame: [UInt8], at now: UInt64) {
        hear(at: now)
        guard ending == nil else { return }
        switch FrameHeader(reading: frame)?.opcode {
        case .heartbeat:
            if frame.count > FrameHeader.byteCount { end(.malformed(reason: "a long heartbeat")) }
        case .abort:
            let payload = frame.dropFirst(FrameHeader.byteCount).prefix(Inbox.abortPayloadLimit)
            end(.aborted(payload: Array(payload)))
        default:
            frames.append(frame)
            heldByteCount += frame.count + Inbox.frameOverhead
        }
    }

    /// The first ending counts: it explains those that follow.
    mutating func end(_ ending: Ending) {
        if self.ending == nil { self.ending = ending }
    }

    var hasFrame: Bool { head < frames.count }

    /// The oldest frame; what was received completely is delivered even after an ending.
    mutating func take() -> [UInt8]? {
        guard hasFrame else { return nil }
        var frame: [UInt8] = []
        swap(&frame, &frames[head])  // leaves one owner, so that nothing is copied later
        head += 1
        heldByteCount -= frame.count + Inbox.frameOverhead
        if head == frames.count {
            frames.removeAll(keepingCapacity: true)
            head = 0
        }
        return frame
    }
}

/// The rules of every wait: how long, and whom to blame.
struct Patience {
    /// Nanoseconds of a peer's silence after which a wait fails.
    let deadline: UInt64
    /// A party's wait fails after so many deadlines even if everybody gives signs of life.
    ///
    /// A peer that only says that it is alive cannot hold the others for ever. The dealer and clients
    /// wait as long as the computing parties live, who have most of their work without them.
    static let deadlinesOfPatience: UInt64 = 3
    private let hasTime: Bool
    /// Nanoseconds of waiting between two heartbeats to every peer.
    var heartbeatInterval: UInt64 { max(deadline / 8, 1) }
    /// How long others may go on after a peer hung up in the proper way: at the end of a session
    /// the first to be done hangs up while the last frames of the others are still on their way.
    var farewell: UInt64 { min(heartbeatInterval, 1_000_000_000) }

    /// - Parameter isClient: whether this participant only brings data or receives results.
    init(deadline: Duration, me: Participant, isClient: Bool) {
        hasTime = me == .dealer || isClient
        let (seconds, attoseconds) = deadline.components
        precondition(deadline > .zero && seconds < 1 << 32, "a deadline is positive, and ends")
        self.deadline = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }

    /// Why a wait that began, or made progress, at `start` is over; nil if it is not.
    ///
    /// In order: a peer's abort, a peer's broken channel, a peer that is gone, a peer that was silent
    /// for the whole deadline, time. The silent one need not be the one awaited: that one may itself
    /// be waiting, and says so by heartbeats, which is why the wait goes on while all are heard.
    ///
    /// - Parameter suspects: those who can be to blame for the time; everybody if nil.
    func failure(
        awaiting awaited: Participant, among inboxes: [Inbox], suspects: [Inbox]? = nil,
        since start: UInt64, now: UInt64
    ) -> TransportError? {
        var firstToLeave: (peer: Participant, time: UInt64)?
        var broken: TransportError?
        for inbox in inboxes {
            switch inbox.ending {
            case .aborted(let payload)?: return .aborted(by: inbox.peer, payload: payload)
            case .malformed(let reason)?: broken = .malformedFrame(inbox.peer, reason: reason)
            case .tls(let reason)?: broken = .tls(inbox.peer, reason: reason)
            case .vanished?: broken = broken ?? .disconnected(inbox.peer)
            case .left(let time)?:
                if firstToLeave.map({ time < $0.time }) ?? true {
                    firstToLeave = (inbox.peer, time)
                }
            case nil: break
            }
        }
        if let broken { return broken }
        if let (peer, time) = firstToLeave {
            let awaitedLeft = inboxes.contains { $0.peer == awaited && $0.ending != nil }
            if awaitedLeft || now >= time + farewell { return .disconnected(peer) }
        }
        guard let quietest = (suspects ?? inboxes).min(by: { $0.lastHeard < $1.lastHeard }) else {
            return nil
        }
        if now >= max(start, quietest.lastHeard) + deadline {
            return .timedOut(quietest.peer, after: .nanoseconds(deadline))
        }
        let limit = Self.deadlinesOfPatience * deadline
        let mayTakeLong = hasTime && suspects == nil
        guard !mayTakeLong, now >= start + limit else { return nil }
        return .stalled(awaiting: awaited, after: .nanoseconds(limit))
    }

    /// When a wait has to look at its peers again though nothing came.
    func nextLook(among inboxes: [Inbox], since start: UInt64, nextHeartbeat: UInt64) -> UInt64 {
        inboxes.reduce(nextHeartbeat) { time, inbox in
            guard case .left(let left)? = inbox.ending else { return time }
            return min(time, left + farewell)
        }
    }
}
