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
            could still be inferred, what nobody learns, and under which assumption.
            """)

    @OptionGroup var file: ScriptFile
    @Flag(help: "JSON instead of text.")
    var json = false

    func run() throws {
        let manifest = Manifest(of: try file.approved())
        Console.print(
            json
                ? String(decoding: try encodedJSON(manifest).dropLast(), as: UTF8.self)
                : String(manifest.text.dropLast()))
    }
}
