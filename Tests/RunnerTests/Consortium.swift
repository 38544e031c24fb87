import Applications
import Foundation
import Ledger
import Networking
import Runner
import Script
import Tables
import TestSupport

/// Banks and a dealer with identities, a roster and invented data in a folder of their own.
final class Consortium: Sendable {
    let folder: URL
    let roster: Roster
    let data: SampleData

    init(banks: Int = 3) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "parley-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        data = SampleData.generate(seed: 3, banks: banks, accounts: 400, transfersPerBank: 600)
        try data.write(to: folder)
        let folder = folder
        let members = try (data.banks + ["dealer"]).map {
            try PartyDirectory(folder.appending(path: $0)).createIdentity(
                name: $0, host: "127.0.0.1", port: freePort(), days: 2)
        }
        roster = try Roster(parties: Array(members.dropLast()), dealer: members.last)
        try Data(roster.text.utf8).write(to: rosterFile)
        try Data(Self.large(data.banks).utf8).write(to: largeFile)
        guard
            let exposure = Parser.parse(
                SourceText(name: "exposure", ScriptLibrary.exposure.text)
            ).0?.among(data.banks)
        else { throw RunFailure(.internal, "the exposure script cannot be read") }
        let limits = ["account": 200, "inflow": 400, "transfers": 600]
        try Data(Formatter.format(exposure.limited(to: limits)).utf8).write(to: exposureFile)
    }

    /// A script that compares and adds up, without a sort.
    static func large(_ banks: [String], rows: Int = 600) -> String {
        """
        script large version 1
        purpose  "How much large inflows are together"
        basis    "Test"
        parties  \(banks.joined(separator: ", ")) as bank, compute, result
        security semi-honest, at most 1 of \(banks.count) corrupt
        runs     9 per day until 2099-12-31

        table inflow at each bank (
          account key(account),
          amount money(EUR) in 0.00 .. 10_000_000.00
        ) unique (account) at most \(grouped(rows)) rows

        prepare inflow from transfers (
          bene_acct key(account),
          amount money(EUR) in 0.01 .. 10_000_000.00
        ) at most \(grouped(rows)) rows {
          let inflow = select bene_acct as account, sum(amount) as amount
            from transfers
            group by bene_acct
        }

        choose threshold in { EUR 1000.00, EUR 2000.00 }

        let large = select amount from every inflow where amount >= threshold
        let totals = select count(*) as number, sum(amount) as total from large

        reveal number, total from totals to all groups of at least 3 rows

        """
    }

    /// As the canonical text has numbers of more than four digits.
    private static func grouped(_ number: Int) -> String {
        number < 10_000 ? "\(number)" : "\(number / 1000)_" + String("\(number)".suffix(3))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var rosterFile: URL { folder.appending(path: "roster.json") }
    var largeFile: URL { folder.appending(path: "large.parley") }
    var exposureFile: URL { folder.appending(path: "exposure.parley") }

    func directory(_ member: Int) -> PartyDirectory {
        PartyDirectory(folder.appending(path: roster.members[member].name))
    }

    func options(_ party: Int) -> RunOptions {
        let seat = Seat(
            roster: roster, directory: directory(party), protocolChoice: .additiveDealer,
            ring: .p62)
        var options = RunOptions(
            seat, script: largeFile,
            tables: ["transfers": .csv(directory(party).url.appending(path: "transfers.csv"))])
        options.timeout = .seconds(20)
        options.connectTimeout = .seconds(20)
        return options
    }

    /// What the script large reveals, by plain addition over everybody's transfers.
    func expectedLarge(thresholdCents: Int64 = 100_000) -> [[String]] {
        let inflows = data.transfers.flatMap { table in
            var totals: [String: Int64] = [:]
            let (accounts, amounts) = (table.texts("bene_acct"), table.integers("amount"))
            for row in 0..<table.rowCount { totals[accounts[row], default: 0] += amounts[row] }
            return totals.values.filter { $0 >= thresholdCents }
        }
        let total = inflows.reduce(0, +)
        return [["\(inflows.count)", "\(total / 100)." + String("\(100 + total % 100)".suffix(2))]]
    }

    /// Runs the given parties, and the dealer, on threads of their own; `onEnd` is told of each.
    func run(
        parties: [Int]? = nil, dealer: Bool = true,
        options change: @Sendable (Int, inout RunOptions) -> Void = { _, _ in },
        monitor: @escaping @Sendable (Int) -> RunMonitor = { _ in RunMonitor() },
        adversary: @escaping @Sendable (Int, any Transport) -> any Transport = { $1 },
        onEnd: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> [Int: Result<RunReport, RunFailure>] {
        let results = Outcomes<RunReport>()
        var threads: [Thread] = []
        for party in parties ?? Array(roster.parties.indices) {
            var options = options(party)
            change(party, &options)
            let chosen = options
            threads.append(
                Thread {
                    let result = Result { () throws(RunFailure) in
                        var run = PartyRun(chosen, monitor: monitor(party))
                        run.adversary = { adversary(party, $0) }
                        return try run.run()
                    }
                    onEnd(party)
                    results.set(party, result)
                })
        }
        let count = threads.count
        if dealer {
            let (roster, directory) = (roster, directory(roster.parties.count))
            let timeouts = options(0)
            var changed = timeouts
            change(-1, &changed)
            let (timeout, connect) = (changed.timeout, changed.connectTimeout)
            threads.append(
                Thread {
                    try? DealerRun(
                        roster: roster, directory: directory, timeout: timeout,
                        connectTimeout: connect, monitor: RunMonitor()
                    ).run()
                })
        }
        for thread in threads {
            thread.stackSize = 8 << 20
            thread.start()
        }
        return results.wait(for: count)
    }

    /// Lets all parties prepare, for their script unless `purpose` says otherwise.
    func prepare(
        options change: @Sendable (Int, inout RunOptions) -> Void = { _, _ in },
        for purpose: @Sendable (RunOptions) -> PreparePurpose = {
            .script($0.script, choices: $0.choices)
        }
    ) -> [Int: Result<PrepareReport, RunFailure>] {
        let results = Outcomes<PrepareReport>()
        for party in roster.parties.indices {
            var options = options(party)
            change(party, &options)
            let (seat, chosen) = (options.seat, purpose(options))
            let thread = Thread {
                results.set(
                    party,
                    Result { () throws(RunFailure) in
                        try PrepareRun(seat, for: chosen, monitor: RunMonitor()).run()
                    })
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        return results.wait(for: roster.parties.count)
    }

    func verify(_ party: Int) throws -> LedgerReport {
        LedgerAuditor(.parties(try LedgerParties(roster)))
            .audit(directory(party).ledgerFile, checkpoints: directory(party).receipts)
    }

    func records(_ party: Int) throws -> [LedgerRecord] {
        var records: [LedgerRecord] = []
        try LedgerRecord.read(file: directory(party).ledgerFile) { records.append($0) }
        return records
    }
}

final class Outcomes<Report: Sendable>: @unchecked Sendable {
    // Invariant: `results` is touched only while `condition` is locked.
    private let condition = NSCondition()
    private var results: [Int: Result<Report, RunFailure>] = [:]

    func set(_ party: Int, _ result: Result<Report, RunFailure>) {
        condition.withLock {
            results[party] = result
            condition.broadcast()
        }
    }

    func wait(for count: Int) -> [Int: Result<Report, RunFailure>] {
        condition.withLock {
            while results.count < count { condition.wait() }
            return results
        }
    }
}
