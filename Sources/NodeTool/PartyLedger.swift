import ArgumentParser
import Foundation
import Ledger
import Networking
import Primitives
import Runner

/// The ledger in a party's folder, kept together with the other parties' nodes.
struct PartyLedger {
    let service: LedgerNode
    let replication: LedgerReplication
    let cancellation = Cancellation()

    /// - Parameter certificates: the parties' service certificates in PEM, as far as known.
    init(folder: URL, roster: URL, certificates: [String: String]) throws {
        let text = try String(contentsOf: roster, encoding: .utf8)
        let roster = try Roster(text: text)
        let directory = PartyDirectory(folder)
        let identity = try directory.tlsIdentity()
        guard case .party(let me)? = roster.participant(withCertificate: identity.fingerprint)
        else { throw ValidationError("the roster has no party with this folder's certificate") }
        let ledger = try SharedLedger(
            file: directory.ledgerFile, parties: LedgerParties(roster), me: me,
            keys: directory.ledgerKeys(), report: OperatorLog.print)
        let replication = LedgerReplication(
            Seat(roster: roster, directory: directory, protocolChoice: .replicated3),
            ledger: ledger,
            monitor: RunMonitor(cancellation: cancellation, progress: OperatorLog.print))
        self.replication = replication
        service = LedgerNode(ledger, certificates: certificates) { replication.outOfReach }
    }

    /// Replicates in a thread of its own, until it is cancelled or the ledger cannot go on.
    func startReplication() {
        let replication = replication
        Thread.detachNewThread {
            do { try replication.run() } catch {
                OperatorLog.print("replication ended: \(error)")
            }
        }
    }
}
