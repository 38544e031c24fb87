public import MPC
public import Script

/// What a report about one run shows: everything is public, or this party's own result.
public struct RunDocument: Sendable {
    /// One release as its recipient reads it.
    public struct Answer: Sendable {
        public let name: String
        public let line: Int
        public let columns: [String]
        public let rows: [[String]]
        public let isSuppressed: Bool
        public let number: Int?
        /// Of a check.
        public let holds: Bool?

        public init(
            name: String, line: Int, columns: [String], rows: [[String]], isSuppressed: Bool,
            number: Int?, holds: Bool?
        ) {
            (self.name, self.line) = (name, line)
            (self.columns, self.rows) = (columns, rows)
            (self.isSuppressed, self.number, self.holds) = (isSuppressed, number, holds)
        }
    }

    public let manifest: Manifest
    public let answers: [Answer]
    /// With a phase for each operator.
    public let costs: CostReport
    /// In order, as in ("Protocol", "replicated3 over z64").
    public let facts: [(name: String, value: String)]

    public init(
        manifest: Manifest, answers: [Answer], costs: CostReport,
        facts: [(name: String, value: String)]
    ) {
        (self.manifest, self.answers) = (manifest, answers)
        (self.costs, self.facts) = (costs, facts)
    }
}
