/// What a verification of ledger tables found.
public struct TablesReport: Hashable, Sendable {
    /// One thing that is wrong, where.
    public struct Finding: Hashable, Sendable, CustomStringConvertible {
        public let table: String?
        public let transaction: Int64?
        /// The keys of the rows, as `id = 7`; of the first three.
        public let key: String?
        public let message: String

        public var description: String {
            let place = [table.map { "table \($0)" }, transaction.map { "transaction \($0)" }, key]
                .compactMap(\.self)
            return place.isEmpty ? message : "\(place.joined(separator: ", ")): \(message)"
        }
    }

    public internal(set) var transactions = 0
    public internal(set) var blocks = 0
    /// Insertions and deletions of rows that were hashed again.
    public internal(set) var operations = 0
    /// The newest block that a digest confirms; nil without one, or if anything is wrong.
    public internal(set) var lastVerifiedBlockID: Int64?
    /// The first thousand.
    public private(set) var findings: [Finding] = []
    /// How many more there were.
    public private(set) var furtherFindings = 0

    private static let limit = 1000

    /// Whether nothing is wrong.
    public var isSound: Bool { findings.isEmpty }

    mutating func find(
        table: String? = nil, transaction: Int64? = nil, key: String? = nil, _ message: String
    ) {
        guard findings.count < Self.limit else { return furtherFindings += 1 }
        findings.append(
            Finding(table: table, transaction: transaction, key: key, message: message))
    }
}
