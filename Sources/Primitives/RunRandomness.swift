import Synchronization

/// One run's own randomness, all of it from one fresh seed: who opens the seed lets the run be
/// replayed.
///
/// Streams of AES-128 in counter mode (``CounterGenerator``), one for bytes that peers may see and one
/// for secrets, so that no published byte is of a secret's stream. In a session the calls come in an
/// order that depends on nothing but what the session did. May be used from any thread.
public struct RunRandomness: RandomSource {
    /// 32 bytes, wiped with the last owner; who has it and the run's frames knows all that this party
    /// knew.
    package let seed: SecretBytes
    private let streams: SeededStreams

    /// Draws a new seed.
    public init(using source: some RandomSource = SystemRandomness()) {
        seed = source.secret(Commitment.openingByteCount)
        streams = SeededStreams(seed)
    }

    public func bytes(_ count: Int) -> [UInt8] { streams.bytes(count) }
    public func secret(_ count: Int) -> SecretBytes { streams.secret(count) }

    /// What this party commits to before any share leaves it; see ``seedCommitment(_:session:of:)``.
    package func commitment(session: Digest, of party: Party) -> Digest {
        Self.seedCommitment(seed, session: session, of: party)
    }

    /// The commitment to a seed for one session and party.
    ///
    /// It commits to the empty message with the seed as the 32 random bytes that open it: hiding and
    /// binding as every ``Commitment``, and of a domain of its own, so that it tells nothing about the
    /// streams.
    package static func seedCommitment(
        _ seed: SecretBytes, session: Digest, of party: Party
    ) -> Digest {
        Commitment(
            domain: "parley/run seed/v1", session: session, committer: .party(party), counter: 0
        ).digest(of: [], opening: seed)
    }

    /// The key under which the run's transcript is kept, from the same seed.
    package static func transcriptKey(_ seed: SecretBytes) -> SecretBytes {
        var context: [UInt8] = []
        context.append(lengthPrefixed: "parley/transcript key/v1")
        var hasher = SHA256()
        hasher.update(context)
        hasher.update(seed)
        return hasher.finalizeSecret()
    }
}

/// The randomness of a run that is over, from the seed that its party opened.
///
/// Production randomness has no seeded initialiser; this is the one exception, and its reason is the
/// replay audit: the run's frames are made again and compared. Nothing but a replay, whose transport
/// sends nothing, may use it.
package struct ReplayedRandomness: RandomSource {
    private let streams: SeededStreams

    package init(openedSeed seed: SecretBytes) { streams = SeededStreams(seed) }

    package func bytes(_ count: Int) -> [UInt8] { streams.bytes(count) }
    package func secret(_ count: Int) -> SecretBytes { streams.secret(count) }
}

/// The two streams of a seed, each from where the last call left it.
private final class SeededStreams: Sendable {
    private struct State: ~Copyable {
        var published: CounterGenerator
        var secret: CounterGenerator
    }

    private let state: Mutex<State>

    init(_ seed: SecretBytes) {
        // The seed serves one run alone, and some of it before that run's session has a name.
        func generator(_ purpose: String) -> CounterGenerator {
            CounterGenerator(
                seed: seed, domain: "parley/run \(purpose)/v1", session: SHA256.hash(), epoch: 0,
                operation: 0)
        }
        state = Mutex(State(published: generator("bytes"), secret: generator("secrets")))
    }

    func bytes(_ count: Int) -> [UInt8] {
        state.withLock { $0.published.secret(count) }.copyBytes()
    }

    func secret(_ count: Int) -> SecretBytes { state.withLock { $0.secret.secret(count) } }
}
