import Foundation
import Networking
import Primitives
import TestSupport
import Testing

private let p0 = Participant.party(Party(0))
private let p1 = Participant.party(Party(1))

/// Bytes changed between two members: TLS refuses them, and both ends say so.
@Suite(.serialized) struct TamperedWireTests {
    /// Two members whose connection goes through a proxy that spoils a record after `skipping`.
    private func outcome(
        _ change: RecordTampering, _ direction: TamperingProxy.Direction, skipping: Int = 0
    ) throws -> [TransportError?] {
        let members = try TestIdentities(partyCount: 2)
        let proxy = try TamperingProxy(serverPort: members.roster.parties[0].port)
        defer { proxy.stop() }
        // Both have one roster, with the proxy's address for bank-a, which listens elsewhere.
        let a = members.roster.parties[0]
        let roster = try Roster(parties: [
            Roster.Member(
                name: a.name, host: a.host, port: proxy.port, fingerprint: a.fingerprint,
                statementKey: a.statementKey, cosignerKey: a.cosignerKey, logKey: a.logKey,
                deliveryKey: a.deliveryKey),
            members.roster.parties[1],
        ])
        let results = concurrently(2) { index in
            var connector = MeshConnector(
                roster: roster, me: roster.participants[index],
                identity: members.identities[index])
            connector.deadline = .seconds(2)
            connector.listenPort = index == 0 ? a.port : nil
            let transport = try connector.connect()
            defer { transport.close() }
            let peer = transport.peers[0]
            for round in 0..<20 {
                if round == 5 && index == 0 { proxy.spoil(direction, skipping: skipping, change) }
                try transport.send(testFrame(100, fill: UInt8(round)), to: peer)
                #expect(try transport.receive(from: peer) == testFrame(100, fill: UInt8(round)))
            }
        }
        return results.map(\.transportError)
    }

    @Test(arguments: RecordTampering.allCases, [TamperingProxy.Direction.toServer, .toClient])
    func everyChangeIsAnErrorAtBothEnds(
        change: RecordTampering, direction: TamperingProxy.Direction
    ) throws {
        let errors = try outcome(change, direction, skipping: 2)
        let victim = direction == .toServer ? 0 : 1
        switch errors[victim] {
        case .tls?, .disconnected?: break
        // Bytes are missing, and nothing follows them.
        case .timedOut? where change == .truncate || change == .swapWithNext: break
        default: Issue.record("\(change): \(String(describing: errors[victim]))")
        }
        let other = direction == .toServer ? 1 : 0
        #expect(errors[other] != nil, "\(change) was not noticed at the other end")
        if change == .flipBit {
            #expect(
                errors[victim]
                    == .tls(victim == 0 ? p1 : p0, reason: "decryption failed or bad record mac"))
        }
    }
}
