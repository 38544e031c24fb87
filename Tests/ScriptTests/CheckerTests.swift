import Algebra
import Analytics
import Foundation
import Script
import Testing

/// The rendered diagnostics of a script.
func diagnose(_ text: String, _ name: String = "test.parley") -> [String] {
    let source = SourceText(name: name, text)
    return Checker.check(source, limit: Z64().numberLimit).diagnostics.map { $0.text(in: source) }
}

@Suite struct CheckerTests {
    @Test func bundled() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/Applications/Scripts")
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            let source = SourceText(name: file, text)
            let (syntax, _) = Parser.parse(source)
            let script = try #require(syntax)
            print(Formatter.format(script))
            let found = diagnose(text, file)
            for line in found { print(line) }
            #expect(found.isEmpty)
            if let checked = Checker.check(source, limit: Z64().numberLimit).script {
                for (index, step) in checked.program.steps.enumerated() {
                    print(index, step.label, step.schema.bound, step.operation)
                }
                for release in checked.program.releases { print(release) }
            }
        }
    }
}
