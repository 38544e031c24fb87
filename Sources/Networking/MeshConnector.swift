import Glibc
public import Primitives

/// Makes the TLS mesh of a roster.
///
/// Every member listens at its own address and dials those before it in the roster (the dealer
/// dials everybody). A connection counts when its certificate is the one that the roster pins for
/// that member, is valid now, and both ends have the same roster; the mesh is there when everybody
/// says that everybody is there. Strangers who call are turned away and disturb nobody.
public struct MeshConnector {
    /// Callers who have not yet proved who they are; the oldest gives way.
    static let strangerLimit = 32

    public let roster: Roster
    public let me: Participant
    public let identity: TLSIdentity
    /// Of every wait of the transport; longer than any local computation between two waits.
    public var deadline: Duration = .seconds(30)
    /// How long to try to get everybody together.
    public var connectDeadline: Duration = .seconds(30)
    /// Where to listen; nil for the roster's host, or for every address of this machine if that
    /// host is not one of them.
    public var listenHost: String?
    /// The port to listen at; nil for the roster's: behind a relay the two differ.
    public var listenPort: Int?
    public var clock: any ParleyClock = SystemClock()
    public var cancellation = Cancellation()
    /// Gets a line for every member that is missing, within 2 s first and then every 5 s.
    public var waiting: (String) -> Void = { _ in }

    /// Whether the roster's dealer takes part in this mesh: the same at every member.
    public var withDealer = true
    /// Whether this member takes no part in the computation, and so waits as long as it goes on.
    public var isClient = false

    public init(roster: Roster, me: Participant, identity: TLSIdentity) {
        self.roster = roster
        self.me = me
        self.identity = identity
    }

    /// Blocks the thread until the mesh is there.
    ///
    /// - Throws: ``TransportError``: `cannotListen`, `refused` (whose certificate or roster, and
    ///   why), `unreachable` with everybody who is missing, `disconnected`, `cancelled`.
    public func connect() throws(TransportError) -> SocketTransport {
        guard let member = roster[me] else {
            throw .refused(me, reason: "it is not in the roster")
        }
        guard member.fingerprint == identity.fingerprint else {
            throw .refused(
                me, reason: "the roster has another certificate for it than the one given here")
        }
        if let reason = identity.facts.invalidity(at: clock.wallSeconds) {
            throw .refused(me, reason: "its certificate \(reason)")
        }
        let meeting = try Meeting(self, listener: try listen(as: member))
        do throws(TransportError) {
            return try meeting.gather()
        } catch {
            meeting.disband(error.message(naming: roster))
            throw error
        }
    }

    /// Nil for the last member, whom nobody calls.
    private func listen(as member: Roster.Member) throws(TransportError) -> Socket? {
        guard me != roster.participants.last else { return nil }
        do throws(SocketError) {
            return try listeningSocket(
                host: listenHost ?? member.host, port: listenPort ?? member.port)
        } catch {
            let reason =
                error.number == EADDRINUSE
                ? "the port is in use; stop the program that holds it, or change the roster"
                : error.reason
            throw .cannotListen(address: member.address, reason: reason)
        }
    }

    private func listeningSocket(host: String, port: Int) throws(SocketError) -> Socket {
        let address = try SocketAddress.resolve(host: host, port: port).get()[0]
        do throws(SocketError) {
            return try Socket.listening(at: address)
        } catch {
            guard error.number == EADDRNOTAVAIL, listenHost == nil,
                let everywhere = address.wildcard(port: port)
            else { throw error }
            return try Socket.listening(at: everywhere)
        }
    }
}

/// The members who have come so far, and those on their way.
private final class Meeting {
    /// Somebody to dial.
    private struct Call {
        var addresses: [SocketAddress] = []
        var attempts = 0
        var nextAttempt: UInt64 = 0
        var isUnderWay = false
        var lastFailure = "dialling"
    }

    private struct Member {
        let channel: TLSChannel
        var inbox: Inbox
        var isReady = false
    }

    private static let retryInterval: UInt64 = 250_000_000
    private static let firstReport: UInt64 = 1_500_000_000
    private static let reportInterval: UInt64 = 5_000_000_000

    private let connector: MeshConnector
    private let rules: RosterRules
    private let context: TLSContext
    private let listener: Socket?
    private let others: [Participant]
    private let end: UInt64
    private var nextReport: UInt64
    private var calls: [Participant: Call] = [:]
    private var introductions: [Introduction] = []
    private var members: [Participant: Member] = [:]
    private var hasSaidReady = false
    private var lastRemark: String?

    init(_ connector: MeshConnector, listener: Socket?) throws(TransportError) {
        self.connector = connector
        self.listener = listener
        rules = RosterRules(roster: connector.roster, me: connector.me, clock: connector.clock)
        context = TLSContext(identity: connector.identity)
        others = connector.roster.participants.filter {
            $0 != connector.me && (connector.withDealer || $0 != .dealer)
        }
        let now = connector.clock.monotonicNanoseconds
        end =
            now
            + Patience(
                deadline: connector.connectDeadline, me: connector.me, isClient: connector.isClient
            ).deadline
        nextReport = now + Meeting.firstReport
        for peer in others where peer < connector.me { calls[peer] = Call() }
    }

    /// Goes on until everybody has said that everybody is there.
    func gather() throws(TransportError) -> SocketTransport {
        while true {
            if connector.cancellation.isCancelled { throw .cancelled }
            let now = connector.clock.monotonicNanoseconds
            welcomeCallers(now)
            dial(now)
            var moved = try introduce(now)
            moved = try listenToMembers(now) || moved
            if members.count == others.count {
                sayReady()
                // What we said has to be on its way: the session may be silent for long.
                if members.values.allSatisfy({ $0.isReady && !$0.channel.hasQueued }) {
                    return transport()
                }
            }
            if now >= nextReport {
                nextReport = now + Meeting.reportInterval
                let left = (max(end, now) - now) / 1_000_000_000
                for line in missing() { connector.waiting("waiting for \(line), \(left) s left") }
            }
            guard now < end else {
                let remarks = missing() + (lastRemark.map { ["also: \($0)"] } ?? [])
                throw .unreachable(
                    others.filter { members[$0]?.isReady != true },
                    reason: remarks.joined(separator: "; "))
            }
            if !moved { poll(now) }
        }
    }

    /// Tells everybody who is there why nothing comes of it.
    func disband(_ reason: String) {
        for member in members.values {
            member.channel.enqueue(RosterRules.farewell(reason))
            member.channel.write()
            member.channel.hangUp()
        }
    }

    private func transport() -> SocketTransport {
        let present = others.compactMap { members[$0] }
        return SocketTransport(
            me: connector.me, channels: present.map(\.channel), inboxes: present.map(\.inbox),
            deadline: connector.deadline, isClient: connector.isClient,
            cancellation: connector.cancellation, clock: connector.clock)
    }

    // MARK: Coming in

    private func welcomeCallers(_ now: UInt64) {
        while let socket = listener?.accept() {
            let strangers = introductions.filter { $0.peer == nil }
            if strangers.count >= MeshConnector.strangerLimit, let oldest = strangers.first {
                introductions.removeAll { $0 === oldest }
            }
            let channel = context.channel(over: socket, isCaller: false)
            introductions.append(
                Introduction(channel: channel, dialled: nil, rules: rules, now: now))
        }
    }

    private func dial(_ now: UInt64) {
        for (peer, call) in calls
        where !call.isUnderWay && members[peer] == nil && now >= call.nextAttempt {
            var call = call
            defer { calls[peer] = call }
            call.nextAttempt = now + Meeting.retryInterval
            guard let member = connector.roster[peer] else { continue }
            do {
                if call.addresses.isEmpty {
                    call.addresses = try SocketAddress.resolve(
                        host: member.host, port: member.port
                    ).get()
                }
                let address = call.addresses[call.attempts % call.addresses.count]
                call.attempts += 1
                let channel = context.channel(
                    over: try Socket.connecting(to: address), isCaller: true)
                introductions.append(
                    Introduction(channel: channel, dialled: peer, rules: rules, now: now))
                call.isUnderWay = true
            } catch {
                call.lastFailure = error.reason
            }
        }
    }

    /// Lets every introduction go on; whether one ended.
    private func introduce(_ now: UInt64) throws(TransportError) -> Bool {
        var pending: [Introduction] = []
        let current = introductions
        for (index, introduction) in current.enumerated() {
            let dialled = introduction.peer
            switch introduction.advance(now: now, isPresent: { members[$0] != nil }) {
            case .pending: pending.append(introduction)
            case .introduced(let peer):
                guard let inbox = introduction.inbox, members[peer] == nil else { continue }
                members[peer] = Member(channel: introduction.channel, inbox: inbox)
                calls[peer]?.isUnderWay = false
            case .failed(let reason):
                if let dialled, calls[dialled] != nil {
                    calls[dialled]?.isUnderWay = false
                    calls[dialled]?.lastFailure = reason
                } else {
                    lastRemark = reason
                }
            case .refused(let error):
                introductions = pending + current[(index + 1)...]
                throw error
            }
        }
        introductions = pending
        return pending.count < current.count
    }

    // MARK: Being there

    private func sayReady() {
        guard !hasSaidReady else { return }
        hasSaidReady = true
        for member in members.values {
            member.channel.enqueue(RosterRules.ready)
            member.channel.write()
        }
    }

    /// Reads on from those who are not ready yet; whether anything came.
    private func listenToMembers(_ now: UInt64) throws(TransportError) -> Bool {
        var moved = false
        for peer in others {
            guard var member = members[peer] else { continue }
            moved = member.channel.write() || moved
            guard !member.isReady else { continue }
            moved = member.channel.read(into: &member.inbox, now: now) || moved
            if let frame = member.inbox.take() {
                guard frame == RosterRules.ready else {
                    throw .malformedFrame(peer, reason: "data before the mesh is complete")
                }
                member.isReady = true
            }
            members[peer] = member
            switch member.inbox.ending {
            case nil: break
            case .aborted(let payload)?:
                throw .refused(peer, reason: "it says: \(readable(payload))")
            case .malformed(let reason)?: throw .malformedFrame(peer, reason: reason)
            case .tls(let reason)?: throw .tls(peer, reason: reason)
            case .vanished?, .left?:
                if hasSaidReady { throw .disconnected(peer) }
                members[peer] = nil
                calls[peer]?.lastFailure = "it hung up"
            }
        }
        return moved
    }

    // MARK: Waiting

    /// A line for everybody who is not there, or not ready though everybody is.
    private func missing() -> [String] {
        others.compactMap { peer in
            let place = "\(rules.name(peer)) at \(connector.roster[peer]?.address ?? "")"
            guard let member = members[peer] else {
                return "\(place) (\(calls[peer]?.lastFailure ?? "it has not called yet"))"
            }
            guard hasSaidReady, !member.isReady else { return nil }
            return "\(place) (it is still waiting for others)"
        }
    }

    private func poll(_ now: UInt64) {
        var set = [pollfd(fd: connector.cancellation.descriptor, events: Int16(POLLIN), revents: 0)]
        if let listener {
            set.append(pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0))
        }
        for member in members.values where !member.isReady || member.channel.hasQueued {
            set.append(
                pollfd(
                    fd: member.channel.socket.descriptor,
                    events: member.channel.pollEvents(for: member.inbox),
                    revents: 0))
        }
        let firstIntroduction = set.count
        for introduction in introductions {
            let events =
                introduction.isConnecting
                ? Int16(POLLOUT) : introduction.channel.pollEvents(for: introduction.inbox)
            set.append(
                pollfd(
                    fd: introduction.channel.socket.descriptor, events: events, revents: 0))
        }
        // Time limits and retries are looked at often enough without being computed here.
        let time = min(end, nextReport, now + Meeting.retryInterval)
        let milliseconds = (max(time, now) - now + 999_999) / 1_000_000
        // Writes into the array, within its count.
        _ = unsafe Glibc.poll(&set, nfds_t(set.count), Int32(clamping: milliseconds))
        for (introduction, entry) in zip(introductions, set[firstIntroduction...]) {
            introduction.isDecided = entry.revents != 0
        }
    }
}
