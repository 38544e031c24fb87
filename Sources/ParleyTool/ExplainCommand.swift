import ArgumentParser
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

            Derived from the script alone: recipients, limits, paths from column to recipient, what \
            could still be inferred, what nobody learns, and under which assumption; the same for \
            every period and choice.
            """)

    @OptionGroup var file: ScriptFile
    @Flag(help: "JSON instead of text.")
    var json = false

    func run() throws {
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
