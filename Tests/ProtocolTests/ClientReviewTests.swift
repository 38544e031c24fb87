import Foundation
import MPC
import Networking
import Primitives
import TestSupport
import Testing

/// Clients beside a slow computing party, and clients that say more than they have to.
@Suite struct ClientReviewTests {
    /// A party that is always the last to come finds its peers' messages there and never waits.
    @Test("A client waits for computing parties of which one is slower than all others")
    func slowParty() throws {
        let mesh = InMemoryTransport.mesh(
            partyCount: 3, computing: 2, deadline: .milliseconds(600))
        let results = runParties(mesh, computing: 2) { session -> Int in
            if !session.isClient {
                for _ in 0..<50 {
                    if session.isFirst { Thread.sleep(forTimeInterval: 0.04) }
                    _ = try session.computing.broadcast([1], atMost: 1)
                }
            }
            return try session.broadcast([UInt8(session.party.index)], atMost: 1).count
        }
        for (party, result) in results.enumerated() {
            #expect(throws: Never.self, "party \(party)") { _ = try result.get() }
        }
    }

    @Test("Bytes beside commitments are refused by name, of clients too", arguments: [2, 0])
    func extraBytes(_ liar: Int) throws {
        let mesh = InMemoryTransport.mesh(partyCount: 3, computing: 2, deadline: .seconds(2))
        let results = runParties(
            mesh.enumerated().map { index, base -> any Transport in
                guard index == liar else { return base }
                return TamperingTransport(base) { _, frame in
                    let header = FrameHeader(
                        opcode: Opcode(rawValue: Message.broadcast.rawValue), operation: 2,
                        sequence: 2)
                    guard
                        UInt16(frame[8]) | UInt16(frame[9]) << 8 == Message.broadcast.rawValue,
                        frame[12] == 2
                    else { return [frame] }
                    return [header.frame(payload: Array(frame.dropFirst(24)) + [1, 2, 3])]
                }
            }, computing: 2
        ) { session -> Bool in
            if session.isClient {
                return try session.receiveRelease(to: [Party(0), Party(2)], byteCount: 3) != nil
            }
            return try session.computing.release([
                (recipient: Party(0), bytes: [1, 2, 3]), (recipient: Party(2), bytes: [4, 5, 6]),
            ]) != nil
        }
        for (party, result) in results.enumerated() where party != liar {
            guard case .failure(let error as MPCError) = result else {
                Issue.record("party \(party) took bytes that nobody asked for")
                continue
            }
            #expect("\(error)".contains("\(Participant.party(Party(liar)))"), "\(error)")
        }
    }
}
