import Analytics
import Primitives
import Script
import Tables

/// One release as its recipient reads it: named columns of texts.
public struct ScriptAnswer: Sendable, Codable, Hashable {
    /// As in "reveal 1".
    public let name: String
    public let line: Int
    public let columns: [String]
    /// By row; cells as CSV writes them.
    public let rows: [[String]]
    /// Whether there were more rows than the script's limit: then there are none here.
    public let isSuppressed: Bool
    /// The number of rows, where the script reveals it.
    public let number: Int?
    /// Of a check.
    public let holds: Bool?
}

extension ScriptAnswer {
    /// - Parameter keyTexts: the texts of a column of keys of one of this party's inputs, by row.
    init(
        _ result: ReleaseResult, of script: CheckedScript,
        keyTexts: (_ input: Int, _ column: String) -> [String]
    ) {
        let reveal = script.reveals[result.index]
        let release = script.program.releases[result.index]
        name = reveal.name
        line = reveal.line
        (isSuppressed, number, holds) = (result.isSuppressed, result.number, result.holds)
        let valid = result.rows.valid.indices.filter { result.rows.valid[$0] }
        var names: [String] = []
        var cells: [[String]] = []
        // 1. What the holder knows already: whose rows they are.
        if case .holders(let parts) = release.kind, case .holder(_, let key) = reveal.recipient,
            let part = parts.first(where: { $0.owner == result.recipient })
        {
            let texts = keyTexts(part.input, key)
            names.append(reveal.columns.first(where: \.isHolderKey)?.name ?? key)
            cells.append(valid.map { $0 < texts.count ? texts[$0] : "" })
        }
        // 2. What was revealed.
        for (field, column) in zip(result.schema.fields, result.rows.columns) {
            names.append(field.name)
            cells.append(valid.map { column.text($0, field.type) })
        }
        columns = names
        var rows = valid.indices.map { row in cells.map { $0[row] } }
        // A holder's rows of one key say the same.
        if names.count > result.schema.fields.count {
            var seen: Set<[String]> = []
            rows = rows.filter { seen.insert($0).inserted }
        }
        self.rows = rows
    }
}

extension PlainColumn {
    /// A cell as CSV has it.
    fileprivate func text(_ row: Int, _ type: Analytics.ColumnType) -> String {
        switch (self, type) {
        case (.numbers(let values), _): type.plainText(values[row])
        case (.bools(let values), _): values[row] ? "true" : "false"
        case (.codes(let values), .code(let labels)):
            labels.indices.contains(values[row]) ? labels[values[row]] : ""
        case (.codes(let values), _): "\(values[row])"
        case (.keys(let values), _): "key " + String(values[row], radix: 16)
        }
    }
}

extension ScriptAnswer {
    /// RFC 4180, with a header.
    public var csv: String {
        func quoted(_ cell: String) -> String {
            cell.contains { ",\"\r\n".contains($0) }
                ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
        }
        return ([columns] + rows).map { $0.map(quoted).joined(separator: ",") }
            .joined(separator: "\n") + "\n"
    }

    /// A table for people, of at most so many rows.
    public func text(rows most: Int = 20) -> String {
        if let holds {
            return "\(name) (line \(line)): \(holds ? "holds" : "does not hold: the run stopped")"
        }
        var lines = [
            "\(name) (line \(line)): "
                + (isSuppressed
                    ? "suppressed: there are more rows than the script reveals"
                    : counted(rows.count, "row"))
                + (number.map { ", \($0) in all" } ?? "")
        ]
        guard !rows.isEmpty else { return lines[0] }
        let shown = [columns] + rows.prefix(most)
        let widths = columns.indices.map { column in
            shown.map { $0[column].count }.max() ?? 0
        }
        for row in shown {
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            lines.append("  " + cells.joined(separator: "  "))
        }
        if rows.count > most { lines.append("  ... and \(rows.count - most) more") }
        return lines.joined(separator: "\n")
    }
}
