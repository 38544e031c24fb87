import MPC
import Networking
import Primitives
import TestSupport
import Testing

/// A release of any size: a frame holds at most 256 MiB, a result may be longer.
@Suite struct ReleaseFrameTests {
    @Test("A message cut into frames arrives whole", arguments: [1, 15, 16, 31, 1 << 20])
    func pieces(largestFrame: Int) throws {
        for recipients in [Recipients.all, .only(Party(1))] {
            let mesh = InMemoryTransport.mesh(partyCount: 3, deadline: .seconds(10))
            let results = runParties(mesh) { session in
                let mine = Array(repeating: UInt8(session.party.index), count: 47)
                return try session.release(mine, to: recipients, largestFrame: largestFrame)
            }
            for (index, result) in results.enumerated() {
                let all = try result.get() ?? nil
                guard recipients.contains(Party(index)) else {
                    #expect(all == nil)
                    continue
                }
                #expect(all == (0..<3).map { Array(repeating: UInt8($0), count: 47) })
            }
        }
    }
}
