package import Foundation
import Script
package import Tables

/// Where a party keeps the rows of a table.
package enum ScriptSource: Hashable, Sendable {
    /// `FILE.csv` or `csv:FILE`
    case csv(URL)
    /// `sqlite:FILE?table=NAME` or `sqlite:FILE?query=SELECT ...`
    case sqlite(URL, SQLiteReader.Selection)
    /// `postgres:postgresql://USER@HOST/DATABASE?query=SELECT ...`
    case postgres(PostgresAddress, query: String)

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
        } else if let rest = part(after: "postgres:") ?? part(after: "postgresql:") {
            // The address without its prefix is understood, too.
            self = try Self.postgres(rest.hasPrefix("//") ? text : rest)
        } else {
            let path = part(after: "csv:") ?? text
            guard !path.isEmpty else {
                throw RunFailure(
                    .usage,
                    "write FILE.csv, csv:FILE, sqlite:FILE?table=NAME or postgres:URL?query=SELECT")
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

    /// `query` is no parameter of an address, so that its first mention ends the address.
    ///
    /// Messages do not quote the text: it may hold a password.
    private static func postgres(_ text: String) throws(RunFailure) -> ScriptSource {
        guard
            let mark = ["?query=", "&query="].compactMap({ text.range(of: $0) })
                .min(by: { $0.lowerBound < $1.lowerBound }),
            mark.upperBound < text.endIndex
        else {
            throw RunFailure(
                .usage,
                "a PostgreSQL source: write "
                    + "\"postgres:postgresql://USER@HOST/DATABASE?query=SELECT ...\"")
        }
        do {
            return .postgres(
                try PostgresAddress(String(text[..<mark.lowerBound])),
                query: String(text[mark.upperBound...]))
        } catch { throw RunFailure(.usage, error.description) }
    }

    /// As ``init(_:)`` reads it, with the whole path.
    package var text: String {
        switch self {
        case .csv(let file): "csv:\(file.path)"
        case .sqlite(let file, .table(let name)): "sqlite:\(file.path)?table=\(name)"
        case .sqlite(let file, .query(let query)): "sqlite:\(file.path)?query=\(query)"
        case .postgres(let address, let query): "postgres:\(address)?query=\(query)"
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
        case .postgres(let address, let query):
            try PostgresReader.read(address, query: query, schema: schema, allowsNoRows: true)
        }
    }
}
