import Foundation
public import Primitives

/// A mesh of queues between the threads of one process, for tests and benchmarks.
///
/// Same contract, checks and blame as ``SocketTransport``. `Sendable` only so that it can be
/// handed to its thread and cancelled from another.
public final class InMemoryTransport: Transport, @unchecked Sendable {
    // Invariant: mailboxes lock themselves; `traffic` belongs to the session's thread.
    public let me: Participant
    public let peers: [Participant]
    public private(set) var traffic: Traffic
    private let mailbox: Mailbox
    private let peerMailboxes: [Participant: Mailbox]
    private let patience: Patience
    private var nextHeartbeat: UInt64
    private let clock = SystemClock()

    private init(
        me: Participant, mailboxes: [Participant: Mailbox], deadline: Duration, isClient: Bool
    ) {
        var others = mailboxes
        guard let mine = others.removeValue(forKey: me) else {
            preconditionFailure("\(me) has a mailbox in its own mesh")
        }
        self.me = me
        peers = others.keys.sorted()
        traffic = Traffic(peers: peers)
        mailbox = mine
        peerMailboxes = others
        patience = Patience(deadline: deadline, me: me, isClient: isClient)
        nextHeartbeat = clock.monotonicNanoseconds + patience.heartbeatInterval
    }

    /// The connected endpoints of all parties in index order, then of the dealer if there is one.
    ///
    /// - Parameter computing: how many parties compute, which come first; all if nil.
    public static func mesh(
        partyCount: Int, computing: Int? = nil, dealer: Bool = false,
        deadline: Duration = .seconds(30)
    ) -> [InMemoryTransport] {
        let everybody: [Participant] =
            (0..<partyCount).map { .party(Party($0)) } + (dealer ? [.dealer] : [])
        let mailboxes = Dictionary(
            uniqueKeysWithValues: everybody.map { me in
                (me, Mailbox(peers: everybody.filter { $0 != me }))
            })
        return everybody.map { me in
            let isClient =
                if case .party(let party) = me { party.index >= computing ?? partyCount } else {
                    false
                }
            return InMemoryTransport(
                me: me, mailboxes: mailboxes, deadline: deadline, isClient: isClient)
        }
    }

    public func send(_ frame: [UInt8], to peer: Participant) throws(TransportError) {
        guard let mailbox = peerMailboxes[peer] else {
            preconditionFailure("\(peer) is not a peer of \(me)")
        }
        traffic.countSent(frame, to: peer)
        mailbox.put(frame, from: me)
    }

    public func receive(from peer: Participant) throws(TransportError) -> [UInt8] {
        let start = clock.monotonicNanoseconds
        try beat(at: start)
        while true {
            let frame = try mailbox.take(
                from: peer, patience: patience, since: start, nextHeartbeat: nextHeartbeat)
            if let frame {
                traffic.countReceived(frame, from: peer)
                return frame
            }
            try beat(at: clock.monotonicNanoseconds)
        }
    }

    /// Each eighth of the deadline every peer hears from us, though we may never have to wait.
    private func beat(at now: UInt64) throws(TransportError) {
        guard now >= nextHeartbeat else { return }
        nextHeartbeat = now + patience.heartbeatInterval
        let heartbeat = FrameHeader(opcode: .heartbeat).frame(payload: [])
        for peer in peers { try send(heartbeat, to: peer) }
    }

    /// Nothing to do: what is sent has arrived.
    public func flush() throws(TransportError) {}

    public func close() {
        for mailbox in peerMailboxes.values { mailbox.hangUp(me) }
    }

    public func cancel() { mailbox.cancel() }
}

/// What a participant's peers have sent it; every access is under one lock.
private final class Mailbox: @unchecked Sendable {
    // Invariant: `inboxes` and `isCancelled` are touched only while `condition` is locked.
    private let condition = NSCondition()
    private var inboxes: [Inbox]
    private var isCancelled = false
    private let clock = SystemClock()

    init(peers: [Participant]) {
        let now = clock.monotonicNanoseconds
        inboxes = peers.map { Inbox(peer: $0, now: now) }
    }

    func put(_ frame: [UInt8], from sender: Participant) {
        let announced = FrameHeader.announcedPayload(in: frame)
        update(sender) { inbox, now in
            switch announced {
            case .success(let count) where count == frame.count - FrameHeader.byteCount:
                inbox.accept(frame, at: now)
            case .success(let count):
                let got = frame.count - FrameHeader.byteCount
                inbox.end(.malformed(reason: "\(got) bytes of payload, expected \(count)"))
            case .failure(let error):
                inbox.end(.malformed(reason: error.reason))
            }
        }
    }

    func hangUp(_ sender: Participant) {
        update(sender) { inbox, now in inbox.end(.left(at: now)) }
    }

    func cancel() {
        condition.withLock {
            isCancelled = true
            condition.signal()
        }
    }

    private func update(_ sender: Participant, _ body: (inout Inbox, UInt64) -> Void) {
        condition.withLock {
            guard let index = inboxes.firstIndex(where: { $0.peer == sender }) else { return }
            body(&inboxes[index], clock.monotonicNanoseconds)
            condition.signal()
        }
    }

    /// Waits for a frame; nil when it is time for a heartbeat.
    func take(
        from peer: Participant, patience: Patience, since start: UInt64, nextHeartbeat: UInt64
    ) throws(TransportError) -> [UInt8]? {
        condition.lock()
        defer { condition.unlock() }
        guard let index = inboxes.firstIndex(where: { $0.peer == peer }) else {
            preconditionFailure("\(peer) is not a peer")
        }
        while true {
            if isCancelled { throw .cancelled }
            if let frame = inboxes[index].take() { return frame }
            let now = clock.monotonicNanoseconds
            if let failure = patience.failure(
                awaiting: peer, among: inboxes, since: start, now: now)
            {
                throw failure
            }
            if now >= nextHeartbeat { return nil }
            let wake = patience.nextLook(
                among: inboxes, since: start, nextHeartbeat: nextHeartbeat)
            let seconds = Double(max(wake, now) - now) / 1e9
            _ = condition.wait(until: Date(timeIntervalSinceNow: seconds))
        }
    }
}
