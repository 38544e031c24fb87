public import Primitives

/// The frames of one direction between two participants, as one digest: both ends compute the same.
///
/// dᵢ = SHA-256(dᵢ₋₁ ‖ SHA-256(frame i)), from the hash of nothing.
public struct FrameChain: Hashable, Sendable, Codable {
    public private(set) var frames = 0
    /// Of whole frames, headers included.
    public private(set) var bytes = 0
    public private(set) var digest = SHA256.hash()

    mutating func add(_ frame: Digest, byteCount: Int) {
        frames += 1
        bytes += byteCount
        digest = SHA256.hash(digest.bytes, frame.bytes)
    }
}

/// What a transcript amounts to: one digest for the ledger, and one for each direction and peer.
///
/// It tells nothing of the frames but their numbers and sizes, which the network sees anyway. Two
/// parties' summaries show whether what one says that it sent is what the other received.
public struct TranscriptSummary: Hashable, Sendable, Codable {
    /// What passed between this party and one other.
    public struct Flow: Hashable, Sendable, Codable {
        /// The peer's index; nil for the dealer.
        public let party: Int?
        public internal(set) var sent = FrameChain()
        public internal(set) var received = FrameChain()
    }

    /// A running digest of every record, in order.
    public private(set) var records = SHA256.hash()
    /// One for each peer, in the order of participants.
    public private(set) var flows: [Flow]

    init(peers: [Participant]) { flows = peers.map { Flow(party: $0.index) } }

    /// What the ledger holds: a digest of everything here.
    public var digest: Digest {
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: "parley/transcript/v1")
        bytes += records.bytes
        for flow in flows {
            bytes.append(littleEndian: UInt32(truncatingIfNeeded: flow.party ?? -1))
            for chain in [flow.sent, flow.received] {
                bytes.append(littleEndian: UInt64(truncatingIfNeeded: chain.frames))
                bytes.append(littleEndian: UInt64(truncatingIfNeeded: chain.bytes))
                bytes += chain.digest.bytes
            }
        }
        return SHA256.hash(bytes)
    }

    /// - Parameter content: the record's bytes, or for a frame its hash.
    mutating func add(_ kind: TranscriptRecord.Kind, _ content: [UInt8]) {
        records = SHA256.hash(records.bytes, [kind.rawValue], content)
    }

    mutating func addSent(_ frame: Digest, byteCount: Int, to peer: Participant) {
        add(.sent, peer.code + frame.bytes)
        guard let index = flows.firstIndex(where: { $0.party == peer.index }) else { return }
        flows[index].sent.add(frame, byteCount: byteCount)
    }

    mutating func addReceived(_ frame: Digest, byteCount: Int, from peer: Participant) {
        add(.received, peer.code + frame.bytes)
        guard let index = flows.firstIndex(where: { $0.party == peer.index }) else { return }
        flows[index].received.add(frame, byteCount: byteCount)
    }
}

extension Participant {
    /// Nil for the dealer.
    var index: Int? { if case .party(let party) = self { party.index } else { nil } }

    /// Two bytes in a transcript.
    var code: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: UInt16(truncatingIfNeeded: index ?? 0xFFFF))
        return bytes
    }

    init(code: UInt16) { self = code == 0xFFFF ? .dealer : .party(Party(Int(code))) }
}
