import Applications
import ArgumentParser
import Foundation
import Ledger
import Networking
import Runner

/// `parley demo`: banks as processes of their own on this machine.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Three banks compute on invented data: separate processes over mutual TLS.",
        discussion: """
            Examples: parley demo
                      parley demo --rows 1000000
                      parley demo --parties 2
                      parley demo --parties 5 --ring p62
                      parley demo --dealer
                      parley demo --tamper

            Makes a folder with data, identities and a roster, and starts `parley run` for each \
            bank, as they would run at their own sites. Three banks run the job exposure on \
            replicated3, another number of banks the job watchlist on additive-ot; neither takes a \
            dealer. With --dealer they run the job watchlist on additive-dealer, with `parley deal` \
            for a dealer. --job and --protocol choose otherwise.
            """)

    @Option(help: "The number of banks, 2 to 10.")
    var parties = 3
    @OptionGroup var job: JobOptions
    @Option(name: .customLong("job"), help: "exposure or watchlist.")
    var jobName: JobChoice.Name?
    @Option(help: "Transfers of each bank, at least 500.")
    var rows = 100_000
    @Option(help: "The seed of the invented data.")
    var seed: UInt64 = 7
    @Option(help: "The folder for everything; an earlier demo's is replaced.")
    var directory = "parley-demo"
    @Flag(help: "Take the randomness from a dealer: the same as --protocol additive-dealer.")
    var dealer = false
    @Flag(help: "Afterwards change a byte of one bank's ledger, and let verification find it.")
    var tamper = false

    func validate() throws {
        guard (2...10).contains(parties) else {
            throw ValidationError(
                "--parties is 2 to 10: one bank has nobody to compute with, and no protocol here takes "
                    + "more than 10")
        }
        guard (500...10_000_000).contains(rows) else {
            throw ValidationError("500 to 10,000,000 rows")
        }
        guard !dealer || (job.protocolName ?? .additiveDealer) == .additiveDealer else {
            throw ValidationError("--dealer is for --protocol additive-dealer")
        }
    }

    func run() throws {
        let progress = ProgressPrinter()
        let folder = DemoFolder(URL(filePath: directory))
        try folder.create()
        progress.report("inventing \(parties) banks' transfers")
        let data = SampleData.generate(
            seed: seed, banks: parties, accounts: max(20_000, rows / 5), transfersPerBank: rows)
        let named = dealer ? .additiveDealer : job.protocolName
        let roster: Roster
        do {
            try data.write(to: folder.url)
            roster = try folder.makeRoster(
                banks: data.banks, withDealer: named?.needsDealer == true)
        } catch {
            throw RunFailure(.cannotCreate, "\(error)")
        }
        let choice = try ProtocolChoice.chosen(
            named: named, security: job.security, for: roster)
        let helper = choice.needsDealer ? " and a dealer" : ""
        progress.report("starting \(parties) banks\(helper), a process each")
        let reports = try DemoProcesses(
            folder: folder, roster: roster, job: job,
            jobName: jobName ?? (choice == .replicated3 ? .exposure : .watchlist),
            protocolChoice: choice
        ).run { progress.report($0) }
        progress.report("verifying every bank's ledger")
        let verified = try verify(folder, roster)
        progress.finish()
        Console.print(DemoScreen(reports: reports, folder: folder, ledgers: verified).text)
        if tamper { try showTampering(folder, roster) }
    }

    private func verify(_ folder: DemoFolder, _ roster: Roster) throws -> [LedgerReport] {
        let parties = try LedgerParties(roster)
        return try roster.parties.map { member in
            let file = folder.member(member.name).ledgerFile
            let report = LedgerAuditor(.parties(parties)).audit(file)
            guard report.isSound else {
                throw RunFailure(
                    .ledgerDamaged, "\(file.path): \(report.findings.map(\.description))")
            }
            return report
        }
    }

    /// Changes one byte in the middle of an entry, shows what verification says, and mends it.
    private func showTampering(_ folder: DemoFolder, _ roster: Roster) throws {
        let file = folder.member(roster.parties[0].name).ledgerFile
        var bytes = try Data(contentsOf: file)
        guard let entry = bytes.range(of: Data("\"rows\":".utf8)) else {
            throw RunFailure(.internal, "\(file.path) has no entry to change")
        }
        let digit = entry.upperBound
        let sound = bytes
        bytes[digit] = bytes[digit] == 0x39 ? 0x38 : 0x39
        try bytes.write(to: file)
        defer { try? sound.write(to: file) }
        let report = LedgerAuditor(.parties(try LedgerParties(roster))).audit(file)
        Console.print("\nTampering: one digit of a row count in \(file.path) is changed.")
        for finding in report.findings.prefix(3) { Console.print("  DAMAGED \(finding)") }
        guard !report.isSound else {
            throw RunFailure(.ledgerDamaged, "the change was not found")
        }
        Console.print("  `parley ledger verify` fails with exit code 80. The byte is put back.")
    }
}
