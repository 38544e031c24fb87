import Glibc
public import Primitives

/// The TLS mesh of one session, driven by that session's thread alone.
///
/// Made by ``MeshConnector``. Whoever waits, in ``receive(from:)`` or ``flush()``, moves bytes in all
/// directions: it writes what is queued and reads what comes from every peer, so two large sends at
/// once cannot block each other. A deadline counts from the last 64 KiB of progress of the awaited
/// frame; see ``TransportError`` for whom it blames. `Sendable` only so that it can be handed to its
/// thread and cancelled from another.
public final class SocketTransport: Transport, @unchecked Sendable {
    /// The progress that restarts a deadline, and at least an eighth of the awaited frame: a peer
    /// that trickles bytes does not hold us for ever.
    private static let progressByteCount = 64 << 10
    /// How long a wait looks again and again before it sleeps: a peer's answer is often about to
    /// come, and to wake an idle core can take longer than the answer.
    private static let spinNanoseconds: UInt64 = 50_000
    /// A look that took this long has cost a time slice; the next waits then sleep at once.
    private static let sliceNanoseconds: UInt64 = 200_000
    private static let waitsAfterLostSlice = 1000
    /// How long ``close()`` goes on writing what is queued.
    private static let closingNanoseconds: UInt64 = 1_000_000_000

    // Invariant: everything but `cancellation` belongs to the session's thread.
    public let me: Participant
    public let peers: [Participant]
    public private(set) var traffic: Traffic
    private var channels: [TLSChannel]
    private var inboxes: [Inbox]
    private let patience: Patience
    private let cancellation: Cancellation
    private let clock: any ParleyClock
    private var nextHeartbeat: UInt64
    /// The core is in demand: so many waits are not to spin.
    private var waitsToSleep = 0
    private var pollSet: [pollfd]

    /// - Parameter channels: connected and identified, in the order of `inboxes`, whose peers are
    ///   the transport's.
    init(
        me: Participant, channels: [TLSChannel], inboxes: [Inbox], deadline: Duration,
        isClient: Bool, cancellation: Cancellation, clock: any ParleyClock
    ) {
        self.me = me
        self.channels = channels
        self.inboxes = inboxes
        self.cancellation = cancellation
        self.clock = clock
        peers = inboxes.map(\.peer)
        traffic = Traffic(peers: peers)
        patience = Patience(deadline: deadline, me: me, isClient: isClient)
        nextHeartbeat = clock.monotonicNanoseconds + patience.heartbeatInterval
        pollSet = Array(repeating: pollfd(), count: channels.count + 1)
    }

    /// Queues, and writes what the socket takes at once.
    ///
    /// That the peer is gone is said by the next `receive` or `flush`, which also know why.
    public func send(_ frame: [UInt8], to peer: Participant) throws(TransportError) {
        guard !channels.isEmpty else { throw .cancelled }
        let channel = channels[position(of: peer)]
        traffic.countSent(frame, to: peer)
        let wasIdle = !channel.hasQueued
        channel.enqueue(frame)
        if wasIdle { channel.write() }
    }

    public func receive(from peer: Participant) throws(TransportError) -> [UInt8] {
        guard !channels.isEmpty else { throw .cancelled }
        let awaited = position(of: peer)
        var start = clock.monotonicNanoseconds
        // Who is always the last to come never sleeps, and is to be heard nevertheless.
        beat(at: start)
        var progress = channels[awaited].pendingByteCount
        waitsToSleep = max(waitsToSleep - 1, 0)
        while true {
            if cancellation.isCancelled { throw .cancelled }
            if let frame = inboxes[awaited].take() {
                traffic.countReceived(frame, from: peer)
                return frame
            }
            let moved = move(awaiting: awaited)
            let pending = channels[awaited].pendingByteCount
            let step = max(
                SocketTransport.progressByteCount, channels[awaited].announcedByteCount / 8)
            if pending >= progress + step {
                start = clock.monotonicNanoseconds
                progress = pending
            }
            if inboxes[awaited].hasFrame { continue }
            try check(awaiting: peer, since: start)
            // Poll knows nothing of what TLS has read ahead: only once nothing moves is it asked.
            if !moved && !lookAgain(since: start) { sleep(since: start) }
        }
    }

    public func flush() throws(TransportError) {
        var start = clock.monotonicNanoseconds
        var written = channels.map(\.writtenByteCount)
        while true {
            if cancellation.isCancelled { throw .cancelled }
            let behind = channels.indices.filter {
                channels[$0].hasQueued || channels[$0].isWriteBroken
            }
            guard let first = behind.first else { return }
            let moved = move(awaiting: first)
            // Only what those take who are behind is progress; others may be talkative.
            if behind.contains(where: {
                channels[$0].writtenByteCount >= written[$0] + SocketTransport.progressByteCount
                    || !channels[$0].hasQueued
            }) {
                start = clock.monotonicNanoseconds
                written = channels.map(\.writtenByteCount)
            }
            try check(
                awaiting: peers[first], suspects: behind.map { inboxes[$0] }, since: start)
            if !moved { sleep(since: start) }
        }
    }

    public func close() {
        let end = clock.monotonicNanoseconds + SocketTransport.closingNanoseconds
        while channels.contains(where: \.hasQueued), clock.monotonicNanoseconds < end {
            if !move(awaiting: 0) { poll(until: end) }
            if inboxes.allSatisfy({ $0.ending != nil }) { break }
        }
        for channel in channels { channel.hangUp() }
        channels = []
    }

    public func cancel() { cancellation.cancel() }

    private func position(of peer: Participant) -> Int {
        guard let index = peers.firstIndex(of: peer) else {
            preconditionFailure("\(peer) is not a peer of \(me)")
        }
        return index
    }

    // MARK: The progress loop

    /// Writes what is queued and reads what has come; whether there was anything.
    ///
    /// The awaited peer is looked at last, and after it nobody: who closed because another did is
    /// then seen after that other.
    private func move(awaiting awaited: Int) -> Bool {
        var moved = false
        for channel in channels where channel.hasQueued {
            moved = channel.write() || moved
        }
        let now = clock.monotonicNanoseconds
        for index in channels.indices where index != awaited {
            moved = channels[index].read(into: &inboxes[index], now: now) || moved
        }
        return channels[awaited].read(into: &inboxes[awaited], now: now) || moved
    }

    /// Says why there is nothing to wait for any more, if so.
    private func check(
        awaiting peer: Participant, suspects: [Inbox]? = nil, since start: UInt64
    ) throws(TransportError) {
        let now = clock.monotonicNanoseconds
        if let failure = patience.failure(
            awaiting: peer, among: inboxes, suspects: suspects, since: start, now: now)
        {
            throw failure
        }
    }

    /// Lets other threads go first, and says whether to look again instead of going to sleep.
    private func lookAgain(since start: UInt64) -> Bool {
        let now = clock.monotonicNanoseconds
        guard waitsToSleep == 0, now < start + SocketTransport.spinNanoseconds else { return false }
        sched_yield()
        if clock.monotonicNanoseconds > now + SocketTransport.sliceNanoseconds {
            waitsToSleep = SocketTransport.waitsAfterLostSlice
        }
        return true
    }

    /// Each eighth of the deadline every peer hears from us.
    private func beat(at now: UInt64) {
        guard now >= nextHeartbeat else { return }
        nextHeartbeat = now + patience.heartbeatInterval
        let heartbeat = FrameHeader(opcode: .heartbeat).frame(payload: [])
        // Whoever still has something of ours to read will hear us anyway.
        for index in channels.indices where !channels[index].hasQueued {
            traffic.countSent(heartbeat, to: peers[index])
            channels[index].enqueue(heartbeat)
            channels[index].write()
        }
    }

    /// Sleeps until something may move.
    private func sleep(since start: UInt64) {
        beat(at: clock.monotonicNanoseconds)
        poll(
            until: patience.nextLook(
                among: inboxes, since: start, nextHeartbeat: nextHeartbeat))
    }

    /// Sleeps until a channel may go on, the session is cancelled or the time has come.
    private func poll(until time: UInt64) {
        for index in channels.indices {
            // An ended conversation would be readable for ever.
            let descriptor = inboxes[index].ending == nil ? channels[index].socket.descriptor : -1
            pollSet[index] = pollfd(
                fd: descriptor, events: channels[index].pollEvents(for: inboxes[index]), revents: 0)
        }
        pollSet[channels.count] = pollfd(
            fd: cancellation.descriptor, events: Int16(POLLIN), revents: 0)
        let now = clock.monotonicNanoseconds
        let milliseconds = (max(time, now) - now + 999_999) / 1_000_000
        // Writes into the array, within its count.
        _ = unsafe Glibc.poll(
            &pollSet, nfds_t(pollSet.count), Int32(clamping: milliseconds))
    }
}
