import Applications
import ArgumentParser
import Foundation
import Runner

/// `parley decide`: what a need asks for, also if it is not Parley.
struct DecideCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decide",
        abstract: "Answer a few questions and learn which kind of system to take.",
        discussion: """
            Examples: parley decide
                      parley decide --answers no,yes,yes,no,yes,no
                      parley decide --matrix --json

            The questions are the founding article's (figures 2 and 8), with the one that it lacks: \
            whether to compute on data that nobody may see. The matrix is its figure 7.
            """)

    @Option(help: "The answers in order, yes or no separated by commas, instead of asking.")
    var answers: String?
    @Flag(help: "Show the matrix of needs and systems instead of asking.")
    var matrix = false
    @Flag(help: "JSON instead of text.")
    var json = false

    func validate() throws {
        guard !matrix || answers == nil else {
            throw ValidationError("--matrix asks nothing; leave --answers out")
        }
    }

    func run() throws {
        if matrix {
            Console.print(try json ? Self.text(DecisionMatrix.report) : DecisionMatrix.text)
            return
        }
        let decision = try decide()
        Console.print(try json ? Self.text(decision.report) : decision.text)
    }

    private func decide() throws(RunFailure) -> Decision {
        guard let answers else { return try Decision(asking: Self.ask) }
        do {
            return try DecisionAnswers(answers).decision()
        } catch { throw RunFailure(.usage, "--answers: \(error)") }
    }

    /// Asks on the terminal until there is an answer.
    private static func ask(_ question: DecisionQuestion) throws(RunFailure) -> Bool {
        while true {
            Console.error("\(question.text) [yes/no]")
            guard let line = readLine() else {
                throw RunFailure(
                    .badInput,
                    "the input ended before the answer to: \(question.text) Answer yes or no, or "
                        + "give all answers with --answers")
            }
            guard let answer = DecisionAnswers.answer(line) else {
                Console.error("please answer yes or no")
                continue
            }
            Console.error("  " + (answer ? question.yes : question.no))
            return answer
        }
    }

    private static func text(_ value: some Encodable) throws -> String {
        String(decoding: try encodedJSON(value).dropLast(), as: UTF8.self)
    }
}
