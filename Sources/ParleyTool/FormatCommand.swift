import ArgumentParser
import Foundation
import Runner
import Script

/// `parley format`: the canonical text of a script, which is what parties sign.
struct FormatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "format",
        abstract: "Write a script in its canonical form, which is what parties sign.",
        discussion: """
            Examples: parley format structuring.parley --in-place
                      parley format structuring.parley --check
            """)

    @Argument(help: "The script: a .parley file.")
    var script: String
    @Flag(help: "Write the file instead of showing the text.")
    var inPlace = false
    @Flag(help: "Only tell whether the file is in canonical form: exit code 65 if not.")
    var check = false

    func run() throws {
        let url = URL(filePath: script)
        guard let data = try? Data(contentsOf: url) else {
            throw RunFailure(.badInput, "\(script): cannot be read; check the path")
        }
        let source = SourceText(name: script, bytes: Array(data))
        let (syntax, mistakes) = Parser.parse(source)
        guard let syntax, mistakes.isEmpty else {
            throw RunFailure(
                .badInput, mistakes.map { $0.text(in: source) }.joined(separator: "\n"))
        }
        let text = Formatter.format(syntax)
        if check {
            guard Array(text.utf8) == source.bytes else {
                throw RunFailure(
                    .badInput, "\(script) is not in canonical form; run `parley format --in-place`")
            }
        } else if inPlace {
            do { try Data(text.utf8).write(to: url, options: .atomic) } catch {
                throw RunFailure(.cannotCreate, "\(script): cannot be written")
            }
        } else {
            Console.print(String(text.dropLast()))
        }
    }
}
