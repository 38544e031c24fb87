import Foundation
import Reports
import Script
import Testing

/// The pages of the bundled scripts say what the scripts say.
@Suite struct ScriptPagesTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/Applications")

    private func read(_ path: String) throws -> String {
        try String(contentsOf: Self.folder.appending(path: path), encoding: .utf8)
    }

    private func script(_ name: String) throws -> CheckedScript {
        let source = SourceText(name: name, try read("Scripts/\(name).parley"))
        var parameters = Checker.Parameters()
        // November 2026.
        parameters.period = 9801...9830
        let (script, mistakes) = Checker.check(source, parameters: parameters, limit: 1 << 60)
        return try #require(
            script, "\(mistakes.map { $0.text(in: source) }.joined(separator: "\n"))")
    }

    @Test(
        "A page has the script's drawing and manifest",
        arguments: ["exposure", "structuring", "risk", "fraud", "statistics", "overlap"])
    func pages(name: String) throws {
        let script = try script(name)
        // Made by `parley explain SCRIPT --svg FILE` and `parley explain SCRIPT`.
        #expect(
            try read("Applications.docc/\(name).svg") == FlowPicture(of: script).picture.document)
        let page = try read("Applications.docc/\(name.capitalized).md")
        #expect(page.contains(Manifest(of: script).text))
        #expect(page.contains("](\(name).svg)"))
    }
}
