extension Policy {
    /// The least policy that allows a script, for a person to read and to keep or to cut down.
    ///
    /// - Parameter party: whose policy it is to be.
    public static func draft(for script: SignableScript, party: String) -> String {
        // A line can be made superfluous by another that is needed for another reveal.
        var grants = Policy().refusals(of: script, for: party).flatMap(\.grants)
        for grant in grants {
            let rest = grants.filter { $0 != grant }
            if Policy(rest).refusals(of: script, for: party).isEmpty { grants = rest }
        }
        return """
            # What \(party)'s data may be used for. Whatever no line allows is refused.
            # This is the least that allows \(script.title): read every line before you keep it.
            version: 1
            \(Policy(grants).text { "# \($0)\n" })
            """
    }

    /// The lines without a version and comments.
    var yaml: String { text { _ in "" } }

    private func text(comment: (String) -> String) -> String {
        var parts: [String] = []
        func list(_ key: String, _ items: [String], _ what: String) {
            guard !items.isEmpty else { return }
            parts.append(
                comment(what) + "\(key):\n"
                    + items.map { "  - \(quoted($0))" }.joined(separator: "\n"))
        }
        list("purposes", purposes, "For what; a * at the end stands for any ending.")
        list("parties", parties, "With whom.")
        if let security {
            parts.append(
                comment("The least that the protocol withstands: behaviour, and how many collude.")
                    + "security:\n  against: \(security.adversary)\n  corrupt: \(security.corrupt)")
        }
        list("shortcuts", shortcuts, "What all may learn for speed.")
        if !tables.isEmpty {
            parts.append(
                comment("For each table how often it is read, and who learns how much of it.")
                    + "tables:\n"
                    + tables.sorted { $0.key < $1.key }.map(table).joined(separator: "\n"))
        }
        return parts.joined(separator: "\n") + "\n"
    }

    private func table(_ name: String, _ table: Table) -> String {
        var lines = ["  \(name):"]
        if let budget = table.budget { lines.append("    runs: \(budget.runs) per \(budget.per)") }
        if !table.columns.isEmpty { lines.append("    columns:") }
        for (column, levels) in table.columns.sorted(by: { $0.key < $1.key }) {
            lines.append("      \(column):")
            for (recipient, level) in levels.sorted(by: { $0.key < $1.key }) {
                lines.append("        \(recipient): \(level)")
            }
        }
        return lines.joined(separator: "\n")
    }

    private func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
