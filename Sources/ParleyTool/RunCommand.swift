import Applications
public import ArgumentParser
import Foundation
import Networking
import Primitives
public import Runner

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
    @Option(
        name: .customLong("protocol"),
        help: "replicated3 (three parties), additive-ot (2 to 10) or additive-dealer (with one).")
    var protocolName: ProtocolChoice?
    @Option(help: "honest-majority or dishonest-majority; the protocol is chosen by it.")
    var security: SecurityChoice?
    @Option(help: "z64, z128, p62, p126 or prime:BITS with 16 to 1024 bits (GMP).")
    var ring: String?
    @Option(help: "Flag accounts whose total inflow is at least this many units, like 30000.00.")
    var threshold: String?
    @Option(help: "Flag only accounts with transfers from at least this many banks.")
    var banks = 2
    @Option(help: "exposure: publish to all, at most this many accounts, instead of to holders.")
    var publish: Int?
    @Option(help: "exposure: the public number of rows of each bank, at least its beneficiaries.")
    var bound: Int?
    @Option(help: "Threads for vectors within this process; results do not depend on it.")
    var threads = 1

    func validate() throws {
        guard ring.map({ RingChoice($0) != nil }) ?? true else {
            throw ValidationError(
                "--ring is z64, z128, p62, p126 or prime:BITS with 16 to 1024 bits")
        }
        guard threshold == nil || cents != nil else {
            throw ValidationError("--threshold is an amount like 30000.00")
        }
        guard publish.map({ (1...1_000_000).contains($0) }) ?? true else {
            throw ValidationError("--publish is 1 to 1000000 accounts")
        }
        guard bound.map({ $0 > 0 }) ?? true else { throw ValidationError("--bound is above 0") }
        guard (1...64).contains(threads) else { throw ValidationError("--threads is 1 to 64") }
    }

    /// The threshold in cents; nil if it is not an amount, or none is given.
    var cents: Int64? {
        guard let threshold else { return nil }
        let parts = threshold.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let units = UInt32(parts[0]) else { return nil }
        guard parts.count == 2 else { return Int64(units) * 100 }
        guard (1...2).contains(parts[1].count), let fraction = UInt8(parts[1]) else { return nil }
        return Int64(units) * 100 + Int64(fraction) * (parts[1].count == 1 ? 10 : 1)
    }

    /// This member's place, with the protocol that is named or chosen.
    func seat(_ member: MemberOptions) throws -> Seat {
        let roster = try RosterCommand.load(member.roster)
        var seat = Seat(
            roster: roster, directory: PartyDirectory(URL(filePath: member.directory)),
            protocolChoice: try .chosen(named: protocolName, security: security, for: roster),
            ring: ring.flatMap(RingChoice.init))
        seat.threads = threads
        seat.timeout = .seconds(member.timeout)
        seat.connectTimeout = .seconds(member.wait)
        return seat
    }

    /// Sets what was given, and what follows from it.
    func apply(to options: inout RunOptions) {
        if let cents {
            options.thresholdCents = cents
        } else if case .exposure = options.job {
            options.thresholdCents = ExposureJob.defaultThresholdCents
        }
        options.minimumBanks = banks
    }
}

/// This party's files for a job.
struct TableOptions: ParsableArguments {
    @Option(help: "This party's table, as transfers=FILE.csv.")
    var table: String?
    @Option(help: "exposure: the accounts that this party holds, a CSV file, column account.")
    var accounts: String?
    @Option(help: "watchlist: the accounts to watch, a CSV file with the column account.")
    var watchlist: String?

    /// The run that the files and parameters are for.
    func options(_ name: JobChoice.Name, _ job: JobOptions, _ seat: Seat) throws -> RunOptions {
        guard let table, table.hasPrefix("transfers=") else {
            throw ValidationError("--table is transfers=FILE.csv")
        }
        guard let choice = choice(name, job) else {
            throw ValidationError(
                name == .exposure
                    ? "the job exposure takes --accounts, not --watchlist"
                    : "the job watchlist takes --watchlist, not --accounts, --bound or --publish")
        }
        var options = RunOptions(
            seat, transfers: URL(filePath: String(table.dropFirst("transfers=".count))),
            job: choice)
        job.apply(to: &options)
        return options
    }

    /// Nil if the files given are those of the other job.
    private func choice(_ name: JobChoice.Name, _ job: JobOptions) -> JobChoice? {
        switch name {
        case .exposure:
            guard let accounts, watchlist == nil else { return nil }
            return .exposure(
                accounts: URL(filePath: accounts), bound: job.bound, publishing: job.publish)
        case .watchlist:
            guard let watchlist, accounts == nil, job.bound == nil, job.publish == nil else {
                return nil
            }
            return .watchlist(file: URL(filePath: watchlist))
        }
    }
}

extension ProtocolChoice: ExpressibleByArgument {}
extension SecurityChoice: ExpressibleByArgument {}
extension JobChoice.Name: ExpressibleByArgument {}

/// `parley run`: one party's part of a joint run.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Take part in a joint computation as a party of the roster.",
        discussion: """
            Examples: parley run --job exposure --roster roster.json --directory bank-a \\
                        --table transfers=bank-a/transfers.csv --accounts bank-a/accounts.csv
                      parley run --job watchlist --protocol additive-ot --roster roster.json \\
                        --directory bank-a --table transfers=bank-a/transfers.csv \\
                        --watchlist watchlist.csv

            Job exposure: for each account that a bank holds, whether its total inflow over all \
            banks reaches the threshold and comes from enough banks. Each bank learns that of its \
            own accounts only; with --publish, all learn which accounts reached.

            Job watchlist: the same for a list of accounts that all parties have.

            Nothing else is revealed. Writes flags.csv, flags.json and report.json into the \
            member's folder. Three parties take replicated3 unless --security dishonest-majority is \
            given; else it is additive-ot. Neither needs a dealer. With --preparation the run draws \
            on what `parley prepare` made.

            For 30 days, or --transcript DAYS, the member's folder keeps an encrypted transcript \
            with which the run can be replayed to an auditor (`parley audit`). Whoever gets the \
            folders of more parties than the protocol's threshold can compute the inputs from them.
            """)

    @OptionGroup var member: MemberOptions
    @OptionGroup var job: JobOptions
    @Option(name: .customLong("job"), help: "The joint computation: exposure or watchlist.")
    var jobName: JobChoice.Name
    @OptionGroup var tables: TableOptions
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
        var options = try tables.options(jobName, job, job.seat(member))
        options.preparation = preparation.map { PreparationChoice($0) }
        options.isOnlineOnly = onlineOnly
        options.transcriptDays = transcriptDays
        let chosen = options
        let report = try ProcessGuard.monitored { try PartyRun(chosen, monitor: $0).run() }
        try report.write(into: chosen.directory)
        Console.print(report.summary)
    }
}
