public import Foundation
public import Ledger
public import Primitives

/// What a node keeps, in one folder: its certificates and keys, and its users.
public struct NodeFolder: Sendable {
    public let url: URL

    public init(_ url: URL) { self.url = url }

    /// The users, as JSON.
    public var usersFile: URL { url.appendingPathComponent("users.json") }

    /// Makes the folder and a new identity in it; an identity that exists is never replaced.
    public func create(
        name: String, hosts: [String], days: Int, clock: some ParleyClock = SystemClock()
    ) throws -> ServiceIdentity {
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return try ServiceIdentity.create(
            in: url, name: name, hosts: hosts, validFrom: clock.wallSeconds - 60, days: days)
    }

    /// A server of a ledger with this folder's identity and users.
    ///
    /// - Parameters:
    ///   - administrator: the SHA-256 fingerprint of the party's own administrator's certificate.
    ///   - report: takes lines for the node's operator.
    public func server(
        of ledger: any LedgerService, administrator: Digest, host: String, port: Int,
        limits: NodeLimits = NodeLimits(), report: @escaping @Sendable (String) -> Void
    ) throws -> NodeServer {
        let identity = try ServiceIdentity(in: url)
        let users = try Users(file: usersFile, administrator: administrator)
        let api = NodeAPI(ledger: ledger, identity: identity, users: users, report: report)
        return try NodeServer(
            api, identity: identity, host: host, port: port, limits: limits
        ) { port in report("listening at \(host):\(port) as node \(identity.nodeID)") }
    }
}
