import Applications
import ArgumentParser
import Foundation
import Runner
import Script

/// `parley scripts`: the scripts that come with Parley.
struct ScriptsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scripts",
        abstract: "List, show or copy the scripts that come with Parley.",
        discussion: """
            Examples: parley scripts
                      parley scripts structuring
                      parley scripts structuring --parties first,second --out structuring.parley
            """)

    @Argument(help: "The script to show; all are listed without it.")
    var name: String?
    @Option(help: "Where to write it instead of showing it.")
    var out: String?
    @Option(help: "The banks' names, separated by commas, instead of bank-a,bank-b,bank-c.")
    var parties: String?

    func run() throws {
        guard let name else {
            for script in ScriptLibrary.allCases {
                Console.print(
                    script.rawValue.padding(toLength: 14, withPad: " ", startingAt: 0)
                        + script.title)
            }
            return
        }
        guard let script = ScriptLibrary(rawValue: name) else {
            throw RunFailure(
                .usage,
                "there is no script \"\(name)\"; there are "
                    + ScriptLibrary.allCases.map(\.rawValue).joined(separator: ", "))
        }
        let text = try text(of: script)
        guard let out else {
            Console.print(String(text.dropLast()))
            return
        }
        do {
            try Data(text.utf8).write(to: URL(filePath: out), options: .withoutOverwriting)
        } catch {
            throw RunFailure(
                .cannotCreate,
                "\(out): cannot be written; remove a file of that name, or choose another")
        }
    }

    private func text(of script: ScriptLibrary) throws(RunFailure) -> String {
        guard let parties else { return script.text }
        let names = parties.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        guard (2...10).contains(names.count),
            let syntax = Parser.parse(SourceText(name: script.rawValue, script.text)).0
        else { throw RunFailure(.usage, "--parties takes 2 to 10 names, separated by commas") }
        guard let other = syntax.among(names) else {
            throw RunFailure(
                .usage,
                "\(script.rawValue) has parties of different roles; copy it and change its header")
        }
        return Formatter.format(other)
    }
}
