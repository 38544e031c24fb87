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
    private let senders: [Party: (ot: SoftSpokenSender, hash: CorrelationHash)]
    private let receivers: [Party: (ot: SoftSpokenReceiver, hash: CorrelationHash)]

    private init(
        _ session: Session, senders: [Party: (ot: SoftSpokenSender, hash: CorrelationHash)],
        receivers: [Party: (ot: SoftSpokenReceiver, hash: CorrelationHash)]
    ) {
        (self.session, self.senders, self.receivers) = (session, senders, receivers)
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
        precondition(leafBits == 2 || leafBits == 4, "trees of depth \(leafBits)")
        let operation = session.nextOperation()
        let (me, peers) = (session.party, session.otherParties)
        let randomness = session.randomness

        // 1. To every peer, as the sender of base OTs: B.
        var bases: [Party: BaseOT.Sender] = [:]
        for peer in peers {
            let base = BaseOT.Sender(randomness: randomness)
            bases[peer] = base
            try session.send(
                .baseKey, to: .party(peer), operation: operation, payload: base.message)
        }
        session.countRound()

        // 2. As the receiver of base OTs: Δ, and points for the choices that are not its path.
        var deltas: [Party: (delta: PuncturePoint, keys: SecretBytes)] = [:]
        for peer in peers {
            let message = try session.receive(
                .baseKey, from: .party(peer), operation: operation,
                byteCount: BaseOT.pointByteCount)
            let delta = PuncturePoint(depth: leafBits, randomness: randomness)
            guard
                let (response, keys) = BaseOT.respond(
                    to: Array(message), choices: delta.baseChoices,
                    at: BaseOT.Place(session: session.id, sender: peer, receiver: me),
                    randomness: randomness)
            else { throw .cheating(.malformedMessage(step: session.step), by: peer) }
            deltas[peer] = (delta, keys)
            try session.send(
                .basePoints, to: .party(peer), operation: operation, payload: response)
        }
        session.countRound()

        // 3. As the sender of base OTs and receiver of the extension: trees.
        var receivers: [Party: (ot: SoftSpokenReceiver, hash: CorrelationHash)] = [:]
        for (peer, base) in bases.sorted(by: { $0.key < $1.key }) {
            let response = try session.receive(
                .basePoints, from: .party(peer), operation: operation,
                byteCount: BaseOT.responseByteCount)
            guard
                let keys = base.keys(
                    from: Array(response),
                    at: BaseOT.Place(session: session.id, sender: me, receiver: peer))
            else { throw .cheating(.malformedMessage(step: session.step), by: peer) }
            let (leaves, offer) = PuncturedTrees.make(
                depth: leafBits, baseKeys: keys, randomness: randomness)
            try session.send(.otTrees, to: .party(peer), operation: operation, payload: offer)
            receivers[peer] = (
                SoftSpokenReceiver(
                    leaves: LeafStreams(keys: leaves, depth: leafBits, hasAllLeaves: true)),
                hash(session, sender: peer, receiver: me)
            )
        }
        session.countRound()

        // 4. As the sender of the extension: all leaves but those at Δ.
        var senders: [Party: (ot: SoftSpokenSender, hash: CorrelationHash)] = [:]
        for (peer, own) in deltas.sorted(by: { $0.key < $1.key }) {
            let offer = try session.receive(
                .otTrees, from: .party(peer), operation: operation,
                byteCount: PuncturedTrees.byteCount)
            let leaves = PuncturedTrees.puncture(
                at: own.delta, baseKeys: own.keys, offer: offer)
            senders[peer] = (
                SoftSpokenSender(
                    leaves: LeafStreams(keys: leaves, depth: leafBits, hasAllLeaves: false),
                    delta: own.delta),
                hash(session, sender: me, receiver: peer)
            )
        }
        return PairwiseOTs(session, senders: senders, receivers: receivers)
    }

    private static func hash(_ session: Session, sender: Party, receiver: Party)
        -> CorrelationHash
    {
        var context = session.id.bytes
        context.append(littleEndian: UInt32(sender.index))
        context.append(littleEndian: UInt32(receiver.index))
        return CorrelationHash(context: context, isMalicious: false)
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
        guard let (receiver, hash) = receivers[peer] else { preconditionFailure("no \(peer)") }
        let (chosen, rows) = try receiver.choose(order, choices: choices) {
            (bytes, fill) throws(MPCError) in
            try session.send(
                .otColumns, to: .party(peer), operation: operation, byteCount: bytes, fill: fill)
        }
        return ReceivedOTs(choices: chosen, rows: rows, hash: hash)
    }

    /// The other end, as the OT sender: receives the frame of ``choose(_:from:operation:)``.
    ///
    /// - Parameter randomChoices: whether the peer used
    ///   ``chooseRandomly(_:from:operation:)``.
    package func offer(
        _ order: OTOrder, to peer: Party, operation: UInt32, randomChoices: Bool
    ) throws(MPCError) -> OfferedOTs {
        guard let (sender, hash) = senders[peer] else { preconditionFailure("no \(peer)") }
        let rows = try sender.offer(order, randomChoices: randomChoices) {
            (bytes) throws(MPCError) in
            try session.receive(
                .otColumns, from: .party(peer), operation: operation, byteCount: bytes)
        }
        return OfferedOTs(rows: rows, delta: sender.delta, hash: hash)
    }
}
