import ArgumentParser
import Foundation
import Networking
import Node
import Primitives

/// `parley-node serve`: the ledger over HTTPS, until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve the party's ledger until SIGTERM or SIGINT.",
        discussion: """
            Example: parley-node serve --directory bank-a --roster roster.json \\
                       --administrator admin.pem --host 0.0.0.0 --port 8443
            """)

    @OptionGroup var party: PartyOptions
    @Option(help: "The certificate, in PEM, of the party's own administrator.")
    var administrator: String
    @Option(help: "The address to listen at.")
    var host = "127.0.0.1"
    @Option(help: "The port to listen at; 0 takes a free one.")
    var port = 8443
    @Option(
        help: "Another party's service certificate as NAME=FILE, for who asks; may be repeated.")
    var memberCertificate: [String] = []
    @Option(help: "The largest number of connections at once.")
    var connections = 256

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("a port is 0 to 65535") }
        guard (1...10_000).contains(connections) else {
            throw ValidationError("1 to 10000 connections")
        }
    }

    func run() async throws {
        let certificate = try Certificate(
            pem: String(contentsOf: URL(filePath: administrator), encoding: .utf8))
        var limits = NodeLimits()
        limits.connections = connections
        let ledger = try PartyLedger(party, certificates: try certificates())
        ledger.startReplication()
        defer { ledger.cancellation.cancel() }
        let server = try party.nodeFolder.server(
            of: ledger.service, administrator: certificate.fingerprint, host: host, port: port,
            limits: limits,
            report: OperatorLog.print)
        try await server.run()
        OperatorLog.print("stopped")
    }

    private func certificates() throws -> [String: String] {
        var certificates: [String: String] = [:]
        for item in memberCertificate {
            let parts = item.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw ValidationError("write --member-certificate NAME=FILE, not \(item)")
            }
            certificates[parts[0]] = try String(
                contentsOf: URL(filePath: parts[1]), encoding: .utf8)
        }
        return certificates
    }
}
