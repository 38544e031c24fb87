public import Primitives

/// Signs what this party releases and knows the keys of all, in party order.
public struct ReleaseSigner: Sendable {
    package let sign: @Sendable ([UInt8]) -> [UInt8]
    public let parties: [VerifyingKey]

    public init(key: SigningKey, parties: [VerifyingKey]) {
        self.init(parties: parties) { key.sign($0) }
    }

    /// Signs in another way than with the key at hand: a replay has signatures, and no key.
    package init(parties: [VerifyingKey], sign: @escaping @Sendable ([UInt8]) -> [UInt8]) {
        (self.parties, self.sign) = (parties, sign)
    }
}

/// What the parties committed to and signed before a result was handed over.
public struct ReleaseRecord: Hashable, Sendable {
    public let recipients: [Party]
    /// By party: one commitment for each recipient; none of clients, which have no shares.
    public let commitments: [[Digest]]
    /// By party; empty in a session without a signer.
    public let signatures: [[UInt8]]
    /// What the signatures are over.
    public let statement: [UInt8]
    /// SHA-256 over what this party received as a recipient.
    ///
    /// Each message comes with the salt of its commitment, its own included, which nobody else
    /// knows: the digest tells nothing about the result. Nil if it is no recipient, or until all
    /// has been received and verified.
    public internal(set) var received: Digest?
}

extension Session {
    /// One message of each party for each recipient: the same for all of them.
    ///
    /// - Returns: what each party sent, in party order; nil at a party that is no recipient.
    package func release(
        _ bytes: [UInt8], to recipients: Recipients, largestFrame: Int = 1 << 26
    ) throws(MPCError) -> [[UInt8]]? {
        try release(
            whole.allParties.filter(recipients.contains).map { ($0, bytes) },
            largestFrame: largestFrame)
    }

    /// Hands every recipient each computing party's message for it, after commitments that all
    /// parties, clients included, have signed.
    ///
    /// Two rounds; one more with signatures, one more from three parties:
    /// 1. Every computing party commits, salted, to its bytes for each recipient; from three parties
    ///    on all compare what they were sent.
    /// 2. All sign all commitments.
    /// 3. The bytes go to the recipients, who verify them.
    ///
    /// Before 3 nobody has an output. In 3 a party that stops may have its own result while others
    /// have not: without an honest majority that cannot be helped, and the ledger shows it.
    ///
    /// - Parameters:
    ///   - messages: in the order of the recipients; their lengths are the same at every party.
    ///   - largestFrame: longer messages go in several frames of so many bytes.
    /// - Returns: what each computing party sent to this one, in party order; nil if it is no
    ///   recipient.
    package func release(
        _ messages: [(recipient: Party, bytes: [UInt8])], largestFrame: Int = 1 << 26
    ) throws(MPCError) -> [[UInt8]]? {
        try whole.release(
            messages.map(\.bytes), to: messages.map(\.recipient),
            byteCount: messages.first { $0.recipient == party }?.bytes.count,
            largestFrame: largestFrame)
    }

    /// As ``release(_:largestFrame:)`` at a client, which has nothing to hand over.
    ///
    /// - Parameter byteCount: of each message to this party; nil if it is no recipient.
    package func receiveRelease(
        to recipients: [Party], byteCount: Int?, largestFrame: Int = 1 << 26
    ) throws(MPCError) -> [[UInt8]]? {
        try release([], to: recipients, byteCount: byteCount, largestFrame: largestFrame)
    }

    /// - Parameter bytes: by recipient; none at a client.
    private func release(
        _ bytes: [[UInt8]], to receiving: [Party], byteCount: Int?, largestFrame: Int
    ) throws(MPCError) -> [[UInt8]]? {
        let outer = costs.enter(phase: "release")
        defer { costs.leave(to: outer) }
        let mark = costs.begin("output")
        defer { costs.end(mark) }
        let operation = nextOperation()

        // 1. Commit.
        func commitment(of party: Party, for recipient: Party) -> Commitment {
            Commitment(
                domain: "parley/release/v1", session: id, committer: .party(party),
                counter: UInt64(operation) << 16 | UInt64(recipient.index))
        }
        let mine = zip(receiving, bytes).map {
            commitment(of: party, for: $0).commit(to: $1, using: randomness)
        }
        let size = Digest.byteCount
        let sent = try broadcast(mine.flatMap(\.commitment.bytes), atMost: size * receiving.count)
        var commitments: [[Digest]] = []
        for (index, message) in sent.enumerated() {
            guard message.count == size * (index < computingCount ? receiving.count : 0) else {
                throw .cheating(.malformedMessage(step: step), by: Party(index))
            }
            commitments.append(
                stride(from: 0, to: message.count, by: size).compactMap {
                    Digest(Array(message[$0..<$0 + size]))
                })
        }

        try verifyBroadcasts()

        // 2. Sign.
        let statement = releaseStatement(operation, receiving, commitments)
        releases.append(
            ReleaseRecord(
                recipients: receiving, commitments: commitments,
                signatures: try signed(statement), statement: statement, received: nil))

        // 3. Hand over and verify.
        func pieces(of byteCount: Int) -> [Range<Int>] {
            let length = byteCount + Commitment.openingByteCount
            return stride(from: 0, to: length, by: largestFrame).map {
                $0..<min($0 + largestFrame, length)
            }
        }
        for (recipient, (bytes, mine)) in zip(receiving, zip(bytes, mine)) where recipient != party
        {
            let message = bytes + mine.opening.copyBytes()
            for piece in pieces(of: bytes.count) {
                try send(
                    .releaseShare, to: .party(recipient), operation: operation,
                    payload: Array(message[piece]))
            }
        }
        countRound()
        guard let own = receiving.firstIndex(of: party), let byteCount else {
            try flush()
            return nil
        }
        var (openings, salts): ([[UInt8]], [[UInt8]]) = ([], [])
        for peer in allParties.prefix(computingCount) {
            guard peer != party else {
                openings.append(bytes[own])
                salts.append(mine[own].opening.copyBytes())
                continue
            }
            var payload: [UInt8] = []
            payload.reserveCapacity(byteCount + Commitment.openingByteCount)
            for piece in pieces(of: byteCount) {
                payload += try receive(
                    .releaseShare, from: .party(peer), operation: operation,
                    byteCount: piece.count)
            }
            let message = Array(payload.dropLast(Commitment.openingByteCount))
            let salt = Array(payload.suffix(Commitment.openingByteCount))
            guard
                commitment(of: peer, for: party).verify(
                    commitments[peer.index][own], message: message, opening: salt)
            else { throw .cheating(.commitmentOpening, by: peer) }
            openings.append(message)
            salts.append(salt)
        }
        try flush()
        var hasher = SHA256()
        for (message, salt) in zip(openings, salts) {
            hasher.update(message)
            hasher.update(salt)
        }
        releases[releases.count - 1].received = hasher.finalize()
        return openings
    }

    private func releaseStatement(
        _ operation: UInt32, _ receiving: [Party], _ commitments: [[Digest]]
    ) -> [UInt8] {
        var statement = Array("parley-release/v1\n".utf8)
        statement += id.bytes
        statement.append(littleEndian: operation)
        statement.append(littleEndian: UInt32(receiving.count))
        for recipient in receiving { statement.append(littleEndian: UInt32(recipient.index)) }
        for digest in commitments.joined() { statement += digest.bytes }
        return statement
    }

    /// Everybody's signature over the statement, verified: all saw the same commitments.
    private func signed(_ statement: [UInt8]) throws(MPCError) -> [[UInt8]] {
        guard let signer else { return [] }
        let signatures = try broadcast(
            signer.sign(statement), atMost: VerifyingKey.signatureByteCount)
        for (index, signature) in signatures.enumerated() {
            guard signer.parties[index].verify(signature, of: statement) else {
                throw .cheating(.releaseSignature, by: Party(index))
            }
        }
        return signatures
    }
}
