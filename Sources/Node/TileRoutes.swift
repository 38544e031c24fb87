import Ledger
import Primitives

/// The log as static files: C2SP tlog-tiles, <https://c2sp.org/tlog-tiles>.
struct TileRoutes: Sendable {
    private static let bytes = "application/octet-stream"
    private static let text = "text/plain; charset=utf-8"
    /// A tile never changes; what is newest changes at any time.
    private static let forever = ["cache-control": "public, max-age=31536000, immutable"]
    private static let shortly = ["cache-control": "public, max-age=1"]
    private static let width = 256
    /// 256⁵ tiles are more than a log of 2⁴⁰ entries has.
    private static let maxGroups = 4

    let ledger: any LedgerService

    var routes: [Route] {
        [
            Route(
                "GET", "/checkpoint", nil, "GetCheckpoint",
                "The newest checkpoint that all parties cosigned.", produces: Self.text,
                .reading(checkpoint)),
            Route(
                "GET", "/tile/entries/*", nil, "GetEntryBundle",
                "Up to 256 entries: N, or N.p/W for the first W of them.", produces: Self.bytes,
                .reading(entries)),
            Route(
                "GET", "/tile/{level}/*", nil, "GetTile",
                "Up to 256 hashes of a level: N, or N.p/W for the first W of them.",
                produces: Self.bytes, .reading(tile)),
        ]
    }

    private func checkpoint(_ call: Call) throws -> NodeResponse {
        guard let note = try ledger.checkpoint() else {
            throw ServiceError(404, "ResourceNotFound", "the log has no checkpoint yet")
        }
        return NodeResponse(type: Self.text, note, headers: Self.shortly)
    }

    private func tile(_ call: Call) throws -> NodeResponse {
        let level = call.path["level"].flatMap(Int.init)
        guard let level, (0..<64).contains(level), "\(level)" == call.path["level"],
            let (number, width) = Self.parse(call.rest),
            let hashes = try ledger.tile(level: level, number: number, width: width)
        else { throw Self.missing }
        return NodeResponse(type: Self.bytes, hashes, headers: Self.forever)
    }

    private func entries(_ call: Call) throws -> NodeResponse {
        guard let (number, width) = Self.parse(call.rest),
            let entries = try ledger.entryBundle(number: number, width: width)
        else { throw Self.missing }
        return NodeResponse(type: Self.bytes, entries, headers: Self.forever)
    }

    private static let missing = ServiceError(404, "ResourceNotFound", "the log has no such tile")

    /// Reads a tile's number and width: groups of three digits, all but the last after an `x`, and
    /// for less than a full tile `.p` and the width.
    static func parse(_ parts: [String]) -> (number: Int, width: Int)? {
        var groups = parts
        var width = Self.width
        if groups.count >= 2, groups[groups.count - 2].hasSuffix(".p") {
            let text = groups.removeLast()
            guard let partial = Int(text), (1..<Self.width).contains(partial), "\(partial)" == text
            else { return nil }
            width = partial
            groups[groups.count - 1].removeLast(2)
        }
        guard (1...maxGroups).contains(groups.count), groups.first != "x000" else { return nil }
        var number = 0
        for (position, group) in groups.enumerated() {
            let digits = position < groups.count - 1 ? group.dropFirst() : group[...]
            guard position == groups.count - 1 || group.hasPrefix("x"), digits.utf8.count == 3,
                digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(digits)
            else { return nil }
            number = 1000 * number + value
        }
        return (number, width)
    }
}
