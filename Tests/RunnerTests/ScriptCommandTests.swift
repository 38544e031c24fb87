import Foundation
import TestSupport
import Testing

/// `parley generate` and `parley check-data` as processes.
@Suite struct ScriptCommandTests {
    private func run(_ arguments: [String]) throws -> (code: Int32, text: String) {
        let ended = try ToolProcess.run(arguments)
        return (ended.code, ended.output + ended.errors)
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

    @Test(
        "The overlap of two banks' keys is told by a script that both make, if it is large enough")
    func overlap() throws {
        let folder = try InputFolder()
        let script = folder.url.appending(path: "s.parley").path
        let text = """
            script test version 3
            purpose "p"
            basis "b"
            parties bank-a, bank-b as bank, compute, result; vendor as input, compute
            security semi-honest, at most 1 of 3 corrupt
            runs 1 per month until 2030-12-31
            table pay at each bank (account key(iban) canonical iban, n int in 0 .. 9) at most 50 rows
            table list at vendor (account key(iban)) at most 50 rows
            let one = select count(*) as rows from every pay
            reveal rows from one to bank-a groups of at least 10 rows
            """
        try Data(text.utf8).write(to: URL(filePath: script))
        func prepare(_ party: String, _ keys: [String], _ key: String = "pay.account") throws -> (
            code: Int32, text: String
        ) {
            let rows = (keys + keys).map { "\($0),1\n" }.joined()
            _ = try folder.file("\(party).csv", "account,n\n" + rows)
            return try run([
                "check-data", script, "--party", party, "--overlap", key,
                "--table", "pay=\(folder.url.path)/\(party).csv",
                "--out", folder.url.appending(path: "kit/\(party)").path,
            ])
        }
        func read(_ path: String) throws -> String {
            try String(contentsOf: folder.url.appending(path: path), encoding: .utf8)
        }
        // 1. Each makes the same script, and a table of its keys, each once.
        let ibans = [
            "NL91ABNA0417164300", "DE89370400440532013000", "GB29NWBK60161331926819",
        ]
        let made = try prepare("bank-a", [ibans[0], "nl91 abna 0417 1643 00", ibans[1]])
        #expect(made.code == 0 && made.text.contains("2 different keys"), "\(made.text)")
        #expect(try prepare("bank-b", [ibans[1], ibans[2]]).code == 0)
        let agreed = try read("kit/bank-a/overlap.parley")
        #expect(try read("kit/bank-b/overlap.parley") == agreed)
        #expect(agreed.contains("parties  bank-a, bank-b as bank") && !agreed.contains("vendor"))
        #expect(agreed.contains("id key(iban)") && agreed.contains("at most 50 rows"))
        #expect(
            try read("kit/bank-a/customer.csv").split(separator: "\n")
                == ["id"] + ibans[..<2].sorted().map { Substring($0) })

        // 2. One key is too few to tell; eleven are told.
        func learned() throws -> String {
            let kit = folder.url.appending(path: "kit").path
            let script = "\(kit)/bank-a/overlap.parley"
            return try run(["simulate", script, "--data", kit, "--json"]).text
                .filter { !$0.isWhitespace }
        }
        #expect(try learned().contains("\"rows\":[]"))
        for (bank, from) in [("bank-a", 0), ("bank-b", 5)] {
            let keys = (from..<from + 16).map { "k\($0)\n" }.joined()
            try Data("id\n\(keys)".utf8).write(
                to: folder.url.appending(path: "kit/\(bank)/customer.csv"))
        }
        #expect(try learned().contains("\"rows\":[[\"11\"]]"))

        // 3. What cannot be compared, or is there already.
        #expect(try prepare("bank-a", [ibans[0]]).code == 73)
        let unknown = try prepare("bank-a", [ibans[0]], "n")
        #expect(unknown.code == 64 && unknown.text.contains("--overlap n: "), "\(unknown.text)")
    }
}
