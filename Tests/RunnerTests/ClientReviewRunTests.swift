import Costs
import Foundation
import Ledger
import MPC
import Networking
import Primitives
import Runner
import Script
import TestSupport
import Testing

/// Clients beside a slow computing party; their bytes; their part in a prepared run.
@Suite(.serialized) struct ClientReviewRunTests {
    @Test("One computing party on a slow machine: clients wait")
    func slow() throws {
        let all = try ClientBanks(banks: 2)
        let results = all.run(
            options: { $1.timeout = .seconds(2) },
            adversary: { party, base in
                guard party == 0 else { return base }
                return TamperingTransport(base) { _, frame in
                    // Only once the run has begun to compute.
                    if frame[6] == 1 { Thread.sleep(forTimeInterval: 0.04) }
                    return [frame]
                }
            })
        for party in all.roster.parties.indices {
            if case .failure(let failure)? = results[party] {
                Issue.record("party \(party): \(failure)")
            }
        }
    }

    @Test("What the plan says of each party's bytes is what each sends", arguments: [3, 2])
    func costs(banks: Int) throws {
        let all = try ClientBanks(banks: banks)
        let ring = all.options(0).ring
        let script = try AgreedScript(
            SourceText(name: "watch", ClientBanks.script(banks: banks)), period: nil, choices: [],
            over: ring
        ).checked
        let plan = try ScriptPlan(script, by: script.protocolChoice, over: ring).estimate
        for (party, result) in all.run() {
            let sent = try result.get().costs.rows.filter { $0.phase == "online" }
                .reduce(0) { $0 + $1.cost.bytesSent }
            let planned = plan.online.bytesSent[party] + plan.preprocessing.bytesSent[party]
            if party >= banks || banks == 3 {
                #expect(sent == planned, "party \(party)")
            } else {
                // Base transfers are of the set-up in the plan.
                #expect(abs(sent - planned) * 20 <= planned, "party \(party)")
            }
        }
    }

    @Test("A client's part in a prepared run is replayed")
    func preparedReplay() throws {
        let all = try ClientBanks(banks: 2)
        for result in all.prepare(0..<2).values { _ = try result.get() }
        for result in all.run(options: { if $0 < 2 { $1.preparation = .newest } }).values {
            _ = try result.get()
        }
        let session = try #require(
            try all.records(0).compactMap {
                if case .intent(let intent) = $0.statement { intent.session } else { nil }
            }.last)
        for party in [2, 3] {
            let bundle = all.folder.appending(path: "bundle-\(party)")
            let entries = try RunEntries(
                session: session.hex, in: all.directory(party).ledgerFile, roster: all.roster)
            _ = try AuditBundle(bundle).collect(
                session: entries, from: all.directory(party), summaryOnly: false)
            let verdict = try ReplayAudit(
                bundle: bundle, roster: all.roster, ledger: all.directory(0).ledgerFile
            ).run()
            #expect(verdict.isFaithful, "\(verdict.text)")
        }
    }
}
