import ArgumentParser
import Foundation
import Primitives

/// `parley-node`: a party's ledger for clients of its own.
@main
struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parley-node",
        abstract: "Serve a party's ledger over HTTPS to clients that know it by its certificate.",
        discussion: """
            The interface is that of Azure Confidential Ledger (transactions, receipts, users), and \
            the log itself as C2SP tiles; GET /openapi.json describes it.

              bank-a$ parley-node init --directory bank-a --roster roster.json \\
                        --host ledger.bank-a.example
              bank-a$ parley-node serve --directory bank-a --roster roster.json \\
                        --administrator admin.pem

            Give clients the file node/service.pem of the folder: it is what they are to trust. The \
            ledger has its SHA-256, by its party's word: `parley-audit ledger` and `parley ledger show` \
            list it.
            """,
        version: LibraryVersion.current,
        subcommands: [InitNodeCommand.self, ServeCommand.self])
}

/// Lines for the node's operator; they hold no contents and no keys.
enum OperatorLog {
    static func print(_ line: String) {
        FileHandle.standardError.write(Data("parley-node: \(line.shown)\n".utf8))
    }
}
