import Foundation
import Ledger
import Primitives
import TestSupport
import Testing

/// Whom an audit takes for the parties that it was told.
@Suite struct AnchorTests {
    @Test("A roster of all is not that of a ledger in which three of four make up the fourth")
    func weakerPolicy() throws {
        let fixture = try LedgerFixture(count: 4)  // All cosign.
        let invented = LedgerFixture.keys(seed: 99)
        let members = fixture.parties.members
        let policy = try LedgerPolicy(needed: 3, faulty: 1, of: 4)
        func parties(fourth: LedgerMember) throws -> LedgerParties {
            try LedgerParties(
                origin: fixture.parties.origin, members: members[0..<3] + [fourth], policy: policy)
        }
        /// The parties of `present` state something, and synchronize.
        func meet(
            _ parties: LedgerParties, _ present: [Int], _ state: (SharedLedger, Int) throws -> Void
        ) throws {
            let ledgers = try present.map { party in
                try SharedLedger(
                    file: fixture.file(party), parties: parties, me: Party(party),
                    keys: party == 3 ? invented : fixture.keys[party],
                    clock: ManualClock(wallSeconds: LedgerFixture.now))
            }
            for (party, ledger) in zip(present, ledgers) { try state(ledger, party) }
            let network = TestNetwork(reachable: present)
            let group = DispatchGroup()
            for (party, ledger) in zip(present, ledgers) {
                group.enter()
                Thread.detachNewThread {
                    defer { group.leave() }
                    let peers = TestPeers(network: network, me: party, names: parties.names)
                    // Fails where it changes the membership, which is then not the one given.
                    do { try ledger.synchronize(with: peers) } catch { network.stop(party) }
                }
            }
            group.wait()
        }
        // Three found it with a fourth of their own, give that one's seat to bank-d's true keys, and go
        // on without it.
        let founders = try parties(fourth: invented.member(name: "bank-d"))
        try meet(founders, [0, 1, 2, 3]) { _, _ in }
        var proposal = Digest.zero
        try meet(founders, [0, 1, 2]) { ledger, party in
            if party == 0 { proposal = try ledger.propose(.setKeys(members[3])) }
        }
        try meet(founders, [0, 1, 2]) { ledger, party in
            if party > 0 { _ = try ledger.vote(on: proposal, approves: true) }
        }
        let real = try parties(fourth: members[3])
        try meet(real, [0, 1, 2]) { ledger, party in
            if party == 0 { try ledger.post("bank-d never saw it", collection: "c", to: nil) }
        }
        // Who expects all four is told; who expects three of them has what was asked for.
        let findings = fixture.audit(0).findings
        #expect(findings.count == 1)
        #expect(findings.first?.message.contains("with as many cosignatures") == true)
        let report = LedgerAuditor(.parties(real)).audit(fixture.file(0))
        #expect(report.isSound && report.entries > 4)
        #expect(report.summary(of: "ledger").contains("(3 of 4 cosign)"))
    }
}
