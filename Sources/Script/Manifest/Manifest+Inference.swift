/// What could be inferred from a reveal, from several together, and by who brings rows on purpose.
extension ManifestDeriving {
    func inference(_ reveal: CheckedReveal) -> [String] {
        let flows = flows(reveal)
        var sentences: [String] = []
        var cells: [Level: [String]] = [:]
        for flow in flows where flow.column != "*" && flow.column != "bank" {
            cells[flow.level, default: []].append("\(flow.table).\(flow.column)")
        }
        let rounding = reveal.rounding.map { ", up to \($0)" } ?? ""
        for (level, names) in cells.sorted(by: { $0.key < $1.key }) {
            let cell = names.joined(separator: ", ")
            switch level {
            case .none: continue
            case .bit:
                sentences.append(
                    "whoever knows all other rows that an answer depends on learns on which side of "
                        + "its limit the remaining row is: \(cell).")
            case .band:
                sentences.append(
                    "a band bounds what it is made of; where one row alone feeds it, or all others "
                        + "are known, it bounds that row: \(cell).")
            case .group(let least):
                sentences.append(
                    least > 1
                        ? "whoever knows all but one of a group's rows (at least "
                            + "\(grouped(least - 1)) of them; those that it brought itself count) "
                            + "can compute the remaining one\(rounding): \(cell)."
                        : "where a sum is over one row it is that row: \(cell).")
            case .pick:
                sentences.append(
                    "a minimum, maximum or quantile is the value of some row\(rounding); whose is not "
                        + "told: \(cell).")
            case .exactToHolder, .exact:
                sentences.append("single values are told: \(cell).")
            }
        }
        sentences += probing(reveal, flows)
        sentences = sentences.map { "From \(reveal.name): \($0)" }
        if script.runs.count > 1 || script.period == nil, !sentences.isEmpty {
            sentences.append(
                "Results of several runs can be compared: what changed between them is due to "
                    + "the rows that changed.")
        }
        return sentences
    }

    /// What a recipient can find out by what it brings itself.
    private func probing(_ reveal: CheckedReveal, _ flows: [Manifest.Flow]) -> [String] {
        guard !flows.isEmpty else { return [] }
        var sentences: [String] = []
        if case .holder(let table, let key) = reveal.recipient,
            flows.contains(where: { flow in script.tables.contains { $0.name == flow.table } })
        {
            sentences.append(
                "a bank is answered for every \(key) that it lists in \(table): one that lists keys of "
                    + "others' customers learns which of them meet the rule.")
        }
        func isOfEachRow(_ level: Level) -> Bool {
            switch level {
            case .bit, .band, .exactToHolder, .exact: true
            case .none, .group, .pick: false
            }
        }
        for model in script.models
        where flows.contains(where: { $0.table == model.name && isOfEachRow($0.level) }) {
            sentences.append(
                "every row's answer bounds the weights of \(model.name) once more: whoever chooses "
                    + "the rows can find them out, the sooner the more rows and runs.")
        }
        let recipients = Set(recipients(reveal))
        let brought = Set(flows.map(\.table)).filter { table in
            script.tables.contains { $0.name == table }
                && !recipients.isDisjoint(with: owners(of: table))
        }.sorted()
        if !brought.isEmpty {
            sentences.append(
                "who learns this brings rows of \(brought.joined(separator: ", ")) too: made-up rows "
                    + "shift what is compared or summed, and so narrow down what others brought.")
        }
        return sentences
    }

    /// What several reveals tell more than each alone.
    var together: [String] {
        var asked: [SourceColumn: [String: [String: Set<Cut>]]] = [:]
        var summed: [SourceColumn: [String: Set<String>]] = [:]
        for reveal in script.reveals {
            let cuts = reveal.cuts { !isOwn($0, $1, reveal) }
            for party in recipients(reveal) {
                for (source, cuts) in cuts where isCell(source) {
                    asked[source, default: [:]][party, default: [:]][reveal.name] = cuts
                }
                for flow in flows(reveal) where flow.level >= .group(atLeast: .max) {
                    let source = SourceColumn(table: flow.table, column: flow.column)
                    guard isCell(source) else { continue }
                    summed[source, default: [:]][party, default: []].insert(reveal.name)
                }
            }
        }
        var who: [String: [String]] = [:]
        for (source, parties) in asked {
            for (party, reveals) in parties where reveals.count > 1 {
                let count = reveals.values.reduce(into: Set()) { $0.formUnion($1) }.count
                let names = reveals.keys.sorted().joined(separator: ", ")
                let text =
                    "\(names) together compare \(source.table).\(source.column) with \(count) "
                    + "constants: they bound it more closely than each alone."
                who[text, default: []].append(party)
            }
        }
        for (source, parties) in summed {
            for (party, reveals) in parties where reveals.count > 1 {
                let text =
                    "\(reveals.sorted().joined(separator: ", ")) all tell of groups of "
                    + "\(source.table).\(source.column): a difference between them may be of fewer "
                    + "rows than the limits say."
                who[text, default: []].append(party)
            }
        }
        return who.map { "For \($0.value.sorted().joined(separator: ", ")): \($0.key)" }.sorted()
    }

    private func isCell(_ source: SourceColumn) -> Bool {
        source.column != "*" && source.column != "bank"
    }
}
