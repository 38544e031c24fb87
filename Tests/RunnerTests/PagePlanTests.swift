import Applications
import Costs
import Foundation
import Runner
import Script
import Testing

/// What the pages of the bundled scripts say of costs is what `parley plan` says.
@Suite struct PagePlanTests {
    private static let pages = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/Applications/Applications.docc")

    @Test(arguments: ScriptLibrary.allCases)
    func planned(script: ScriptLibrary) throws {
        let source = SourceText(name: script.rawValue, script.text)
        let parameters = try ScriptParameters.parse(source, period: nil, choices: [])
        let (checked, _) = Checker.check(
            source, parameters: parameters, limit: try RingChoice.z64.numberLimit)
        let plan = try ScriptPlan(try #require(checked), by: .replicated3, over: .z64)
        let total = plan.estimate.total

        let thousands = total.rounds >= 1000 ? "\(total.rounds / 1000)," : ""
        let rest = String(format: thousands.isEmpty ? "%d" : "%03d", total.rounds % 1000)
        let megabytes = Double(total.largestBytesSent) / 1e6
        let sent =
            megabytes < 10
            ? String(format: "%.1f MB", megabytes)
            : megabytes < 1000
                ? String(format: "%.0f MB", megabytes)
                : String(format: "%.1f GB", megabytes / 1000)
        let page = try String(
            contentsOf: Self.pages.appending(path: "\(script.rawValue.capitalized).md"),
            encoding: .utf8)
        #expect(
            page.contains("\(thousands)\(rest) rounds, \(sent) sent by"),
            "\(thousands)\(rest) rounds, \(sent)")
    }
}
