import ArgumentParser
import Foundation
import Runner

/// `parley deal`: the trusted dealer's part of one run.
struct DealCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deal",
        abstract: "Serve one run as the roster's dealer of correlated randomness.",
        discussion: """
            Example: parley deal --roster roster.json --directory dealer

            The dealer sees no input, share or result, but every run rests on its honesty: with one \
            of the parties it could uncover the others' inputs. It must be none of them.
            """)

    @OptionGroup var member: MemberOptions

    func run() throws {
        let progress = ProgressPrinter()
        let monitor = RunMonitor { progress.report($0) }
        let signals = ProcessGuard.cancelOnSignals(monitor.cancellation)
        defer {
            progress.finish()
            for source in signals { source.cancel() }
        }
        try DealerRun(
            roster: try RosterCommand.load(member.roster),
            directory: PartyDirectory(URL(filePath: member.directory)),
            timeout: .seconds(member.timeout), connectTimeout: .seconds(member.wait),
            monitor: monitor
        ).run()
        progress.finish()
        Console.print("dealt: the parties are done")
    }
}
