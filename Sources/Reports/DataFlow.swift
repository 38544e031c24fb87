import Analytics
public import Script

/// From whose tables, by which operators, to whom: a checked script as a graph for people.
///
/// Operators of one line that follow one another are one box, and what only names columns or puts
/// tables together is none.
public struct DataFlow: Sendable {
    enum Kind: Hashable {
        /// A table that parties bring.
        case given
        case work
        /// What somebody learns.
        case told
    }

    struct Node: Hashable {
        let kind: Kind
        var title: [String]
        var detail: [String]
    }

    private(set) var nodes: [Node] = []
    /// By node: those it takes its rows from, which stand before it.
    private(set) var sources: [[Int]] = []

    public init(of script: CheckedScript) {
        let program = script.program
        // 1. What parties bring: one box for a table, whoever has it.
        var given: [String: Int] = [:]
        for input in program.inputs where given[input.table] == nil {
            let owners = program.inputs.filter { $0.table == input.table }
                .compactMap { own in
                    script.parties.first { $0.party == Optional(own.owner) }?.name
                }
            let source = script.tables.first { $0.name == input.table }?.preparation?.source
            given[input.table] = add(
                Node(
                    kind: .given, title: ["\(input.table) of \(owners.joined(separator: ", "))"],
                    detail: [
                        fitting(input.schema.names.joined(separator: ", "), 44),
                        "at most \(Figures.rows(input.schema.bound))"
                            + (owners.count > 1 ? " each" : ""),
                    ] + (source.map { ["made of \($0) in the clear"] } ?? [])), from: [])
        }

        // 2. What is computed, as far as somebody learns of it.
        var made: [[Int]] = []
        let needed = program.neededSteps
        for (index, step) in program.steps.enumerated() {
            let operands = step.operation.operands.reduce(into: [Int]()) { all, operand in
                all += made[operand].filter { !all.contains($0) }
            }
            switch step.operation {
            case .input(let number): made.append([given[program.inputs[number].table] ?? 0])
            case .project, .union, .assumingUnique: made.append(operands)
            case _ where !needed.contains(index): made.append(operands)
            default:
                let (label, line) = Self.parts(step.label)
                let title = Self.title(label, step.operation)
                made.append([
                    add(Node(kind: .work, title: [title], detail: [line]), from: operands)
                ])
            }
        }
        mergeLines(&made)

        // 3. Who learns what.
        let items = Manifest(of: script).items
        for (release, (reveal, item)) in zip(program.releases, zip(script.reveals, items)) {
            let columns = reveal.columns.map(\.name).joined(separator: ", ")
            let limit = reveal.atMost.map { ["at most \(Figures.rows($0))"] } ?? []
            let who = item.recipients.joined(separator: ", ")
            var (told, detail) = (who, "")
            switch reveal.recipient {
            case .check: (told, detail) = ("check for all", reveal.condition ?? "")
            case .holder:
                (told, detail) = ("each of \(who)", "\(columns): of its own rows alone")
            case .all, .party: detail = columns
            }
            _ = add(
                Node(
                    kind: .told, title: [fitting(told, 44)],
                    detail: [fitting("\(item.name): \(detail)", 44)] + limit),
                from: made[release.table])
        }
    }

    private mutating func add(_ node: Node, from sources: [Int]) -> Int {
        nodes.append(node)
        self.sources.append(sources)
        return nodes.count - 1
    }

    /// "compute risk, seed" for a computation that its label does not tell.
    private static func title(_ label: String, _ operation: Script.Operation) -> String {
        guard case .extend(_, let columns) = operation, label == "compute" else { return label }
        let names = columns.map(\.name).filter { $0.first?.isLetter == true }
        return names.isEmpty ? label : "compute \(names.joined(separator: ", "))"
    }

    /// "join now" and "line 41" of "join now (line 41)".
    private static func parts(_ label: String) -> (String, String) {
        guard let range = label.firstRange(of: " (line "), label.hasSuffix(")") else {
            return (label, "")
        }
        return (
            String(label[..<range.lowerBound]),
            "line \(label[range.upperBound...].dropLast())"
        )
    }

    /// Makes one box of operators of one line where each is the only one to take the one before.
    private mutating func mergeLines(_ made: inout [[Int]]) {
        var place: [Int] = []
        var (kept, keptSources): ([Node], [[Int]]) = ([], [])
        for (index, node) in nodes.enumerated() {
            let from = sources[index].map { place[$0] }
            if node.kind == .work, sources[index].count == 1, let before = from.first,
                kept[before].kind == .work, kept[before].detail == node.detail,
                sources.count(where: { $0.contains(sources[index][0]) }) == 1
            {
                kept[before].title += node.title
                place.append(before)
                continue
            }
            place.append(kept.count)
            kept.append(node)
            keptSources.append(from)
        }
        (nodes, sources) = (kept, keptSources)
        made = made.map { $0.map { place[$0] } }
    }
}

extension Program {
    /// The steps whose tables somebody learns something of.
    fileprivate var neededSteps: Set<Int> {
        var needed = Set(releases.map(\.table))
        for step in steps.indices.reversed() where needed.contains(step) {
            needed.formUnion(steps[step].operation.operands)
        }
        return needed
    }
}
