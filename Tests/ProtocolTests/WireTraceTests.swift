import Algebra
import Gadgets
import MPC
import Networking
import Preprocessing
import Primitives
import TestSupport
import Testing

/// What engines put on the wire for fixed seeds: a change of a digest is a change of a protocol's
/// messages, to be made on purpose.
@Suite struct WireTraceTests {
    private func digests<R: Ring>(_ ring: R, parties: Int) throws -> [String] {
        let mesh = InMemoryTransport.mesh(partyCount: parties, deadline: .seconds(60))
            .map { RecordingTransport($0) }
        let results = runParties(mesh, seed: 7) { session -> Int in
            var engine = ObliviousEngineTests.engine(ring, session)
            let numbers = AdditiveEngineTests.numbers(parties: parties, count: 30, bits: 20)
            return try AllOperations().run(
                &engine, Inputs(numbers: numbers, me: session.party)
            ).count
        }
        for result in results { _ = try result.get() }
        // What each party sent to each other, in order.
        return mesh.map { transport in
            var hasher = SHA256()
            for peer in transport.peers.sorted() {
                for record in transport.records
                where record.direction == .sent && record.peer == peer {
                    hasher.update(record.frame)
                }
            }
            return String(hasher.finalize().hex.prefix(16))
        }
    }

    @Test("Two runs of one seed send the same, and what is recorded here")
    func traces() throws {
        let two = try digests(Z64(), parties: 2)
        let three = try digests(Prime62(), parties: 3)
        #expect(try digests(Z64(), parties: 2) == two)
        #expect(two == ["3baa74e5a0e8a19f", "b7d4d66b0fcf0296"])
        #expect(three == ["8ab34b3fb2cae8bb", "bfde7b691ef388b9", "f7819cf6f6893a98"])
    }
}
