import Script

/// A manifest as parts of a page: the sentences of its text, with paths folded.
extension Manifest {
    var sections: [Markup] {
        var parts = items.map(Self.card)
        var inferred: [String] = []
        for item in items {
            inferred += item.inference.filter { !inferred.contains($0) }
        }
        inferred += together
        parts += [
            .subtitle("What could be inferred about one contributor"),
            inferred.isEmpty
                ? .paragraph("Nothing beyond what is listed above.") : .list(inferred),
            .subtitle("What leaks for speed"),
            shortcuts.isEmpty ? .paragraph("Nothing.") : .list(shortcuts),
            .subtitle("What nobody learns"), .list(nobodyLearns),
            .subtitle("What everybody knows of a run"), .list(everybodyKnows),
            .subtitle("Who brings what"),
            .table(
                "Tables and models, and what may stand in them",
                ["Table", "Brought by", "At most", "Columns"],
                inputs.map { input in
                    [
                        input.table + (input.preparedFrom.map { ", made of \($0)" } ?? ""),
                        input.owners.joined(separator: ", "),
                        Figures.rows(input.atMostRows),
                        input.columns.joined(separator: "; "),
                    ]
                }),
            .subtitle("Purpose and limits"),
            .facts(
                [
                    ("Purpose", purpose), ("Basis", basis), ("Runs", runs),
                    (
                        "Parties",
                        members.map { "\($0.name): \($0.roles.joined(separator: ", "))" }
                            .joined(separator: "; ")
                    ),
                ] + (choices.isEmpty ? [] : [("Chosen for a run", choices.joined(separator: "; "))])
            ),
        ]
        return parts
    }

    private static func card(_ item: Item) -> Markup {
        let who = item.recipients.joined(separator: ", ")
        var parts: [Markup] = [
            .element(
                "h3", [:],
                [.text(item.recipients.count > 1 ? "\(who), each" : who.isEmpty ? "nobody" : who)]),
            .element(
                "p", [:],
                [
                    .element(
                        "span", ["class": "faint"], [.text("\(item.name), line \(item.line): ")]),
                    .text(item.learns.joined(separator: " ")),
                ]),
        ]
        if !item.flows.isEmpty {
            parts.append(
                .details(
                    "On which paths: \(item.flows.count)",
                    [
                        .table(
                            "Cells of others that have part in it", ["Cell", "As", "Path"],
                            item.flows.map {
                                [
                                    $0.cell, $0.level.description,
                                    $0.path.joined(separator: " → "),
                                ]
                            })
                    ]))
        }
        return .element("div", ["class": "card"], parts)
    }
}
