import ArgumentParser
import Foundation
import Runner
import Script

/// `parley check-data`: whether a party's files are what a script takes.
struct CheckDataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-data",
        abstract: "Check one party's data against a script, before anyone else is involved.",
        discussion: """
            Examples: parley check-data structuring.parley --party bank-a --table cash=cash.csv
                      parley check-data exposure.parley --party bank-a --table account=a.csv \\
                          --table "transfers=sqlite:bank.db?query=SELECT * FROM payments"
                      parley check-data structuring.parley --party bank-a --table cash=cash.csv \\
                          --overlap customer

            Reads, checks and prepares the tables as a run would, and sends nothing. Every mistake is \
            told with its line; exit code 65 if there is one. What is printed is for the party alone: \
            it shows the smallest and the largest value of each column.

            A PostgreSQL source is "postgres:postgresql://USER@HOST/DATABASE?query=SELECT ...", with \
            parameters as ?sslmode=verify-full before &query=. It is read in a read-only transaction, \
            through libpq (Debian's libpq5). The password stands in PGPASSWORD or ~/.pgpass, never in \
            the address.

            --overlap writes a script and this party's keys for it: run with the others, as any \
            script, it tells all how many keys are at two of them or more, if at least 10 are.
            """)

    @OptionGroup var file: ScriptFile
    @Option(help: "Who brings the data: a party of the script.")
    var party: String
    @Option(
        name: .customLong("table"),
        help:
            "NAME=SOURCE; a source is FILE.csv, sqlite:FILE?table=NAME, sqlite:FILE?query=SELECT or postgres:URL?query=SELECT."
    )
    var tables: [String] = []
    @Option(
        help: "Make a script for the size of the overlap of this column: COLUMN or TABLE.COLUMN.")
    var overlap: String?
    @Option(help: "The folder for the script and the keys of --overlap.")
    var out = "overlap"

    func run() throws {
        let sources = try ScriptSource.parse(tables)
        let script = try file.approved()
        let me = try script.party(party)
        let inputs = try ScriptInputs(script, me: me, sources: sources)
        for line in inputs.report(script, me: me) { Console.print(line) }
        for warning in inputs.warnings { Console.error("warning: \(warning)") }
        Console.print("\(party) can run \(script.name) version \(script.version) with these data")
        guard let overlap else { return }
        let kit = try KeyOverlap(of: overlap, in: script, me: me, inputs)
        try kit.write(to: URL(filePath: out))
        Console.print(
            """
            \(out)/overlap.parley and \(out)/customer.csv are written: \(kit.keys.count) different keys
            each party makes its own, and the script is the same for all; when all agree to it:
              parley explain \(out)/overlap.parley
              parley sign \(out)/overlap.parley ...
              parley run \(out)/overlap.parley --table customer=\(out)/customer.csv ...
            """)
    }
}
