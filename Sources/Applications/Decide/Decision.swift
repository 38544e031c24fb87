/// A walk through the ``DecisionTree``: what was asked and answered, and where it ends.
public struct Decision: Hashable, Sendable {
    public struct Step: Hashable, Sendable {
        public let question: DecisionQuestion
        public let answer: Bool

        public var consequence: String { answer ? question.yes : question.no }
    }

    public let steps: [Step]
    public let recommendation: DecisionRecommendation

    /// Asks until the tree ends.
    public init<Failure: Error>(
        asking ask: (DecisionQuestion) throws(Failure) -> Bool
    ) throws(Failure) {
        var steps: [Step] = []
        var place = DecisionTree.root
        while true {
            switch place {
            case .recommendation(let recommendation):
                (self.steps, self.recommendation) = (steps, recommendation)
                return
            case .question(let question, let yes, let no):
                let answer = try ask(question)
                steps.append(Step(question: question, answer: answer))
                place = answer ? yes : no
            }
        }
    }

    /// What the article says against itself where this walk has passed.
    public var note: String? {
        recommendation == .confidentialLedger ? DecisionMatrix.contradiction : nil
    }

    // MARK: Output

    /// For people: every answer with its consequence, and the recommendation.
    public var text: String {
        var lines = steps.map {
            "\($0.question.text) \($0.answer ? "Yes" : "No").\n  \($0.consequence)"
        }
        lines.append("")
        lines.append("Recommendation (\(recommendation.fit.rawValue)): \(recommendation.title).")
        lines.append("  " + recommendation.reason)
        if let note { lines += ["", "Note: " + note] }
        return lines.joined(separator: "\n")
    }

    /// For programs.
    public struct Report: Encodable {
        struct Answer: Encodable {
            let question, text, answer, consequence: String
            let figure: Int?
        }
        let answers: [Answer]
        let recommendation, fit, title, reason: String
        let note: String?
    }

    public var report: Report {
        Report(
            answers: steps.map {
                .init(
                    question: $0.question.name, text: $0.question.text,
                    answer: $0.answer ? "yes" : "no", consequence: $0.consequence,
                    figure: $0.question.figure)
            },
            recommendation: recommendation.name, fit: recommendation.fit.rawValue,
            title: recommendation.title, reason: recommendation.reason, note: note)
    }
}

/// Answers given beforehand: `yes,no,…`.
public struct DecisionAnswers: Sendable {
    /// Why the answers make no walk; one line.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    private let answers: [Bool]

    public init(_ text: String) throws(Problem) {
        var answers: [Bool] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let answer = Self.answer(String(word)) else {
                throw Problem(
                    description: "\"\(word)\" is no answer; write yes or no, separated by commas")
            }
            answers.append(answer)
        }
        self.answers = answers
    }

    /// Yes, no, y or n in either case; nil for anything else.
    public static func answer(_ word: String) -> Bool? {
        switch word.filter({ !$0.isWhitespace }).lowercased() {
        case "yes", "y": true
        case "no", "n": false
        default: nil
        }
    }

    /// Walks through the tree with exactly these answers.
    public func decision() throws(Problem) -> Decision {
        var used = 0
        let decision = try Decision { (question) throws(Problem) in
            guard used < answers.count else {
                throw Problem(
                    description: "answer \(used + 1) is missing: \(question.text) Add yes or no")
            }
            used += 1
            return answers[used - 1]
        }
        guard used == answers.count else {
            throw Problem(
                description: "\(answers.count) answers are too many: after \(used) the "
                    + "recommendation is known; leave the others out")
        }
        return decision
    }
}
