import Algebra
package import MPC
import ObliviousTransfer
import Primitives

/// What correlated randomness without a dealer is made from, for any rings.
package struct ObliviousSession {
    let session: Session
    let transfers: PairwiseOTs
    let own: OwnStream

    /// Sets up oblivious transfers with every peer.
    package init(_ session: Session) throws(MPCError) {
        self.session = session
        transfers = try PairwiseOTs.setUp(session)
        own = OwnStream(session.randomness)
    }
}

/// The randomness that a party keeps to itself: one stream of a key of its own.
final class OwnStream {
    private var generator: CounterGenerator

    init(_ source: any RandomSource) {
        generator = CounterGenerator(key: source.secret(CounterGenerator.keyByteCount))
    }

    func elements<R: Ring>(_ ring: R, _ count: Int) -> Vector<R> {
        .random(ring, count: count, using: &generator)
    }

    func bits(rows: Int, count: Int) -> BitMatrix {
        .random(rows: rows, count: count, using: &generator)
    }

    func permutation(_ rows: Int) -> Permutation { .random(rows, using: &generator) }
}
