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
        let roster = try RosterCommand.load(member.roster)
        try ProcessGuard.monitored { monitor in
            try DealerRun(
                roster: roster, directory: PartyDirectory(URL(filePath: member.directory)),
                timeout: .seconds(member.timeout), connectTimeout: .seconds(member.wait),
                monitor: monitor
            ).run()
        }
        Console.print("dealt: the parties are done")
    }
}
