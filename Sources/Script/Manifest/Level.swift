/// How much of a column's cells a recipient may learn: the lattice of owners' policies.
public enum Level: Hashable, Sendable, Comparable {
    case none
    /// Whether a condition with signed constants holds.
    case bit
    /// Between which signed constants a value lies.
    case band
    /// Sums and counts of groups of at least so many rows or different keys.
    case group(atLeast: Int)
    /// Single values of such groups, without their owner: a minimum, a median.
    case pick(atLeast: Int)
    /// The value itself, to the party that brought the row.
    case exactToHolder
    case exact

    private var rank: (Int, Int) {
        switch self {
        case .none: (0, 0)
        case .bit: (1, 0)
        case .band: (2, 0)
        // A smaller group tells more.
        case .group(let least): (3, -least)
        case .pick(let least): (4, -least)
        case .exactToHolder: (5, 0)
        case .exact: (6, 0)
        }
    }

    public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
}

extension Level: CustomStringConvertible {
    /// As policies and manifests write it.
    public var description: String {
        switch self {
        case .none: "none"
        case .bit: "bit"
        case .band: "band"
        case .group(let least): "group of at least \(least)"
        case .pick(let least): "pick of at least \(least)"
        case .exactToHolder: "exact to holder"
        case .exact: "exact"
        }
    }

    /// In a sentence for people.
    var inWords: String {
        switch self {
        case .none: "nothing"
        case .bit: "a yes or no"
        case .band: "a band"
        case .group(let least):
            least > 1 ? "a number of groups of at least \(grouped(least))" : "a number of groups"
        case .pick(let least):
            least > 1 ? "a value out of at least \(grouped(least))" : "a value out of a group"
        case .exactToHolder: "the value, to its holder"
        case .exact: "the value itself"
        }
    }

    /// Nil if the text is no level.
    public init?(_ text: String) {
        func number(_ prefix: String) -> Int? {
            guard text.hasPrefix(prefix), let value = Int(text.dropFirst(prefix.count)), value > 0
            else { return nil }
            return value
        }
        switch text {
        case "none": self = .none
        case "bit": self = .bit
        case "band": self = .band
        case "exact to holder": self = .exactToHolder
        case "exact": self = .exact
        default:
            if let least = number("group of at least ") {
                self = .group(atLeast: least)
            } else if let least = number("pick of at least ") {
                self = .pick(atLeast: least)
            } else {
                return nil
            }
        }
    }
}

extension Level: Codable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let level = Level(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is no level of disclosure")
        }
        self = level
    }
}
