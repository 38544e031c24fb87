import ArgumentParser
import Foundation
import Ledger
import Networking
import Primitives
import Reports
import Runner
import Script

/// `parley dossier`: the file of one run for a supervisor.
struct DossierCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dossier",
        abstract: "Collect what a supervisor needs to see what was run, by whom and for what.",
        discussion: """
            Example: parley dossier 5f0c19a2 --roster roster.json --directory bank-a \\
                       --out dossier

            One page (dossier.html) and files for programs: the script, who learns what, the \
            signatures, the security statement in the words of ISO/IEC 4922-1, what is kept and for \
            how long, costs, and the run's entries of the ledger with proofs that `parley-audit` \
            verifies alone. SHA256SUMS is for `sha256sum -c`. No party's data and no result is in it.
            """)

    @Argument(help: "The session, or its first 8 digits or more.")
    var session: String
    @OptionGroup var own: LedgerMemberOptions
    @Option(help: "A new folder.")
    var out: String

    func run() throws {
        let roster = try RosterCommand.load(own.roster)
        let run = try RunFolder(session, of: own.folder)
        let ledger = try orFail { try RunLedger(run, roster: roster) }
        let dossier = Dossier(run, ledger, roster: try rosterBytes())
        let count = try dossier.write(to: URL(filePath: out))
        Console.print("\(out): \(counted(count, "file")); begin with \(out)/dossier.html")
    }

    private func rosterBytes() throws(RunFailure) -> [UInt8] {
        do { return Array(try Data(contentsOf: URL(filePath: own.roster))) } catch {
            throw RunFailure(.badInput, "\(own.roster): cannot be read; check the path")
        }
    }
}
