import MPC
import Primitives

/// Both ends of OT extension with every peer: what a session sets up once.
struct PairwiseKeys {
    private let senders: [Party: (ot: SoftSpokenSender, hash: CorrelationHash)]
    private let receivers: [Party: (ot: SoftSpokenReceiver, hash: CorrelationHash)]

    /// Base OTs and GGM trees with every peer, both directions; three rounds.
    ///
    /// - Parameter isMalicious: whether trees are checked, and rows hashed as if the peer chose them.
    static func setUp(
        _ session: Session, leafBits: Int, isMalicious: Bool
    ) throws(MPCError) -> PairwiseKeys {
        precondition(leafBits == 2 || leafBits == 4, "trees of depth \(leafBits)")
        let proofBytes = isMalicious ? PuncturingCheck.byteCount(trees: BaseOT.count / leafBits) : 0
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
            var (leaves, offer) = PuncturedTrees.make(
                depth: leafBits, baseKeys: keys, randomness: randomness)
            if isMalicious {
                let proved = PuncturingCheck.prove(leaves: leaves, depth: leafBits)
                leaves = proved.keys
                offer += proved.proof
            }
            try session.send(.otTrees, to: .party(peer), operation: operation, payload: offer)
            receivers[peer] = (
                SoftSpokenReceiver(
                    leaves: LeafStreams(keys: leaves, depth: leafBits, hasAllLeaves: true)),
                hash(session, sender: peer, receiver: me, isMalicious: isMalicious)
            )
        }
        session.countRound()

        // 4. As the sender of the extension: all leaves but those at Δ.
        var senders: [Party: (ot: SoftSpokenSender, hash: CorrelationHash)] = [:]
        for (peer, own) in deltas.sorted(by: { $0.key < $1.key }) {
            let offer = try session.receive(
                .otTrees, from: .party(peer), operation: operation,
                byteCount: PuncturedTrees.byteCount + proofBytes)
            var leaves = PuncturedTrees.puncture(
                at: own.delta, baseKeys: own.keys, offer: offer.dropLast(proofBytes))
            if isMalicious {
                guard
                    let keys = PuncturingCheck.verify(
                        leaves: leaves, delta: own.delta, proof: offer.suffix(proofBytes))
                else { throw .cheating(.puncturedTree, by: peer) }
                leaves = keys
            }
            senders[peer] = (
                SoftSpokenSender(
                    leaves: LeafStreams(keys: leaves, depth: leafBits, hasAllLeaves: false),
                    delta: own.delta),
                hash(session, sender: me, receiver: peer, isMalicious: isMalicious)
            )
        }
        return PairwiseKeys(senders: senders, receivers: receivers)
    }

    private static func hash(
        _ session: Session, sender: Party, receiver: Party, isMalicious: Bool
    ) -> CorrelationHash {
        var context = session.id.bytes
        context.append(littleEndian: UInt32(sender.index))
        context.append(littleEndian: UInt32(receiver.index))
        return CorrelationHash(context: context, isMalicious: isMalicious)
    }

    // MARK: Ends

    func sender(_ peer: Party) -> (ot: SoftSpokenSender, hash: CorrelationHash) {
        guard let sender = senders[peer] else { preconditionFailure("no OTs with \(peer)") }
        return sender
    }

    func receiver(_ peer: Party) -> (ot: SoftSpokenReceiver, hash: CorrelationHash) {
        guard let receiver = receivers[peer] else { preconditionFailure("no OTs with \(peer)") }
        return receiver
    }
}
