import Applications
import Foundation
import Testing

/// The founding article's matrix and tree as questions.
@Suite struct DecisionTests {
    /// Every walk through the tree, with its answers as words.
    private static func walks(
        _ tree: DecisionTree = .root, _ answers: [String] = []
    ) -> [(answers: [String], end: DecisionRecommendation)] {
        switch tree {
        case .recommendation(let recommendation): [(answers, recommendation)]
        case .question(_, let yes, let no):
            walks(yes, answers + ["yes"]) + walks(no, answers + ["no"])
        }
    }

    @Test("Every path ends where the figures say, or at the branch that they lack")
    func paths() throws {
        var ends: [String: [String]] = [:]
        for (answers, end) in Self.walks() {
            ends[end.name, default: []].append(answers.joined(separator: ","))
        }
        // Figure 2 asks four times; one no leads to figure 8's branch that is not decentralised.
        let central =
            (0..<4).map { "no," + String(repeating: "yes,", count: $0) + "no" }
            + ["no,yes,yes,yes,yes,no"]
        let four = "no,yes,yes,yes,yes,yes"
        #expect(
            ends.mapValues { $0.sorted() } == [
                "parley": ["yes"],
                "database": central.map { $0 + ",no" }.sorted(),
                "sql-ledger": central.map { $0 + ",yes,yes" }.sorted(),
                "confidential-ledger": central.map { $0 + ",yes,no" }.sorted(),
                "marketplace": [four + ",yes"],
                "kubernetes": [four + ",no,yes"],
                "infrastructure": [four + ",no,no"],
            ])
    }

    @Test("Given answers lead where the same answers on a terminal lead")
    func answers() throws {
        for (answers, end) in Self.walks() {
            let text = answers.joined(separator: ",")
            let decision = try DecisionAnswers(text).decision()
            #expect(decision.recommendation == end)
            #expect(decision.steps.map { $0.answer ? "yes" : "no" } == answers)
            #expect(Set(decision.steps.map(\.question.name)).count == answers.count)
            for step in decision.steps { #expect(decision.text.contains(step.consequence)) }
            #expect(decision.text.contains("(\(end.fit.rawValue)): \(end.title)."))
            let contradicts = decision.text.contains("contradicts itself")
            #expect(contradicts == (end.name == "confidential-ledger"))
            // One answer less is too few, one more too many.
            for wrong in [answers.dropLast().joined(separator: ","), text + ",no"] {
                #expect(throws: DecisionAnswers.Problem.self) {
                    try DecisionAnswers(wrong).decision()
                }
            }
        }
    }

    @Test("Only the branch for data that nobody may see is answered with Parley alone")
    func honesty() {
        for (answers, end) in Self.walks() {
            #expect((end.fit == .parley) == (answers == ["yes"]))
        }
    }

    @Test("Words that are no answers are refused by name")
    func words() throws {
        #expect(try DecisionAnswers(" Y ").decision().recommendation.name == "parley")
        for (text, part) in [
            ("maybe", "\"maybe\""), ("", "\"\""), ("no,,yes", "\"\""),
            ("no", "answer 2 is missing"),
            ("yes,no", "2 answers are too many: after 1"),
        ] {
            #expect {
                try DecisionAnswers(text).decision()
            } throws: {
                "\($0)".contains(part)
            }
        }
    }

    @Test("The text of a decision, to the letter")
    func golden() throws {
        let decision = try DecisionAnswers("no,no,yes,n").decision()
        #expect(
            decision.text == """
                Is a result wanted from data that its owners may not show to one another, nor to any third party? No.
                  Then the data may be seen by whoever works on it, and what is left to choose is where to keep it.
                Is this a business process that crosses trust boundaries? No.
                  Inside one organisation there is somebody to trust: no shared ledger is needed.
                Must it be possible to verify that the data was not altered? Yes.
                  Hashes of the data are kept where its keeper cannot change them.
                Must the data be managed and queried as tables? No.
                  Documents and files, and a receipt for each.

                Recommendation (another product first; Parley for a part of it): Azure Confidential Ledger.
                  Take it if a cloud's protected hardware is trusted and nobody wants to run a server. Parley keeps files and records in a log that every party holds and signs: take that if the trust is to rest on the parties and not on hardware.

                Note: the article contradicts itself: its tree (figure 8) offers Azure Confidential Ledger where data need not be decentralised, its matrix (figure 7) ticks it for decentralized systems.
                """)
    }

    @Test(
        "In every row of the matrix the article ticks one system, and Parley says how it meets both"
    )
    func matrix() throws {
        let rows = DecisionMatrix.rows
        #expect(rows.count == 8 && Set(rows.map(\.need)).count == 8)
        for row in rows {
            #expect(row.sqlLedger != row.confidentialLedger && !row.parley.isEmpty)
        }
        let lines = DecisionMatrix.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 19)
        #expect(
            lines[1]
                == "Centralized system that requires tamper-evidence              | yes | no  | yes, yes"
        )
        #expect(lines[18].contains("contradicts itself"))
    }

    @Test("JSON has every answer, the figure that asks and the recommendation")
    func json() throws {
        let data = try JSONEncoder().encode(DecisionAnswers("yes").decision().report)
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(json["recommendation"] as? String == "parley" && json["fit"] as? String == "Parley")
        let answers = try #require(json["answers"] as? [[String: Any]])
        #expect(answers.count == 1 && answers[0]["question"] as? String == "compute")
        #expect(answers[0]["answer"] as? String == "yes" && answers[0]["figure"] == nil)
        let matrix = try JSONEncoder().encode(DecisionMatrix.report)
        #expect(String(decoding: matrix, as: UTF8.self).contains("\"sql_ledger\":true"))
    }
}
