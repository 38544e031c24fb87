import ArgumentParser
import Foundation
import Runner

/// `parley prepare`: one party's part in making randomness for a later run.
struct PrepareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare",
        abstract: "Make the randomness of a later run now, together with the other parties.",
        discussion: """
            Examples: parley prepare --for exposure.parley --roster roster.json --directory bank-a
                      parley prepare --triples 1000000 --comparisons 100000 --roster roster.json \\
                        --directory bank-a

            With --for, the plan of the script tells how much a run takes; a fifth more is made \
            where a sort's random order decides. The randomness depends on no input. Parties that do \
            not compute in the script take no part.

            It is kept in the member's folder, encrypted, and serves one run:

              parley run ... --preparation auto [--online-only]

            Never copy a preparation or put an old copy back: used twice, it gives inputs away.
            """)

    @OptionGroup var member: MemberOptions
    @OptionGroup var engine: EngineOptions
    @Option(name: .customLong("for"), help: "The script of the later run.")
    var script: String?
    @Option(
        name: .customLong("choose"), help: "NAME=VALUE: what the later run chooses, with --for.")
    var choices: [String] = []
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
        guard (script == nil) != all.allSatisfy({ $0 == 0 }) else {
            throw ValidationError("either --for a script, or amounts like --triples 1000000")
        }
    }

    func run() throws {
        var engine = engine
        // Replicated sharing has nothing to prepare.
        engine.protocolName = engine.protocolName ?? .additiveOT
        let seat =
            if let script { try engine.seat(member, for: URL(filePath: script)) } else {
                try engine.seat(member)
            }
        let purpose: PreparePurpose =
            if let script { .script(URL(filePath: script), choices: choices) } else {
                .amounts(amounts)
            }
        let report = try ProcessGuard.monitored {
            try PrepareRun(seat, for: purpose, monitor: $0).run()
        }
        Console.print(report.summary)
    }
}
