import ArgumentParser
import Foundation
import Reports
import Runner
import Script

/// `parley explain`: the disclosure manifest of a script.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell who learns what from a script: the manifest that parties sign.",
        discussion: """
            Examples: parley explain structuring.parley
                      parley explain structuring.parley --json > manifest.json
                      parley explain structuring.parley --svg structuring.svg

            Derived from the script alone: recipients, limits, paths from column to recipient, what \
            could still be inferred, what nobody learns, and under which assumption; the same for \
            every period and choice.
            """)

    @OptionGroup var file: ScriptFile
    @Flag(help: "JSON instead of text.")
    var json = false
    @Option(help: "Draw the flow of the data into this file instead, from tables to recipients.")
    var svg: String?

    func run() throws {
        if let svg {
            let drawing = FlowPicture(of: try file.approved()).picture.document
            do { try Data(drawing.utf8).write(to: URL(filePath: svg), options: .atomic) } catch {
                throw RunFailure(.cannotCreate, "\(svg): cannot be written; check the path")
            }
            return
        }
        let source = try file.source()
        let (manifest, diagnostics) = Manifest.signed(
            source, limit: try file.ringChoice.numberLimit)
        let told = diagnostics.map { $0.text(in: source) }.joined(separator: "\n")
        guard let manifest else { throw RunFailure(.badInput, told) }
        if !told.isEmpty { Console.error(told) }
        Console.print(
            json
                ? String(decoding: try encodedJSON(manifest).dropLast(), as: UTF8.self)
                : String(manifest.text.dropLast()))
    }
}
