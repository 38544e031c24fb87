import ArgumentParser
import Foundation
import Primitives
import Runner
import Script

/// A script that a command is about, and what decides how it is checked.
struct ScriptFile: ParsableArguments {
    @Argument(help: "The script: a .parley file.")
    var script: String
    @Option(help: "The ring to compute over: z64, z128, p62, p126 or prime:BITS.")
    var ring = "z64"
    @Option(help: "The period of the run: 2026-11, 2026-W48, 2026-Q4, 2026 or 2026-11-23.")
    var period: String?
    @Option(
        name: .customLong("choose"), help: "NAME=VALUE: one of the values that the script allows.")
    var choices: [String] = []

    func validate() throws {
        guard RingChoice(ring) != nil else {
            throw ValidationError(
                "--ring is z64, z128, p62, p126 or prime:BITS with 16 to 1024 bits")
        }
    }

    func source() throws(RunFailure) -> SourceText { try Self.read(script) }

    /// A script's text.
    static func read(_ path: String) throws(RunFailure) -> SourceText {
        do {
            return SourceText(name: path, bytes: Array(try Data(contentsOf: URL(filePath: path))))
        } catch {
            throw RunFailure(.badInput, "\(path): cannot be read; check the path")
        }
    }

    var ringChoice: RingChoice { RingChoice(ring) ?? .z64 }

    /// The script if it has no mistakes, and all diagnostics.
    func checked(_ source: SourceText) throws -> (script: CheckedScript?, diagnostics: [Diagnostic])
    {
        Checker.check(
            source, parameters: try parameters(source), limit: try ringChoice.numberLimit)
    }

    /// The period and the choices of the command line.
    func parameters(_ source: SourceText) throws(RunFailure) -> Checker.Parameters {
        try ScriptParameters.parse(source, period: period, choices: choices)
    }

    /// The script, or a failure with all its mistakes.
    func approved() throws -> CheckedScript {
        let source = try source()
        let (script, diagnostics) = try checked(source)
        guard let script else {
            throw RunFailure(
                .badInput,
                diagnostics.map { $0.text(in: source) }.joined(separator: "\n")
                    + "\n\(counted(diagnostics.count, "mistake"))")
        }
        for warning in diagnostics { Console.error(warning.text(in: source)) }
        return script
    }
}
