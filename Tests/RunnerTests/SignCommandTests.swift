import Applications
import Foundation
import TestSupport
import Testing

/// `parley init --role`, `parley sign` and `parley policy` as processes.
@Suite struct SignCommandTests {
    private func run(_ arguments: [String]) throws -> (code: Int32, text: String) {
        let ended = try ToolProcess.run(arguments)
        return (ended.code, ended.output + ended.errors)
    }

    @Test("From a role's key to a signature: policy first, then the manifest, then a yes")
    func sign() throws {
        let folder = try InputFolder()
        func path(_ name: String) -> String { folder.url.appending(path: name).path }
        for (index, bank) in ["bank-a", "bank-b", "bank-c"].enumerated() {
            let made = try run(
                [
                    "init", "--name", bank, "--port", "\(7101 + index)", "--directory", path(bank),
                ] + (index == 0 ? ["--role", "compliance"] : []))
            #expect(made.code == 0 && made.text.contains("officer of compliance") == (index == 0))
        }
        #expect(
            try run(
                ["roster", "--out", path("roster.json")]
                    + ["bank-a", "bank-b", "bank-c"].flatMap {
                        ["--party", path("\($0)/member.json")]
                    }
            ).code == 0)
        let script = path("exposure.parley")
        try Data(ScriptLibrary.exposure.text.utf8).write(to: URL(filePath: script))
        func sign(_ arguments: [String]) throws -> (code: Int32, text: String) {
            try run(
                [
                    "sign", script, "--roster", path("roster.json"), "--directory", path("bank-a"),
                ] + arguments)
        }

        let unruled = try sign(["--role", "compliance", "--yes"])
        #expect(unruled.code == 78 && unruled.text.contains("but no policy.yaml"), "\(unruled)")

        let draft = try run(["policy", "draft", script, "--party", "bank-a"])
        try Data(draft.text.utf8).write(to: URL(filePath: path("bank-a/policy.yaml")))
        let check = ["policy", "check", script, "--directory", path("bank-a"), "--party", "bank-a"]
        #expect(try run(check).code == 0)

        let unasked = try sign(["--role", "compliance"])
        #expect(unasked.code == 64 && unasked.text.contains("WHO LEARNS WHAT FROM exposure"))
        #expect(try sign(["--role", "owner", "--yes"]).code == 65)
        let signed = try sign(["--role", "compliance", "--yes", "--until", "2027-06-30"])
        #expect(signed.code == 0 && signed.text.contains("signed as bank-a's compliance"))
        let withdrawn = try sign(["--role", "compliance", "--yes", "--withdraw"])
        #expect(withdrawn.code == 0 && withdrawn.text.contains("withdrawn as"))
        let files = try FileManager.default.contentsOfDirectory(atPath: path("bank-a/approvals"))
        #expect(files.count == 2)
        #expect(try sign(["--role", "compliance", "--until", "2027-02-30", "--yes"]).code == 64)

        // A policy without one of its lines, and a script that is not canonical.
        let rest = draft.text.replacing("      amount:\n        holders: bit\n", with: "")
        try Data(rest.utf8).write(to: URL(filePath: path("bank-a/policy.yaml")))
        let refused = try run(check)
        #expect(refused.code == 78 && refused.text.contains("inflow.amount -> "), "\(refused)")
        #expect(refused.text.contains("        amount:\n          holders: bit"), "\(refused)")
        #expect(try sign(["--role", "compliance", "--yes"]).code == 78)
        try Data((ScriptLibrary.exposure.text + "\n").utf8).write(to: URL(filePath: script))
        let spaced = try sign(["--role", "compliance", "--yes"])
        #expect(spaced.code == 65 && spaced.text.contains("parley format"), "\(spaced)")
    }
}
