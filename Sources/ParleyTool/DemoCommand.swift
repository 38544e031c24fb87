import Applications
import ArgumentParser
import Foundation
import Ledger
import Networking
import Primitives
import Runner

/// `parley demo`: the parties of a bundled script as processes of their own on this machine.
struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Parties compute on invented data: separate processes over mutual TLS.",
        discussion: """
            Examples: parley demo
                      parley demo risk
                      parley demo --rows 1000000
                      parley demo structuring --parties 2 --rows 200
                      parley demo --dealer
                      parley demo --tamper

            Makes a folder with data, identities, a roster and the script, and starts `parley run` \
            for each party, as it would run at its own site. Any script of `parley scripts` will \
            do; its limits of rows are lowered to the rows that there are. The script's security \
            decides the protocol: replicated3 for three parties, else additive-ot; --protocol \
            chooses otherwise, and with --dealer it is additive-dealer, with `parley deal` for a \
            dealer.
            """)

    @Argument(help: "A bundled script: see `parley scripts`.")
    var name = ScriptLibrary.exposure.rawValue
    @Option(help: "The number of banks, 2 to 10; the script's own if not given.")
    var parties: Int?
    @OptionGroup var engine: EngineOptions
    @Option(help: "Rows of each party; 100,000 on replicated3, else 200, if not given.")
    var rows: Int?
    @Option(help: "The seed of the invented data.")
    var seed: UInt64 = 7
    @Option(help: "The folder for everything; an earlier demo's is replaced.")
    var directory = "parley-demo"
    @Flag(help: "Take the randomness from a dealer: the same as --protocol additive-dealer.")
    var dealer = false
    @Flag(help: "Afterwards change a byte of one party's ledger, and let verification find it.")
    var tamper = false

    func validate() throws {
        guard ScriptLibrary(rawValue: name) != nil else {
            throw ValidationError(
                "there is no script \(name); there are "
                    + ScriptLibrary.allCases.map(\.rawValue).joined(separator: ", "))
        }
        guard parties.map({ (2...10).contains($0) }) ?? true else {
            throw ValidationError(
                "--parties is 2 to 10: one bank has nobody to compute with, and no protocol here takes "
                    + "more than 10")
        }
        guard rows.map({ (1...10_000_000).contains($0) }) ?? true else {
            throw ValidationError("1 to 10,000,000 rows")
        }
        guard !dealer || (engine.protocolName ?? .additiveDealer) == .additiveDealer else {
            throw ValidationError("--dealer is for --protocol additive-dealer")
        }
    }

    func run() throws {
        let progress = ProgressPrinter()
        let folder = DemoFolder(URL(filePath: directory))
        try folder.create()
        guard let library = ScriptLibrary(rawValue: name) else { return }
        let named = dealer ? ProtocolChoice.additiveDealer : engine.protocolName
        let script = try DemoScript(library, parties: parties, named, engine.security, rows: rows)
        let choice = script.protocolChoice
        progress.report("inventing the tables of \(script.parties.count) parties")
        let roster: Roster
        do {
            try script.write(to: folder, seed: seed)
            roster = try folder.makeRoster(parties: script.parties, withDealer: choice.needsDealer)
        } catch let failure as RunFailure {
            throw failure
        } catch {
            throw RunFailure(.cannotCreate, "\(error)")
        }
        let helper = choice.needsDealer ? " and a dealer" : ""
        progress.report("starting \(script.parties.count) parties\(helper), a process each")
        let reports = try DemoProcesses(
            folder: folder, roster: roster, engine: engine, protocolChoice: choice, script: script
        ).run { progress.report($0) }
        progress.report("verifying every party's ledger")
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
        Console.print("\nTampering: one digit of a number of rows in \(file.path) is changed.")
        for finding in report.findings.prefix(3) { Console.print("  DAMAGED \(finding)") }
        guard !report.isSound else {
            throw RunFailure(.ledgerDamaged, "the change was not found")
        }
        Console.print("  `parley ledger verify` fails with exit code 80. The byte is put back.")
    }
}
