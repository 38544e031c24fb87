package import Foundation
import Script
package import Tables

/// Where a party keeps the rows of a table.
package enum ScriptSource: Hashable, Sendable {
    /// `FILE.csv` or `csv:FILE`
    case csv(URL)
    /// `sqlite:FILE?table=NAME` or `sqlite:FILE?query=SELECT ...`
    case sqlite(URL, SQLiteReader.Selection)

    /// - Throws: ``RunFailure`` if the text names no source.
    package init(_ text: String) throws(RunFailure) {
        func part(after prefix: String) -> String? {
            text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
        }
        if let rest = part(after: "sqlite:") {
            guard let (path, selection) = Self.selection(rest) else {
                throw RunFailure(
                    .usage,
                    "\(text): write sqlite:FILE?table=NAME or \"sqlite:FILE?query=SELECT ...\"")
            }
            self = .sqlite(URL(filePath: path), selection)
        } else if text.hasPrefix("postgres:") || text.hasPrefix("postgresql:") {
            // The text may hold a password.
            throw RunFailure(
                .usage,
                "reading from PostgreSQL is not built yet; export the rows: psql -c \"\\copy "
                    + "(SELECT ...) TO FILE.csv CSV HEADER\"")
        } else {
            let path = part(after: "csv:") ?? text
            guard !path.isEmpty else {
                throw RunFailure(.usage, "write FILE.csv, csv:FILE or sqlite:FILE?table=NAME")
            }
            self = .csv(URL(filePath: path))
        }
    }

    private static func selection(
        _ text: String
    ) -> (path: String, selection: SQLiteReader.Selection)? {
        guard let mark = text.firstIndex(of: "?"), mark > text.startIndex,
            let equals = text[mark...].firstIndex(of: "=")
        else { return nil }
        let rest = String(text[text.index(after: equals)...])
        let selection: SQLiteReader.Selection
        switch text[mark..<equals] {
        case "?table": selection = .table(rest)
        case "?query": selection = .query(rest)
        default: return nil
        }
        return rest.isEmpty ? nil : (String(text[..<mark]), selection)
    }

    /// As ``init(_:)`` reads it, with the whole path.
    package var text: String {
        switch self {
        case .csv(let file): "csv:\(file.path)"
        case .sqlite(let file, .table(let name)): "sqlite:\(file.path)?table=\(name)"
        case .sqlite(let file, .query(let query)): "sqlite:\(file.path)?query=\(query)"
        }
    }

    /// The sources of `--table NAME=SOURCE`, by name.
    ///
    /// - Throws: ``RunFailure`` if one makes no sense or two have one name.
    package static func parse(_ arguments: [String]) throws(RunFailure) -> [String: ScriptSource] {
        var sources: [String: ScriptSource] = [:]
        for argument in arguments {
            guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
                throw RunFailure(.usage, "--table \(argument): write --table NAME=SOURCE")
            }
            let name = String(argument[..<equals])
            guard sources[name] == nil else {
                throw RunFailure(.usage, "--table \(name) is given twice")
            }
            sources[name] = try ScriptSource(String(argument[argument.index(after: equals)...]))
        }
        return sources
    }

    /// All rows; none is a table, too.
    func read(_ schema: Schema) throws(TableError) -> Table {
        switch self {
        case .csv(let file): try CSVReader.read(file: file, schema: schema, allowsNoRows: true)
        case .sqlite(let file, let selection):
            try SQLiteReader.read(file: file, selection, schema: schema, allowsNoRows: true)
        }
    }
}
