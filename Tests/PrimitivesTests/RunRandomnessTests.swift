import Primitives
import TestSupport
import Testing

@Suite struct RunRandomnessTests {
    private static let session = SHA256.hash([1])

    @Test("An opened seed gives the same bytes, in each stream whatever the other gave")
    func replays() {
        let run = RunRandomness(using: SeededRandomness(seed: 1))
        let (a, b) = (run.bytes(40), run.secret(7).copyBytes())
        let c = run.secret(100).copyBytes()
        let replay = ReplayedRandomness(openedSeed: run.seed)
        #expect(replay.secret(7).copyBytes() == b)
        #expect(replay.secret(100).copyBytes() == c)
        #expect(replay.bytes(40) == a)
    }

    @Test("Streams and runs differ")
    func separate() {
        let run = RunRandomness(using: SeededRandomness(seed: 1))
        #expect(run.bytes(32) != run.secret(32).copyBytes())
        #expect(run.bytes(32) != run.bytes(32))
        #expect(RunRandomness().bytes(32) != RunRandomness().bytes(32))
    }

    @Test("The commitment opens to this seed, session and party only")
    func commitment() {
        let run = RunRandomness(using: SeededRandomness(seed: 1))
        let mine = run.commitment(session: Self.session, of: Party(0))
        #expect(RunRandomness.seedCommitment(run.seed, session: Self.session, of: Party(0)) == mine)
        #expect(run.commitment(session: Self.session, of: Party(1)) != mine)
        #expect(run.commitment(session: SHA256.hash([2]), of: Party(0)) != mine)
        let other = RunRandomness(using: SeededRandomness(seed: 2))
        #expect(other.commitment(session: Self.session, of: Party(0)) != mine)
        #expect(!RunRandomness.transcriptKey(run.seed).constantTimeEquals(run.seed))
    }

    @Test("Many threads draw disjoint parts of one stream")
    func threads() async {
        let run = RunRandomness(using: SeededRandomness(seed: 3))
        let all = await withTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<50 { group.addTask { run.secret(16).copyBytes() } }
            return await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
        }
        let replay = ReplayedRandomness(openedSeed: run.seed)
        #expect(all == Set((0..<50).map { _ in replay.secret(16).copyBytes() }))
    }
}
