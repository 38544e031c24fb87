/// Hash commitments, binding and hiding if SHA-256 is modelled as a random oracle.
///
/// c = SHA-256(domain ‖ session ‖ committer ‖ counter ‖ message length ‖ message ‖ r) with 32 random
/// bytes r. Domain (length-prefixed), session, committer and counter make a commitment worthless
/// anywhere but where it was made: a peer cannot pass it off as its own.
public struct Commitment {
    public static let openingByteCount = 32

    private let prefix: [UInt8]

    /// What the commitment is for.
    ///
    /// - Parameter counter: tells apart the commitments of one domain within a session.
    public init(domain: String, session: Digest, committer: Participant, counter: UInt64) {
        var prefix: [UInt8] = []
        prefix.append(lengthPrefixed: domain)
        prefix += session.bytes
        switch committer {
        case .party(let party): prefix.append(littleEndian: UInt32(party.index))
        case .dealer: prefix.append(littleEndian: UInt32.max)
        }
        prefix.append(littleEndian: counter)
        self.prefix = prefix
    }

    /// Commits to `message` with fresh randomness; keep the opening until it is to be opened.
    public func commit(
        to message: [UInt8], using randomness: some RandomSource
    ) -> (commitment: Digest, opening: SecretBytes) {
        let opening = randomness.secret(Commitment.openingByteCount)
        return (opening.withBytes { digest(message, $0) }, opening)
    }

    /// Whether `commitment` opens to `message`; an opening of another length never does.
    public func verify(_ commitment: Digest, message: [UInt8], opening: [UInt8]) -> Bool {
        opening.count == Commitment.openingByteCount && digest(message, opening.span) == commitment
    }

    /// The commitment to `message` that `opening` opens: for who keeps 32 random bytes already.
    package func digest(of message: [UInt8], opening: SecretBytes) -> Digest {
        precondition(opening.count == Commitment.openingByteCount, "an opening has 32 bytes")
        return opening.withBytes { digest(message, $0) }
    }

    private func digest(_ message: [UInt8], _ opening: Span<UInt8>) -> Digest {
        var length: [UInt8] = []
        length.append(littleEndian: UInt64(message.count))
        var hasher = SHA256()
        hasher.update(prefix)
        hasher.update(length)
        hasher.update(message)
        hasher.update(opening)
        return hasher.finalize()
    }
}
