import Foundation
import Ledger
import Networking
import Primitives
import Runner
import Synchronization
import TestSupport
import Testing

/// Four parties that keep a ledger together without a computation, over TLS.
@Suite(.serialized) struct LedgerNodesTests {
    private let folder: URL
    private let roster: Roster

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "parley-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let folder = folder
        roster = try Roster(
            parties: ["bank-a", "bank-b", "bank-c", "bank-d"].map {
                try PartyDirectory(folder.appending(path: $0)).createIdentity(
                    name: $0, host: "127.0.0.1", port: freePort(), ledgerPort: freePort(), days: 2)
            })
    }

    private func seat(_ party: Int) -> Seat {
        var seat = Seat(
            roster: roster,
            directory: PartyDirectory(folder.appending(path: roster.parties[party].name)),
            protocolChoice: .replicated3)
        seat.connectTimeout = .seconds(20)
        return seat
    }

    private func ledger(_ party: Int) throws -> SharedLedger {
        let directory = seat(party).directory
        return try SharedLedger(
            file: directory.ledgerFile, parties: LedgerParties(roster), me: Party(party),
            keys: directory.ledgerKeys())
    }

    /// All but the absent synchronize.
    private func synchronize(without absent: [String] = []) throws {
        let results = Mutex<[Result<Int, RunFailure>]>([])
        let group = DispatchGroup()
        for (party, member) in roster.parties.enumerated() where !absent.contains(member.name) {
            group.enter()
            Thread.detachNewThread { [self] in
                let result = Result { () throws(RunFailure) in
                    try LedgerSynchronization(
                        seat(party), without: absent, monitor: RunMonitor()
                    ).run()
                }
                results.withLock { $0.append(result) }
                group.leave()
            }
        }
        group.wait()
        for result in results.withLock({ $0 }) { _ = try result.get() }
    }

    /// The others vote for what `author` proposes.
    private func pass(
        _ action: Proposal.Action, by author: Int, voters: [Int], without absent: [String] = []
    ) throws {
        let proposal = try ledger(author).propose(action)
        try synchronize(without: absent)
        for voter in voters { _ = try ledger(voter).vote(on: proposal, approves: true) }
        try synchronize(without: absent)
    }

    @Test("A lost sequencer is replaced by vote; nodes go on with the new one, the old one's too")
    func lostSequencer() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try synchronize()
        // Under the policy of all there is no way but a new ledger.
        let refused = #expect(throws: RunFailure.self) {
            try LedgerSynchronization(seat(1), without: ["bank-a"], monitor: RunMonitor()).run()
        }
        #expect(refused?.description.contains("found a new ledger") == true)
        try pass(.setPolicy(LedgerPolicy(needed: 3, faulty: 1, of: 4)), by: 0, voters: [1, 2, 3])
        try pass(.setSequencer("bank-b"), by: 1, voters: [2, 3], without: ["bank-a"])
        #expect(try (1...3).allSatisfy { try ledger($0).parties.sequencer == "bank-b" })
        #expect(try ledger(0).parties.sequencer == "bank-a")
        // Everybody's node, and a note: bank-a's node begins as the leader that it no longer is.
        let digest = try ledger(2).post("after bank-a", collection: "c", to: nil)
        let cancellation = Cancellation()
        let group = DispatchGroup()
        for party in 0..<4 {
            group.enter()
            let replication = LedgerReplication(
                seat(party), ledger: try ledger(party),
                monitor: RunMonitor(cancellation: cancellation), patience: .seconds(4))
            Thread.detachNewThread {
                #expect(throws: Never.self) { try replication.run() }
                group.leave()
            }
        }
        let ledgers = try (0..<4).map(ledger)
        for _ in 0..<600 where try !ledgers.allSatisfy({ try $0.position(of: digest) != nil }) {
            usleep(50_000)
        }
        cancellation.cancel()
        group.wait()
        for party in 0..<4 {
            #expect(try ledger(party).position(of: digest) != nil, "\(party)")
            #expect(try ledger(party).parties.sequencer == "bank-b", "\(party)")
            let auditor = LedgerAuditor(.parties(try LedgerParties(roster)))
            #expect(auditor.audit(seat(party).directory.ledgerFile).findings.isEmpty, "\(party)")
        }
    }
}
