import Primitives

/// Who learns what from a script, at most how much, and what could still be inferred.
///
/// Derived from the script alone; what parties sign beside its text. As sentences for people and as
/// JSON for programs: both of the same content.
public struct Manifest: Hashable, Sendable, Codable {
    public struct Member: Hashable, Sendable, Codable {
        public let name: String
        /// In the words of ISO/IEC 4922-1: input, computing and result party.
        public let roles: [String]
    }

    public struct Input: Hashable, Sendable, Codable {
        public let table: String
        public let owners: [String]
        public let atMostRows: Int
        /// As in "amount: EUR 0.01 to 100,000.00".
        public let columns: [String]
        /// What the owner makes it of, in the clear; nil if it is read as it is.
        public let preparedFrom: String?
    }

    /// One reveal, check or disclosure.
    public struct Item: Hashable, Sendable, Codable {
        public let name: String
        public let line: Int
        public let recipients: [String]
        /// Full sentences.
        public let learns: [String]
        public let inference: [String]
        public let flows: [Flow]
    }

    /// That one column's cells reach a recipient, in which form and on which path.
    public struct Flow: Hashable, Sendable, Codable {
        public let table: String
        public let column: String
        public let level: Level
        public let path: [String]
    }

    public let script: String
    public let version: Int
    public let purpose: String
    public let basis: String
    public let members: [Member]
    public let security: String
    public let runs: String
    public let choices: [String]
    public let inputs: [Input]
    public let items: [Item]
    /// What several reveals tell more than each alone.
    public let together: [String]
    public let shortcuts: [String]
    public let nobodyLearns: [String]
    public let everybodyKnows: [String]
    public let assumptions: [String]
}

extension Manifest {
    /// For a person who signs.
    public var text: String {
        var lines = [
            "WHO LEARNS WHAT FROM \(script) VERSION \(version)", "",
            "Purpose: \(purpose)", "Basis: \(basis)", "Runs: \(runs)", "",
        ]
        lines.append("Parties")
        for member in members {
            lines.append("  \(member.name): \(member.roles.joined(separator: ", "))")
        }
        lines += ["", "Who brings what"]
        for input in inputs {
            let owners = Self.each(input.owners)
            lines += Self.wrapped(
                "\(owners): table \(input.table), at most \(rows(input.atMostRows))"
                    + (input.preparedFrom.map { ", made in the clear of its table \($0)" } ?? "")
                    + ": " + input.columns.joined(separator: "; "), indent: "  ")
        }
        lines += ["", "Who learns what"]
        for (number, item) in items.enumerated() {
            lines += Self.wrapped(
                "\(number + 1). \(Self.each(item.recipients)) (\(item.name), line \(item.line)): "
                    + item.learns.joined(separator: " "), indent: "  ")
            for flow in item.flows {
                lines += Self.wrapped(
                    "\(flow.cell): \(flow.level.inWords) "
                        + "(\(flow.path.dropFirst().joined(separator: ", then ")))"
                        .replacing(", then ..., then", with: " ... then"),
                    indent: "       ")
            }
        }
        lines += ["", "What could be inferred about one contributor"]
        var known: Set<String> = []
        for item in items {
            for sentence in item.inference where known.insert(sentence).inserted {
                lines += Self.wrapped("- \(sentence)", indent: "  ")
            }
        }
        for sentence in together { lines += Self.wrapped("- \(sentence)", indent: "  ") }
        if known.isEmpty { lines.append("  nothing beyond what is listed above") }
        lines += ["", "What leaks for speed"]
        lines += shortcuts.isEmpty ? ["  nothing"] : shortcuts.map { "  - \($0)" }
        lines += ["", "What nobody learns"]
        lines += nobodyLearns.flatMap { Self.wrapped("- \($0)", indent: "  ") }
        lines += ["", "What everybody knows of a run"]
        lines += everybodyKnows.flatMap { Self.wrapped("- \($0)", indent: "  ") }
        if !choices.isEmpty {
            lines += ["", "What is chosen for a run"] + choices.map { "  \($0)" }
        }
        lines += ["", "Under which assumption"]
        lines += Self.wrapped(security, indent: "  ")
        lines += assumptions.flatMap { Self.wrapped("- \($0)", indent: "  ") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func each(_ names: [String]) -> String {
        names.count > 1 ? names.joined(separator: ", ") + " each" : names.first ?? "nobody"
    }

    /// Lines of at most 100 characters; those after the first are further in.
    private static func wrapped(_ text: String, indent: String) -> [String] {
        var lines: [String] = []
        var line = indent
        for word in text.split(separator: " ") {
            if line.count + word.count >= 100, line.contains(where: { $0 != " " }) {
                lines.append(line)
                line = indent + "   "
            }
            line += (line.last == " " || line.isEmpty ? "" : " ") + word
        }
        lines.append(line)
        return lines
    }
}

extension Manifest.Flow {
    /// "cash.amount", or which rows a table has.
    public var cell: String { column == "*" ? "the rows of \(table)" : "\(table).\(column)" }
}

/// "1 row", "1,000 rows".
func rows(_ count: Int) -> String { counted(count, "row", as: grouped(count)) }

/// As in "1,234,567".
func grouped(_ value: Int) -> String {
    var (digits, groups) = (String(value), [Substring]())
    while digits.count > 3 {
        groups.insert(digits.suffix(3), at: 0)
        digits = String(digits.dropLast(3))
    }
    return ([digits] + groups.map(String.init)).joined(separator: ",")
}
