public import Primitives

/// Why frames stopped flowing, and whose doing that is.
///
/// Says nothing about honesty: a network may fail on its own. Cases compare exactly.
public enum TransportError: Error, Hashable, Sendable {
    /// The connection ended without an abort frame that would explain it.
    case disconnected(Participant)
    /// Nobody was silent for longer than this participant when the deadline passed.
    case timedOut(Participant, after: Duration)
    /// Everybody gives signs of life, but what this participant should send does not come: one of
    /// the participants holds up the others, and it cannot be said which.
    case stalled(awaiting: Participant, after: Duration)
    /// What arrived is no frame of this protocol.
    case malformedFrame(Participant, reason: String)
    /// A member's identity or roster does not fit ours, or it says that ours do not.
    case refused(Participant, reason: String)
    /// These never joined the mesh.
    case unreachable([Participant], reason: String)
    /// The own address cannot be listened at.
    case cannotListen(address: String, reason: String)
    /// The participant announced that it gives up; at most 1 KiB of what it said.
    case aborted(by: Participant, payload: [UInt8])
    /// The channel's cryptography failed: bytes were altered, or the peer's TLS is broken.
    case tls(Participant, reason: String)
    /// ``Transport/cancel()`` was called.
    case cancelled
}

extension TransportError: CustomStringConvertible {
    public var description: String { message { "\($0)" } }

    /// One line that names participants as the roster does.
    public func message(naming roster: Roster) -> String {
        message { peer in roster[peer].map { "\($0.name) (\(peer))" } ?? "\(peer)" }
    }

    /// One line for people, with participants named as `name` has them.
    package func message(_ name: (Participant) -> String) -> String {
        switch self {
        case .disconnected(let peer):
            "\(name(peer)) closed the connection without saying why: look at its own output"
        case .timedOut(let peer, let deadline):
            "nothing from \(name(peer)) within \(deadline): check that it runs and is reachable"
        case .stalled(let peer, let limit):
            "nothing has come from \(name(peer)) for \(limit), though everybody is alive: "
                + "somebody holds up the others"
        case .malformedFrame(let peer, let reason):
            "\(name(peer)) sent a malformed frame: \(reason)"
        case .refused(let peer, let reason):
            "no mesh with \(name(peer)): \(reason)"
        case .unreachable(let peers, let reason):
            "no mesh without \(peers.map(name).joined(separator: ", ")): \(reason)"
        case .cannotListen(let address, let reason):
            "cannot listen at \(address): \(reason)"
        case .aborted(let peer, _):
            "\(name(peer)) aborted the session"
        case .tls(let peer, let reason):
            "the TLS channel to \(name(peer)) failed: \(reason)"
        case .cancelled:
            "cancelled"
        }
    }
}
