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

    /// Whether the party's part was replayed and nothing differs.
    public var isFaithful: Bool {
        replayed != nil && items.allSatisfy { $0.finding != .differs }
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
                ? "\(party) did in session \(session.hex.prefix(16))… what the program does with these "
                    + "tables, this seed and these received frames"
                : "\(party) did something else in session \(session.hex.prefix(16))…, or opened "
                    + "something else")
        return lines.joined(separator: "\n")
    }
}
