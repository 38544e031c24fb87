/// One of the n participants that hold shares.
///
/// Indices run from 0, in the roster's order.
public struct Party: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let index: Int

    public init(_ index: Int) {
        precondition(index >= 0, "a party's index is not negative")
        self.index = index
    }

    public static func < (a: Party, b: Party) -> Bool { a.index < b.index }

    public var description: String { "party \(index)" }
}

/// Whoever has a channel in a session: a party, or the dealer of correlated randomness.
///
/// The dealer is a role of the roster without an index: it holds no shares and gets no openings.
/// Parties sort in index order, the dealer after them.
public enum Participant: Hashable, Comparable, Sendable, CustomStringConvertible {
    case party(Party)
    case dealer

    public var description: String {
        switch self {
        case .party(let party): party.description
        case .dealer: "the dealer"
        }
    }
}
