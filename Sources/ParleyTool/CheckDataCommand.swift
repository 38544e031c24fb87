import ArgumentParser
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

            Reads, checks and prepares the tables as a run would, and sends nothing. Every mistake is \
            told with its line; exit code 65 if there is one. What is printed is for the party alone: \
            it shows the smallest and the largest value of each column.
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

    func run() throws {
        let sources = try ScriptSource.parse(tables)
        let script = try file.approved()
        let me = try script.party(party)
        let inputs = try ScriptInputs(script, me: me, sources: sources)
        for line in inputs.report(script, me: me) { Console.print(line) }
        for warning in inputs.warnings { Console.error("warning: \(warning)") }
        Console.print("\(party) can run \(script.name) version \(script.version) with these data")
    }
}
