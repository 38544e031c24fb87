package import Primitives

/// The first place where a replayed run does other than its transcript says.
public struct ReplayDifference: Hashable, Sendable, Codable {
    /// The step of the computation.
    public let step: String
    /// The frame's number, from 0, among those of its direction and peer; nil if it is no frame.
    public let frame: Int?
    /// The peer's index; nil for the dealer, or if it is no frame.
    public let party: Int?
    public let reason: String
}

/// Feeds a session what a transcript holds, and compares what it sends with it; nothing leaves.
///
/// A sent frame with another hash is noted and the replay goes on; a record of another kind or peer
/// than what the session does next ends it, as does the transcript's end, with
/// ``TransportError/cancelled``.
package final class ReplayTransport: Transport, @unchecked Sendable {
    // Invariant: everything belongs to the session's thread.
    package let me: Participant
    package let peers: [Participant]
    package private(set) var traffic: Traffic
    /// What the session is doing, for ``difference``.
    package var step: () -> String = { "agreement" }
    /// The first difference; nil if there is none.
    package private(set) var difference: ReplayDifference?
    /// Whether the session came to the end of the transcript.
    package private(set) var isAtEnd = false
    /// As the recorder would have it, of what the replay did.
    package private(set) var summary: TranscriptSummary

    private let reader: TranscriptReader
    private var isOver = false
    private var counts: [Participant: (sent: Int, received: Int)] = [:]

    package init(_ reader: TranscriptReader, me: Party, peers: [Participant]) {
        self.reader = reader
        self.me = .party(me)
        self.peers = peers
        traffic = Traffic(peers: peers)
        summary = TranscriptSummary(peers: peers)
    }

    package func send(_ frame: [UInt8], to peer: Participant) throws(TransportError) {
        // A party that gives up says so after its transcript's end.
        guard !isOver, !FrameHeader.isControl(frame) else { return }
        let number = counts[peer, default: (0, 0)].sent
        counts[peer, default: (0, 0)].sent += 1
        traffic.countSent(frame, to: peer)
        switch try next() {
        case .sent(peer, _, let digest):
            let replayed = SHA256.hash(frame)
            summary.addSent(replayed, byteCount: frame.count, to: peer)
            if replayed != digest {
                note("the party sent another frame than the replay does", number, peer)
            }
        case let other:
            throw stray("the replay sends a frame", other, number, peer)
        }
    }

    package func receive(from peer: Participant) throws(TransportError) -> [UInt8] {
        guard !isOver else { throw .cancelled }
        let number = counts[peer, default: (0, 0)].received
        counts[peer, default: (0, 0)].received += 1
        switch try next() {
        case .received(peer, let frame):
            traffic.countReceived(frame, from: peer)
            summary.addReceived(SHA256.hash(frame), byteCount: frame.count, from: peer)
            return frame
        case let other:
            throw stray("the replay waits for a frame", other, number, peer)
        }
    }

    /// The next reading of the clock.
    package func wallSeconds() -> Int64 {
        guard !isOver, let record = try? next() else { return 0 }
        guard case .wallClock(let seconds) = record else {
            _ = stray("the replay reads the clock", record)
            return 0
        }
        summary.addClock(seconds)
        return seconds
    }

    /// The next signature, which must be one of `key` over `message`; no bytes if there is none.
    package func signature(of message: [UInt8], by key: VerifyingKey) -> [UInt8] {
        guard !isOver, let record = try? next() else { return [] }
        guard case .signature(let signature) = record else {
            _ = stray("the replay signs", record)
            return []
        }
        if !key.verify(signature, of: message) {
            note("the party signed another statement than the replay does")
        }
        summary.add(.signature, signature)
        return signature
    }

    /// Where the session stood after messages that were not recorded.
    package func place() throws(TransportError) -> [UInt8] {
        guard !isOver else { throw .cancelled }
        switch try next() {
        case .place(let bytes):
            summary.add(.place, bytes)
            return bytes
        case let other: throw stray("the replay comes to messages of the ledger", other)
        }
    }

    /// Whether nothing is left; else the rest is a difference.
    package func finish() {
        guard !isOver else { return }
        if let rest = try? next() { _ = stray("the replay is done", rest) }
    }

    package func flush() throws(TransportError) {}
    package func close() { isOver = true }
    package func cancel() { isOver = true }

    // MARK: Records

    private func next() throws(TransportError) -> TranscriptRecord {
        do throws(FileError) {
            if let record = try reader.next() { return record }
        } catch {
            note(error.description)
        }
        (isOver, isAtEnd) = (true, difference == nil)
        throw .cancelled
    }

    /// Notes that the transcript goes on with something else, and ends the replay.
    private func stray(
        _ doing: String, _ record: TranscriptRecord, _ frame: Int? = nil,
        _ peer: Participant? = nil
    ) -> TransportError {
        let there =
            switch record {
            case .sent(let other, _, _): "sent to \(other)"
            case .received(let other, _): "received from \(other)"
            case .wallClock: "a reading of the clock"
            case .signature: "a signature"
            case .place: "messages of the ledger"
            }
        note("\(doing), where the transcript has: \(there)", frame, peer)
        isOver = true
        return .cancelled
    }

    private func note(_ reason: String, _ frame: Int? = nil, _ peer: Participant? = nil) {
        guard difference == nil else { return }
        difference = ReplayDifference(
            step: step(), frame: frame, party: peer?.index, reason: reason)
    }
}
