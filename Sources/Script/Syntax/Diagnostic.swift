/// What is wrong with a script, where, and what to do.
public struct Diagnostic: Error, Hashable, Sendable {
    public enum Severity: String, Hashable, Sendable, Codable { case error, warning }

    public let severity: Severity
    /// The rule that is broken ("R3"), or "syntax", "name", "type", "range".
    public let rule: String
    public let message: String
    public let range: SourceRange
    /// What to write instead, in words or as script text.
    public let suggestion: String?

    public init(
        _ rule: String, _ message: String, at range: SourceRange, suggestion: String? = nil,
        severity: Severity = .error
    ) {
        (self.severity, self.rule, self.message) = (severity, rule, message)
        (self.range, self.suggestion) = (range, suggestion)
    }

    /// `file:line:column: error: message` with the line and a mark below it.
    public func text(in source: SourceText) -> String {
        let (line, column) = source.position(range.start)
        let shown = source.line(line)
        // Long lines are cut around the mark.
        let start = max(0, column - 61)
        let visible = String(shown.dropFirst(start).prefix(110))
        let indent = column - 1 - start
        let width = min(max(1, range.end - range.start), max(1, visible.count - indent))
        let mark =
            String(repeating: " ", count: indent) + "^" + String(repeating: "~", count: width - 1)
        var lines = ["\(source.name):\(line):\(column): \(severity): \(message) [\(rule)]"]
        if let suggestion { lines.append("    \(suggestion)") }
        lines.append("    | \(visible)")
        lines.append("    | \(mark)")
        return lines.joined(separator: "\n")
    }
}

/// The nearest of some names, if it is near enough to be meant.
package func nearest(_ name: String, among names: some Sequence<String>) -> String? {
    let limit = max(1, name.count / 3)
    var best: (name: String, distance: Int)?
    for other in names {
        let distance = editDistance(name.lowercased(), other.lowercased(), limit: limit)
        guard distance <= limit else { continue }
        if let found = best, (found.distance, found.name) <= (distance, other) { continue }
        best = (other, distance)
    }
    return best?.name
}

/// How many letters are to be put in, left out, changed or swapped with their neighbour, or anything
/// above `limit`.
private func editDistance(_ a: String, _ b: String, limit: Int) -> Int {
    let (a, b) = (Array(a.utf8.prefix(64)), Array(b.utf8.prefix(64)))
    guard abs(a.count - b.count) <= limit else { return limit + 1 }
    var (above, row) = ([Int](), Array(0...b.count))
    for i in a.indices {
        var next = [i + 1]
        for j in b.indices {
            var best = min(row[j] + (a[i] == b[j] ? 0 : 1), next[j] + 1, row[j + 1] + 1)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                best = min(best, above[j - 1] + 1)
            }
            next.append(best)
        }
        (above, row) = (row, next)
    }
    return row[b.count]
}
