public import Foundation
public import Ledger
public import Networking
public import Primitives

/// What a ledger holds about one run, as an auditor reads it: all statements with verified signatures.
///
/// The log as a whole is not verified here; `parley ledger verify` does.
public struct RunEntries: Sendable {
    public let intent: Intent
    /// What outcomes name the intent by.
    public let intentLeaf: Digest
    /// Of this run, in the order of the log; several if parties told of an abort.
    public let outcomes: [Outcome]
    private let signers: [[String]]

    /// Finds the run of a session.
    ///
    /// - Parameter session: its identifier, or the first 8 digits or more if no other has them.
    public init(
        session: String, in ledger: URL, roster: Roster
    ) throws(RunFailure) {
        let records: [LedgerRecord]
        do {
            records = try LedgerRecord.read(file: ledger, parties: LedgerParties(roster))
        } catch {
            throw RunFailure(.ledgerDamaged, "\(error)")
        }
        let found = records.compactMap { record in
            if case .intent(let intent) = record.statement,
                session.count >= 8, intent.session.hex.hasPrefix(session.lowercased())
            {
                (intent, record.leafHash)
            } else {
                nil
            }
        }
        guard let (intent, leaf) = found.first, found.count == 1 else {
            throw RunFailure(
                .badInput,
                "\(ledger.path) has \(found.isEmpty ? "no intent" : "several intents") of a session "
                    + "\(session.prefix(64)); `parley ledger show --json` lists them")
        }
        (self.intent, intentLeaf) = (intent, leaf)
        let ended: [(Outcome, [String])] = records.compactMap { record in
            guard case .outcome(let outcome) = record.statement, outcome.intent == leaf else {
                return nil
            }
            return (outcome, record.signers)
        }
        (outcomes, signers) = (ended.map(\.0), ended.map(\.1))
    }

    public var session: Digest { intent.session }

    /// What the party signed of the run's end: the outcome of all, or its own about an abort.
    public func outcome(signedBy party: String) -> Outcome? {
        zip(outcomes, signers).first { $1.contains(party) }?.0
    }
}
