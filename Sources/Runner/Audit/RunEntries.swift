public import Foundation
public import Ledger
public import Networking
public import Primitives

/// What a ledger holds about one run, as an auditor reads it.
///
/// The whole log is audited first: nothing of a ledger that is not sound counts, and no statement that
/// is not yet in the log.
public struct RunEntries: Sendable {
    public let intent: Intent
    /// Of this run, in the order of the log; several if parties told of an abort.
    public let outcomes: [Outcome]
    private let signers: [[String]]

    /// Finds the run of a session.
    ///
    /// - Parameters:
    ///   - session: its identifier, or the first 8 digits or more if no other has them.
    ///   - ledger: anybody's copy of the ledger.
    public init(session: String, in ledger: URL, roster: Roster) throws(RunFailure) {
        var intents: [(intent: Intent, digest: Digest)] = []
        var ended: [(outcome: Outcome, signers: [String])] = []
        do {
            let report = LedgerAuditor(.parties(try LedgerParties(roster))).audit(ledger)
            guard report.isSound else {
                throw LedgerError.malformed(
                    "\(ledger.path) does not verify: \(report.findings[0]); use another copy")
            }
            try LedgerRecord.read(file: ledger) { record in
                guard record.index != nil else { return }
                switch record.statement {
                case .intent(let intent)
                where session.count >= 8 && intent.session.hex.hasPrefix(session.lowercased()):
                    intents.append((intent, try record.statement.digest))
                case .outcome(let outcome): ended.append((outcome, record.signers))
                default: break
                }
            }
        } catch {
            throw RunFailure(.ledgerDamaged, "\(error)")
        }
        guard let (intent, digest) = intents.first, intents.count == 1 else {
            throw RunFailure(
                .badInput,
                "\(ledger.path) has \(intents.isEmpty ? "no intent" : "several intents") of a "
                    + "session \(session.prefix(64)); `parley ledger show --json` lists them")
        }
        let own = ended.filter { $0.outcome.intent == digest }
        self.intent = intent
        (outcomes, signers) = (own.map(\.outcome), own.map(\.signers))
    }

    public var session: Digest { intent.session }

    /// What the party signed of the run's end: the outcome of all, or its own about an abort.
    public func outcome(signedBy party: String) -> Outcome? {
        zip(outcomes, signers).first { $1.contains(party) }?.0
    }
}
