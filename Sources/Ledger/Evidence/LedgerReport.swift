public import Primitives

/// What an audit of a ledger found.
public struct LedgerReport: Hashable, Sendable, Encodable {
    /// One thing that is wrong.
    public struct Finding: Hashable, Sendable, Encodable, CustomStringConvertible {
        /// The number of the entry, from 0; nil if it concerns the log as a whole.
        public let entry: Int?
        public let message: String

        public var description: String { (entry.map { "entry \($0): " } ?? "") + message }
    }

    /// An intent without an outcome: the run was interrupted, or goes on.
    public struct Unfinished: Hashable, Sendable, Encodable {
        public let entry: Int
        public let session: Digest
    }

    public internal(set) var origin = ""
    public internal(set) var entries = 0
    public internal(set) var root = MerkleTree.emptyRoot
    /// How many cosigned checkpoints were verified.
    public internal(set) var checkpoints = 0
    /// Who keeps the ledger at its end, and how many of them must cosign.
    public internal(set) var parties: [String] = []
    public internal(set) var needed = 0
    /// The numbers of the entries that changed the membership.
    public internal(set) var membershipChanges: [Int] = []
    public internal(set) var unfinished: [Unfinished] = []
    /// How many notes and files have their content here, and how many have not: another party's
    /// alone, or erased.
    public internal(set) var contents = 0
    public internal(set) var withoutContent = 0
    /// Transactions of ledger tables that were hashed again; nil if there are none.
    public internal(set) var tableTransactions: Int?
    /// The newest block of ledger tables that a digest confirms.
    public internal(set) var lastVerifiedBlockID: Int64?
    /// How many entries after those wait for cosigners, in a batch that this party has cosigned.
    public internal(set) var waiting = 0
    /// How many of this party's own statements are not in the log yet.
    public internal(set) var pending = 0
    public internal(set) var findings: [Finding] = []

    public init() {}

    /// Whether nothing is wrong.
    public var isSound: Bool { findings.isEmpty }

    /// Past these, findings are counted and not listed.
    static let maxFindings = 1000

    mutating func find(_ entry: Int? = nil, _ message: String) {
        guard findings.count < Self.maxFindings else { return }
        findings.append(.init(entry: entry, message: message))
    }
}
