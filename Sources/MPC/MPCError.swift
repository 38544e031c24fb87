public import Networking
public import Primitives

/// Every way in which a protocol can fail, split by who must act on it.
///
/// Payloads name parties, steps and fields; they never carry shares, keys or opened values.
public enum MPCError: Error, Hashable, Sendable {
    /// A check that honest participants always pass has failed: stop, discard the session's
    /// secrets and never retry with the same preprocessing.
    case cheating(Check, by: Party?)
    /// The dealer broke the protocol.
    case malformedFromDealer
    /// The participants do not run the same thing: found in the agreement, before any share was
    /// sent, or by the dealer when they ask it for different things.
    case disagreement(field: String, values: [Disagreement])
    /// The network gave way during `step`. Retrying in a fresh session is safe.
    case transport(TransportError, step: String)
    /// A participant announced that it gave up.
    case aborted(AbortNotice)
    /// The engine is for another number of parties: with fewer it would hide nothing.
    case partyCount(engine: String, needs: Int, has: Int)
    /// A run that may make no correlated randomness has used up what was prepared: the same at all
    /// parties.
    case preprocessingExhausted(kind: String, needed: Int, left: Int)
    /// This party's store of prepared randomness cannot be used, and why.
    case preprocessingStore(String)
    /// This participant gives up for a reason of its own, which its own output tells.
    case local(step: String)

    /// The check that failed, named as in the paper that defines it.
    public enum Check: Hashable, Sendable {
        case malformedMessage(step: String)
        case inconsistentBroadcast
        case commitmentOpening
        case releaseSignature
        case inconsistentOpening
        /// Oblivious transfer: the trees of keys do not fit their check values.
        case puncturedTree
        /// Oblivious transfer: choices are not the same in all columns.
        case softSpoken
    }
}

/// What one participant says where others say something else.
public struct Disagreement: Hashable, Sendable {
    public let participant: Participant
    public let value: String
    public init(participant: Participant, value: String) {
        (self.participant, self.value) = (participant, value)
    }
}

extension MPCError: CustomStringConvertible {
    public var description: String { message { "\($0)" } }

    /// One line for people: what happened, where and what to do.
    public func message(naming name: (Participant) -> String) -> String {
        switch self {
        case .cheating(let check, let party):
            "\(party.map { name(.party($0)) } ?? "a party") broke the protocol: \(check). "
                + "Clear this up before another run"
        case .malformedFromDealer:
            "the dealer sent corrections of the wrong form"
        case .disagreement(let field, let values):
            "the participants disagree on \"\(field)\": "
                + values.map { "\(name($0.participant)) has \($0.value)" }.joined(separator: ", ")
                + "; agree on one value and start again"
        case .transport(let error, let step):
            "\(error.message(name)) (during \(step))"
        case .aborted(let notice):
            "\(name(notice.accuser)) gave up during \(notice.step): \(notice.reason)"
                + (notice.culprit.map { " (blames \(name($0)))" } ?? "")
        case .partyCount(let engine, let needed, let count):
            "\(engine) is for exactly \(needed) parties and the roster has \(count); "
                + "choose another engine"
        case .preprocessingExhausted(let kind, let needed, let left):
            "the preparation is used up: \(needed) \(kind) are needed and \(left) are left; prepare "
                + "more, or run without --online-only"
        case .preprocessingStore(let reason): reason
        case .local(let step):
            "stopped during \(step) for a reason of its own"
        }
    }

    /// Who is to be named as the cause, as far as it is known.
    public var culprit: Participant? {
        switch self {
        case .cheating(_, let party): party.map { .party($0) }
        case .malformedFromDealer: .dealer
        case .disagreement, .partyCount, .preprocessingExhausted, .preprocessingStore: nil
        case .transport(let error, _): error.culprit
        case .aborted(let notice): notice.culprit
        case .local: nil
        }
    }

    /// Whether this participant gives up for a reason of its own.
    var isOwn: Bool {
        switch self {
        case .local, .preprocessingStore, .transport(.cancelled, _): true
        default: false
        }
    }

    /// What was being done, where the error says so.
    public var step: String? {
        switch self {
        case .transport(_, let step), .local(let step): step
        case .aborted(let notice): notice.step
        case .cheating, .malformedFromDealer, .disagreement, .partyCount, .preprocessingExhausted,
            .preprocessingStore:
            nil
        }
    }
}

extension MPCError.Check: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformedMessage(let step): "a malformed message during \(step)"
        case .inconsistentBroadcast: "different parties were sent different broadcasts"
        case .commitmentOpening: "an opening does not fit its commitment"
        case .releaseSignature: "a signature over the release does not verify"
        case .inconsistentOpening: "two holders of a share opened it differently"
        case .puncturedTree: "the keys of an oblivious transfer are inconsistent"
        case .softSpoken: "the choices of an oblivious transfer are inconsistent"
        }
    }
}

extension TransportError {
    /// The peer that caused the failure, if it is known.
    public var culprit: Participant? {
        switch self {
        case .disconnected(let peer), .timedOut(let peer, _), .malformedFrame(let peer, _),
            .tls(let peer, _):
            peer
        case .refused(let peer, _): peer
        case .unreachable(let peers, _): peers.first
        case .aborted(let peer, _): peer
        case .cannotListen, .cancelled, .stalled: nil
        }
    }
}
