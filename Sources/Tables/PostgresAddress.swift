import Foundation

/// A PostgreSQL server and database: a libpq connection URI that holds no password.
///
/// `postgresql://USER@HOST:PORT/DATABASE?sslmode=verify-full`, every part of which may be left out;
/// see "Connection URIs" in PostgreSQL's manual. Passwords belong in `PGPASSWORD` or `~/.pgpass`:
/// addresses are shown and stored.
public struct PostgresAddress: Hashable, Sendable, CustomStringConvertible {
    /// The URI.
    public let description: String

    /// - Throws: ``TableError``, without the text, if it is no such URI or may hold a password.
    public init(_ text: String) throws(TableError) {
        func mistake(_ reason: String) -> TableError {
            TableError(file: "postgres", [.init(reason)])
        }
        guard let scheme = ["postgresql://", "postgres://"].first(where: { text.hasPrefix($0) }),
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F })
        else {
            throw mistake(
                "is no address; write postgresql://USER@HOST/DATABASE, with spaces and signs as "
                    + "%20 and the like")
        }
        let rest = text.dropFirst(scheme.count)
        // All up to the last @: a password may hold signs that end the host's part.
        let user = rest.lastIndex(of: "@").map { rest[..<$0] } ?? ""
        let keywords = rest.split(omittingEmptySubsequences: false) { $0 == "?" || $0 == "&" }
            .dropFirst().map { $0.prefix { $0 != "=" } }
        let isSecret = keywords.contains { (keyword: Substring) in
            let plain = (keyword.removingPercentEncoding ?? "password").lowercased()
            return plain.contains("password") || plain.contains("secret")
        }
        guard !user.contains(":"), !isSecret else {
            throw mistake(
                "the address may hold a password, which would be shown and stored; put it in "
                    + "PGPASSWORD or ~/.pgpass (and write an @ of a name as %40)")
        }
        description = text
    }

    /// The server and database as messages name them.
    var name: String {
        let place = description.split(separator: "/", maxSplits: 1).last ?? ""
        let shown = place.drop { $0 == "/" }.prefix { $0 != "?" }
        return "postgres " + shownName(String(shown.split(separator: "@").last ?? "server"))
    }

    /// The URI with what reading needs; of parameters that appear twice the last counts.
    var parameters: String {
        let wait = description.contains("connect_timeout") ? "" : "connect_timeout=10&"
        return description + (description.contains("?") ? "&" : "?") + wait
            + "client_encoding=UTF8&fallback_application_name=parley"
    }
}
