import Foundation
import Testing

/// `parley generate` and `parley check-data` as processes.
@Suite struct ScriptCommandTests {
    private func run(_ arguments: [String]) throws -> (code: Int32, text: String) {
        let process = Process()
        process.executableURL = ProcessTests.tool
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test("Made-up data pass the check; one wrong cell is told, and where it is")
    func generateAndCheck() throws {
        let folder = try InputFolder()
        let script = SampleRowsTests.scripts.appending(path: "structuring.parley").path
        let made = try run([
            "generate", script, "--out", folder.url.path, "--rows", "20", "--period", "2026-02",
        ])
        #expect(made.code == 0 && made.text.contains("bank-b/cash.csv: 20 rows"), "\(made.text)")

        let file = folder.url.appending(path: "bank-b/cash.csv")
        func check(_ period: String, _ arguments: [String] = []) throws -> (Int32, String) {
            try run(
                [
                    "check-data", script, "--party", "bank-b", "--period", period, "--table",
                    "cash=\(file.path)",
                ] + arguments)
        }
        let (code, text) = try check("2026-02")
        #expect(code == 0 && text.contains("cash: 20 rows read"), "\(text)")
        #expect(text.contains("declared 2026-02-01 to 2026-02-28"), "\(text)")

        let other = try check("2026-03")
        #expect(other.0 == 65)
        #expect(other.1.contains("cash.csv: line 2, column day (2): is out of range"), "\(other.1)")
        #expect(try check("2026-W09").0 == 64)
        #expect(try check("2026-02", ["--table", "csh=\(file.path)"]).0 == 64)
        #expect(try run(["generate", script, "--out", folder.url.path]).code == 73)
    }
}
