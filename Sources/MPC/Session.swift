package import Networking
public import Primitives

/// One participant's seat in one run of a computation.
///
/// A session belongs to one thread, which does its own input and output. Every party makes the same
/// calls in the same order; each call is an *operation* with a number, which keys its randomness
/// and is in the header of each of its frames, so that a participant out of step is noticed at once.
public final class Session {
    package let transport: any Transport
    package let randomness: any RandomSource
    public let costs: CostMeter
    /// The number of parties.
    public let partyCount: Int
    /// How many of them, the first ones, compute; the others are clients, which only bring data or
    /// receive results.
    public let computingCount: Int
    /// The session's identifier: a hash of everything agreed on and of everybody's nonce.
    public let id: Digest
    /// What all agreed on.
    public let terms: AgreementTerms
    /// Signs releases; nil in a session whose results nobody has to prove.
    let signer: ReleaseSigner?
    public internal(set) var releases: [ReleaseRecord] = []
    var broadcasts = BroadcastTranscript()

    private let seeds: [Participant: SecretBytes]
    /// The session of all parties, in that of the computing ones alone.
    private unowned let outer: Session?
    private lazy var inner = Session(amongComputingPartiesOf: self)
    var codec: FrameCodec
    var operation: UInt32 = 0

    /// Takes what ``Session/agree(on:over:randomness:clock:signer:progress:)`` has established.
    init(
        line: SessionLine, id: Digest, terms: AgreementTerms, seeds: [Participant: SecretBytes],
        computing: Int, signer: ReleaseSigner?
    ) {
        transport = line.transport
        randomness = line.randomness
        codec = line.codec
        costs = line.costs
        partyCount = line.parties.count
        computingCount = computing
        self.id = id
        self.terms = terms
        self.seeds = seeds
        self.signer = signer
        outer = nil
    }

    /// The computing parties among themselves: operations of their own, frames on a channel of their
    /// own over the same connections.
    private init(amongComputingPartiesOf all: Session) {
        (transport, randomness, costs) = (all.transport, all.randomness, all.costs)
        (partyCount, computingCount) = (all.computingCount, all.computingCount)
        id = SHA256.hash(Array("parley computing parties v1".utf8) + all.id.bytes)
        (terms, seeds) = (all.terms, all.seeds)
        signer = nil
        outer = all
        codec = FrameCodec(channel: 1, epoch: 0)
    }

    /// The session in which engines run: this one, unless there are clients, who have no part in it.
    ///
    /// It lives no longer than this one.
    package var computing: Session {
        precondition(!isClient, "a client does not compute")
        return computingCount == partyCount ? self : inner
    }
    /// The session of all parties, clients included.
    package var whole: Session { outer ?? self }
    package var isClient: Bool { party.index >= computingCount }

    public var me: Participant { transport.me }
    /// All parties of this session, in index order.
    public var allParties: [Party] { (0..<partyCount).map(Party.init) }
    /// What is being done: the step that errors name.
    public var step: String { costs.step }

    /// This party; misuse at the dealer.
    public var party: Party {
        guard case .party(let party) = me else { preconditionFailure("the dealer is no party") }
        return party
    }
    /// Every party of this session but this one, in index order.
    package var otherParties: [Party] { allParties.filter { .party($0) != me } }
    package var isFirst: Bool { party.index == 0 }
    package var isLast: Bool { party.index == partyCount - 1 }

    /// The number of the operation that begins: the same at every party.
    package func nextOperation() -> UInt32 {
        operation += 1
        return operation
    }

    package func countRound() { costs.countRound() }

    /// The stream that this participant has in common with `peer`, for one purpose and operation.
    package func generator(with peer: Participant, _ purpose: String, _ operation: UInt32)
        -> CounterGenerator
    {
        guard let seed = seeds[peer] else { preconditionFailure("\(peer) is not in this session") }
        return CounterGenerator(
            seed: seed, domain: "parley/\(purpose)/v1", session: id, epoch: 0,
            operation: UInt64(operation))
    }

    // MARK: Frames

    /// Queues one frame; `fill` appends exactly `byteCount` bytes.
    package func send(
        _ message: Message, to peer: Participant, operation: UInt32, byteCount: Int,
        fill: (inout OutputSpan<UInt8>) -> Void
    ) throws(MPCError) {
        let frame = codec.encode(
            message.opcode, operation: operation, to: peer, payloadByteCount: byteCount, fill)
        do { try transport.send(frame, to: peer) } catch { throw MPCError(error, step) }
    }

    package func send(
        _ message: Message, to peer: Participant, operation: UInt32, payload: [UInt8]
    ) throws(MPCError) {
        try send(message, to: peer, operation: operation, byteCount: payload.count) { output in
            for byte in payload { output.append(byte) }
        }
    }

    /// Waits for the next frame of `peer`, which must be this message of this operation with
    /// exactly `byteCount` bytes.
    package func receive(
        _ message: Message, from peer: Participant, operation: UInt32, byteCount: Int
    ) throws(MPCError) -> ArraySlice<UInt8> {
        let payload = try receive(message, from: peer, operation: operation, atMost: byteCount)
        guard payload.count == byteCount else { throw wrongSize(payload.count, byteCount, peer) }
        return payload
    }

    /// As ``receive(_:from:operation:byteCount:)`` for a payload of any size up to `limit` bytes.
    package func receive(
        _ message: Message, from peer: Participant, operation: UInt32, atMost limit: Int
    ) throws(MPCError) -> ArraySlice<UInt8> {
        let (header, payload) = try codec.next(message, from: peer, over: transport, step: step)
        guard header.operation == operation else {
            throw .transport(
                .malformedFrame(
                    peer, reason: "operation \(header.operation) where \(operation) was expected"),
                step: step)
        }
        guard payload.count <= limit else { throw wrongSize(payload.count, limit, peer) }
        return payload
    }

    /// As ``receive(_:from:operation:byteCount:)`` for whoever follows the peer's operations.
    package func receiveAnyOperation(
        _ message: Message, from peer: Participant, byteCount: Int
    ) throws(MPCError) -> (operation: UInt32, payload: ArraySlice<UInt8>) {
        let (header, payload) = try codec.next(message, from: peer, over: transport, step: step)
        guard payload.count == byteCount else { throw wrongSize(payload.count, byteCount, peer) }
        return (header.operation, payload)
    }

    private func wrongSize(_ count: Int, _ expected: Int, _ peer: Participant) -> MPCError {
        .transport(
            .malformedFrame(peer, reason: "\(count) bytes where \(expected) were expected"),
            step: step)
    }

    /// Waits until everything queued has left: ends a step that does not end with a receive.
    package func flush() throws(MPCError) {
        do { try transport.flush() } catch { throw MPCError(error, step) }
    }

    // MARK: Phases and endings

    /// Runs a part of the computation under its own name in reports and errors.
    public func phase<T, Failure>(_ name: String, _ body: () throws(Failure) -> T) throws(Failure)
        -> T
    {
        let outer = costs.enter(phase: name)
        defer { costs.leave(to: outer) }
        return try body()
    }

    /// Tells every peer why this participant gives up, and hangs up.
    public func abort(_ error: MPCError) {
        SessionLine.announce(error, step: error.step ?? step, over: transport, codec: &codec)
    }

    public func close() { transport.close() }
}

extension MPCError {
    /// A transport's failure during a step; an abort frame becomes the notice that it carries.
    init(_ error: TransportError, _ step: String) {
        if case .aborted(let peer, let payload) = error {
            self = .aborted(AbortNotice(from: peer, payload: payload))
        } else {
            self = .transport(error, step: step)
        }
    }
}
