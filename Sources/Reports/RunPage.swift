import MPC
import Script

/// The page of one run for the people of one party.
public struct RunPage {
    /// Rows of an answer that the page shows; all are in its CSV file.
    public static let mostRows = 200

    private let document: RunDocument

    public init(_ document: RunDocument) { self.document = document }

    /// The whole file: equal documents give equal bytes.
    public var html: String {
        let manifest = document.manifest
        var sections: [(id: String, title: String, parts: [Markup])] = []
        sections.append(("answers", "What \(document.party) learned", answers))
        sections.append(("manifest", "Who learns what", manifest.sections))
        if let flow = document.flow {
            sections.append(("flow", "Flow of the data", Self.flow(flow)))
        }
        sections.append(("cost", "What it cost", document.costs.sections(of: document.party)))
        if let record = document.record {
            sections.append(("ledger", "What the ledger has", record.sections))
        }
        sections.append(
            ("signatures", "Who approved it", RoleSignature.sections(document.signatures)))
        sections.append(("facts", "Under which assumption", facts))
        return Page(
            title: "\(manifest.script), version \(manifest.version)", kind: "Report of a run",
            purpose: manifest.purpose, tiles: tiles, sections: sections,
            footer: "This page is one file: it fetches nothing and runs nothing. It holds what "
                + "\(document.party) learned: treat it like the data of \(document.party)."
        ).html
    }

    /// A data flow in its section.
    static func flow(_ flow: FlowPicture) -> [Markup] {
        [
            .element(
                "div", ["class": "flows"],
                [
                    .figure(
                        flow.picture,
                        caption: "Blue: tables that parties bring. Grey: operators on shares, "
                            + "of which no party sees a value. Green: what somebody learns.")
                ])
        ]
    }

    private var tiles: [(name: String, value: String)] {
        let total = document.costs.total
        var tiles: [(name: String, value: String)] = [("Party", document.party)]
        if let period = document.period { tiles.append(("Period", period)) }
        if let time = document.time { tiles.append(("Ended", Figures.day(time))) }
        if let session = document.session { tiles.append(("Session", "\(session.prefix(8))…")) }
        tiles += [
            ("Time", Figures.seconds(total.seconds)),
            ("Sent", Figures.bytes(total.bytesSent)),
            ("Rounds", Figures.grouped(total.rounds)),
        ]
        return tiles
    }

    private var facts: [Markup] {
        [.paragraph(document.manifest.security)]
            + (document.manifest.assumptions.isEmpty ? [] : [.list(document.manifest.assumptions)])
            + [.subtitle("This run"), .facts(document.facts)]
    }

    // MARK: Answers

    private var answers: [Markup] {
        guard !document.answers.isEmpty else {
            return [.paragraph("Nothing was revealed to \(document.party).")]
        }
        return document.answers.flatMap(Self.answer)
    }

    private static func answer(_ answer: RunDocument.Answer) -> [Markup] {
        let title = Markup.subtitle("\(answer.name) (line \(answer.line))")
        if let holds = answer.holds {
            return [
                title,
                .paragraph(
                    holds ? "The check holds." : "The check does not hold: the run stopped here."),
            ]
        }
        let count = Figures.rows(answer.rows.count)
        let number = answer.number.map { "; \(Figures.grouped($0)) in all" } ?? ""
        guard !answer.isSuppressed else {
            return [
                title,
                .element(
                    "div", ["class": "card warning"],
                    [
                        .paragraph(
                            "Suppressed: there are more rows than the script reveals\(number).")
                    ]),
            ]
        }
        let isCut = answer.rows.count > mostRows
        let file = answer.name.replacing(" ", with: "-") + ".csv"
        let numbers = Set(
            answer.columns.indices.filter { column in
                !answer.rows.isEmpty && answer.rows.allSatisfy { Double($0[column]) != nil }
            })
        return [
            title,
            .table(
                count + number
                    + (isCut ? ": the first \(mostRows) are here, all in \(file)" : ""),
                answer.columns, Array(answer.rows.prefix(mostRows)), numeric: numbers),
        ]
    }
}
