import Foundation
import Primitives
import TestSupport
import Testing

@testable import Networking

@Suite(.serialized) struct HeartbeatFloodTests {
    /// A member of the roster proves who it is and then sends nothing but signs of life.
    @Test func aFloodOfHeartbeatsDoesNotHoldTheMeeting() throws {
        let members = try TestIdentities(partyCount: 2)
        let seconds = concurrently(2) { index -> Double in
            guard index == 1 else {
                var connector = members.connector(0)
                connector.connectDeadline = .milliseconds(800)
                let start = Date()
                #expect(throws: TransportError.self) { try connector.connect() }
                return Date().timeIntervalSince(start)
            }
            let member = try #require(members.roster[.party(Party(0))])
            let address = try SocketAddress.resolve(host: member.host, port: member.port).get()[0]
            let context = TLSContext(identity: members.identities[1])
            usleep(100_000)
            let channel = context.channel(
                over: try Socket.connecting(to: address), isCaller: true)
            usleep(50_000)
            let end = Date().addingTimeInterval(4)
            handshake: while Date() < end {
                switch channel.handshake() {
                case .done: break handshake
                case .blocked: usleep(1000)
                case .failed(let reason):
                    Issue.record("\(reason)")
                    return 0
                }
            }
            let heartbeat = FrameHeader(opcode: .heartbeat).frame(payload: [])
            let many = Array(repeatElement(heartbeat, count: 4000).joined())
            while Date() < end {
                if !channel.hasQueued { channel.enqueue(many) }
                channel.write()
            }
            channel.hangUp()
            return 0
        }
        // FINDING 8: it holds it for as long as the flood goes on.
        withKnownIssue("the deadline of the meeting is not looked at") {
            let waited = (try? seconds[0].get()) ?? 0
            #expect(waited < 3)
        }
    }
}
