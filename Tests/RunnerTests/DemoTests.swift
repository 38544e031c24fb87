import Foundation
import Runner
import Script
import Testing

/// Bundled scripts among processes: every party learns what the script gives in the clear.
@Suite(.serialized) struct DemoTests {
    /// A demo as somebody types it.
    struct Demo: CustomTestStringConvertible, Sendable {
        let name: String
        let rows: Int
        var options: [String] = []

        var testDescription: String { ([name] + options).joined(separator: " ") }
    }

    @Test(
        "Each party's answers are those of `parley simulate` on the same tables",
        arguments: [
            Demo(name: "exposure", rows: 500), Demo(name: "structuring", rows: 60),
            Demo(name: "risk", rows: 300), Demo(name: "fraud", rows: 20),
            Demo(name: "statistics", rows: 20),
            Demo(
                name: "exposure", rows: 500,
                options: ["--parties", "2", "--protocol", "additive-ot"]),
            Demo(
                name: "statistics", rows: 12,
                options: ["--parties", "2", "--protocol", "additive-ot"]),
            Demo(name: "statistics", rows: 20, options: ["--ring", "prime:128"]),
        ])
    func demo(demo: Demo) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "demo-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let options = demo.options.joined(separator: " ")
        let ran = try GuideTests.run(
            "parley demo \(demo.name) --rows \(demo.rows) --directory demo \(options) 2>&1; "
                + "echo code $?", in: folder)
        try #require(ran.hasSuffix("code 0\n"), "\(ran)")

        // 1. The same tables in the clear.
        let clear = try GuideTests.run(
            "parley simulate demo/script.parley --data demo --engine plain --json", in: folder)
        let simulated = try JSONDecoder().decode(
            ScriptRehearsal.Outcome.self, from: Data(clear.utf8))
        #expect(simulated.members.count == (demo.options.contains("--parties") ? 2 : 3))
        #expect(simulated.members.contains { $0.answers.contains { !$0.rows.isEmpty } })

        // 2. What each party's own files have.
        for member in simulated.members {
            let party = PartyDirectory(folder.appending(path: "demo/\(member.party)"))
            let report = try RunReport.newest(in: party)
            #expect(report.answers == member.answers, "\(member.party)")
            #expect(report.security.protocolName == Self.protocolName(demo))
        }
    }

    private static func protocolName(_ demo: Demo) -> String {
        demo.options.contains("additive-ot") ? "additive-ot" : "replicated3"
    }
}
