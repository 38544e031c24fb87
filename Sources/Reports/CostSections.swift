import MPC

/// Costs as parts of a page: pictures, and all figures in a table.
extension CostReport {
    func sections(of party: String) -> [Markup] {
        let (all, made) = (total, preprocessing)
        return [
            .facts([
                ("Time", "\(Figures.seconds(all.seconds)) from agreement to end"),
                (
                    "Sent by \(party)",
                    "\(Figures.bytes(all.bytesSent)) in \(Figures.grouped(all.messagesSent)) "
                        + "messages, before TLS"
                ),
                ("Rounds", "\(Figures.grouped(all.rounds)): how often it waited for others"),
                (
                    "Correlated randomness",
                    made.bytesSent == 0 && made.rounds == 0
                        ? "none was made in the run"
                        : "of it \(Figures.seconds(made.seconds)), "
                            + "\(Figures.bytes(made.bytesSent)), "
                            + "\(Figures.grouped(made.rounds)) rounds"
                ),
                ("Memory", "\(Figures.bytes(peakMemory)) at most"),
            ]),
            .subtitle("By operator"),
            .element(
                "div", ["class": "cost"],
                [
                    .figure(
                        CostPicture(self, of: party).picture,
                        caption: "In the order in which they ran; each half has its own scale.")
                ]),
            .details(
                "All figures",
                [
                    .table(
                        "What each operator cost \(party)",
                        ["Phase", "Operator", "Times", "Seconds", "Rounds", "Bytes", "Messages"],
                        rows.map { row in
                            [
                                row.phase, row.operator, Figures.grouped(row.cost.calls),
                                Figures.decimal(row.cost.seconds),
                                Figures.grouped(row.cost.rounds),
                                Figures.grouped(row.cost.bytesSent),
                                Figures.grouped(row.cost.messagesSent),
                            ]
                        }, numeric: [2, 3, 4, 5, 6])
                ]),
            .subtitle("Course of the run"),
            .element(
                "div", ["class": "phases"],
                [
                    .figure(
                        PhasePicture(self).picture,
                        caption: "Operators follow one another. One that ran several times is "
                            + "drawn where it ran first, with all its time; what belongs to no "
                            + "operator comes last.")
                ]),
        ]
    }
}
