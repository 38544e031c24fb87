public import Networking
public import Primitives

/// What all participants compare before anything secret leaves a machine: named fields in order.
///
/// Values are public and shown to people when they differ.
public struct AgreementTerms: Hashable, Sendable {
    public private(set) var fields: [(name: String, value: String)]

    /// The protocol's version comes first in every agreement.
    public static let protocolVersion = "parley/1"

    public init(_ fields: [(name: String, value: String)]) {
        self.fields = [("protocol version", Self.protocolVersion)] + fields
    }

    public static func == (a: Self, b: Self) -> Bool { a.encoded() == b.encoded() }
    public func hash(into hasher: inout Hasher) { hasher.combine(encoded()) }

    static let byteLimit = 64 << 10

    /// As they are sent.
    package var byteCount: Int { encoded().count }

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in fields {
            bytes.append(lengthPrefixed: name)
            bytes.append(lengthPrefixed: value)
        }
        return bytes
    }

    /// Nil if the bytes are not terms.
    init?(received bytes: ArraySlice<UInt8>) {
        var rest = bytes
        var fields: [(name: String, value: String)] = []
        func text() -> String? {
            guard rest.count >= 4 else { return nil }
            let count = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard count <= rest.count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return String(decoding: rest.prefix(count), as: UTF8.self)
        }
        while !rest.isEmpty {
            guard let name = text(), let value = text() else { return nil }
            fields.append((name, value))
        }
        self.fields = fields
    }

    /// The value of a field that was agreed on.
    public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The first field in which participants differ, with what each has.
    ///
    /// A dealer and clients know only the first fields and adopt the others from the computing
    /// parties.
    static func difference(
        _ all: [(participant: Participant, terms: AgreementTerms)], computing: Int
    ) -> MPCError? {
        func isComputing(_ participant: Participant) -> Bool {
            if case .party(let party) = participant { party.index < computing } else { false }
        }
        let longest = all.map(\.terms.fields.count).max() ?? 0
        for i in 0..<longest {
            let all = all.filter { isComputing($0.participant) || i < $0.terms.fields.count }
            let entries = all.map { one in
                i < one.terms.fields.count ? one.terms.fields[i] : (name: "", value: "nothing")
            }
            let same = entries.allSatisfy {
                $0.name == entries[0].name && $0.value == entries[0].value
            }
            if same { continue }
            let named = entries.map(\.name).first { !$0.isEmpty } ?? "terms"
            return .disagreement(
                field: printable(named),
                values: zip(all, entries).map {
                    Disagreement(
                        participant: $0.participant,
                        value: $1.name == named ? printable($1.value) : "no such field")
                })
        }
        return nil
    }
}

/// A peer's text as it may be shown: printable ASCII, the rest as question marks.
private func printable(_ text: String) -> String {
    String(
        decoding: text.utf8.map { (0x20..<0x7F).contains($0) ? $0 : 0x3F }, as: UTF8.self)
}

/// A connected participant before the agreement: what a session is made of.
struct SessionLine {
    let transport: any Transport
    let parties: [Party]
    let participants: [Participant]
    let randomness: any RandomSource
    let costs: CostMeter
    var codec: FrameCodec

    init(_ transport: any Transport, _ randomness: any RandomSource, _ clock: any ParleyClock) {
        self.transport = transport
        self.randomness = randomness
        participants = ([transport.me] + transport.peers).sorted()
        parties = participants.compactMap {
            if case .party(let party) = $0 { party } else { nil }
        }
        costs = CostMeter {
            let sent = transport.traffic.total.sent
            return Cost(
                bytesSent: sent.bytes, messagesSent: sent.frames,
                seconds: Double(clock.monotonicNanoseconds) / 1e9)
        }
        codec = FrameCodec(channel: 0, epoch: 0)
    }

    static func announce(
        _ error: MPCError, step: String, over transport: any Transport, codec: inout FrameCodec
    ) {
        let payload = AbortNotice(accuser: transport.me, error: error, step: step).payload
        for peer in transport.peers {
            let frame = codec.encode(.abort, to: peer, payload)
            // A peer that is gone cannot be told; the others still can.
            try? transport.send(frame, to: peer)
        }
        transport.close()
    }
}

extension Session {
    /// The agreement step, before anything secret is sent.
    ///
    /// Everybody compares `terms`, then derives the session's identifier and the seed that each pair
    /// has in common. Two rounds.
    ///
    /// 1. Each participant sends each other its nonce, its part of their pairwise seed and its
    ///    terms. A difference names the field and who has what.
    /// 2. sid = SHA-256(everybody's nonces and terms); its echo shows that all saw the same.
    /// 3. Pairwise seed = SHA-256(sid, pair, both parts).
    ///
    /// The dealer and clients pass only the fields that they know, which are the first ones, and
    /// adopt the computing parties' terms. On failure peers are told why and the transport is closed.
    ///
    /// - Parameter computing: how many parties compute, which come first; all if nil. Every party
    ///   passes the same, or the terms say so.
    public static func agree(
        on terms: AgreementTerms, over transport: any Transport, computing: Int? = nil,
        randomness: any RandomSource = SystemRandomness(), clock: any ParleyClock = SystemClock(),
        signer: ReleaseSigner? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(MPCError) -> Session {
        var line = SessionLine(transport, randomness, clock)
        line.costs.announce = progress
        let computing = computing ?? line.parties.count
        precondition((2...line.parties.count).contains(computing), "two parties compute, or more")
        do {
            return try agree(on: terms, line: &line, computing: computing, signer: signer)
        } catch {
            SessionLine.announce(error, step: "agreement", over: transport, codec: &line.codec)
            throw error
        }
    }

    private static func agree(
        on terms: AgreementTerms, line: inout SessionLine, computing: Int, signer: ReleaseSigner?
    ) throws(MPCError) -> Session {
        let (me, peers) = (line.transport.me, line.transport.peers)
        let encoded = terms.encoded()
        precondition(encoded.count <= AgreementTerms.byteLimit, "terms are at most 64 KiB")

        // 1. Nonces, contributions and terms.
        let nonce = line.randomness.bytes(32)
        var parts: [Participant: SecretBytes] = [:]
        for peer in peers {
            let part = line.randomness.secret(32)
            parts[peer] = part
            try line.send(.agreement, nonce + part.copyBytes() + encoded, to: peer, operation: 1)
        }
        line.costs.countRound()
        var nonces = [me: nonce]
        var theirParts: [Participant: SecretBytes] = [:]
        var all = [me: terms]
        for peer in peers {
            let payload = try line.receive(
                .agreement, from: peer, operation: 1, atMost: 64 + AgreementTerms.byteLimit)
            guard payload.count >= 64,
                let theirs = AgreementTerms(received: payload.dropFirst(64))
            else {
                throw .transport(
                    .malformedFrame(peer, reason: "no agreement terms"), step: "agreement")
            }
            nonces[peer] = Array(payload.prefix(32))
            theirParts[peer] = SecretBytes(copying: Array(payload.dropFirst(32).prefix(32)))
            all[peer] = theirs
        }
        let table = line.participants.compactMap { participant in
            all[participant].map { (participant: participant, terms: $0) }
        }
        let difference = AgreementTerms.difference(table, computing: computing)
        let agreed = table[0].terms

        // 2. The session's identifier, echoed.
        var hasher = SHA256()
        hasher.update(Array("parley session v1".utf8))
        for (participant, theirs) in table {
            hasher.update(nonces[participant] ?? [])
            hasher.update(theirs.encoded())
        }
        let id = hasher.finalize()
        for peer in peers { try line.send(.agreementEcho, id.bytes, to: peer, operation: 2) }
        line.costs.countRound()
        // Whoever has echoed has everybody's terms: only then does anybody give up, so that each
        // sees the difference for itself.
        var echoes: [[UInt8]] = []
        do throws(MPCError) {
            for peer in peers {
                echoes.append(
                    Array(
                        try line.receive(.agreementEcho, from: peer, operation: 2, atMost: 32)))
            }
        } catch {
            throw difference ?? error
        }
        if let difference { throw difference }
        guard echoes.allSatisfy({ $0 == id.bytes }) else {
            throw .cheating(.inconsistentBroadcast, by: nil)
        }

        // 3. Pairwise seeds.
        var seeds: [Participant: SecretBytes] = [:]
        for peer in peers {
            guard let mine = parts[peer], let theirs = theirParts[peer] else { continue }
            seeds[peer] = pairwiseSeed(id, me, mine, peer, theirs)
        }
        return Session(
            line: line, id: id, terms: agreed, seeds: seeds, computing: computing, signer: signer)
    }

    private static func pairwiseSeed(
        _ id: Digest, _ me: Participant, _ mine: SecretBytes, _ peer: Participant,
        _ theirs: SecretBytes
    ) -> SecretBytes {
        let inOrder = me < peer ? [(me, mine), (peer, theirs)] : [(peer, theirs), (me, mine)]
        var hasher = SHA256()
        hasher.update(Array("parley pairwise seed v1".utf8))
        hasher.update(id)
        for (participant, part) in inOrder {
            hasher.update(Array("\(participant);".utf8))
            hasher.update(part)
        }
        return hasher.finalizeSecret()
    }
}

extension SessionLine {
    fileprivate mutating func send(
        _ message: Message, _ payload: [UInt8], to peer: Participant, operation: UInt32
    ) throws(MPCError) {
        let frame = codec.encode(message.opcode, to: peer, operation: operation, payload)
        do { try transport.send(frame, to: peer) } catch {
            throw MPCError(error, "agreement")
        }
    }

    fileprivate mutating func receive(
        _ message: Message, from peer: Participant, operation: UInt32, atMost limit: Int
    ) throws(MPCError) -> ArraySlice<UInt8> {
        let (header, payload) = try codec.next(
            message, from: peer, over: transport, step: "agreement")
        guard header.operation == operation, payload.count <= limit else {
            throw .transport(
                .malformedFrame(peer, reason: "not the agreement's next message"),
                step: "agreement")
        }
        return payload
    }
}

extension FrameCodec {
    mutating func encode(
        _ opcode: Opcode, to peer: Participant, operation: UInt32 = 0, _ payload: [UInt8]
    ) -> [UInt8] {
        encode(opcode, operation: operation, to: peer, payloadByteCount: payload.count) { output in
            for byte in payload { output.append(byte) }
        }
    }

    /// Receives and validates the next frame of `peer`.
    mutating func next(
        _ message: Message, from peer: Participant, over transport: any Transport, step: String
    ) throws(MPCError) -> (header: FrameHeader, payload: ArraySlice<UInt8>) {
        do {
            let frame = try transport.receive(from: peer)
            return try decode(frame, from: peer, allowing: [message.opcode])
        } catch {
            throw MPCError(error, step)
        }
    }
}
