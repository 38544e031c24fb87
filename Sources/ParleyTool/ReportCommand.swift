import ArgumentParser
import Foundation
import Networking
import Primitives
import Reports
import Runner

/// `parley report`: the page of a run, anew.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Make the page of a run: what was learned, who learns what, cost, proof.",
        discussion: """
            Example: parley report 5f0c19a2 --roster roster.json --directory bank-a --out run.html

            One HTML file for this party's own people: it holds what the party learned. It fetches \
            nothing and runs nothing. For others, make a dossier: `parley dossier`.
            """)

    @Argument(help: "The session, or its first 8 digits or more.")
    var session: String
    @OptionGroup var own: LedgerMemberOptions
    @Option(help: "The file to write.")
    var out: String

    func run() throws {
        let run = try RunFolder(session, of: own.folder)
        try run.writePage(to: URL(filePath: out), roster: try RosterCommand.load(own.roster))
        Console.print(out)
    }
}

extension RunFolder {
    /// Writes the run's page for the party's own people, over an earlier one.
    func writePage(to file: URL, roster: Roster) throws {
        let ledger = try orFail { try RunLedger(self, roster: roster) }
        let html = RunPage(document(inDossier: false, ledger)).html
        do {
            try AtomicFile.write(Array(html.utf8), to: file, overwriting: true, mode: 0o600)
        } catch { throw RunFailure(.cannotCreate, "\(error)") }
    }
}
