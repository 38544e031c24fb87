public import Primitives

/// What parties state in the ledger: what they are about to compute, or how it ended.
public enum Statement: Hashable, Sendable {
    case intent(Intent)
    case outcome(Outcome)

    public var session: Digest {
        switch self {
        case .intent(let intent): intent.session
        case .outcome(let outcome): outcome.session
        }
    }

    /// The canonical JSON.
    package var bytes: [UInt8] {
        get throws(LedgerError) { try CanonicalJSON.encode(self) }
    }

    /// What a party signs: the purpose, a line break, the canonical JSON.
    package var message: [UInt8] {
        get throws(LedgerError) { Array("parley-statement/v1\n".utf8) + (try bytes) }
    }
}

/// The version of the statements' format.
public enum StatementVersion: Int, Codable, Sendable {
    case one = 1
}

/// Signed by all before any share leaves a party: what is to be computed on what.
public struct Intent: Hashable, Sendable, Codable {
    /// A program and the hash of its text.
    public struct Program: Hashable, Sendable, Codable {
        public let name: String
        public let hash: Digest

        public init(name: String, hash: Digest) { (self.name, self.hash) = (name, hash) }
    }

    /// A public number of the computation, as text.
    public struct Threshold: Hashable, Sendable, Codable {
        public let name, value: String

        public init(name: String, value: String) { (self.name, self.value) = (name, value) }
    }

    public struct Parameters: Hashable, Sendable, Codable {
        public let ring, `protocol`, preprocessing: String
        public let thresholds: [Threshold]

        public init(
            ring: String, protocol: String, preprocessing: String, thresholds: [Threshold]
        ) {
            (self.ring, self.protocol) = (ring, `protocol`)
            (self.preprocessing, self.thresholds) = (preprocessing, thresholds)
        }
    }

    public struct Participants: Hashable, Sendable, Codable {
        /// All parties of the roster, in its order.
        public let parties: [String]
        /// Absent from the JSON if there is none.
        public let dealer: String?

        public init(parties: [String], dealer: String?) {
            (self.parties, self.dealer) = (parties, dealer)
        }
    }

    /// One party's table, by its size and the root of its ``InputCommitment``.
    public struct Input: Hashable, Sendable, Codable {
        public let party, table: String
        public let rows: Int
        public let commitment: Digest

        public init(party: String, table: String, rows: Int, commitment: Digest) {
            (self.party, self.table) = (party, table)
            (self.rows, self.commitment) = (rows, commitment)
        }
    }

    enum Kind: String, Codable { case intent }

    private(set) var kind = Kind.intent
    public private(set) var version = StatementVersion.one
    public let session: Digest
    public let program: Program
    public let parameters: Parameters
    public let participants: Participants
    public let inputs: [Input]
    /// Each party's commitment to the seed of its randomness; those without a transcript have none.
    public let seeds: [Outcome.PartyDigest]
    /// Absent from the JSON if the program has no periods.
    public let period: String?
    /// Seconds since 1970 by the agreement of the parties.
    public let time: Int64

    public init(
        session: Digest, program: Program, parameters: Parameters, participants: Participants,
        inputs: [Input], seeds: [Outcome.PartyDigest] = [], period: String?, time: Int64
    ) {
        self.seeds = seeds
        (self.session, self.program, self.parameters) = (session, program, parameters)
        (self.participants, self.inputs) = (participants, inputs)
        (self.period, self.time) = (period, time)
    }
}

/// How a computation ended that an intent announced.
public struct Outcome: Hashable, Sendable, Codable {
    public enum Status: String, Codable, Sendable { case completed, aborted, refused }

    /// A digest that one party made.
    public struct PartyDigest: Hashable, Sendable, Codable {
        public let party: String
        public let digest: Digest

        public init(party: String, digest: Digest) { (self.party, self.digest) = (party, digest) }
    }

    /// One result: who receives it and each party's commitment to its share of it.
    public struct Release: Hashable, Sendable, Codable {
        public let recipients: [String]
        public let commitments: [PartyDigest]

        public init(recipients: [String], commitments: [PartyDigest]) {
            (self.recipients, self.commitments) = (recipients, commitments)
        }
    }

    enum Kind: String, Codable { case outcome }

    private(set) var kind = Kind.outcome
    public private(set) var version = StatementVersion.one
    public let session: Digest
    /// The leaf hash of the intent's entry.
    public let intent: Digest
    public let status: Status
    /// Where it ended, who says so, whom it blames and why.
    ///
    /// A step and a reason for every run that did not complete, the others where known; absent ones
    /// are absent from the JSON.
    public let step, accuser, culprit, reason: String?
    public let releases: [Release]
    /// For each recipient the digest of what it acknowledged to have received.
    public let receipts: [PartyDigest]
    /// Each signer's transcript of the run; those that keep none are absent.
    public let transcripts: [PartyDigest]
    /// Seconds since 1970 by the agreement of the parties, or by its only signer's clock.
    public let time: Int64

    /// The outcome of a run that gave its recipients their results.
    public static func completed(
        session: Digest, intent: Digest, releases: [Release], receipts: [PartyDigest],
        transcripts: [PartyDigest] = [], time: Int64
    ) -> Outcome {
        Outcome(
            session: session, intent: intent, status: .completed, step: nil, accuser: nil,
            culprit: nil, reason: nil, releases: releases, receipts: receipts,
            transcripts: transcripts, time: time)
    }

    /// The outcome of a run that was aborted, or refused by a party before it began.
    public static func ended(
        _ status: Status, session: Digest, intent: Digest, step: String, accuser: String?,
        culprit: String?, reason: String, releases: [Release] = [],
        transcripts: [PartyDigest] = [], time: Int64
    ) -> Outcome {
        Outcome(
            session: session, intent: intent, status: status, step: step, accuser: accuser,
            culprit: culprit, reason: reason, releases: releases, receipts: [],
            transcripts: transcripts, time: time)
    }

    private init(
        session: Digest, intent: Digest, status: Status, step: String?, accuser: String?,
        culprit: String?, reason: String?, releases: [Release], receipts: [PartyDigest],
        transcripts: [PartyDigest], time: Int64
    ) {
        self.transcripts = transcripts
        (self.session, self.intent, self.status) = (session, intent, status)
        (self.step, self.accuser, self.culprit, self.reason) = (step, accuser, culprit, reason)
        (self.releases, self.receipts, self.time) = (releases, receipts, time)
    }
}

extension Statement: Codable {
    private enum CodingKeys: CodingKey { case kind }

    public init(from decoder: any Decoder) throws {
        let kind = try decoder.container(keyedBy: CodingKeys.self).decode(
            String.self, forKey: .kind)
        switch kind {
        case Intent.Kind.intent.rawValue: self = .intent(try Intent(from: decoder))
        case Outcome.Kind.outcome.rawValue: self = .outcome(try Outcome(from: decoder))
        default: throw LedgerError.malformed("a statement is an intent or an outcome")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .intent(let intent): try intent.encode(to: encoder)
        case .outcome(let outcome): try outcome.encode(to: encoder)
        }
    }
}
