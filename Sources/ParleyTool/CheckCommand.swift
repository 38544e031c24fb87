import ArgumentParser
import Foundation
import Primitives
import Runner
import Script

/// `parley check`: all mistakes of a script.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a script: names, types, ranges, sizes and what it tells to whom.",
        discussion: """
            Examples: parley check structuring.parley
                      parley check structuring.parley --json

            Every mistake is told with line, column and what to do. Exit code 65 if there is one.
            """)

    @OptionGroup var file: ScriptFile
    @Flag(help: "Diagnostics as JSON, for editors.")
    var json = false

    func run() throws {
        let source = try file.source()
        let (script, diagnostics) = try file.checked(source)
        if json {
            let reports = diagnostics.map { DiagnosticReport($0, in: source) }
            Console.print(String(decoding: try encodedJSON(reports), as: UTF8.self))
        } else {
            for diagnostic in diagnostics { Console.error(diagnostic.text(in: source)) }
            if let script {
                Console.print(
                    "\(script.name) version \(script.version): no mistakes; "
                        + "\(counted(script.program.steps.count, "step")), \(counted(script.reveals.count, "reveal"))"
                )
            }
        }
        guard script != nil else {
            throw RunFailure(.badInput, "\(counted(diagnostics.count, "mistake"))")
        }
    }
}

/// One diagnostic as editors want it; lines and columns are counted from 1.
private struct DiagnosticReport: Encodable {
    let file: String
    let line: Int
    let column: Int
    let endLine: Int
    let endColumn: Int
    let severity: String
    let rule: String
    let message: String
    let suggestion: String?

    init(_ diagnostic: Diagnostic, in source: SourceText) {
        file = source.name
        (line, column) = source.position(diagnostic.range.start)
        (endLine, endColumn) = source.position(diagnostic.range.end)
        severity = diagnostic.severity.rawValue
        rule = diagnostic.rule
        message = diagnostic.message
        suggestion = diagnostic.suggestion
    }
}
