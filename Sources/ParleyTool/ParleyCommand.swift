import ArgumentParser
import Foundation
import MPC
import Primitives
import Runner

/// `parley`: joint computations of parties that do not trust one another.
@main
struct Parley: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parley",
        abstract: "Compute together over private data, with proof of what was computed.",
        discussion: """
            See it work, three banks on this machine:

              parley demo

            The same step by step, each line at the member that it names:

              bank-a$ parley init --name bank-a --port 7101 --directory bank-a
              one   $ parley roster --party bank-a/member.json --party bank-b/member.json \\
                        --party bank-c/member.json --out roster.json
              bank-a$ parley run exposure.parley --roster roster.json --directory bank-a \\
                        --table account=bank-a/account.csv --table transfers=bank-a/transfers.csv
              bank-a$ parley ledger verify --roster roster.json --directory bank-a

            Exit codes: 0 done; 64 the command line is wrong; 65 an input file is wrong; 69 a \
            participant is missing, gone or gave up; 70 an internal error; 73 a file cannot be \
            written; 76 a participant broke the protocol; 78 the participants disagree; 80 a ledger \
            does not verify; 81 an audit found a difference; 82 an audit found none, but could not \
            compare everything.
            """,
        version: LibraryVersion.current,
        subcommands: [
            DemoCommand.self, InitCommand.self, RosterCommand.self, RunCommand.self,
            PrepareCommand.self, DealCommand.self, LedgerCommand.self, AuditCommand.self,
            ReportCommand.self, DossierCommand.self,
            BenchCommand.self, BenchPartyCommand.self, DecideCommand.self, CheckCommand.self,
            FormatCommand.self, ExplainCommand.self, PlanCommand.self, CalibrateCommand.self,
            CheckDataCommand.self,
            GenerateCommand.self, SimulateCommand.self, ScriptsCommand.self,
            SignCommand.self, PolicyCommand.self,
        ])

    static func main() {
        restartWithRetainedMemory()
        ProcessGuard.forbidCoreDumps()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as RunFailure {
            Console.error("parley: \(failure)")
            Foundation.exit(failure.code.rawValue)
        } catch {
            exit(withError: error)
        }
    }
}
