import ArgumentParser
import Foundation
import Ledger
import Networking
import Node
import Primitives
import Runner

/// The party whose node it is.
struct PartyOptions: ParsableArguments {
    @Option(help: "The party's own folder.")
    var directory: String
    @Option(help: "The roster that all parties agreed on.")
    var roster: String

    var folder: PartyDirectory { PartyDirectory(URL(filePath: directory)) }
    var nodeFolder: NodeFolder { NodeFolder(folder.url.appending(path: "node")) }

    func loadedRoster() throws -> Roster {
        try Roster(text: String(contentsOf: URL(filePath: roster), encoding: .utf8))
    }
}

/// The ledger in a party's folder, kept together with the other parties' nodes.
struct PartyLedger {
    let service: LedgerNode
    let replication: LedgerReplication
    let cancellation = Cancellation()

    /// - Parameter certificates: the parties' service certificates in PEM, as far as known.
    init(_ party: PartyOptions, certificates: [String: String]) throws {
        let roster = try party.loadedRoster()
        let ledger = try party.folder.sharedLedger(roster, report: OperatorLog.print)
        let replication = LedgerReplication(
            Seat(roster: roster, directory: party.folder, protocolChoice: .replicated3),
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
