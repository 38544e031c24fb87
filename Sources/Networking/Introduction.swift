import Primitives

/// One connection on its way into the mesh: TCP, TLS, whose certificate, same roster.
final class Introduction {
    enum Outcome {
        case pending
        case introduced(Participant)
        /// Nothing worth more than a remark: whoever it was may try again.
        case failed(reason: String)
        /// A member's own identity or roster does not fit: no mesh will come of it.
        case refused(TransportError)
    }

    private enum Stage { case connecting, handshake, hello }

    /// How long a stranger may take.
    static let limit: UInt64 = 10_000_000_000

    let channel: TLSChannel
    let started: UInt64
    /// Whom this side dialled, or who the caller has proved to be.
    private(set) var peer: Participant?
    /// From the moment that it is known who the peer is.
    private(set) var inbox: Inbox?
    /// What `poll` said about a connection that is being made.
    var isDecided = false
    private let isCaller: Bool
    private let rules: RosterRules
    private var stage: Stage

    /// - Parameter dialled: nil for a caller, whose connection is there already.
    init(channel: TLSChannel, dialled: Participant?, rules: RosterRules, now: UInt64) {
        self.channel = channel
        self.rules = rules
        peer = dialled
        isCaller = dialled != nil
        stage = isCaller ? .connecting : .handshake
        started = now
    }

    var isConnecting: Bool { stage == .connecting }

    /// Goes on as far as the bytes that are there allow.
    ///
    /// - Parameter isPresent: whether a member has a connection already.
    func advance(now: UInt64, isPresent: (Participant) -> Bool) -> Outcome {
        if stage == .connecting {
            guard isDecided else { return timeLimit(now, "no answer") }
            let error = channel.socket.pendingError
            guard error == 0 else { return .failed(reason: errorText(error)) }
            stage = .handshake
        }
        if stage == .handshake {
            switch channel.handshake() {
            case .blocked: return timeLimit(now, "no TLS handshake")
            case .failed(let reason): return .failed(reason: "TLS: \(reason)")
            case .done: break
            }
            if let outcome = identify(now, isPresent) { return outcome }
            channel.enqueue(rules.hello)
            stage = .hello
        }
        guard var inbox, let peer else { return .failed(reason: "no certificate") }
        channel.write()
        // A member's greeting comes before anything else; few steps, so that nobody who talks
        // without end keeps the others waiting.
        for _ in 0..<16 where !inbox.hasFrame {
            guard channel.read(into: &inbox, now: now) else { break }
        }
        defer { self.inbox = inbox }
        if let frame = inbox.take() {
            guard let difference = rules.difference(inHello: frame) else {
                return .introduced(peer)
            }
            return refuse(peer, difference)
        }
        switch inbox.ending {
        case nil: return timeLimit(now, "no greeting")
        case .aborted(let payload)?:
            return .refused(.refused(peer, reason: "it says: \(readable(payload))"))
        case .malformed(let reason)?: return .failed(reason: reason)
        case .tls(let reason)?: return .failed(reason: "TLS: \(reason)")
        case .vanished?, .left?: return .failed(reason: "it hung up")
        }
    }

    /// Nil once it is known who the peer is, and that it may come in.
    private func identify(_ now: UInt64, _ isPresent: (Participant) -> Bool) -> Outcome? {
        guard let facts = channel.peerCertificate else { return .failed(reason: "no certificate") }
        let owner = rules.roster.participant(withCertificate: facts.fingerprint)
        let short = "SHA-256 \(facts.fingerprint.hex.prefix(16))..."
        if let dialled = peer, owner != dialled {
            let address = rules.roster[dialled]?.address ?? ""
            let whose = owner.map { "\(rules.name($0))'s" } ?? "an unknown"
            return refuse(
                dialled, "\(whose) certificate (\(short)) answered at its address \(address)")
        }
        guard let owner else {
            tell("your certificate (\(short)) is not in the roster of \(rules.name(rules.me))")
            return .failed(reason: "a caller's certificate (\(short)) is not in the roster")
        }
        if let reason = facts.invalidity(at: rules.clock.wallSeconds) {
            return refuse(owner, "its certificate \(reason)")
        }
        if !isCaller {
            guard owner > rules.me else {
                tell("\(rules.name(rules.me)) dials \(rules.name(owner)), not the other way round")
                return .failed(reason: "\(rules.name(owner)) called, but is to be dialled")
            }
            guard !isPresent(owner) else {
                tell("\(rules.name(owner)) is connected already: does it run twice?")
                return .failed(reason: "\(rules.name(owner)) called twice: does it run twice?")
            }
        }
        peer = owner
        inbox = Inbox(peer: owner, now: now)
        return nil
    }

    private func refuse(_ peer: Participant, _ reason: String) -> Outcome {
        tell("refused \(rules.name(peer)): \(reason)")
        return .refused(.refused(peer, reason: reason))
    }

    private func timeLimit(_ now: UInt64, _ reason: String) -> Outcome {
        now < started + Introduction.limit ? .pending : .failed(reason: reason)
    }

    /// Gives the other end a reason, and hangs up.
    func tell(_ reason: String) {
        guard stage != .connecting else { return }
        channel.enqueue(RosterRules.farewell(reason))
        channel.write()
        channel.hangUp()
    }
}

/// What everybody who comes in is measured by.
struct RosterRules {
    let roster: Roster
    let me: Participant
    let clock: any ParleyClock

    func name(_ participant: Participant) -> String {
        roster[participant]?.name ?? participant.description
    }

    var hello: [UInt8] { FrameHeader(opcode: .hello).frame(payload: roster.digest.bytes) }

    /// Says that the sender has a connection to everybody.
    static let ready = FrameHeader(opcode: .hello, operation: 1).frame(payload: [])

    static func farewell(_ reason: String) -> [UInt8] {
        let payload = Array(reason.utf8.prefix(Inbox.abortPayloadLimit))
        return FrameHeader(opcode: .abort).frame(payload: payload)
    }

    /// Why a greeting does not fit; nil if it does.
    func difference(inHello frame: [UInt8]) -> String? {
        guard FrameHeader(reading: frame)?.opcode == .hello,
            let digest = Digest(Array(frame.dropFirst(FrameHeader.byteCount)))
        else { return "its greeting is malformed" }
        guard digest == roster.digest else {
            return "its roster (SHA-256 \(digest.hex.prefix(16))...) is not ours "
                + "(\(roster.digest.hex.prefix(16))...): give every member the same file"
        }
        return nil
    }
}

/// A peer's words, fit for a terminal.
func readable(_ payload: [UInt8]) -> String {
    let text = String(decoding: payload, as: UTF8.self)
    return String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator: " "
                default: scalar
                }
            }))
}
