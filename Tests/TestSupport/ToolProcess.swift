public import Foundation

/// The tool as people start it.
public enum ToolProcess {
    /// Where SwiftPM puts it beside the tests.
    public static var tool: URL {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "parley")
    }

    /// Runs it to its end.
    ///
    /// - Parameter input: what is typed; a few hundred bytes.
    /// - Returns: the exit code, and what it prints for results and for the rest.
    public static func run(
        _ arguments: [String], input: String = ""
    ) throws -> (code: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = tool
        process.arguments = arguments
        let (standardInput, output, errors) = (Pipe(), Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let texts = try [output, errors].map {
            String(decoding: try $0.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        }
        process.waitUntilExit()
        return (process.terminationStatus, texts[0], texts[1])
    }
}
