public import MPC
public import Script

/// What pages say about one run: everything is public, or this party's own result.
public struct RunDocument: Sendable {
    /// One release as its recipient reads it.
    public struct Answer: Sendable, Codable {
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

    /// Whose page it is.
    public let party: String
    public let period: String?
    /// 64 hexadecimal digits; nil of a simulation.
    public let session: String?
    /// The end of the run in seconds since 1970; nil if it does not matter.
    public let time: Int64?
    public let manifest: Manifest
    public let answers: [Answer]
    /// With a row for each operator.
    public let costs: CostReport
    /// In order, as in ("Protocol", "replicated3 over z64").
    public let facts: [(name: String, value: String)]
    /// Of the script, to be drawn; nil if there is no script at hand.
    public let flow: FlowPicture?
    /// What the ledger has of the run; nil of a simulation.
    public let record: LedgerProof?
    public let signatures: [RoleSignature]

    public init(
        party: String, period: String? = nil, session: String? = nil, time: Int64? = nil,
        manifest: Manifest, answers: [Answer], costs: CostReport,
        facts: [(name: String, value: String)], flow: FlowPicture? = nil,
        record: LedgerProof? = nil, signatures: [RoleSignature] = []
    ) {
        (self.party, self.period, self.session, self.time) = (party, period, session, time)
        (self.manifest, self.answers) = (manifest, answers)
        (self.costs, self.facts, self.flow) = (costs, facts, flow)
        (self.record, self.signatures) = (record, signatures)
    }
}

/// That a person or office of a party approved a script.
public struct RoleSignature: Sendable, Hashable, Codable {
    public let party: String
    /// As in "compliance".
    public let role: String
    /// What was signed, as people read it.
    public let subject: String
    /// Seconds since 1970.
    public let time: Int64
    /// The number of its entry in the ledger; nil if it is in none yet.
    public let entry: Int?

    public init(party: String, role: String, subject: String, time: Int64, entry: Int?) {
        (self.party, self.role, self.subject) = (party, role, subject)
        (self.time, self.entry) = (time, entry)
    }
}

/// What the ledger has of a run, and the checkpoint that all signed above it.
public struct LedgerProof: Sendable, Hashable, Codable {
    public struct Entry: Sendable, Hashable, Codable {
        /// As in "intent".
        public let kind: String
        /// From 0.
        public let index: Int
        /// 64 hexadecimal digits.
        public let leafHash: String
        public let signers: [String]
        /// Seconds since 1970.
        public let time: Int64
        /// What it says, a line each.
        public let says: [String]

        public init(
            kind: String, index: Int, leafHash: String, signers: [String], time: Int64,
            says: [String]
        ) {
            (self.kind, self.index, self.leafHash) = (kind, index, leafHash)
            (self.signers, self.time, self.says) = (signers, time, says)
        }
    }

    public let entries: [Entry]
    /// The entries under the checkpoint, and its note, verbatim.
    public let size: Int
    public let checkpoint: String
    /// Shell commands with which anybody can check it, a line each; a line with `#` explains.
    public let commands: [String]

    public init(entries: [Entry], size: Int, checkpoint: String, commands: [String]) {
        (self.entries, self.size) = (entries, size)
        (self.checkpoint, self.commands) = (checkpoint, commands)
    }
}
