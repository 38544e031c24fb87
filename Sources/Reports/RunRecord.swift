import Foundation
public import MPC
public import Script

/// What a party's folder keeps of a run in `report.json`, as far as pages tell it.
public struct RunRecord: Sendable, Decodable {
    /// In the words of ISO/IEC 4922-1.
    public struct Security: Sendable, Decodable {
        public let protocolName: String
        public let title: String
        public let computingParties, inputParties, resultParties: [String]
        public let dealer: String?
        public let threshold: Int
        public let adversary: String
        public let assumptions: String
    }

    public struct Randomness: Sendable, Decodable {
        public let source: String
        public let preparation: String?
    }

    public struct InputTable: Sendable, Decodable {
        public let name: String
        public let rows: Int
    }

    public let script: String
    public let version: Int
    /// SHA-256 of the script's canonical text, in hexadecimal.
    public let scriptHash: String
    /// 64 hexadecimal digits.
    public let session: String
    public let party: String
    public let period: String?
    /// `NAME=VALUE` each.
    public let choices: [String]
    public let ring: String
    public let security: Security
    public let randomness: Randomness
    public let manifest: Manifest
    public let answers: [RunDocument.Answer]
    public let tables: [InputTable]
    public let costs: CostReport
    /// The end, in seconds since 1970.
    public let time: Int64

    public init(parsing json: [UInt8]) throws {
        self = try JSONDecoder().decode(RunRecord.self, from: Data(json))
    }
}

extension RunRecord {
    /// The statement of ISO/IEC 4922-1 on this run: who does what, and against whom it is safe.
    public var securityStatement: [(name: String, value: String)] {
        let parties = security.computingParties
        return [
            ("Input parties", security.inputParties.joined(separator: ", ")),
            ("Computing parties", "\(parties.joined(separator: ", ")) (n = \(parties.count))"),
            ("Result parties", security.resultParties.joined(separator: ", ")),
            ("Helper", security.dealer.map { "dealer \($0)" } ?? "none"),
            ("Protocol", "\(security.protocolName): \(security.title)"),
            ("Encoding", "shares over the ring \(ring)"),
            (
                "Communication",
                "a private and authenticated channel between every two parties (TLS 1.3, both "
                    + "ends by pinned certificates), in rounds"
            ),
            (
                "Threshold",
                "t = \(security.threshold): so many computing parties may pool what they see"
            ),
            ("Adversary", "\(security.adversary): corrupted parties follow the protocol"),
            ("Input privacy", "holds under the assumptions below"),
            ("Correctness", "holds if every computing party follows the protocol"),
            ("Against an active adversary", "not claimed"),
            ("Fairness", "not claimed: who gives up in the last step may learn alone"),
            ("Guaranteed output delivery", "not claimed: one party can end the run"),
            ("Assumptions", security.assumptions),
            (
                "Not hidden",
                (manifest.everybodyKnows + manifest.shortcuts).joined(separator: "; ")
            ),
        ]
    }

    /// What a page of this run says.
    ///
    /// - Parameters:
    ///   - withAnswers: false for those who are not to learn what the party learned.
    ///   - flow: of the script's text, to be drawn.
    public func document(
        withAnswers: Bool, flow: FlowPicture?, record: LedgerProof?, signatures: [RoleSignature]
    ) -> RunDocument {
        let prepared = randomness.preparation.map { "prepared \($0.prefix(16))…, else " } ?? ""
        var facts: [(name: String, value: String)] = [
            ("Protocol", "\(security.protocolName) over \(ring): \(security.title)"),
            ("Computing parties", security.computingParties.joined(separator: ", ")),
            ("Threshold", "\(security.threshold), \(security.adversary)"),
            ("Safe if", security.assumptions),
            ("Randomness", prepared + randomness.source),
            ("Script", "\(script) version \(version), SHA-256 \(scriptHash)"),
            ("Session", session), ("Ended", Figures.time(time)),
        ]
        if !choices.isEmpty { facts.append(("Chosen", choices.joined(separator: ", "))) }
        // How many rows a party has, nobody else learns.
        if withAnswers {
            let own = tables.map { "\($0.name): \(Figures.rows($0.rows))" }
            facts.append(("Own tables", own.joined(separator: ", ")))
        }
        return RunDocument(
            party: party, period: period, session: session, time: time, manifest: manifest,
            answers: withAnswers ? answers : [], costs: costs, facts: facts, flow: flow,
            record: record, signatures: signatures)
    }
}
