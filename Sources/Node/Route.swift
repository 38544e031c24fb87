import Foundation
import Primitives

/// What a route needs of a request: the decoded parts of its path and query.
struct Call: Sendable {
    /// Of the path, by the names in the route's pattern.
    let path: [String: String]
    /// What the path has after a pattern that ends in `*`.
    let rest: [String]
    let query: [String: String]
    let body: [UInt8]

    /// The collection that the request names, or Azure's default.
    var collection: String { query["collectionId"] ?? "subledger:0" }
}

/// One operation of the interface: what it answers to, who may call it and what it does.
struct Route: Sendable {
    enum Answer: Sendable {
        /// Reads this party's own copy; runs on a thread that may block.
        case reading(@Sendable (Call) throws -> NodeResponse)
        /// Waits for others.
        case waiting(@Sendable (Call) async throws -> NodeResponse)
    }

    struct Parameter: Sendable {
        let name, description: String
    }

    let method: String
    /// Parts of a path; `{name}` stands for any part, and a final `*` for all that follow.
    let pattern: [String]
    /// The least role; nil for everybody.
    let role: Role?
    /// Names the operation in the OpenAPI document.
    let operation: String
    let summary: String
    /// Of the query, all optional.
    let parameters: [Parameter]
    /// The media type of a good answer, and its status.
    let produces: String
    let status: Int
    /// The JSON keys of the body that the operation takes, each a string; nil if it takes none.
    let takes: [String]?
    let answer: Answer

    init(
        _ method: String, _ pattern: String, _ role: Role?, _ operation: String, _ summary: String,
        parameters: [Parameter] = [], produces: String = "application/json", status: Int = 200,
        takes: [String]? = nil, _ answer: Answer
    ) {
        self.method = method
        self.pattern = pattern.split(separator: "/").map(String.init)
        (self.role, self.operation, self.summary) = (role, operation, summary)
        (self.parameters, self.produces, self.status) = (parameters, produces, status)
        (self.takes, self.answer) = (takes, answer)
    }

    /// The values of the pattern's names in a path; nil if the path is another.
    func match(_ path: [String]) -> (names: [String: String], rest: [String])? {
        let isOpen = pattern.last == "*"
        let fixed = isOpen ? pattern.dropLast() : pattern[...]
        guard isOpen ? path.count > fixed.count : path.count == fixed.count else { return nil }
        var names: [String: String] = [:]
        for (part, value) in zip(fixed, path) {
            if part.hasPrefix("{") {
                names[String(part.dropFirst().dropLast())] = value
            } else if part != value {
                return nil
            }
        }
        return (names, Array(path.dropFirst(fixed.count)))
    }

    /// Whether the interface's version must be named, as Azure's clients do.
    var isVersioned: Bool { pattern.first == "app" || pattern.first == "ledgerIdentity" }
}

/// The parts of a request's target, decoded.
struct Target {
    private static let maxBytes = 4096
    private static let maxParameters = 32

    let path: [String]
    let query: [String: String]

    /// Nil for a target that is too long, not percent-encoded UTF-8, or names a parameter twice.
    init?(_ target: String) {
        guard target.utf8.count <= Self.maxBytes, target.hasPrefix("/") else { return nil }
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        path = parts.compactMap { String($0).removingPercentEncoding }
        guard path.count == parts.count else { return nil }
        let fields = halves.count == 2 ? halves[1].split(separator: "&") : []
        guard fields.count <= Self.maxParameters else { return nil }
        var query: [String: String] = [:]
        for field in fields {
            let sides = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { $0.replacing("+", with: " ").removingPercentEncoding }
            guard let name = sides[0], let value = sides.count == 2 ? sides[1] : "",
                query.updateValue(value, forKey: name) == nil
            else { return nil }
        }
        self.query = query
    }
}
