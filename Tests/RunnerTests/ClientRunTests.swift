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

/// Whole runs in which a vendor only brings data and a supervisor only learns.
@Suite(.serialized) struct ClientRunTests {
    private static func session(_ all: ClientBanks) throws -> Digest {
        let intents: [Digest] = try all.records(0).compactMap {
            if case .intent(let intent) = $0.statement { intent.session } else { nil }
        }
        return try #require(intents.last)
    }

    /// What each party learns is what plain arithmetic gives, and nothing else.
    private static func check(
        _ results: [Int: Result<RunReport, RunFailure>], _ all: ClientBanks
    ) throws {
        for (party, result) in results {
            let report = try result.get()
            if party < all.banks {
                let levels = ClientBanks.expectedLevels(party, of: all.banks)
                let rows = try #require(report.answers.first).rows
                #expect(report.answers.count == 1 && rows.count == levels.count)
                for row in rows { #expect(levels[row[0]] == row[1], "\(row)") }
            } else if party == all.vendor {
                #expect(report.answers.isEmpty && report.tables.map(\.rows).sorted() == [3, 3])
            } else {
                #expect(report.answers.map(\.rows) == [[[ClientBanks.expectedHits(all.banks)]]])
                #expect(report.tables.isEmpty)
            }
        }
    }

    @Test(
        "A vendor's model scores, a supervisor learns a total, all sign; and it runs again",
        arguments: [3, 2])
    func completes(banks: Int) throws {
        let all = try ClientBanks(banks: banks)
        let results = all.run()
        try Self.check(results, all)
        let first = try Self.session(all)
        for party in all.roster.parties.indices {
            let audit = LedgerAuditor(.parties(try LedgerParties(all.roster)))
                .audit(all.directory(party).ledgerFile, checkpoints: all.directory(party).receipts)
            #expect(audit.isSound && audit.entries == 3 && audit.pending == 0)
            let statement = try #require(try results[party]?.get()).security
            #expect(statement.computingParties == ClientBanks.names(banks))
            #expect(statement.inputParties == ClientBanks.names(banks) + ["vendor"])
            #expect(statement.resultParties == ClientBanks.names(banks) + ["supervisor"])
            #expect(statement.threshold == 1)
        }
        // Everybody is in the intent and the outcome; who has no shares commits to none.
        for record in try all.records(all.supervisor) {
            switch record.statement {
            case .intent(let intent):
                #expect(intent.participants.parties == all.roster.parties.map(\.name))
                #expect(
                    intent.inputs.map { "\($0.party) \($0.table)" }
                        == ClientBanks.names(banks).map { "\($0) payment" }
                        + ["vendor listed", "vendor score"])
            case .outcome(let outcome):
                #expect(outcome.status == .completed && outcome.releases.count == 2)
                #expect(outcome.releases.last?.recipients == ["supervisor"])
                #expect(
                    outcome.releases.allSatisfy {
                        $0.commitments.map(\.party) == ClientBanks.names(banks)
                    })
                #expect(outcome.receipts.count == banks + 2)
            default: break
            }
        }

        // The same again; and with another model, which the vendor alone notices.
        let rerun: @Sendable (Int, inout RunOptions) -> Void = { $1.repeated = first }
        try Self.check(all.run(options: rerun), all)
        try Data("weight\n1\n1\n1\n".utf8).write(
            to: all.folder.appending(path: "vendor/score.csv"))
        for (party, result) in all.run(options: rerun) {
            guard case .failure(let failure) = result else {
                Issue.record("party \(party) ran again with another model")
                continue
            }
            #expect(failure.code == .refused)
        }
    }

    @Test(
        "Every part is replayed and equal: of those who compute, and of those who do not",
        arguments: [3, 2])
    func replays(banks: Int) throws {
        let all = try ClientBanks(banks: banks)
        for result in all.run().values { _ = try result.get() }
        let session = try Self.session(all)
        for party in all.roster.parties.indices {
            let bundle = all.folder.appending(path: "bundle-\(party)")
            let entries = try RunEntries(
                session: session.hex, in: all.directory(party).ledgerFile, roster: all.roster)
            _ = try AuditBundle(bundle).collect(
                session: entries, from: all.directory(party), summaryOnly: false)
            let verdict = try ReplayAudit(
                bundle: bundle, roster: all.roster, ledger: all.directory(0).ledgerFile
            ).run()
            #expect(verdict.isFaithful, "\(verdict.text)")
            #expect(verdict.items.allSatisfy { $0.finding == .equal }, "\(verdict.text)")
        }
        let check = try CrossCheck(
            bundles: all.roster.parties.indices.map { all.folder.appending(path: "bundle-\($0)") },
            roster: all.roster, ledger: all.directory(all.vendor).ledgerFile)
        #expect(check.holds, "\(check.text)")
    }

    @Test("A check that does not hold stops the run for all, clients too")
    func stopped() throws {
        let all = try ClientBanks(banks: 3, condition: "check size.n >= 50")
        for (_, result) in all.run() {
            let report = try result.get()
            #expect(report.answers.map(\.holds) == [false])
        }
        let last = try all.records(all.vendor).compactMap {
            if case .outcome(let outcome) = $0.statement { outcome.status } else { nil }
        }.last
        #expect(last == .suppressed)
    }

    @Test(
        "A client that is gone before its input is named by all who wait for it", arguments: [3, 4])
    func gone(party lost: Int) throws {
        let all = try ClientBanks(banks: 3)
        let cancellation = Cancellation()
        let results = all.run(monitor: { party in
            RunMonitor(cancellation: party == lost ? cancellation : Cancellation()) { step in
                if party == lost, step == "online" { cancellation.cancel() }
            }
        })
        for party in all.roster.parties.indices {
            guard case .failure(let failure)? = results[party] else {
                Issue.record("party \(party) went on")
                continue
            }
            if party != lost {
                #expect(failure.description.contains(all.roster.parties[lost].name), "\(failure)")
            }
            let last = try all.records(party).last
            guard case .outcome(let outcome)? = last?.statement else {
                Issue.record("party \(party) has no outcome")
                continue
            }
            #expect(outcome.status == .aborted)
        }
        // And the next run brings what each said about it into the common ledger.
        try Self.check(all.run(), all)
    }

    @Test("What does not go with clients is refused by name")
    func refusals() throws {
        let all = try ClientBanks(banks: 2)
        func failure(_ party: Int, _ change: (inout RunOptions) -> Void) -> String {
            var options = all.options(party)
            change(&options)
            do throws(RunFailure) {
                _ = try PartyRun(options, monitor: RunMonitor()).run()
                return ""
            } catch { return error.description }
        }
        #expect(
            failure(all.vendor) { $0.preparation = .newest }
                == "vendor does not compute in watch version 1 and draws on no preparation; leave "
                + "--preparation and --online-only out")
        #expect(
            failure(0) { $0.protocolChoice = .additiveDealer }
                == "additive-dealer is not built for parties that do not compute, such as vendor; use "
                + "--protocol additive-ot")
        #expect(
            failure(0) { $0.protocolChoice = .replicated3 }
                == "replicated3 is for exactly 3 computing parties and the script has 2; use --protocol "
                + "additive-ot")
    }

    @Test("What computing parties prepared a run draws on, and clients take no part in preparing")
    func prepared() throws {
        let all = try ClientBanks(banks: 2)
        for (party, result) in all.prepare(all.roster.parties.indices) {
            guard party >= all.banks else {
                _ = try result.get()
                continue
            }
            guard case .failure(let failure) = result else {
                Issue.record("a client prepared")
                continue
            }
            #expect(
                failure.description
                    == "\(all.roster.parties[party].name) does not compute in watch version 1 and has "
                    + "nothing to prepare: the others do so without it")
        }
        let banks = all.banks
        let run = all.run(options: { party, options in
            if party < banks { options.preparation = .newest }
        })
        try Self.check(run, all)
        #expect(try run[0]?.get().randomness.preparation != nil)
    }

    @Test("A script with clients costs what its plan says, on every engine", arguments: [3, 2])
    func plan(banks: Int) throws {
        let text = ClientBanks.script(banks: banks)
        let script = try AgreedScript(
            SourceText(name: "watch", text), period: nil, choices: [], over: .z64
        ).checked
        let folder = FileManager.default.temporaryDirectory.appending(path: "parley-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let all = try ClientBanks(banks: banks)
        let rehearsal = try ScriptRehearsal(script, folder: all.folder)
        let plain = try rehearsal.run(on: .plain, over: .z64)
        let engine: SimulationEngine = banks == 3 ? .replicated3 : .additiveOT
        let real = try rehearsal.run(on: engine, over: .z64)
        #expect(zip(real.members, plain.members).allSatisfy { $0.answers == $1.answers })
        let costs = try #require(real.costs).total
        let plan = try ScriptPlan(script, by: script.protocolChoice, over: .z64).estimate
        // Of the first party, but for the agreement's terms; releases of a plan are signed.
        let releases = script.program.releases.count
        let planned = (
            rounds: plan.online.rounds + plan.preprocessing.rounds - releases + 2,
            bytes: (plan.total.bytesSent[0] - plan.setUp.bytesSent[0])
        )
        let signatures = releases * (banks + 1) * (64 + 24)
        #expect(abs(planned.rounds - costs.rounds) * 20 <= costs.rounds)
        #expect(abs(planned.bytes - signatures - costs.bytesSent) * 20 <= costs.bytesSent)
    }
}
