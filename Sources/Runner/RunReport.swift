import Foundation
import Ledger
public import MPC
import Networking
import Preprocessing
import Primitives
public import Script
import Tables

/// What a run that came to its end was, for people, programs and the supervisor.
public struct RunReport: Sendable, Codable {
    /// One of this party's tables.
    public struct InputTable: Sendable, Codable, Hashable {
        public let name: String
        /// As many as were read; nobody else learns it.
        public let rows: Int
    }

    public let script: String
    public let version: Int
    /// Of the canonical text, in hexadecimal.
    public let scriptHash: String
    public let session: String
    public let party: String
    public let period: String?
    /// `NAME=VALUE` of everything that was chosen for this run.
    public let choices: [String]
    /// The session whose tables this run repeated.
    public let rerunOf: String?
    public let ring: String
    public let security: SecurityStatement
    public let randomness: RandomnessOrigin
    public let manifest: Manifest
    /// What this party learned.
    public let answers: [ScriptAnswer]
    public let tables: [InputTable]
    public let costs: CostReport
    public let ledgerFile: String
    public let ledgerEntries: Int
    /// Leaf hashes of the two entries.
    public let intent, outcome: String
    /// The end, in seconds since 1970 by this party's clock.
    public let time: Int64
}

extension RunReport {
    init(
        _ options: RunOptions, _ inputs: PartyInputs, _ session: Session, _ me: Party,
        _ answers: [ScriptAnswer], _ preparation: String?,
        _ amounts: [String: RandomnessSupply.Amount], entries: Int,
        intent: SharedLedger.Position, outcome: SharedLedger.Position, time: Int64
    ) {
        let (choice, roster) = (options.protocolChoice, options.roster)
        let dealer = choice.needsDealer ? roster.dealer?.name : nil
        let checked = inputs.script.checked
        (script, version) = (checked.name, checked.version)
        scriptHash = inputs.script.hash.hex
        self.session = session.id.hex
        party = roster.parties[me.index].name
        (period, choices) = (inputs.script.period, inputs.script.choices)
        rerunOf = inputs.repeated?.hex
        ring = options.ring.description
        security = SecurityStatement(checked, by: choice, dealer: dealer)
        randomness = RandomnessOrigin(
            source: choice.randomness(dealer: dealer), preparation: preparation, amounts: amounts)
        manifest = Manifest(of: checked)
        self.answers = answers
        tables = inputs.own.committed.map { InputTable(name: $0.name, rows: $0.table.rowCount) }
        costs = session.costs.report
        (ledgerFile, ledgerEntries) = (options.directory.ledgerFile.path, entries)
        (self.intent, self.outcome) = (intent.leafHash.hex, outcome.leafHash.hex)
        self.time = time
    }
}
