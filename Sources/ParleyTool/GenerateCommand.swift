import ArgumentParser
import Foundation
import Runner
import Tables

/// `parley generate`: made-up data for every party of a script.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Make up data for every party of a script.",
        discussion: """
            Examples: parley generate structuring.parley --out made-up
                      parley generate structuring.parley --out made-up --rows 100000 --seed 2

            From the columns and ranges of the script alone, so that nobody's data are needed to try \
            it: made-up/PARTY/TABLE.csv. The same seed gives the same files.
            """)

    @OptionGroup var file: ScriptFile
    @Option(help: "The folder for the files; it is made if it is not there.")
    var out: String
    @Option(help: "Rows of each table, or as many as it may have.")
    var rows = 1_000
    @Option(help: "The seed.")
    var seed: UInt64 = 7
    @Flag(help: "Replace files of an earlier run.")
    var overwrite = false

    func validate() throws {
        guard (1...10_000_000).contains(rows) else {
            throw ValidationError("1 to 10,000,000 rows")
        }
    }

    func run() throws {
        let sample = try SampleRows(try file.approved(), rows: rows, seed: seed)
        do {
            let files = try sample.write(to: URL(filePath: out), overwriting: overwrite)
            for (file, made) in zip(files, sample.tables) {
                Console.print("\(file.relativePath): \(Console.grouped(made.table.rowCount)) rows")
            }
        } catch {
            throw RunFailure(.cannotCreate, "\(error)")
        }
    }
}
