import Algebra
import Applications
import Approval
import Foundation
import Script
import Testing

/// What is signed depends on the text alone, not on what a run chooses.
@Suite struct SignableScriptTests {
    @Test("Bundled scripts can be signed, and the manifest is the one that is explained")
    func bundled() throws {
        for name in ScriptLibrary.allCases {
            let script = try ApprovalFixture.signable(name.text)
            #expect(script.checked.name == name.rawValue)
            #expect(script.manifest.items == Manifest(of: script.checked).items)
        }
    }

    /// A result has a day of the period, and a range that depends on the choice.
    private static let chosen = ScriptLibrary.structuring.text
        .replacing(
            "const ceiling = EUR 10_000.00",
            with: "choose ceiling in { EUR 10_000.00, EUR 15_000.00 }"
        )
        .replacing(
            "reveal customer from hits",
            with: """
                let days = select day, sum(least(amount, ceiling)) as total from small group by day

                reveal day, total from days to all at most 40 rows, groups of at least 10 rows

                reveal customer from hits
                """)

    /// The manifest of one run.
    private func manifest(
        _ text: String, month: Int, choice: Int
    ) throws -> (run: Manifest, signed: Manifest) {
        var parameters = Checker.Parameters()
        let first = try #require(Day.number(year: 2026, month: month, day: 1))
        let next = try #require(Day.number(year: 2026, month: month + 1, day: 1))
        parameters.period = first...next - 1
        parameters.choices = ["ceiling": choice]
        let source = SourceText(name: "test", text)
        let limit = Z64().numberLimit
        let checked = Checker.check(source, parameters: parameters, limit: limit)
        let script = try #require(checked.script, "\(checked.diagnostics)")
        return (
            Manifest(of: script), try #require(Manifest.signed(source, limit: limit).manifest)
        )
    }

    @Test("One manifest for every period and choice, which says what depends on the choice")
    func parametersAreNotSigned() throws {
        var runs: Set<String> = []
        var signed: Set<String> = []
        for (month, choice) in [(1, 0), (1, 1), (2, 0), (2, 1), (11, 0)] {
            let both = try manifest(Self.chosen, month: month, choice: choice)
            runs.insert(both.run.text)
            signed.insert(both.signed.text)
        }
        #expect(runs.count > 1, "the choice shows in a run's own manifest")
        #expect(signed.count == 1)
        // Sentences are broken into lines.
        let text = try #require(signed.first).split { $0.isWhitespace }.joined(separator: " ")
        #expect(text.contains("ceiling: one of EUR 10_000.00, EUR 15_000.00"))
        #expect(text.contains("If ceiling is EUR 10_000.00: "))
        #expect(text.contains("If ceiling is EUR 15_000.00: "))
        #expect(text.contains("with day (a day), total"))
        #expect(!text.contains("2026-01") && !text.contains("2026-11"))
    }

    @Test("Choices that nobody can read through are refused")
    func tooManyChoices() throws {
        let values = (1...9).map { "EUR \($0).00" }.joined(separator: ", ")
        let text = ScriptLibrary.structuring.text.replacing(
            "const ceiling = EUR 10_000.00",
            with: "choose ceiling in { \(values) }\nchoose other in { \(values) }")
        let (manifest, diagnostics) = Manifest.signed(
            SourceText(name: "test", text), limit: Z64().numberLimit)
        #expect(manifest == nil)
        #expect(
            diagnostics.map(\.message)
                == ["the choices can be combined in more than 64 ways, which nobody reads"])
    }

    private func refusal(_ text: String) -> String? {
        do {
            _ = try ApprovalFixture.signable(text)
            return nil
        } catch { return "\(error)" }
    }

    @Test("Texts that are not canonical, or with mistakes, are not signed")
    func notSignable() {
        let text = ScriptLibrary.exposure.text
        #expect(refusal(text) == nil)
        #expect(
            refusal(text + "\n")
                == "test.parley is not in canonical form, which is what is signed; run `parley "
                + "format test.parley --in-place`")
        #expect(
            refusal(text.replacing("from totals", with: "from total"))?
                .contains("test.parley:36:") == true)
        #expect(refusal("") != nil)
    }
}
