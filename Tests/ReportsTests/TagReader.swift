/// Reads the tags of a page as strictly as XML would, apart from the few that HTML leaves open.
struct TagReader {
    struct Malformed: Error, CustomStringConvertible { let description: String }

    struct Tag {
        let name: String
        let attributes: [String: String]
    }

    private(set) var tags: [Tag] = []
    /// The text outside tags, as it stands.
    private(set) var text = ""

    init(_ html: String) throws {
        var rest = html[...]
        var open: [String] = []
        while let start = rest.firstIndex(of: "<") {
            text += rest[..<start]
            guard let end = rest[start...].firstIndex(of: ">") else {
                throw Malformed(description: "a tag has no end")
            }
            let inside = String(rest[rest.index(after: start)..<end])
            rest = rest[rest.index(after: end)...]
            if inside.hasPrefix("!DOCTYPE") { continue }
            if inside.hasPrefix("/") {
                guard open.popLast() == String(inside.dropFirst()) else {
                    throw Malformed(description: "</\(inside)> ends another tag")
                }
                continue
            }
            let tag = try Self.tag(inside)
            tags.append(tag)
            if !inside.hasSuffix("/") { open.append(tag.name) }
        }
        text += rest
        guard open.isEmpty else { throw Malformed(description: "\(open) stay open") }
    }

    private static func tag(_ inside: String) throws -> Tag {
        let trimmed = inside.hasSuffix("/") ? String(inside.dropLast()) : inside
        guard let match = trimmed.prefixMatch(of: /[a-z][a-z0-9]*/) else {
            throw Malformed(description: "<\(inside)> is no tag")
        }
        var attributes: [String: String] = [:]
        var rest = trimmed[match.range.upperBound...]
        while !rest.isEmpty {
            guard let found = rest.prefixMatch(of: #/ ([a-zA-Z-]+)="([^"<>]*)"/#) else {
                throw Malformed(description: "<\(inside)> has no such attributes")
            }
            attributes[String(found.1)] = String(found.2)
            rest = rest[found.range.upperBound...]
        }
        return Tag(name: String(match.0), attributes: attributes)
    }
}
