import Foundation
import Ledger
import LedgerFixture
import Node
import Primitives
import Synchronization
import TestSupport
import Testing

/// A node's interface over a ledger in memory, and clients with each role.
struct NodeFixture {
    let ledger = MemoryLedger()
    let folder: NodeFolder
    let identity: ServiceIdentity
    let api: NodeAPI
    /// By role, and a stranger; the certificate of each is its `node`.
    let clients: [String: ServiceIdentity]
    let reports = Reports()

    init(_ url: URL, clock: any ParleyClock = SystemClock()) async throws {
        func identity(_ name: String) throws -> ServiceIdentity {
            try NodeFolder(url.appendingPathComponent(name)).create(
                name: name, hosts: ["localhost", "127.0.0.1"], days: 30)
        }
        folder = NodeFolder(url.appendingPathComponent("node"))
        self.identity = try identity("node")
        var clients: [String: ServiceIdentity] = [:]
        for name in ["Administrator", "Contributor", "Reader", "stranger"] {
            clients[name] = try identity(name)
        }
        self.clients = clients
        api = try NodeAPI(
            ledger: ledger, identity: self.identity,
            users: Users(file: folder.usersFile, administrator: administrator(clients)),
            postTime: .seconds(1), clock: clock, report: reports.add)
        for role in ["Contributor", "Reader"] {
            let answer = await call(
                "PATCH", "/app/users/\(fingerprint(role))", #"{"assignedRole":"\#(role)"}"#,
                as: "Administrator")
            try #require(answer.status == 200)
        }
    }

    func fingerprint(_ client: String) -> String {
        let pairs = clients[client]?.node.fingerprint.bytes.map { String(format: "%02X", $0) }
        return (pairs ?? []).joined(separator: ":")
    }

    /// Asks the interface; `/app` paths get the version that Azure's client names.
    func call(
        _ method: String, _ target: String, _ body: String = "", as client: String? = "Contributor"
    ) async -> NodeResponse {
        let isVersioned = target.hasPrefix("/app") || target.hasPrefix("/ledgerIdentity")
        let version =
            !isVersioned || target.contains("api-version")
            ? "" : (target.contains("?") ? "&" : "?") + "api-version=2022-05-13"
        return await api.respond(
            to: NodeRequest(
                method: method, target: target + version, body: Array(body.utf8),
                certificate: client.flatMap { clients[$0]?.node }))
    }

    func post(_ contents: String, _ collection: String? = nil) async -> NodeResponse {
        let body = try? JSONEncoder().encode(["contents": contents])
        let query = collection.map { "?collectionId=\($0)" } ?? ""
        return await call(
            "POST", "/app/transactions" + query, String(decoding: body ?? Data(), as: UTF8.self))
    }
}

private func administrator(_ clients: [String: ServiceIdentity]) throws -> Digest {
    try #require(clients["Administrator"]).node.fingerprint
}

/// Lines that the node reported.
final class Reports: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    var add: @Sendable (String) -> Void { { line in self.lines.withLock { $0.append(line) } } }
}

extension NodeResponse {
    /// The body as a JSON object.
    var object: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
    }

    /// The code of a refusal.
    var code: String? { (object["error"] as? [String: Any])?["code"] as? String }

    func text(_ key: String) -> String? { object[key] as? String }
}
