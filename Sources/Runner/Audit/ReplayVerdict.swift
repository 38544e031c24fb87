public import Networking
public import Primitives

/// What a replay found, item by item.
public struct ReplayVerdict: Sendable, Codable, Hashable {
    public enum Finding: String, Sendable, Codable {
        case equal, differs
        /// There is nothing to compare with; the detail says why.
        case unchecked
    }

    public struct Item: Sendable, Codable, Hashable {
        public let name: String
        public let finding: Finding
        public let detail: String
    }

    public let session: Digest
    public let party: String
    public internal(set) var items: [Item] = []
    /// Where the party first did something else than the replay; nil if it never did.
    public internal(set) var difference: ReplayDifference?
    /// The transcript's digest as the replay makes it; nil if nothing was replayed.
    public internal(set) var replayed: Digest?

    init(session: Digest, party: String) { (self.session, self.party) = (session, party) }

    /// What must be bound by the ledger: else the party may open whatever fits.
    private static let binding: Set = ["seed", "transcript", "input commitment"]

    /// Whether the party's part was replayed, nothing differs, and all that it opened was committed to.
    public var isFaithful: Bool {
        replayed != nil
            && items.allSatisfy {
                $0.finding == .equal
                    || $0.finding == .unchecked && !Self.binding.contains($0.name)
            }
    }

    mutating func add(_ name: String, _ finding: Finding, _ detail: String) {
        items.append(Item(name: name, finding: finding, detail: detail))
    }

    /// Compares with what is in the ledger; nil there is not checked, for `reason`.
    mutating func compare<Value: Equatable>(
        _ name: String, _ mine: Value, _ ledger: Value?, _ detail: String,
        else reason: String = "the ledger holds none"
    ) {
        guard let ledger else { return add(name, .unchecked, reason) }
        add(name, mine == ledger ? .equal : .differs, detail)
    }

    /// A line an item, and the verdict.
    public var text: String {
        var lines = items.map { item in
            let mark =
                switch item.finding {
                case .equal: "equal      "
                case .differs: "DIFFERS    "
                case .unchecked: "not checked"
                }
            return "\(mark)  \(item.name): \(item.detail)"
        }
        lines.append(
            isFaithful
                ? "session \(session.hex.prefix(16))…: \(party)'s transcript is what the program does "
                    + "with the tables, the seed and the frames that it has; whether the others sent "
                    + "and received the same, `parley audit cross-check` tells"
                : "session \(session.hex.prefix(16))…: \(party) did something else, or opened "
                    + "something else than it committed to")
        return lines.joined(separator: "\n")
    }
}
