import Foundation
import Ledger
import LedgerFixture
import Node
import Primitives

// A node with a ledger in memory, for clients that are not ours.
//
//   NodeRehearsal FOLDER
//
// makes in the folder the certificates of the node and of an administrator (`administrator.pem`: key
// and certificate), the log's `policy`, and, when the node listens, a file `port`.

let folder = URL(filePath: CommandLine.arguments.dropFirst().first ?? ".")
let ledger = MemoryLedger()
let node = NodeFolder(folder.appending(path: "node"))
_ = try node.create(name: "bank-a", hosts: ["localhost", "127.0.0.1"], days: 30)
let client = try NodeFolder(folder.appending(path: "client")).create(
    name: "administrator", hosts: ["administrator.invalid"], days: 30)
let key = try String(contentsOfFile: client.path(.nodeKey), encoding: .utf8)
try (key + client.node.pem).write(
    to: folder.appending(path: "administrator.pem"), atomically: true, encoding: .utf8)
try ledger.policy.write(to: folder.appending(path: "policy"), atomically: true, encoding: .utf8)
let server = try node.server(
    of: ledger, administrator: client.node.fingerprint, host: "127.0.0.1", port: 0
) { line in
    FileHandle.standardError.write(Data("rehearsal: \(line)\n".utf8))
    // "listening at 127.0.0.1:PORT as node …"
    if let port = line.split(separator: ":").last?.split(separator: " ").first.map(String.init) {
        try? port.write(to: folder.appending(path: "port"), atomically: true, encoding: .utf8)
    }
}
try await server.run()
