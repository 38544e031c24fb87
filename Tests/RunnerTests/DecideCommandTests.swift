import Foundation
import TestSupport
import Testing

/// `parley decide` as a process: what it prints, what it reads and how it ends.
@Suite struct DecideCommandTests {
    private func run(
        _ arguments: [String], input: String = ""
    ) throws -> (code: Int32, output: String, errors: String) {
        try ToolProcess.run(["decide"] + arguments, input: input)
    }

    @Test("Answers typed give the same text as answers given")
    func interactive() throws {
        let typed = try run([], input: "perhaps\nNo\nyes\n n \nyes\ny\n")
        let given = try run(["--answers", "no,yes,no,yes,yes"])
        #expect(typed.code == 0 && given.code == 0)
        #expect(typed.output == given.output)
        #expect(typed.output.contains("A database with ledger tables"))
        #expect(typed.errors.contains("please answer yes or no"))
        #expect(given.errors.isEmpty)
    }

    @Test("The end of the input is an error that says which answer is missing")
    func endOfInput() throws {
        let ended = try run([], input: "no\n")
        #expect(ended.code == 65 && ended.output.isEmpty)
        #expect(
            ended.errors.contains(
                "parley: the input ended before the answer to: Is this a business process"))
    }

    @Test("Wrong answers and options end with the code for a wrong command line")
    func wrong() throws {
        for arguments in [
            ["--answers", "maybe"], ["--answers", "no"], ["--answers", "yes,yes"],
            ["--matrix", "--answers", "yes"],
        ] {
            let result = try run(arguments)
            #expect(result.code == 64 && result.output.isEmpty)
        }
    }

    @Test("JSON is one object, of the matrix and of a decision")
    func json() throws {
        let matrix = try run(["--matrix", "--json"])
        let table = try JSONSerialization.jsonObject(with: Data(matrix.output.utf8))
        #expect(((table as? [String: Any])?["rows"] as? [[String: Any]])?.count == 8)
        let decision = try run(["--json", "--answers", "yes"])
        let json = try JSONSerialization.jsonObject(with: Data(decision.output.utf8))
        #expect((json as? [String: Any])?["recommendation"] as? String == "parley")
        #expect(try run(["--matrix"]).output.contains("contradicts itself"))
    }
}
