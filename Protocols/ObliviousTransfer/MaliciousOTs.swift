package import Algebra
package import MPC
package import Primitives

/// OT with every peer, set up once a session, against peers that deviate: SoftSpokenOT with both of
/// its checks.
///
/// What ``choose(_:from:operation:)`` and ``offer(_:to:operation:randomChoices:)`` give is of a type
/// without pads; only ``check(_:)-(UncheckedReceivedOTs)`` and ``check(_:)-(UncheckedOfferedOTs)``
/// turn it into OTs. A batch goes: everybody chooses, offers, checks what it received, checks what
/// it offered; three rounds, counted by the caller. After a failed check the keys are gone and every
/// further call fails in the same way.
package final class MaliciousOTs {
    private let session: Session
    private var keys: Result<PairwiseKeys, MPCError>

    private init(_ session: Session, _ keys: PairwiseKeys) {
        (self.session, self.keys) = (session, .success(keys))
    }

    /// As ``PairwiseOTs/setUp(_:leafBits:)``, with 64 bytes of proof a tree, 128/k trees.
    package static func setUp(_ session: Session, leafBits: Int = 4) throws(MPCError)
        -> MaliciousOTs
    {
        MaliciousOTs(session, try .setUp(session, leafBits: leafBits, isMalicious: true))
    }

    // MARK: Batches

    /// As ``PairwiseOTs/choose(_:from:operation:)``, for a batch with 128 or 192 OTs more.
    package func choose(_ choices: BitMatrix, from peer: Party, operation: UInt32)
        throws(MPCError) -> UncheckedReceivedOTs
    {
        let order = OTOrder(rows: choices.rows, count: choices.count)
        return try choose(order, choices, peer, operation)
    }

    /// As ``choose(_:from:operation:)`` with random choices.
    package func chooseRandomly(_ order: OTOrder, from peer: Party, operation: UInt32)
        throws(MPCError) -> UncheckedReceivedOTs
    {
        try choose(order, nil, peer, operation)
    }

    private func choose(
        _ order: OTOrder, _ choices: BitMatrix?, _ peer: Party, _ operation: UInt32
    ) throws(MPCError) -> UncheckedReceivedOTs {
        let (receiver, hash) = try keys.get().receiver(peer)
        let (chosen, rows) = try receiver.choose(
            order, choices: choices, sacrificed: SubspaceCheck.sacrifice(beside: order.total)
        ) { (bytes, fill) throws(MPCError) in
            try session.send(
                .otColumns, to: .party(peer), operation: operation, byteCount: bytes, fill: fill)
        }
        return UncheckedReceivedOTs(
            choices: chosen, rows: rows, hash: hash, peer: peer, operation: operation)
    }

    /// The other end: receives the corrections, and only then queues the check's key.
    package func offer(
        _ order: OTOrder, to peer: Party, operation: UInt32, randomChoices: Bool
    ) throws(MPCError) -> UncheckedOfferedOTs {
        let (sender, hash) = try keys.get().sender(peer)
        let rows = try sender.offer(
            order, randomChoices: randomChoices,
            sacrificed: SubspaceCheck.sacrifice(beside: order.total)
        ) { (bytes) throws(MPCError) in
            try session.receive(
                .otColumns, from: .party(peer), operation: operation, byteCount: bytes)
        }
        let key = session.randomness.secret(SubspaceCheck.keyByteCount)
        try session.send(
            .otCheckKey, to: .party(peer), operation: operation, payload: key.copyBytes())
        return UncheckedOfferedOTs(
            rows: rows, delta: sender.delta, hash: hash, key: Block(key), peer: peer,
            operation: operation)
    }

    // MARK: Checks

    /// Answers the peer's check of what this party chose, queueing 2,064 bytes.
    package func check(_ ots: consuming UncheckedReceivedOTs) throws(MPCError) -> ReceivedOTs {
        _ = try keys.get()
        let key = try session.receive(
            .otCheckKey, from: .party(ots.peer), operation: ots.operation,
            byteCount: SubspaceCheck.keyByteCount)
        let response = SubspaceCheck.respond(
            choices: ots.choices, rows: ots.rows.words,
            key: Block(SecretBytes(copying: Array(key))))
        try session.send(
            .otCheck, to: .party(ots.peer), operation: ots.operation,
            byteCount: SubspaceCheck.responseByteCount
        ) { appendLittleEndian(response[...], to: &$0) }
        return ReceivedOTs(words: ots.choices, rows: ots.rows, hash: ots.hash)
    }

    /// Checks what the peer chose.
    ///
    /// - Throws: `MPCError.cheating(.softSpoken, by: peer)`; all keys of this object are then wiped.
    package func check(_ ots: consuming UncheckedOfferedOTs) throws(MPCError) -> OfferedOTs {
        // Another batch under the same Δ that was offered before a check failed is lost too.
        _ = try keys.get()
        let bytes = try session.receive(
            .otCheck, from: .party(ots.peer), operation: ots.operation,
            byteCount: SubspaceCheck.responseByteCount)
        guard let response = littleEndianWords(bytes),
            SubspaceCheck.accepts(
                response, rows: ots.rows.words, key: ots.key, delta: ots.delta.block)
        else {
            let error = MPCError.cheating(.softSpoken, by: ots.peer)
            keys = .failure(error)
            throw error
        }
        return OfferedOTs(rows: ots.rows, delta: ots.delta, hash: ots.hash)
    }
}

/// OTs that were chosen, and cannot be used before ``MaliciousOTs/check(_:)-(UncheckedReceivedOTs)``.
package struct UncheckedReceivedOTs: ~Copyable {
    fileprivate let choices: [UInt64]
    fileprivate let rows: OTRows
    fileprivate let hash: CorrelationHash
    fileprivate let peer: Party
    fileprivate let operation: UInt32
}

/// OTs that were offered, and cannot be used before ``MaliciousOTs/check(_:)-(UncheckedOfferedOTs)``.
package struct UncheckedOfferedOTs: ~Copyable {
    fileprivate let rows: OTRows
    fileprivate let delta: PuncturePoint
    fileprivate let hash: CorrelationHash
    fileprivate let key: Block
    fileprivate let peer: Party
    fileprivate let operation: UInt32
}
