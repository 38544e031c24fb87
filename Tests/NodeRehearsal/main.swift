import Foundation
import Ledger
import LedgerFixture
import Node
import Primitives

// Three nodes over one ledger in memory, for clients that are not ours.
//
//   NodeRehearsal FOLDER
//
// makes in the folder the log's `policy`, an administrator of all three (`administrator.pem`: key and
// certificate), and for each party the identity of its node. A node that listens says so in a file:
// `bank-a.url` and so on.

let folder = URL(filePath: CommandLine.arguments.dropFirst().first ?? ".")
let ledger = MemoryLedger()

func write(_ text: String, to name: String) throws {
    try AtomicFile.write(
        Array(text.utf8), to: folder.appending(path: name), overwriting: true, mode: 0o600)
}

let client = try NodeFolder(folder.appending(path: "administrator")).create(
    name: "administrator", hosts: ["administrator.invalid"], days: 30)
let key = try String(contentsOfFile: client.path(.nodeKey), encoding: .utf8)
try write(key + client.node.pem, to: "administrator.pem")
try write(ledger.policy, to: "policy")

try await withThrowingTaskGroup(of: Void.self) { group in
    for name in MemoryLedger.names {
        let node = NodeFolder(folder.appending(path: name))
        let identity = try node.create(name: name, hosts: ["localhost"], days: 30)
        let users = try Users(file: node.usersFile, administrator: client.node.fingerprint)
        let api = NodeAPI(ledger: ledger, identity: identity, users: users) { print($0) }
        let server = try NodeServer(api, identity: identity, host: "127.0.0.1", port: 0) { port in
            try? write("https://localhost:\(port)", to: "\(name).url")
        }
        group.addTask { try await server.run() }
    }
    try await group.waitForAll()
}
