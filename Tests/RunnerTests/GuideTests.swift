import Foundation
import Runner
import TestSupport
import Testing

/// The newcomer's guide: its commands are run, and print what it says.
@Suite struct GuideTests {
    /// A command with the lines that it prints; `…` is anything.
    struct Step {
        let command: String
        var output: [String] = []
    }

    static let guide = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Sources/Runner/Runner.docc/FirstRun.md").standardized

    /// The blocks of a kind between fences.
    static func blocks(_ kind: String, in text: String) -> [[String]] {
        var blocks: [[String]] = []
        var open: [String]?
        for line in text.components(separatedBy: "\n") {
            if line == "```" + kind {
                open = []
            } else if line == "```", let block = open {
                blocks.append(block)
                open = nil
            } else {
                open?.append(line)
            }
        }
        return blocks
    }

    static func steps(_ text: String) -> [Step] {
        var steps: [Step] = []
        for line in blocks("console", in: text).joined() {
            if line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2))))
            } else if !steps.isEmpty {
                steps[steps.count - 1].output.append(line)
            }
        }
        return steps
    }

    /// Whether lines are as expected: a line `…` is any number of lines, within a line any text.
    static func fits(_ lines: ArraySlice<String>, _ expected: ArraySlice<String>) -> Bool {
        guard let first = expected.first else { return lines.isEmpty }
        let rest = expected.dropFirst()
        if first == "…" {
            return (lines.startIndex...lines.endIndex).contains { fits(lines[$0...], rest) }
        }
        guard let line = lines.first, fits(line, first) else { return false }
        return fits(lines.dropFirst(), rest)
    }

    static func fits(_ line: String, _ expected: String) -> Bool {
        let parts = expected.components(separatedBy: "…")
        guard parts.count > 1 else { return line == expected }
        guard line.hasPrefix(parts[0]), line.hasSuffix(parts[parts.count - 1]) else { return false }
        var rest = line[...]
        for part in parts where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }

    @Test("Every command of the guide prints what the guide says")
    func guide() throws {
        var text = try String(contentsOf: Self.guide, encoding: .utf8)
        for port in ["7101", "7102"] { text.replace(port, with: "\(freePort())") }
        let folder = FileManager.default.temporaryDirectory.appending(path: "guide-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = try #require(Self.blocks("parley", in: text).first)
        try Data((script.joined(separator: "\n") + "\n").utf8)
            .write(to: folder.appending(path: "arrears.parley"))
        let steps = Self.steps(text)
        #expect(steps.count == 12)
        try Self.expectAsWritten(steps, in: folder)
    }

    @Test("Every command of the observer's article prints what it says, on a run that it observes")
    func observer() throws {
        let text = SignedBanks.script().replacing(
            "as bank, compute, result\n",
            with: "as bank, compute, result;\n         supervisor as observer\n")
        let banks = try SignedBanks(text)
        for (party, result) in banks.run().enumerated() {
            try result.get().write(into: banks.directory(party))
        }
        let file = Self.guide.deletingLastPathComponent().appending(path: "Observer.md")
        let steps = Self.steps(try String(contentsOf: file, encoding: .utf8))
        #expect(steps.count == 11)
        try Self.expectAsWritten(steps, in: banks.folder)
        // Nothing that was handed over has a row or a result in it.
        let handed = banks.folder.appending(path: "handed")
        let secrets =
            SignedBanks.loans.joined().map { SignedBanks.amount($0.cents) }
            + [SignedBanks.expected()[0][1]]
        for case let file as URL in FileManager.default.enumerator(
            at: handed, includingPropertiesForKeys: nil) ?? .init()
        where !file.hasDirectoryPath {
            let bytes = String(decoding: try Data(contentsOf: file), as: UTF8.self)
            #expect(!secrets.contains { bytes.contains($0) }, "\(file.lastPathComponent)")
        }
        let explained = try Self.run(
            "parley explain handed/dossier/script.parley", in: banks.folder)
        #expect(explained.contains("supervisor"))
    }

    private static func expectAsWritten(_ steps: [Step], in folder: URL) throws {
        for step in steps {
            let printed = try run(step.command, in: folder)
            var lines = printed.components(separatedBy: "\n")
            if lines.last == "" { lines.removeLast() }
            #expect(fits(lines[...], step.output[...]), "\(step.command)\nprinted\n\(printed)")
        }
    }

    @Test("A guide that says something else is found")
    func otherOutput() {
        #expect(Self.fits(["a 1 b", "x", "y"], ["a … b", "…"]))
        #expect(Self.fits(["a"], ["a", "…"]))
        #expect(!Self.fits(["a 1 c"], ["a … b"]))
        #expect(!Self.fits(["a", "b"], ["a"]))
        #expect(!Self.fits(["a"], ["a", "b"]))
        #expect(!Self.fits(["x", "z"], ["…", "y"]))
    }

    /// What a shell prints for a command, standard error left out.
    static func run(_ command: String, in folder: URL) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", command]
        process.currentDirectoryURL = folder
        let tools = ToolProcess.tool.deletingLastPathComponent().path
        process.environment = ["PATH": "\(tools):/usr/bin:/bin", "HOME": folder.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
