import Applications
public import ArgumentParser
import Foundation
import Networking
import Primitives
public import Runner
import Script

/// Options of every command that takes part in a run.
struct MemberOptions: ParsableArguments {
    @Option(help: "The roster, the same file at every member.")
    var roster: String
    @Option(help: "This member's own folder.")
    var directory: String
    @Option(help: "Seconds without a sign of life after which a participant counts as gone.")
    var timeout = 30
    @Option(help: "Seconds to wait until everybody is there.")
    var wait = 60

    func validate() throws {
        guard (1...86_400).contains(timeout), (1...86_400).contains(wait) else {
            throw ValidationError("timeouts are 1 to 86400 seconds")
        }
    }
}

/// How the parties compute: the same at every party.
struct EngineOptions: ParsableArguments {
    @Option(
        name: .customLong("protocol"),
        help: "replicated3 (three parties), additive-ot (2 to 10) or additive-dealer (with one).")
    var protocolName: ProtocolChoice?
    @Option(help: "honest-majority or dishonest-majority; the protocol is chosen by it.")
    var security: SecurityChoice?
    @Option(help: "z64, z128, p62, p126 or prime:BITS with 16 to 1024 bits (GMP).")
    var ring: String?
    @Option(help: "Threads for vectors within this process; results do not depend on it.")
    var threads = 1

    func validate() throws {
        guard ring.map({ RingChoice($0) != nil }) ?? true else {
            throw ValidationError(
                "--ring is z64, z128, p62, p126 or prime:BITS with 16 to 1024 bits")
        }
        guard (1...64).contains(threads) else { throw ValidationError("--threads is 1 to 64") }
    }

    /// This member's place, with the protocol that is named or chosen.
    ///
    /// - Parameter computing: how many of the roster's parties compute; all if nil.
    func seat(_ member: MemberOptions, computing: Int? = nil) throws -> Seat {
        let roster = try RosterCommand.load(member.roster)
        var seat = Seat(
            roster: roster, directory: PartyDirectory(URL(filePath: member.directory)),
            protocolChoice: try .chosen(
                named: protocolName, security: security, for: roster, computing: computing),
            ring: ring.flatMap(RingChoice.init))
        seat.threads = threads
        seat.timeout = .seconds(member.timeout)
        seat.connectTimeout = .seconds(member.wait)
        return seat
    }
}

extension ProtocolChoice: ExpressibleByArgument {}
extension SecurityChoice: ExpressibleByArgument {}

/// `parley run`: one party's part of a joint run.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Take part in the run of a script as a party of the roster.",
        discussion: """
            Examples: parley run exposure.parley --roster roster.json --directory bank-a \\
                        --table account=accounts.csv --table transfers=transfers.csv
                      parley run structuring.parley --period 2026-11 --roster roster.json \\
                        --directory bank-a --table "cash=sqlite:bank.db?table=deposits"

            What is revealed, to whom, and nothing else: see `parley explain SCRIPT`. Every party \
            gives the same script, period and choices. The folder runs/SESSION in the member's \
            folder has the script, each answer as CSV and JSON, report.json and report.html, a \
            page without outside references.

            It begins only if this party's policy.yaml allows the script, every role that the \
            roster lists has signed it (`parley sign`), and its runs of the period are not used up.

            The script's security decides the protocol: replicated3 for three parties of which one \
            may be corrupt, else additive-ot. Neither needs a dealer. With --preparation the run \
            draws on what `parley prepare` made. With --rerun SESSION an earlier run is repeated: \
            every party's tables must be those of that run.

            For 30 days, or --transcript DAYS, the member's folder keeps an encrypted transcript \
            with which the run can be replayed to an auditor (`parley audit`). Whoever gets the \
            folders of more parties than the protocol's threshold can compute the inputs from them.
            """)

    @Argument(help: "The script: a .parley file in canonical form.")
    var script: String
    @OptionGroup var member: MemberOptions
    @OptionGroup var engine: EngineOptions
    @Option(
        name: .customLong("table"),
        help:
            "NAME=SOURCE for each table that this party brings; a source is FILE.csv, sqlite:FILE?table=NAME, sqlite:FILE?query=SELECT or postgres:URL?query=SELECT."
    )
    var tables: [String] = []
    @Option(help: "The period of the run: 2026-11, 2026-W48, 2026-Q4, 2026 or 2026-11-23.")
    var period: String?
    @Option(
        name: .customLong("choose"), help: "NAME=VALUE: one of the values that the script allows.")
    var choices: [String] = []
    @Option(help: "The session of a run to repeat on the same tables, or its first 8 digits.")
    var rerun: String?
    @Option(help: "auto, or the folder of what `parley prepare` made.")
    var preparation: String?
    @Flag(help: "End where the preparation does not suffice; make nothing in the run.")
    var onlineOnly = false
    @Option(
        help: "Days for which the run's transcript is kept, so that it can be replayed; or off.")
    var transcript = "30"

    /// Nil for no transcript.
    private var transcriptDays: Int? { transcript == "off" ? nil : Int(transcript) }

    func validate() throws {
        guard transcript == "off" || transcriptDays.map({ (1...36_500).contains($0) }) ?? false
        else { throw ValidationError("--transcript is off, or 1 to 36500 days") }
    }

    func run() throws {
        let seat = try engine.seat(member, for: URL(filePath: script))
        var options = try RunOptions(seat, script: URL(filePath: script), tables: tables)
        (options.period, options.choices) = (period, choices)
        options.repeated = try rerun.map { try seat.directory.session($0) }
        options.preparation = preparation.map { PreparationChoice($0) }
        options.isOnlineOnly = onlineOnly
        options.transcriptDays = transcriptDays
        let chosen = options
        let report = try ProcessGuard.monitored { try PartyRun(chosen, monitor: $0).run() }
        Console.print(report.summary)
        let folder = try report.write(into: chosen.directory)
        try RunFolder(report.session, of: chosen.directory)
            .writePage(to: folder.appending(path: "report.html"), roster: chosen.roster)
        Console.print("files: \(folder.relativePath)")
    }
}

extension EngineOptions {
    /// As ``seat(_:)``, with the protocol that a script's security asks for if none is named.
    func seat(_ member: MemberOptions, for script: URL) throws -> Seat {
        var chosen = self
        let asked = try AgreedScript.protocolChoice(of: script)
        if security == nil, protocolName == nil { chosen.protocolName = asked?.choice }
        return try chosen.seat(member, computing: asked?.computing)
    }
}
