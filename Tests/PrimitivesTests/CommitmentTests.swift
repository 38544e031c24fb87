import Primitives
import TestSupport
import Testing

struct CommitmentTests {
    private let message = Array("transfer 7".utf8)
    private let session = SHA256.hash([1])

    private func scheme(
        domain: String = "test", session: Digest? = nil, committer: Participant = .party(Party(0)),
        counter: UInt64 = 0
    ) -> Commitment {
        Commitment(
            domain: domain, session: session ?? self.session, committer: committer,
            counter: counter)
    }

    @Test func opensToItsMessageOnly() {
        let (commitment, opening) = scheme().commit(
            to: message, using: SeededRandomness(seed: 1))
        let r = opening.copyBytes()
        #expect(scheme().verify(commitment, message: message, opening: r))
        #expect(!scheme().verify(commitment, message: message + [0], opening: r))
        #expect(!scheme().verify(commitment, message: [], opening: r))
        #expect(!scheme().verify(commitment, message: message, opening: Array(r.dropLast())))
        #expect(!scheme().verify(commitment, message: message, opening: []))
        // The border between message and opening is fixed.
        #expect(
            !scheme().verify(
                commitment, message: message + r.prefix(1), opening: Array(r.dropFirst()) + [0]))
        for index in r.indices {
            var other = r
            other[index] ^= 0x80
            #expect(!scheme().verify(commitment, message: message, opening: other))
        }
    }

    @Test func isWorthlessInAnotherContext() {
        let (commitment, opening) = scheme().commit(
            to: message, using: SeededRandomness(seed: 1))
        let others = [
            scheme(domain: "tes"), scheme(session: SHA256.hash([2])),
            scheme(committer: .party(Party(1))), scheme(committer: .dealer), scheme(counter: 1),
        ]
        for other in others {
            #expect(!other.verify(commitment, message: message, opening: opening.copyBytes()))
        }
    }

    @Test func sameMessageCommitsDifferently() {
        let randomness = SeededRandomness(seed: 1)
        let commitments = (0..<10).map { _ in
            scheme().commit(to: message, using: randomness).commitment
        }
        #expect(Set(commitments).count == 10)
    }
}
