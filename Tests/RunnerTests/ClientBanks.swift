import Foundation
import Ledger
import Networking
import Primitives
import Runner
import Script
import TestSupport

/// Computing banks, a vendor with a model and a list, and a supervisor that only learns.
final class ClientBanks: Sendable {
    let folder: URL
    let roster: Roster
    let banks: Int

    /// The last two of the parties, which do not compute.
    var vendor: Int { banks }
    var supervisor: Int { banks + 1 }

    /// - Parameter banks: 2 or 3.
    init(banks: Int, condition: String = "") throws {
        self.banks = banks
        folder = FileManager.default.temporaryDirectory.appending(path: "parley-\(UUID())")
        let folder = folder
        let names = Self.names(banks) + ["vendor", "supervisor"]
        roster = try Roster(
            parties: try names.map {
                try PartyDirectory(folder.appending(path: $0)).createIdentity(
                    name: $0, host: "127.0.0.1", port: freePort(), days: 2)
            })
        try Data(roster.text.utf8).write(to: folder.appending(path: "roster.json"))
        try Data(Self.script(banks: banks, condition: condition).utf8).write(to: script)
        for (bank, rows) in Self.payments(banks).enumerated() {
            let lines = rows.map { "\($0.id),\($0.customer),\($0.amount),\($0.foreign)" }
            try write(["id,customer,amount,foreign"] + lines, "payment", names[bank])
        }
        try write(["weight"] + Self.weights.map { "\($0)" }, "score", "vendor")
        try write(["customer"] + Self.listed, "listed", "vendor")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var script: URL { folder.appending(path: "watch.parley") }
    static func names(_ banks: Int) -> [String] {
        ["bank-a", "bank-b", "bank-c"].prefix(banks).map(\.self)
    }

    private func write(_ lines: [String], _ table: String, _ party: String) throws {
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(
            to: folder.appending(path: "\(party)/\(table).csv"))
    }

    /// Canonical.
    static func script(banks: Int, condition: String = "") -> String {
        let text = """
            script watch version 1
            purpose  "Score payments with a vendor's model, and tell the supervisor how many are odd"
            basis    "Contract F-12"
            parties  \(names(banks).joined(separator: ", ")) as bank, compute, result;
                     vendor as input;
                     supervisor as result
            security semi-honest, at most 1 of \(banks) corrupt
            runs     9 per day until 2099-12-31

            table payment at each bank (
              id key(payment),
              customer key(person),
              amount fix(16) in -8 .. 8,
              foreign fix(16) in -8 .. 8
            ) unique (id) at most 20 rows

            table listed at vendor (
              customer key(person)
            ) unique (customer) at most 10 rows

            model score at vendor : logistic(2) in -4 .. 4

            let scored = select id, customer, score(amount, foreign) as logit from every payment
            let odd = select id, customer from scored where logit >= 0
            let hits = select id from odd semi join listed on odd.customer = listed.customer
            let size = select count(*) as n from every payment
            \(condition)
            reveal id, band(logit, 0) as level from scored to the bank holding id

            reveal count(*) as n from hits to supervisor groups of at least 2 rows

            """
        return Parser.parse(SourceText(name: "watch", text)).0.map(Formatter.format) ?? text
    }

    // MARK: The data, and what a plain computation makes of them

    typealias Payment = (id: String, customer: String, amount: Int, foreign: Int)

    static func payments(_ banks: Int) -> [[Payment]] {
        (0..<banks).map { bank in
            (0..<8).map { row in
                (
                    "p\(bank)-\(row)", "c\((3 * row + bank) % 5)", (5 * row + 3 * bank) % 15 - 7,
                    (7 * row + bank) % 11 - 5
                )
            }
        }
    }
    /// Of amount and foreign, and the bias.
    static let weights = [2, -1, 1]
    static let listed = ["c1", "c3", "c9"]

    private static func isOdd(_ payment: Payment) -> Bool {
        weights[0] * payment.amount + weights[1] * payment.foreign + weights[2] >= 0
    }

    /// In which band each of a bank's payments is, by its identifier.
    static func expectedLevels(_ bank: Int, of banks: Int) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: payments(banks)[bank].map { ($0.id, isOdd($0) ? "1" : "0") })
    }

    /// How many payments of listed customers are odd.
    static func expectedHits(_ banks: Int) -> String {
        "\(payments(banks).joined().count { isOdd($0) && listed.contains($0.customer) })"
    }

    // MARK: Runs

    func directory(_ party: Int) -> PartyDirectory {
        PartyDirectory(folder.appending(path: roster.parties[party].name))
    }

    func options(_ party: Int) -> RunOptions {
        let directory = directory(party)
        let names = party < banks ? ["payment"] : party == vendor ? ["score", "listed"] : []
        var options = RunOptions(
            Seat(
                roster: roster, directory: directory,
                protocolChoice: banks == 3 ? .replicated3 : .additiveOT),
            script: script,
            tables: Dictionary(
                uniqueKeysWithValues: names.map {
                    ($0, .csv(directory.url.appending(path: "\($0).csv")))
                }))
        options.timeout = .seconds(20)
        options.connectTimeout = .seconds(20)
        return options
    }

    /// Runs all parties on threads of their own.
    func run(
        options change: @Sendable (Int, inout RunOptions) -> Void = { _, _ in },
        monitor: @escaping @Sendable (Int) -> RunMonitor = { _ in RunMonitor() },
        adversary: @escaping @Sendable (Int, any Transport) -> any Transport = { $1 }
    ) -> [Int: Result<RunReport, RunFailure>] {
        let results = Outcomes<RunReport>()
        for party in roster.parties.indices {
            var options = options(party)
            change(party, &options)
            let chosen = options
            let thread = Thread {
                results.set(
                    party,
                    Result { () throws(RunFailure) in
                        var run = PartyRun(chosen, monitor: monitor(party))
                        run.adversary = { adversary(party, $0) }
                        return try run.run()
                    })
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        return results.wait(for: roster.parties.count)
    }

    /// All of these parties prepare for the script, on threads of their own.
    func prepare(_ parties: Range<Int>) -> [Int: Result<PrepareReport, RunFailure>] {
        let results = Outcomes<PrepareReport>()
        for party in parties {
            let options = options(party)
            let thread = Thread {
                results.set(
                    party,
                    Result { () throws(RunFailure) in
                        try PrepareRun(
                            options.seat, for: .script(options.script, choices: []),
                            monitor: RunMonitor()
                        ).run()
                    })
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        return results.wait(for: parties.count)
    }

    func records(_ party: Int) throws -> [LedgerRecord] {
        var records: [LedgerRecord] = []
        try LedgerRecord.read(file: directory(party).ledgerFile) { records.append($0) }
        return records
    }
}
