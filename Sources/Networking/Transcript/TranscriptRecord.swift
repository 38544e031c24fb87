package import Primitives

/// One thing that a run's session took from outside, or gave away, in the order in which its thread
/// did.
///
/// In a transcript: the kind (1 byte), then, little-endian, what the cases say.
package enum TranscriptRecord: Hashable {
    /// Peer (2 bytes, 0xFFFF for the dealer), length of the frame (4 bytes), its SHA-256.
    case sent(Participant, byteCount: Int, Digest)
    /// Peer, length of the frame (4 bytes), the frame.
    case received(Participant, [UInt8])
    /// A reading of the clock, seconds since 1970 (8 bytes).
    case wallClock(Int64)
    /// A signature that the party made with a key that it does not open (64 bytes).
    case signature([UInt8])
    /// Length (4 bytes) and bytes of the place to which the session moved by messages that are not
    /// part of the transcript.
    case place([UInt8])

    enum Kind: UInt8 {
        case sent = 1
        case received, wallClock, signature, place
    }
}

/// The first line of a transcript's file, which is not encrypted, but authenticated with every chunk.
package struct TranscriptHeader: Hashable {
    package static let byteLimit = 512
    private static let format = "parley-transcript/1"

    package let session: Digest
    package let party: Int
    /// Seconds since 1970; nothing reads the file for its owner after that, and the next run removes
    /// it.
    package let expires: Int64

    package init(session: Digest, party: Int, expires: Int64) {
        (self.session, self.party, self.expires) = (session, party, expires)
    }

    package var line: String {
        "\(Self.format) session \(session.hex) party \(party) expires \(expires)\n"
    }

    /// Nil unless it is exactly such a line.
    package init?(line: String) {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\n" })
        guard words.count == 7, let session = Digest(hex: String(words[2])),
            let party = Int(words[4]), (0..<0xFFFF).contains(party), let expires = Int64(words[6])
        else { return nil }
        self.init(session: session, party: party, expires: expires)
        guard self.line == line else { return nil }
    }
}
