import Approval
import Foundation
import Ledger
import Networking
import Primitives
import Runner
import Script
import TestSupport
import Testing

/// Three banks with a compliance officer, a standing policy and a table of loans each.
final class SignedBanks: Sendable {
    /// A bank's rows: days late, and the amount in cents.
    typealias Loans = [(days: Int, cents: Int)]

    static let names = ["bank-a", "bank-b", "bank-c"]
    /// No number of them, and no sum, is found in anything but a table or a result.
    static let loans: [Loans] = [
        [(12, 77_191_393), (95, 61_834_771), (200, 94_276_153)],
        [(0, 51_928_337), (91, 73_312_969)],
        [(45, 86_753_917), (120, 39_184_739), (366, 45_893_353), (89, 69_617_381)],
    ]

    let folder: URL
    let roster: Roster

    /// - Parameter text: a script that all sign, and that all policies allow.
    init(_ text: String = SignedBanks.script()) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "parley-\(UUID())")
        let folder = folder
        roster = try Roster(
            parties: try Self.names.map {
                try PartyDirectory(folder.appending(path: $0)).createIdentity(
                    name: $0, host: "127.0.0.1", port: freePort(), roles: ["compliance"], days: 2)
            })
        try Data(roster.text.utf8).write(to: rosterFile)
        try write(text)
        for (party, loans) in Self.loans.enumerated() { try write(loans, of: party) }
        for party in Self.names.indices { try writePolicy(of: party, for: text) { $0 } }
        try sign(text)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// How many loans are late, and their sum, over all three banks.
    static func script(
        runs: Int = 1, days: String = "30, 90", condition: String = "", rows: String = "20"
    ) -> String {
        """
        script arrears version 1
        purpose  "Compare arrears on consumer loans between the members"
        basis    "Association agreement, annex B"
        parties  bank-a, bank-b, bank-c as bank, compute, result
        security semi-honest, at most 1 of 3 corrupt
        runs     \(runs) per month until 2099-12-31

        table loan at each bank (
          days_late int in 0 .. 3650,
          amount money(EUR) in 0.01 .. 1_000_000.00
        ) at most \(rows) rows

        choose tolerated in { \(days) }

        let late = select amount from every loan where days_late > tolerated
        let totals = select count(*) as loans, sum(amount) as total from late
        \(condition)
        reveal loans, total from totals to all groups of at least 3 rows

        """
    }

    /// What it reveals, by plain addition.
    static func expected(
        _ banks: [Loans] = SignedBanks.loans, tolerated: Int = 30
    ) -> [[String]] {
        let late = banks.joined().filter { $0.days > tolerated }
        let total = late.map(\.cents).reduce(0, +)
        return [["\(late.count)", "\(total / 100).\(String("\(100 + total % 100)".suffix(2)))"]]
    }

    // MARK: Files

    var rosterFile: URL { folder.appending(path: "roster.json") }
    var scriptFile: URL { folder.appending(path: "arrears.parley") }

    func directory(_ party: Int) -> PartyDirectory {
        PartyDirectory(folder.appending(path: Self.names[party]))
    }

    func table(of party: Int) -> URL { directory(party).url.appending(path: "loan.csv") }

    func write(_ script: String) throws { try Data(script.utf8).write(to: scriptFile) }

    func write(_ loans: Loans, of party: Int) throws {
        let rows = loans.map { "\($0.days),\(Self.amount($0.cents))\n" }
        try Data(("days_late,amount\n" + rows.joined()).utf8).write(to: table(of: party))
    }

    static func amount(_ cents: Int) -> String {
        "\(cents / 100)." + String("\(100 + cents % 100)".suffix(2))
    }

    func writePolicy(of party: Int, for script: String, _ change: (String) -> String) throws {
        let draft = Policy.draft(for: try Self.signable(script), party: Self.names[party])
        try Data(change(draft).utf8).write(to: directory(party).policyFile)
    }

    // MARK: Signatures

    static func signable(_ text: String) throws -> SignableScript {
        try SignableScript(SourceText(name: "arrears.parley", text), over: .z64)
    }

    /// Signs as the given banks' compliance officers, or takes it back; the ledger has it from the
    /// next run on.
    ///
    /// - Parameters:
    ///   - key: whose signature it is, if not the officer's own.
    ///   - seconds: after now: of several statements the latest counts.
    func sign(
        _ text: String = SignedBanks.script(), parties: [Int] = [0, 1, 2],
        _ verdict: RoleApproval.Verdict = .approved, until: String? = nil,
        library: String = LibraryVersion.current, by key: SigningKey? = nil,
        after seconds: Int64 = 0
    ) throws {
        let subject = try Self.signable(text).subject(
            protocol: ProtocolChoice.replicated3.rawValue, ring: RingChoice.z64.description,
            roster: roster.digest, library: library)
        for party in parties {
            let own = try PartyDirectory.roleKey(in: directory(party).roleKeyFile("compliance"))
            _ = try directory(party).save(
                try RoleApproval(
                    author: Self.names[party], role: "compliance", subject: subject,
                    verdict: verdict, until: until, time: SystemClock().wallSeconds + seconds,
                    key: key ?? own))
        }
    }

    /// Removes what the given banks' officers signed and no ledger has yet.
    func forgetSignatures(of parties: [Int] = [0, 1, 2]) throws {
        for party in parties {
            try FileManager.default.removeItem(
                at: directory(party).url.appending(path: "approvals"))
        }
    }

    // MARK: Runs

    /// Runs the script of ``scriptFile`` at the given banks, each on a thread of its own.
    func run(
        parties: [Int] = [0, 1, 2],
        _ change: @Sendable (Int, inout RunOptions) -> Void = { _, _ in }
    ) -> [Result<RunReport, RunFailure>] {
        let results = Outcomes<RunReport>()
        for party in parties {
            let seat = Seat(
                roster: roster, directory: directory(party), protocolChoice: .replicated3)
            var options = RunOptions(
                seat, script: scriptFile, tables: ["loan": .csv(table(of: party))])
            (options.timeout, options.connectTimeout) = (.seconds(20), .seconds(20))
            change(party, &options)
            let chosen = options
            let thread = Thread {
                results.set(
                    party,
                    Result { () throws(RunFailure) in
                        try PartyRun(chosen, monitor: RunMonitor()).run()
                    })
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        let all = results.wait(for: parties.count)
        return parties.compactMap { all[$0] }
    }

    /// Why a run that nobody took part in did not begin, by those who found it out themselves.
    ///
    /// A party that another one's refusal reaches before it has decided knows only who gave up.
    static func refusals(
        _ results: [Result<RunReport, RunFailure>],
        _ sourceLocation: SourceLocation = #_sourceLocation
    ) -> [RunFailure] {
        let failures = results.compactMap { result in
            if case .failure(let failure) = result { failure } else { nil }
        }
        #expect(failures.count == results.count, "some ran", sourceLocation: sourceLocation)
        let own = failures.filter {
            $0.code != .unavailable || !$0.description.contains("gave up during intent")
        }
        #expect(!own.isEmpty, "\(failures)", sourceLocation: sourceLocation)
        // Who only hears that another refuses says so.
        return own.filter { !$0.description.contains("refuses the run, for a reason") }
    }

    // MARK: Ledgers

    func verify(_ party: Int) throws -> LedgerReport {
        LedgerAuditor(.parties(try LedgerParties(roster))).audit(directory(party).ledgerFile)
    }

    func records(_ party: Int) throws -> [LedgerRecord] {
        var records: [LedgerRecord] = []
        try LedgerRecord.read(file: directory(party).ledgerFile) { records.append($0) }
        return records
    }

    func intents(_ party: Int) throws -> [Intent] {
        try records(party).compactMap {
            if case .intent(let intent) = $0.statement { intent } else { nil }
        }
    }

    func outcomes(_ party: Int) throws -> [(outcome: Outcome, record: LedgerRecord)] {
        try records(party).compactMap {
            if case .outcome(let outcome) = $0.statement { (outcome, $0) } else { nil }
        }
    }
}
