import Foundation
import Ledger
import Primitives
import TestSupport
import Testing

@Suite struct GovernanceTests {
    let fixture: LedgerFixture

    init() throws {
        fixture = try LedgerFixture()
        try fixture.append([])
    }

    /// Every party that is named votes for the proposal.
    private func pass(_ proposal: Digest, _ voters: [Int]) throws {
        try fixture.synchronize()
        for voter in voters { _ = try fixture.open(voter).vote(on: proposal, approves: true) }
        try fixture.synchronize()
    }

    @Test("Who orders the entries changes when all others have voted, and not before")
    func sequencer() throws {
        let proposal = try fixture.open(1).propose(.setSequencer("bank-c"))
        // It has no vote on who takes its place.
        try pass(proposal, [0])
        #expect(try fixture.open(0).parties.sequencer == "bank-a")
        #expect(try fixture.open(0).openProposals.map(\.waitingFor) == [["bank-c"]])
        try pass(proposal, [2])
        #expect(try fixture.open(0).openProposals.isEmpty)
        try fixture.append([fixture.intent(1)])
        for party in 0..<3 {
            #expect(try fixture.open(party).parties.sequencer == "bank-c")
            let report = fixture.audit(party)
            #expect(report.findings.isEmpty && report.membershipChanges == [0, 2])
            let newest = try fixture.open(party).replica.store.newest()
            let note = try #require(newest).note
            // The log's signature is bank-c's now.
            #expect(throws: LedgerError.self) {
                try CosignedCheckpoint(parsing: note, parties: fixture.parties)
            }
            _ = try CosignedCheckpoint(parsing: note, parties: fixture.open(party).parties)
        }
        // A blank copy learns from the others whom to follow.
        try FileManager.default.removeItem(at: fixture.file(1))
        try fixture.append([fixture.intent(2)])
        #expect(fixture.audit(1).isSound && fixture.audit(1).entries == 5)
    }

    @Test("One vote against ends a proposal; votes of strangers, twice and on others are refused")
    func rejected() throws {
        let proposal = try fixture.open(1).propose(.setSequencer("bank-b"))
        try fixture.synchronize()
        #expect(throws: LedgerError.self) {
            _ = try fixture.open(0).vote(on: LedgerFixture.digest("other"), approves: true)
        }
        // Its author has voted already: the ballot is dropped, not appended.
        _ = try fixture.open(1).vote(on: proposal, approves: true)
        try fixture.synchronize()
        #expect(try fixture.open(1).replica.store.pendingCount() == 0)
        #expect(try fixture.open(1).count == 2)
        _ = try fixture.open(2).vote(on: proposal, approves: false)
        try fixture.synchronize()
        #expect(try fixture.open(0).openProposals.isEmpty)
        #expect(try fixture.open(0).parties.sequencer == "bank-a")
        #expect((0..<3).allSatisfy { fixture.audit($0).isSound })
    }

    @Test("A party that leaves signs nothing any longer, and the others go on without it")
    func removed() throws {
        let proposal = try fixture.open(0).propose(.removeMember("bank-c"))
        // The two others decide.
        try fixture.synchronize()
        _ = try fixture.open(1).vote(on: proposal, approves: true)
        let results = fixture.session { try $0.synchronize(with: $1) }
        // The roster still names three: each party is told so.
        for result in results {
            let error = #expect(throws: LedgerError.self) { try result.get() }
            #expect(error?.description.contains("not those of the roster") == true)
        }
        #expect(try fixture.open(0).parties.names == ["bank-a", "bank-b"])
        #expect(fixture.audit(0).isSound && fixture.audit(0).parties == ["bank-a", "bank-b"])
    }

    @Test("New keys for a member, voted for by the others; from then on only they count")
    func newKeys() throws {
        let fresh = LedgerFixture.keys(seed: 50)
        let proposal = try fixture.open(2).propose(.setKeys(fresh.member(name: "bank-c")))
        try fixture.synchronize()
        for voter in 0...1 { _ = try fixture.open(voter).vote(on: proposal, approves: true) }
        // The roster is another one from now on, as each party is told.
        for result in fixture.session({ try $0.synchronize(with: $1) }) {
            #expect(throws: LedgerError.self) { try result.get() }
        }
        for party in 0..<3 {
            #expect(try fixture.open(party).parties.members[2] == fresh.member(name: "bank-c"))
            #expect(fixture.audit(party).isSound && fixture.audit(party).entries == 4)
        }
    }

    @Test("Under the policy of all nothing passes without a party")
    func away() throws {
        let others = TestNetwork(reachable: [0, 1])
        func meet() -> [Result<Void, any Error>] {
            fixture.session(over: others, parties: [0, 1]) { try $0.synchronize(with: $1) }
        }
        // Under the policy of all, nothing else passes without bank-c.
        try fixture.open(1).post("not without bank-c", collection: "c", to: nil)
        #expect(throws: LedgerError.waiting(for: ["bank-c"])) { try meet()[0].get() }
        // Nothing is begun that could not be ended.
        #expect(try fixture.open(0).replica.store.prepared() == nil)
        try fixture.synchronize()
        #expect((0..<3).allSatisfy { fixture.audit($0).entries == 2 })
    }

    @Test("A name means one party for ever: a new one cannot have a former member's")
    func formerName() throws {
        let four = try LedgerFixture(count: 4)
        try four.append([])
        let removal = try four.open(0).propose(.removeMember("bank-d"))
        try four.synchronize()
        for voter in 1...2 { _ = try four.open(voter).vote(on: removal, approves: true) }
        for result in four.session({ try $0.synchronize(with: $1) }) {
            #expect(throws: LedgerError.self) { try result.get() }
        }
        let ledger = try four.open(0)
        #expect(try ledger.parties.names == ["bank-a", "bank-b", "bank-c"])
        let newcomer = LedgerFixture.keys(seed: 60).member(name: "bank-d")
        let digest = try ledger.propose(.addMember(newcomer))
        let pending = try #require(try ledger.replica.store.pending(limit: 9).first).entry
        #expect(pending.statementDigest == digest)
        let refusal = try ledger.replica.refusal(of: pending)
        #expect(refusal?.description.contains("the name of another member") == true)
    }

    @Test("Nodes too are told that the roster is no longer that of the ledger")
    func otherRoster() throws {
        let proposal = try fixture.open(0).propose(.removeMember("bank-c"))
        try fixture.synchronize()
        _ = try fixture.open(1).vote(on: proposal, approves: true)
        let results = fixture.session { ledger, peers in
            guard peers.me == 0 else { return try ledger.follow("bank-a", peers) }
            #expect(throws: LedgerError.self) { try ledger.lead(peers) }
            try ledger.lead(peers)
        }
        for result in results {
            let error = #expect(throws: LedgerError.self) { try result.get() }
            #expect(error?.description.contains("not those of the roster") == true)
        }
    }

    @Test("A delivery key to which nobody can seal is refused")
    func lowOrder() throws {
        let zero = try #require(DeliveryKey(Array(repeating: 0, count: 32)))
        let members = fixture.parties.members.map {
            LedgerMember(
                name: $0.name, statementKey: $0.statementKey, cosignerKey: $0.cosignerKey,
                logKey: $0.logKey, deliveryKey: $0.name == "bank-c" ? zero : $0.deliveryKey)
        }
        let error = #expect(throws: LedgerError.self) {
            _ = try LedgerParties(origin: fixture.parties.origin, members: members)
        }
        #expect(error?.description.contains("bank-c's delivery key") == true)
    }

    @Test("Members that cannot be, and policies that let a cheat fork, are refused")
    func impossible() throws {
        let ledger = try fixture.open(0)
        let members = fixture.parties.members
        for action in [
            .addMember(members[0]), .removeMember("bank-x"), .setSequencer("bank-x"),
            .setKeys(LedgerFixture.keys(seed: 9).member(name: "bank-x")),
            .setKeys(fixture.keys[0].member(name: "bank-b")),
        ] as [Proposal.Action] {
            #expect(throws: LedgerError.self) { try ledger.propose(action) }
        }
        #expect(throws: LedgerError.self) { try LedgerPolicy(needed: 2, faulty: 1, of: 3) }
    }

    @Test("A policy of three of four: one party may be away, and catches up; two may not")
    func threshold() throws {
        let four = try LedgerFixture(count: 4)
        try four.append([])
        let proposal = try four.open(0).propose(
            .setPolicy(LedgerPolicy(needed: 3, faulty: 1, of: 4)))
        try four.synchronize()
        for voter in 1...3 { _ = try four.open(voter).vote(on: proposal, approves: true) }
        try four.synchronize()
        try four.open(1).post("without bank-d", collection: "c", to: nil)
        for result in four.session(
            over: TestNetwork(reachable: [0, 1, 2]), parties: [0, 1, 2],
            { try $0.synchronize(with: $1) })
        { try result.get() }
        #expect(four.audit(0).isSound && four.audit(0).entries == 6)
        #expect(four.audit(3).entries == 5)
        try four.open(1).post("without two", collection: "c", to: nil)
        let few = four.session(over: TestNetwork(reachable: [0, 1]), parties: [0, 1]) {
            try $0.synchronize(with: $1)
        }
        let error = #expect(throws: LedgerError.self) { try few[0].get() }
        guard case .waiting(let names)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(names == ["bank-c", "bank-d"])
        // When they are back, what waited is completed first.
        try four.synchronize()
        for party in 0..<4 {
            #expect(four.audit(party).findings.isEmpty && four.audit(party).entries == 7)
        }
    }
}
