import ArgumentParser
import Foundation
import Node
import Primitives

/// `parley-node init`: the node's keys and certificates.
struct InitNodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make the service's and the node's key and certificate in the folder's node/.")

    @Option(help: "The party's own folder.")
    var directory: String
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
        let folder = NodeFolder(URL(filePath: directory).appending(path: "node"))
        let identity = try folder.create(name: name, hosts: host, days: days)
        print(
            "node \(identity.nodeID) made; give clients \(identity.path(.service)), and keep "
                + "\(identity.path(.serviceKey)) where only its owner reads")
    }
}
