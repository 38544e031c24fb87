import ArgumentParser
import Foundation
import Networking
import Primitives
import Runner

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

/// What the parties compute: the same at every party.
struct JobOptions: ParsableArguments {
    @Option(help: "z64, p62, p126 or prime:BITS with 16 to 1024 bits (GMP).")
    var ring = "prime:128"
    @Option(help: "Flag accounts whose total inflow is at least this many units, like 30000.00.")
    var threshold = "30000.00"
    @Option(help: "Flag only accounts with transfers from at least this many banks.")
    var banks = 2
    @Option(help: "Where triples come from. Only: dealer, a trusted helper of the roster.")
    var preprocessing = "dealer"

    func validate() throws {
        guard RingChoice(ring) != nil else {
            throw ValidationError("--ring is z64, p62, p126 or prime:BITS with 16 to 1024 bits")
        }
        guard cents != nil else {
            throw ValidationError("--threshold is an amount like 30000.00")
        }
        guard preprocessing == "dealer" else {
            throw ValidationError("--preprocessing can only be: dealer")
        }
    }

    /// The threshold in cents; nil if it is not an amount.
    var cents: Int64? {
        let parts = threshold.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let units = UInt32(parts[0]) else { return nil }
        guard parts.count == 2 else { return Int64(units) * 100 }
        guard (1...2).contains(parts[1].count), let fraction = UInt8(parts[1]) else { return nil }
        return Int64(units) * 100 + Int64(fraction) * (parts[1].count == 1 ? 10 : 1)
    }
}

/// `parley run`: one party's part of a joint run.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Take part in a joint computation as a party of the roster.",
        discussion: """
            Example: parley run --job watchlist --roster roster.json --directory bank-a \\
                       --table transfers=bank-a/transfers.csv --watchlist watchlist.csv

            Job watchlist: for each account of a list that all parties have, whether its total \
            inflow over all banks reaches the threshold and comes from enough banks. Nothing else \
            is revealed. Writes flags.csv, flags.json and report.json into the member's folder.
            """)

    @OptionGroup var member: MemberOptions
    @OptionGroup var job: JobOptions
    @Option(name: .customLong("job"), help: "The joint computation. Only: watchlist.")
    var jobName: String
    @Option(help: "This party's table, as transfers=FILE.csv.")
    var table: String
    @Option(help: "The accounts to watch, a CSV file with the column account.")
    var watchlist: String

    func validate() throws {
        guard jobName == "watchlist" else { throw ValidationError("--job can only be: watchlist") }
        guard table.hasPrefix("transfers=") else {
            throw ValidationError("--table is transfers=FILE.csv")
        }
    }

    func run() throws {
        let directory = PartyDirectory(URL(filePath: member.directory))
        var options = RunOptions(
            roster: try RosterCommand.load(member.roster), directory: directory,
            transfers: URL(filePath: String(table.dropFirst("transfers=".count))),
            watchlist: URL(filePath: watchlist))
        if let ring = RingChoice(job.ring), let cents = job.cents {
            (options.ring, options.thresholdCents) = (ring, cents)
        }
        options.minimumBanks = job.banks
        options.timeout = .seconds(member.timeout)
        options.connectTimeout = .seconds(member.wait)

        let report = try ProcessGuard.monitored { try PartyRun(options, monitor: $0).run() }
        try report.write(into: directory)
        Console.print(report.summary)
    }
}
