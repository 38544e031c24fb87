public import Primitives

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

    public let session: Digest
    public let program: Program
    public let parameters: Parameters
    public let participants: Participants
    public let inputs: [Input]
    /// Each party's commitment to the seed of its randomness; empty if no transcripts are kept.
    public let seeds: [PartyDigest]
    /// Absent from the JSON if the program has no periods.
    public let period: String?
    /// Seconds since 1970 by the agreement of the parties.
    public let time: Int64

    public init(
        session: Digest, program: Program, parameters: Parameters, participants: Participants,
        inputs: [Input], seeds: [PartyDigest] = [], period: String?, time: Int64
    ) {
        (self.session, self.program, self.parameters) = (session, program, parameters)
        (self.participants, self.inputs, self.seeds) = (participants, inputs, seeds)
        (self.period, self.time) = (period, time)
    }
}

/// A digest that one party made.
public struct PartyDigest: Hashable, Sendable, Codable {
    public let party: String
    public let digest: Digest

    public init(party: String, digest: Digest) { (self.party, self.digest) = (party, digest) }
}

/// How a computation ended that an intent announced.
///
/// All parties sign a completed or a suppressed run. An aborted or refused one is stated by each party
/// alone, as it saw it.
public struct Outcome: Hashable, Sendable, Codable {
    /// `suppressed`: the computation ended, and its own rules held the result back.
    public enum Status: String, Codable, Sendable { case completed, aborted, refused, suppressed }

    /// One result: who receives it and each party's commitment to its share of it.
    public struct Release: Hashable, Sendable, Codable {
        public let recipients: [String]
        public let commitments: [PartyDigest]

        public init(recipients: [String], commitments: [PartyDigest]) {
            (self.recipients, self.commitments) = (recipients, commitments)
        }
    }

    public let session: Digest
    /// The intent's digest.
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
    /// Each party's hash of its transcript, as far as they are kept and known to the signers.
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

    /// The outcome of a run that ended without its result.
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
        (self.session, self.intent, self.status) = (session, intent, status)
        (self.step, self.accuser, self.culprit, self.reason) = (step, accuser, culprit, reason)
        (self.releases, self.receipts) = (releases, receipts)
        (self.transcripts, self.time) = (transcripts, time)
    }
}
