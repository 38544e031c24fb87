import ArgumentParser
import Foundation
import Runner

/// `parley prepare`: one party's part in making randomness for a later run.
struct PrepareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare",
        abstract: "Make the randomness of a later run now, together with the other parties.",
        discussion: """
            Examples: parley prepare --for exposure --roster roster.json --directory bank-a \\
                        --table transfers=bank-a/transfers.csv --accounts bank-a/accounts.csv
                      parley prepare --triples 1000000 --comparisons 100000 --roster roster.json \\
                        --directory bank-a

            With --for, a rehearsal on invented inputs of the same sizes finds how much the run \
            takes; the files and options are those of the run, and only their numbers of rows are \
            told to the others. The randomness depends on no input.

            It is kept in the member's folder, encrypted, and serves one run:

              parley run ... --preparation auto [--online-only]

            Never copy a preparation or put an old copy back: used twice, it gives inputs away.
            """)

    @OptionGroup var member: MemberOptions
    @OptionGroup var job: JobOptions
    @OptionGroup var tables: TableOptions
    @Option(name: .customLong("for"), help: "The job of the later run: exposure or watchlist.")
    var jobName: JobChoice.Name?
    @Option(help: "Products.")
    var triples = 0
    @Option(help: "Squares.")
    var squares = 0
    @Option(help: "Bits that become numbers.")
    var daBits = 0
    @Option(help: "AND gates.")
    var bitTriples = 0
    @Option(help: "Comparisons of numbers.")
    var comparisons = 0

    private var amounts: PreparedAmounts {
        var amounts = PreparedAmounts()
        (amounts.triples, amounts.squares, amounts.daBits) = (triples, squares, daBits)
        (amounts.bitTriples, amounts.comparisons) = (bitTriples, comparisons)
        return amounts
    }

    func validate() throws {
        let all = [triples, squares, daBits, bitTriples, comparisons]
        guard all.allSatisfy({ (0...1 << 32).contains($0) }) else {
            throw ValidationError("amounts are 0 to 4294967296")
        }
        guard (jobName == nil) != all.allSatisfy({ $0 == 0 }) else {
            throw ValidationError("either --for a job, or amounts like --triples 1000000")
        }
    }

    func run() throws {
        var job = job
        // Replicated sharing has nothing to prepare.
        job.protocolName = job.protocolName ?? .additiveOT
        let seat = try job.seat(member)
        let purpose: PreparePurpose =
            if let jobName { .job(try tables.options(jobName, job, seat)) } else {
                .amounts(amounts)
            }
        let report = try ProcessGuard.monitored {
            try PrepareRun(seat, for: purpose, monitor: $0).run()
        }
        Console.print(report.summary)
    }
}
