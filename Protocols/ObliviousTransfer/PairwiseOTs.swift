package import Algebra
package import MPC
package import Primitives

/// Both directions of correlated OT with every peer, set up once a session (semi-honest).
///
/// In each direction of each pair OTs are numbered over the session; the number is the hash's tweak,
/// and session and direction its key. Rounds are counted by the caller of ``choose(_:from:operation:)``
/// and ``offer(_:to:operation:randomChoices:)``, who does both towards all peers in one.
package final class PairwiseOTs {
    private let session: Session
    private let keys: PairwiseKeys

    private init(_ session: Session, _ keys: PairwiseKeys) {
        (self.session, self.keys) = (session, keys)
    }

    /// Base OTs and GGM trees with every peer, both directions: all computing parties call it.
    ///
    /// Three rounds; with each peer 32 + 8192 + 4096 bytes each way.
    ///
    /// - Parameter leafBits: the depth k of the trees, 2 or 4: an OT costs 128/k bits and 2ᵏ · 128/k
    ///   bits of AES.
    package static func setUp(_ session: Session, leafBits: Int = 4) throws(MPCError)
        -> PairwiseOTs
    {
        PairwiseOTs(session, try .setUp(session, leafBits: leafBits, isMalicious: false))
    }

    // MARK: Batches

    /// Chooses as the OT receiver: queues one correction frame to `peer`.
    ///
    /// 128/k bits an OT; batches of more than 2²⁰ OTs take a frame for every 2²⁰.
    ///
    /// - Parameter choices: rows × lanes, lanes a multiple of 64.
    package func choose(_ choices: BitMatrix, from peer: Party, operation: UInt32)
        throws(MPCError) -> ReceivedOTs
    {
        let order = OTOrder(rows: choices.rows, count: choices.count)
        return try choose(order, choices, peer, operation)
    }

    /// As ``choose(_:from:operation:)`` with random ``ReceivedOTs/choices`` of SoftSpoken's own.
    ///
    /// u := u₀ saves one of 128/k corrections.
    package func chooseRandomly(_ order: OTOrder, from peer: Party, operation: UInt32)
        throws(MPCError) -> ReceivedOTs
    {
        try choose(order, nil, peer, operation)
    }

    private func choose(
        _ order: OTOrder, _ choices: BitMatrix?, _ peer: Party, _ operation: UInt32
    ) throws(MPCError) -> ReceivedOTs {
        let (receiver, hash) = keys.receiver(peer)
        let (chosen, rows) = try receiver.choose(order, choices: choices) {
            (bytes, fill) throws(MPCError) in
            try session.send(
                .otColumns, to: .party(peer), operation: operation, byteCount: bytes, fill: fill)
        }
        return ReceivedOTs(words: chosen, rows: rows, hash: hash)
    }

    /// The other end, as the OT sender: receives the frame of ``choose(_:from:operation:)``.
    ///
    /// - Parameter randomChoices: whether the peer used
    ///   ``chooseRandomly(_:from:operation:)``.
    package func offer(
        _ order: OTOrder, to peer: Party, operation: UInt32, randomChoices: Bool
    ) throws(MPCError) -> OfferedOTs {
        let (sender, hash) = keys.sender(peer)
        let rows = try sender.offer(order, randomChoices: randomChoices) {
            (bytes) throws(MPCError) in
            try session.receive(
                .otColumns, from: .party(peer), operation: operation, byteCount: bytes)
        }
        return OfferedOTs(rows: rows, delta: sender.delta, hash: hash)
    }
}
