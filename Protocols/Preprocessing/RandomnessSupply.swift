/// Where the correlated randomness of one run came from, by kind.
public final class RandomnessSupply {
    /// Lanes or items, as far as the run got them: whether it used all of them is not counted.
    public struct Amount: Hashable, Sendable, Codable {
        /// From a store.
        public internal(set) var ready = 0
        /// In this run.
        public internal(set) var made = 0
    }

    public private(set) var amounts: [String: Amount] = [:]

    public init() {}

    subscript(kind: String) -> Amount {
        get { amounts[kind] ?? Amount() }
        set { amounts[kind] = newValue }
    }
}
