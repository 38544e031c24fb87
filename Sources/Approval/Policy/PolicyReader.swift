import Script
import Yams

/// Why a policy's text is none: the line if it is known, and what to do.
public struct PolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1.
    public let line: Int?
    public let reason: String

    public var description: String {
        "policy" + (line.map { ", line \($0)" } ?? "") + ": \(reason)"
    }
}

extension Policy {
    /// The largest text, in bytes.
    public static let mostBytes = 65_536

    /// Reads a policy: YAML 1.2 without anchors, aliases and keys that are no words.
    ///
    /// Strict: a key that is not known, that is there twice or that is missing is refused.
    public init(yaml bytes: [UInt8]) throws(PolicyError) {
        try PolicyText.check(bytes)
        let root: Node?
        do {
            root = try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw PolicyError(error)
        }
        guard let root else { throw PolicyError(line: nil, reason: "is empty") }
        self = try PolicyReader.policy(root)
    }
}

/// What a text must not have before it is read as YAML at all.
private enum PolicyText {
    /// Anchors and aliases of one another make a giant of a few bytes, and keys that are structures are
    /// compared with one another. Without an anchor an alias is none.
    static func check(_ bytes: [UInt8]) throws(PolicyError) {
        guard bytes.count <= Policy.mostBytes else {
            throw PolicyError(
                line: nil, reason: "has \(bytes.count) bytes; at most \(Policy.mostBytes)")
        }
        var (line, depth) = (1, 0)
        var previous = UInt8(ascii: "\n")
        for (index, byte) in bytes.enumerated() {
            let next = index + 1 < bytes.count ? bytes[index + 1] : UInt8(ascii: "\n")
            // Where YAML may begin a value.
            let begins = " \n[{,:".utf8.contains(previous)
            let isSpace = " \n\r\t".utf8.contains(next)
            switch byte {
            case UInt8(ascii: "&") where begins && !isSpace:
                throw PolicyError(line: line, reason: "has an anchor (&): write values out")
            case UInt8(ascii: "?") where begins && isSpace:
                throw PolicyError(line: line, reason: "has a key after `?`: write `KEY: VALUE`")
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                guard depth <= 8 else {
                    throw PolicyError(line: line, reason: "is nested too deeply")
                }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: "\n"): line += 1
            case 0x20...0x7E, UInt8(ascii: "\r"): break
            default:
                throw PolicyError(
                    line: line, reason: "has a tabulator or a character beyond ASCII; use spaces")
            }
            previous = byte
        }
    }
}

private enum PolicyReader {
    static func policy(_ root: Node) throws(PolicyError) -> Policy {
        let fields = try mapping(
            root, "the policy",
            known: ["version", "purposes", "parties", "security", "shortcuts", "tables"])
        guard try text(required("version", fields, root, "the policy")) == "1" else {
            throw PolicyError(
                line: fields["version"]?.mark?.line, reason: "version is 1, the only one known")
        }
        var policy = Policy()
        policy.purposes = try list(required("purposes", fields, root, "the policy"), "purposes")
        policy.parties = try list(required("parties", fields, root, "the policy"), "parties")
        policy.security = try security(required("security", fields, root, "the policy"))
        policy.shortcuts =
            try fields["shortcuts"].map { node throws(PolicyError) in
                try list(node, "shortcuts")
            } ?? []
        guard let tables = fields["tables"] else { return policy }
        for (name, node) in try mapping(tables, "tables", known: nil) {
            policy.tables[name] = try table(node, "tables.\(name)")
        }
        return policy
    }

    private static func security(_ node: Node) throws(PolicyError) -> Policy.Security {
        let fields = try mapping(node, "security", known: ["against", "corrupt"])
        let against = try required("against", fields, node, "security")
        let corrupt = try required("corrupt", fields, node, "security")
        guard let count = number(try text(corrupt)), (1...9).contains(count) else {
            throw PolicyError(
                line: corrupt.mark?.line,
                reason: "security.corrupt is how many may collude at least: 1 to 9")
        }
        switch try text(against) {
        case "semi-honest": return .init(isMalicious: false, corrupt: count)
        case "malicious": return .init(isMalicious: true, corrupt: count)
        default:
            throw PolicyError(
                line: against.mark?.line,
                reason: "security.against is semi-honest or malicious")
        }
    }

    private static func table(_ node: Node, _ path: String) throws(PolicyError) -> Policy.Table {
        let fields = try mapping(node, path, known: ["runs", "columns"])
        let runs = try required("runs", fields, node, path)
        var table = Policy.Table(budget: try budget(runs, "\(path).runs"))
        guard let columns = fields["columns"] else { return table }
        for (column, node) in try mapping(columns, "\(path).columns", known: nil) {
            let path = "\(path).columns.\(column)"
            var levels: [String: Level] = [:]
            for (recipient, node) in try mapping(node, path, known: nil) {
                guard let level = Level(try text(node)) else {
                    throw PolicyError(
                        line: node.mark?.line,
                        reason: "\(path).\(recipient) is no level: none, bit, band, group of at "
                            + "least N, pick of at least N, exact to holder, exact")
                }
                levels[recipient] = level
            }
            table.columns[column] = levels
        }
        return table
    }

    /// As in "4 per year".
    private static func budget(_ node: Node, _ path: String) throws(PolicyError) -> Policy.Budget {
        let words = try text(node).split(separator: " ").map(String.init)
        guard words.count == 3, words[1] == "per", let runs = number(words[0]),
            let unit = PeriodUnit(rawValue: words[2])
        else {
            throw PolicyError(
                line: node.mark?.line,
                reason: "\(path) is written as `4 per month`; units are day, week, month, quarter, "
                    + "year")
        }
        return Policy.Budget(runs: runs, per: unit)
    }

    // MARK: Forms

    /// A mapping of words to values.
    private static func mapping(
        _ node: Node, _ path: String, known: [String]?
    ) throws(PolicyError) -> [String: Node] {
        guard case .mapping(let mapping) = node else {
            throw PolicyError(line: node.mark?.line, reason: "\(path) is not `KEY: VALUE` lines")
        }
        var fields: [String: Node] = [:]
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key, !scalar.string.isEmpty else {
                throw PolicyError(line: key.mark?.line, reason: "\(path) has a key that is no word")
            }
            let name = scalar.string
            if let known, !known.contains(name) {
                let hint =
                    nearest(name, among: known).map { "did you mean \($0)?" }
                    ?? "there are \(known.joined(separator: ", "))"
                throw PolicyError(
                    line: key.mark?.line, reason: "\(path) has no \(name.prefix(40)); \(hint)")
            }
            guard fields.updateValue(value, forKey: name) == nil else {
                throw PolicyError(line: key.mark?.line, reason: "\(path) has \(name) twice")
            }
        }
        return fields
    }

    private static func required(
        _ name: String, _ fields: [String: Node], _ node: Node, _ path: String
    ) throws(PolicyError) -> Node {
        guard let value = fields[name] else {
            throw PolicyError(line: node.mark?.line, reason: "\(path) lacks \(name)")
        }
        return value
    }

    private static func list(_ node: Node, _ path: String) throws(PolicyError) -> [String] {
        guard case .sequence(let sequence) = node else {
            throw PolicyError(line: node.mark?.line, reason: "\(path) is not a list: `- ...` lines")
        }
        var texts: [String] = []
        for node in sequence { texts.append(try text(node)) }
        return texts
    }

    private static func text(_ node: Node) throws(PolicyError) -> String {
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
            throw PolicyError(line: node.mark?.line, reason: "a text or number is expected here")
        }
        return scalar.string
    }

    private static func number(_ text: String) -> Int? {
        (1...9).contains(text.utf8.count)
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            ? Int(text) : nil
    }
}

extension PolicyError {
    fileprivate init(_ error: any Error) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _)?, .parser(_, let problem, let mark, _)?,
            .composer(_, let problem, let mark, _)?:
            self.init(line: mark.line, reason: "is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context)?:
            self.init(
                line: context.mark.line,
                reason: "has \(keys.first?.prefix(40) ?? "a key") twice")
        default: self.init(line: nil, reason: "is not YAML")
        }
    }
}
