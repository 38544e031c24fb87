public import Primitives

/// What parties state in the ledger; each kind has its form, its version and its signers.
public enum Statement: Hashable, Sendable {
    case intent(Intent)
    case outcome(Outcome)
    case genesis(Genesis)
    case proposal(Proposal)
    case ballot(Ballot)
    case note(Note)
    case file(StoredFile)
    case receipt(Receipt)
    case erasure(Erasure)
    case retention(Retention)
    case digest(TableDigest)
    case build(BuildEvidence)
    case service(ServiceCertificate)
    case approval(RoleApproval)

    /// Who must sign a statement.
    enum Signers: Hashable {
        case all
        case author(String)
        /// One party, whoever it is.
        case anyOne
    }

    /// What the statement says, whatever its kind.
    var body: any StatementBody {
        switch self {
        case .intent(let body): body
        case .outcome(let body): body
        case .genesis(let body): body
        case .proposal(let body): body
        case .ballot(let body): body
        case .note(let body): body
        case .file(let body): body
        case .receipt(let body): body
        case .erasure(let body): body
        case .retention(let body): body
        case .digest(let body): body
        case .build(let body): body
        case .service(let body): body
        case .approval(let body): body
        }
    }

    var signers: Signers { body.signers }

    /// Seconds since 1970, as the signers say.
    public var time: Int64 { body.time }

    /// The run that it is about; nil if it is about none.
    public var session: Digest? {
        switch self {
        case .intent(let intent): intent.session
        case .outcome(let outcome): outcome.session
        default: nil
        }
    }

    /// The canonical JSON `{"body":…,"kind":…,"version":1}`.
    package var bytes: [UInt8] {
        get throws(LedgerError) { try CanonicalJSON.encode(self) }
    }

    /// SHA-256(0x00 ‖ canonical JSON): what other statements name it by, and a leaf of what is
    /// signed.
    package var digest: Digest {
        get throws(LedgerError) { MerkleTree.leafHash(try bytes) }
    }
}

/// What a statement of one kind says.
protocol StatementBody: Hashable, Sendable, Codable {
    var time: Int64 { get }
    var signers: Statement.Signers { get }
    /// Checks what the format cannot: names of parties, lengths, ranges, fields that belong together.
    func check(_ parties: LedgerParties) throws(LedgerError)
}

/// The version of a statement's form.
public enum StatementVersion: Int, Codable, Sendable {
    case one = 1
}

extension Statement: Codable {
    package enum Kind: String, Codable, CaseIterable, Sendable {
        case intent, outcome, genesis, proposal, ballot, note, file, receipt, erasure, retention
        case digest, build, service, approval
    }

    package var kind: Kind {
        switch self {
        case .intent: .intent
        case .outcome: .outcome
        case .genesis: .genesis
        case .proposal: .proposal
        case .ballot: .ballot
        case .note: .note
        case .file: .file
        case .receipt: .receipt
        case .erasure: .erasure
        case .retention: .retention
        case .digest: .digest
        case .build: .build
        case .service: .service
        case .approval: .approval
        }
    }

    private enum CodingKeys: CodingKey { case body, kind, version }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        _ = try fields.decode(StatementVersion.self, forKey: .version)
        switch try fields.decode(Kind.self, forKey: .kind) {
        case .intent: self = .intent(try fields.decode(Intent.self, forKey: .body))
        case .outcome: self = .outcome(try fields.decode(Outcome.self, forKey: .body))
        case .genesis: self = .genesis(try fields.decode(Genesis.self, forKey: .body))
        case .proposal: self = .proposal(try fields.decode(Proposal.self, forKey: .body))
        case .ballot: self = .ballot(try fields.decode(Ballot.self, forKey: .body))
        case .note: self = .note(try fields.decode(Note.self, forKey: .body))
        case .file: self = .file(try fields.decode(StoredFile.self, forKey: .body))
        case .receipt: self = .receipt(try fields.decode(Receipt.self, forKey: .body))
        case .erasure: self = .erasure(try fields.decode(Erasure.self, forKey: .body))
        case .retention: self = .retention(try fields.decode(Retention.self, forKey: .body))
        case .digest: self = .digest(try fields.decode(TableDigest.self, forKey: .body))
        case .build: self = .build(try fields.decode(BuildEvidence.self, forKey: .body))
        case .service:
            self = .service(try fields.decode(ServiceCertificate.self, forKey: .body))
        case .approval: self = .approval(try fields.decode(RoleApproval.self, forKey: .body))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(StatementVersion.one, forKey: .version)
        try fields.encode(body, forKey: .body)
    }
}
