public import Preprocessing

/// Where the correlated randomness of a run came from.
public struct RandomnessOrigin: Sendable, Codable, Hashable {
    /// What makes it in a run: a dealer, oblivious transfers, or none is needed.
    public let source: String
    /// The preparation that the run drew on; nil for none.
    public let preparation: String?
    /// By kind: elements, lanes or items that were ready and that were made in the run.
    public let amounts: [String: RandomnessSupply.Amount]

    /// The kind that was ready least; 1 if nothing was made in the run, 0 if nothing was ready.
    public var readyShare: Double {
        amounts.values.map { Double($0.ready) / Double(max(1, $0.ready + $0.made)) }.min()
            ?? (preparation == nil ? 0 : 1)
    }

    /// One line.
    public var summary: String {
        guard let preparation else { return source }
        let missing = amounts.filter { $0.value.made > 0 }.sorted { $0.key < $1.key }
        let ready =
            missing.isEmpty
            ? "all was ready"
            : missing.map {
                "\($0.value.ready) of \($0.value.ready + $0.value.made) \($0.key) were ready"
            }.joined(separator: ", ") + "; the rest from \(source)"
        return "prepared \(preparation.prefix(16)): \(ready)"
    }
}
