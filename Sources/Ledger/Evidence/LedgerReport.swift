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

    /// A checkpoint kept elsewhere that the ledger contains.
    public struct Kept: Hashable, Sendable, Encodable {
        /// Whether the file is the checkpoint alone, or a `.tlog-proof` with it.
        public enum Kind: String, Encodable, Sendable { case checkpoint, proof }

        /// The file, as it was given.
        public let file: String
        public let kind: Kind
        /// How many entries the checkpoint has.
        public let entries: Int
        /// The entry that a proof proves; nil for a checkpoint.
        public let entry: Int?
    }

    /// A party's word that it signs receipts under a service certificate.
    public struct Service: Hashable, Sendable, Encodable {
        public let entry: Int
        public let party: String
        /// SHA-256 of the certificate's DER.
        public let fingerprint: Digest
    }

    public internal(set) var origin = ""
    public internal(set) var entries = 0
    public internal(set) var root = MerkleTree.emptyRoot
    /// How many cosigned checkpoints were verified.
    public internal(set) var checkpoints = 0
    /// The given checkpoints and proofs that it contains, with no more entries than it has.
    public internal(set) var kept: [Kept] = []
    /// Who keeps the ledger at its end, and how many of them must cosign.
    public internal(set) var parties: [String] = []
    public internal(set) var needed = 0
    /// The numbers of the entries that changed the membership.
    public internal(set) var membershipChanges: [Int] = []
    public internal(set) var unfinished: [Unfinished] = []
    /// The service certificates that parties stated, oldest first.
    public internal(set) var services: [Service] = []
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
