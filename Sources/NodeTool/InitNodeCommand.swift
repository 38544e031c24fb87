import ArgumentParser
import Foundation
import Ledger
import Node
import Primitives
import Runner

/// `parley-node init`: the node's keys and certificates, and the party's word for them.
struct InitNodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make the service's and the node's key and certificate in the folder's node/.",
        discussion: """
            Example: parley-node init --directory bank-a --roster roster.json \\
                       --host ledger.bank-a.example

            Also records in the party's ledger that it signs receipts under this certificate: all \
            parties have that after the next run, `parley ledger sync`, or at once if their nodes are \
            up. To replace a certificate, move the folder node/ away and run this again; the new one \
            is recorded too.
            """)

    @OptionGroup var party: PartyOptions
    @Option(help: "The name in the certificates.")
    var name = "parley"
    @Option(help: "A host name or address at which clients reach the node; may be repeated.")
    var host: [String]
    @Option(help: "How long the certificates are valid, in days.")
    var days = 365

    func validate() throws {
        guard !host.isEmpty else { throw ValidationError("name at least one --host") }
        guard (1...3650).contains(days) else { throw ValidationError("1 to 3650 days") }
    }

    func run() throws {
        // Opened first: a roster that does not fit leaves nothing behind.
        let ledger = try party.folder.sharedLedger(party.loadedRoster())
        let identity = try party.nodeFolder.create(name: name, hosts: host, days: days)
        let statement = try ledger.stateService(identity.service)
        print(
            "node \(identity.nodeID) made; give clients \(identity.path(.service)), and keep "
                + "\(identity.path(.serviceKey)) where only its owner reads\n"
                + "service certificate: SHA-256 \(identity.service.fingerprint.hex), recorded in the "
                + "ledger as \(statement.hex)")
    }
}
