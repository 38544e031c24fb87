import Analytics
import Primitives

extension Manifest {
    /// What a checked script tells.
    public init(of script: CheckedScript) {
        let deriving = ManifestDeriving(script: script)
        self.init(
            script: script.name, version: script.version, purpose: script.purpose,
            basis: script.basis,
            members: script.parties.map { party in
                Member(name: party.name, roles: party.roles.map(\.inWords))
            },
            security: deriving.security, runs: deriving.runs, choices: deriving.choices,
            inputs: deriving.inputs, items: script.reveals.map(deriving.item),
            together: deriving.together,
            shortcuts: script.disclosures.map { "all learn \($0.text) (line \($0.line))" },
            nobodyLearns: deriving.nobodyLearns, everybodyKnows: deriving.everybodyKnows,
            assumptions: script.assumptions)
    }
}

extension PartySyntax.Role {
    /// In the words of ISO/IEC 4922-1.
    var inWords: String {
        switch self {
        case .bank, .input: "input party"
        case .compute: "computing party"
        case .result: "result party"
        case .observer: "observer"
        }
    }
}

struct ManifestDeriving {
    let script: CheckedScript

    private var everybody: [String] {
        script.parties.filter { $0.party != nil }.map(\.name)
    }

    // MARK: The run

    var runs: String {
        var text = "at most \(script.runs.count) a \(script.runs.per.rawValue)"
        if let until = script.runs.until { text += ", until \(Day.text(until))" }
        if let period = script.period {
            text += "; each calendar \(period.unit.rawValue) at most once"
        }
        return text
    }

    var security: String {
        let (corrupt, of) = (script.security.corrupt, script.security.of)
        let others =
            corrupt == 1
            ? "any one of the \(of) computing parties"
            : "up to \(corrupt) of the \(of) computing parties together"
        return
            "Semi-honest: what is said here is safe against \(others)\(withClients), if every "
            + "computing party "
            + "follows the protocol. \(corrupt + 1) that pool what they see may know everything. A "
            + "party that deviates from the protocol, or that brings wrong data, can falsify "
            + "results and is not noticed; what it brought is committed to in the ledger."
    }

    /// Who takes part without computing.
    private var withClients: String {
        let clients = script.parties.filter(\.isClient)
        guard !clients.isEmpty else { return "" }
        let list = clients.map { client in
            let brings = client.roles.contains(.input) || client.roles.contains(.bank)
            let verbs =
                (brings ? ["brings data"] : [])
                + (client.roles.contains(.result) ? ["receives results"] : [])
            return "\(client.name), which only \(verbs.joined(separator: " and "))"
        }
        return ", even together with those that do not compute (\(list.joined(separator: "; ")))"
    }

    var choices: [String] {
        script.choices.map { "\($0.name): one of \($0.values.joined(separator: ", "))" }
            + (script.period.map { ["\($0.name.text): a calendar \($0.unit.rawValue)"] } ?? [])
    }

    // MARK: Inputs

    var inputs: [Manifest.Input] {
        script.tables.map { table in
            Manifest.Input(
                table: table.name,
                owners: table.owners.map(name), atMostRows: table.bound,
                columns: table.columns.map { column in
                    "\(column.field.name): "
                        + (column.period.map { "a day of \($0)" } ?? words(column.field.type))
                },
                preparedFrom: table.preparation?.source)
        }
            + script.models.map { model in
                Manifest.Input(
                    table: model.name, owners: [name(model.owner)], atMostRows: model.features + 1,
                    columns: ["weight: \(words(model.weight))"], preparedFrom: nil)
            }
    }

    private func name(_ party: Party) -> String {
        script.parties.first { $0.party == party }?.name ?? ""
    }

    /// A type with its range: "EUR 0.01 to 100,000.00".
    private func words(_ type: ColumnType) -> String {
        switch type {
        case .bool: return "yes or no"
        case .key(let domain, _): return "key (\(domain))"
        case .code(let labels): return "one of \(labels.joined(separator: ", "))"
        default: break
        }
        guard let range = type.range else { return type.inWords }
        return "\(type.text(range.lowerBound)) to \(type.text(range.upperBound))"
            .replacing("_", with: ",")
    }

    /// A type as results have it: the days of a period are those of the run's.
    private func shown(_ type: ColumnType) -> String {
        if case .day = type, script.period != nil { return "a day" }
        return words(type)
    }

    // MARK: Reveals

    func item(_ reveal: CheckedReveal) -> Manifest.Item {
        Manifest.Item(
            name: reveal.name, line: reveal.line, recipients: recipients(reveal),
            learns: sentences(reveal), inference: inference(reveal), flows: flows(reveal))
    }

    func recipients(_ reveal: CheckedReveal) -> [String] {
        switch reveal.recipient {
        case .all, .check: everybody
        case .party(let name): [name]
        case .holder(let table, _): owners(of: table)
        }
    }

    private func sentences(_ reveal: CheckedReveal) -> [String] {
        let isOne = recipients(reveal).count == 1
        let learn = isOne ? "learns" : "learn"
        var sentences: [String]
        switch reveal.recipient {
        case .check:
            return [
                "\(learn) whether \(reveal.condition ?? "the check") holds; if it does not, the run "
                    + "stops and nothing that stands below is revealed."
            ]
        case .holder(let table, _):
            sentences = holderSentences(reveal, table, learn, isOne ? "its own" : "their own")
        case .all, .party:
            let columns = reveal.columns.map(words).joined(separator: ", ")
            let condition = reveal.condition.map { " where \($0)" } ?? ""
            let limit = reveal.atMost.map { "at most \(rows($0))" } ?? ""
            sentences = ["\(learn) \(limit)\(condition) with \(columns)."]
            if reveal.bound > (reveal.atMost ?? 0) {
                sentences.append(
                    "If there are more, it is told that there are more, and no row.")
            }
        }
        if let groups = reveal.groups {
            sentences.append(
                "Only groups of at least \(grouped(groups.count)) "
                    + (groups.of == "rows" ? "rows." : "different values of \(groups.of)."))
        }
        if let banks = reveal.banks {
            sentences.append("Only what at least \(banks) banks contributed to.")
        }
        if let rounding = reveal.rounding {
            sentences.append("Numbers are rounded down to multiples of \(rounding).")
        }
        if reveal.withNumber { sentences.append("The number of rows is told in any case.") }
        if let order = reveal.order {
            sentences.append("Rows come in order of \(order).")
        } else if case .all = reveal.recipient, reveal.bound > 1 {
            sentences.append("Rows come in random order.")
        }
        return sentences
    }

    private func holderSentences(
        _ reveal: CheckedReveal, _ table: String, _ learn: String, _ own: String
    ) -> [String] {
        let told = reveal.columns.filter { !$0.isHolderKey }.map(words).joined(separator: ", ")
        let isAlways =
            reveal.condition == nil
            && reveal.rows.sorted.allSatisfy { isOwn($0.source, $0.trace, reveal) }
        var sentences: [String]
        if isAlways, !told.isEmpty {
            sentences = ["\(learn) of each of \(own) rows of \(table): \(told)."]
        } else {
            sentences = [
                "\(learn) which of \(own) rows of \(table) meet the rule"
                    + (reveal.condition.map { " (\($0))" } ?? "")
                    + (told.isEmpty ? "." : ", and of these: \(told).")
            ]
        }
        if let atMost = reveal.atMost {
            sentences.append(
                "At most \(rows(atMost)) at a bank; if there are more, that bank learns only "
                    + "that there are more.")
        }
        if own == "their own" { sentences.append("Not which or how many there are at others.") }
        return sentences
    }

    private func words(_ column: CheckedReveal.Column) -> String {
        column.bands.isEmpty
            ? "\(column.name) (\(shown(column.type)))"
            : "\(column.name) (in which of the bands at \(column.bands.joined(separator: ", ")))"
    }

    /// Whether the recipient brought the row itself.
    func isOwn(
        _ source: SourceColumn, _ trace: Lineage.Trace, _ reveal: CheckedReveal
    ) -> Bool {
        switch reveal.recipient {
        case .all, .check: false
        case .party(let name): owners(of: source.table) == [name]
        case .holder(let table, _):
            source.table == table
                ? !trace.isForeign
                : owners(of: source.table) == recipients(reveal)
                    && recipients(reveal).count == 1
        }
    }

    func owners(of table: String) -> [String] {
        script.tables.first { $0.name == table }?.owners.map(name)
            ?? script.models.filter { $0.name == table }.map { name($0.owner) }
    }

    /// The level at which one column's cells get to a recipient who does not have them already.
    private func level(
        _ trace: Lineage.Trace, _ column: CheckedReveal.Column?, _ reveal: CheckedReveal
    ) -> Level {
        let least = reveal.groups?.count ?? 1
        switch trace.form {
        // By which key it holds a row a bank knows; that the key is there is a bit.
        case _ where column?.isHolderKey == true: return .bit
        case .bit: return .bit
        case .band: return .band
        case .aggregate: return .group(atLeast: least)
        case .pick: return .pick(atLeast: least)
        case .exact:
            return column?.isGroupKey == true && reveal.groups != nil
                ? .group(atLeast: least) : .exact
        }
    }

    /// What reaches a recipient of cells that are not its own.
    func flows(_ reveal: CheckedReveal) -> [Manifest.Flow] {
        var found: [SourceColumn: (level: Level, path: [String])] = [:]
        let cuts = reveal.cuts { !isOwn($0, $1, reveal) }
        func note(_ lineage: Lineage, _ column: CheckedReveal.Column?) {
            for (source, trace) in lineage.sorted where !isOwn(source, trace, reveal) {
                var level = level(trace, column, reveal)
                // Several bits of one cell are a band.
                if level == .bit, cuts[source, default: []].count > 1 { level = .band }
                if let known = found[source], known.level >= level { continue }
                found[source] = (level, trace.path)
            }
        }
        for column in reveal.columns { note(column.lineage, column) }
        note(reveal.rows, nil)
        return found.sorted { $0.key < $1.key }.map {
            Manifest.Flow(
                table: $0.key.table, column: $0.key.column, level: $0.value.level,
                path: $0.value.path)
        }
    }

    // MARK: What stays hidden

    var nobodyLearns: [String] {
        let all = script.reveals.flatMap { flows($0) }
        let told = Set(
            all.filter { $0.level >= .pick(atLeast: .max) }
                .map { SourceColumn(table: $0.table, column: $0.column) })
        // Tables whose rows are counted: what others know of theirs gives away the rest.
        var counted = Set(
            all.filter { $0.column == "*" && $0.level >= .group(atLeast: .max) }.map(\.table))
        for disclosure in script.disclosures {
            counted.formUnion(disclosure.rows.sorted.map(\.source.table))
        }
        var sentences: [String] = []
        for table in script.tables {
            let hidden = table.columns.map(\.field.name).filter {
                !told.contains(SourceColumn(table: table.name, column: $0))
            }
            guard !hidden.isEmpty else { continue }
            sentences.append(
                "single values of \(table.name): \(hidden.joined(separator: ", ")), but who "
                    + "brought them")
        }
        for model in script.models {
            sentences.append("the weights of \(model.name), but \(name(model.owner))")
        }
        let uncounted = script.tables.map(\.name).filter { !counted.contains($0) }
        if !uncounted.isEmpty {
            sentences.append(
                "how many rows below its limit a party brings of "
                    + "\(uncounted.joined(separator: ", ")), but that party")
        }
        sentences.append("anything in between: which rows met, which groups there were")
        return sentences
    }

    var everybodyKnows: [String] {
        [
            "the script, its parameters, who takes part, when, and what it costs",
            "the limits of tables: "
                + inputs.map { "\($0.table) \(rows($0.atMostRows))" }
                .joined(separator: ", "),
            "commitments to the inputs and to the results, in the ledger",
        ]
    }
}
