public import ArgumentParser
import Foundation
import MPC
import Runner
import Script

/// `parley simulate`: a script with all parties in one process.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Try a script here, with all parties in one process, on local or made-up data.",
        discussion: """
            Examples: parley simulate structuring.parley
                      parley simulate structuring.parley --data sample --engine replicated3
                      parley simulate risk.parley --rows 1000 --json

            Without --data rows are made up from the script's own columns and ranges. The engine \
            plain computes in the clear, by the same rules as all others: it is the debugger. The \
            others are the real protocols, their parties threads of this process.
            """)

    @OptionGroup var file: ScriptFile
    @Option(help: "A folder with PARTY/TABLE.csv, as `parley generate` makes it.")
    var data: String?
    @Option(help: "Rows of each table, if they are made up.")
    var rows = 100
    @Option(help: "Decides what is made up.")
    var seed: UInt64 = 1
    @Option(help: "plain, replicated3 or additive-ot.")
    var engine = SimulationEngine.plain
    @Flag(help: "JSON instead of text.")
    var json = false

    func run() throws {
        let script = try file.approved()
        var folder = URL(filePath: data ?? "")
        var temporary: URL?
        if data == nil {
            folder = FileManager.default.temporaryDirectory
                .appending(path: "parley-\(UUID().uuidString)")
            temporary = folder
            _ = try SampleRows(script, rows: rows, seed: seed).write(to: folder, overwriting: false)
        }
        defer { if let temporary { try? FileManager.default.removeItem(at: temporary) } }
        let rehearsal = try ScriptRehearsal(script, folder: folder)
        for warning in rehearsal.warnings { Console.error("warning: \(warning)") }
        let progress = ProgressPrinter()
        let outcome = try rehearsal.run(on: engine, over: file.ringChoice) {
            progress.report($0)
        }
        progress.finish()
        guard !json else {
            Console.print(String(decoding: try encodedJSON(outcome).dropLast(), as: UTF8.self))
            return
        }
        for member in outcome.members {
            Console.print("\(member.party) learns")
            for answer in member.answers { Console.print(answer.text()) }
        }
        if let costs = outcome.costs {
            Console.print(
                String(
                    format: "%.2f s, %d rounds, %d bytes sent by the first party",
                    costs.total.seconds, costs.total.rounds, costs.total.bytesSent))
        }
    }
}

extension SimulationEngine: ExpressibleByArgument {}
