import Foundation
import Ledger
import LedgerFixture
import Node
import Primitives
import TestSupport
import Testing

@Suite struct InterfaceTests {
    /// Every operation that the interface has, as Azure and C2SP name their paths.
    private static let operations: Set<String> = [
        "post /app/transactions", "get /app/transactions", "get /app/transactions/current",
        "get /app/transactions/{transactionId}", "get /app/transactions/{transactionId}/status",
        "get /app/transactions/{transactionId}/receipt", "get /app/collections",
        "get /app/users/{userId}", "patch /app/users/{userId}", "delete /app/users/{userId}",
        "get /app/governance/constitution", "get /app/governance/members",
        "get /app/enclaveQuotes", "get /ledgerIdentity/{ledgerId}", "get /checkpoint",
        "get /tile/entries/{tile}", "get /tile/{level}/{tile}", "get /healthz",
    ]

    /// The description lists exactly the operations, and each answers as it says.
    @Test func descriptionIsTrue() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            for index in 0..<300 { _ = await node.post("\(index)") }
            let description = await node.call("GET", "/openapi.json", as: nil)
            #expect(description.text("openapi") == "3.0.3")
            let paths = try #require(
                description.object["paths"] as? [String: [String: [String: Any]]])
            let described = paths.flatMap { path, methods in methods.keys.map { "\($0) \(path)" } }
            #expect(Set(described) == Self.operations)
            let values = [
                "transactionId": "2.1", "userId": node.fingerprint("stranger"), "level": "0",
                "ledgerId": "x", "tile": "000",
            ]
            // A user is made before it is read, and read before it is deleted.
            let order = ["patch", "post", "get", "delete"]
            for (path, methods) in paths.sorted(by: { $0.key < $1.key }) {
                for method in order {
                    guard let operation = methods[method] else { continue }
                    let parameters = operation["parameters"] as? [[String: Any]] ?? []
                    var target = path
                    for parameter in parameters where parameter["in"] as? String == "path" {
                        let name = try #require(parameter["name"] as? String)
                        target = target.replacingOccurrences(
                            of: "{\(name)}", with: values[name] ?? "")
                    }
                    let body =
                        method == "patch" ? #"{"assignedRole":"Reader"}"# : #"{"contents":"x"}"#
                    let answer = await node.call(
                        method.uppercased(), target, body, as: "Administrator")
                    let responses = operation["responses"] as? [String: [String: Any]] ?? [:]
                    let response = try #require(responses["\(answer.status)"], "\(method) \(path)")
                    let types = (response["content"] as? [String: Any])?.keys.map { "\($0)" }
                    #expect(types == answer.headers["content-type"].map { [$0] })
                    // It says truly whether a certificate is needed.
                    let isPublic = (operation["security"] as? [Any] ?? []).isEmpty
                    let asNobody = await node.call(method.uppercased(), target, body, as: nil)
                    #expect((asNobody.status != 401) == isPublic, "\(path)")
                    let isVersioned = parameters.contains { $0["name"] as? String == "api-version" }
                    let unversioned = await node.call(
                        method.uppercased(), target + "?api-version=x", body, as: "Administrator")
                    #expect((unversioned.code == "UnsupportedApiVersion") == isVersioned)
                }
            }
        }
    }

    @Test func versions() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            for version in ["2022-05-13", "2024-12-09-preview"] {
                let answer = await node.call("GET", "/app/collections?api-version=\(version)")
                #expect(answer.status == 200)
            }
            for version in ["2021-01-01", "", "2022-05-13&api-version=2022-05-13"] {
                let answer = await node.call("GET", "/app/collections?api-version=\(version)")
                #expect(answer.status == 400)
            }
        }
    }

    @Test func unknownPathsAndMethods() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            for path in ["/", "/app", "/app/transactions/2.1/x", "/app/transactions/", "//", "/x"] {
                let answer = await node.call("GET", path)
                #expect([400, 404].contains(answer.status), "\(path)")
            }
            let wrong = await node.call("DELETE", "/app/transactions")
            #expect(wrong.status == 405 && wrong.headers["allow"] == "GET, POST")
            for target in [
                "", "app", "/%", "/%ff", "/a?x=%zz", "/" + String(repeating: "a", count: 5000),
            ] {
                let answer = await node.api.respond(to: NodeRequest(method: "GET", target: target))
                #expect(
                    answer.status == 400 && answer.code == "InvalidInput", "\(target.prefix(9))")
            }
        }
    }

    @Test func tilesAreServed() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            #expect((await node.call("GET", "/checkpoint", as: nil)).status == 404)
            for index in 0..<300 { node.ledger.append(Array("entry \(index)".utf8)) }
            let note = await node.call("GET", "/checkpoint", as: nil)
            #expect(note.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(note.body == node.ledger.checkpoint())
            for (path, count) in [
                ("/tile/0/000", 256), ("/tile/0/001.p/44", 44), ("/tile/0/000.p/7", 7),
                ("/tile/1/000.p/1", 1),
            ] {
                let tile = await node.call("GET", path, as: nil)
                #expect(tile.body.count == 32 * count, "\(path)")
                #expect(tile.headers["content-type"] == "application/octet-stream")
                #expect(tile.headers["cache-control"]?.contains("immutable") == true)
            }
            let bundle = await node.call("GET", "/tile/entries/001.p/2", as: nil)
            #expect(
                bundle.body == [0, 9] + Array("entry 256".utf8) + [0, 9] + Array("entry 257".utf8))
            for path in [
                "/tile/0/001", "/tile/0/001.p/45", "/tile/1/000", "/tile/1/000.p/2", "/tile/2/000",
                "/tile/64/000", "/tile/-1/000", "/tile/00/000", "/tile/0/0", "/tile/0/0000",
                "/tile/0/x000/000", "/tile/0/000/000", "/tile/0/x001", "/tile/0/000.p/0",
                "/tile/0/000.p/256", "/tile/0/000.p/07", "/tile/0/000.p", "/tile/0/.p/1",
                "/tile/0/+00", "/tile/0/x999/x999/x999/x999/999", "/tile/entries/001",
                "/tile/entries/000.p/%31%00", "/tile/0", "/tile/0/", "/tile/0/٠٠٠",
            ] {
                let escaped = path.addingPercentEncoding(
                    withAllowedCharacters: .urlPathAllowed.union(["%"]))
                let answer = await node.call("GET", escaped ?? path, as: nil)
                #expect(answer.status == 404, "\(path)")
            }
        }
    }

    @Test func healthAndInnerFailures() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            _ = await node.post("contents that no report may hold")
            #expect((await node.call("GET", "/healthz", as: nil)).object["entries"] as? Int == 1)
            let broken = try NodeAPI(
                ledger: BrokenLedger(), identity: node.identity,
                users: Users(
                    file: node.folder.usersFile,
                    administrator: #require(node.clients["Administrator"]).node.fingerprint),
                report: node.reports.add)
            for target in ["/healthz", "/checkpoint"] {
                let answer = await broken.respond(to: NodeRequest(method: "GET", target: target))
                #expect(answer.status == 500 && answer.code == "InternalError")
                #expect(!String(decoding: answer.body, as: UTF8.self).contains("disk"))
            }
            #expect(node.reports.all.count == 2)
            #expect(node.reports.all.allSatisfy { $0.contains("disk") })
        }
    }

    /// Bodies and targets come from anybody: each mutation gets an answer in the shape
    /// of one, and none reaches the ledger that is not a post.
    @Test func mutatedRequests() async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            let id = node.fingerprint("Reader")
            let seeds: [(String, String, String)] = [
                ("POST", "/app/transactions?collectionId=c", #"{"contents":"abc \u00e9 \" {}"}"#),
                ("PATCH", "/app/users/\(id)", #"{"assignedRole":"Reader"}"#),
                ("GET", "/app/transactions?fromTransactionId=2.1&toTransactionId=2.9", ""),
                ("GET", "/app/transactions/2.1/receipt", ""), ("GET", "/tile/0/000.p/1", ""),
            ]
            node.ledger.append(Array("run".utf8))
            var random = SeededGenerator(seed: 5)
            for round in 0..<MutationCounts.requests {
                let (method, target, body) = seeds[round % seeds.count]
                let answer = await node.api.respond(
                    to: NodeRequest(
                        method: method,
                        target: String(
                            decoding: mutated(
                                Array(
                                    (target + (target.contains("?") ? "&" : "?")
                                        + "api-version=2022-05-13").utf8), round % 3 == 0, &random),
                            as: UTF8.self),
                        body: mutated(Array(body.utf8), round % 3 != 0, &random),
                        certificate: node.clients["Administrator"]?.node))
                #expect(answer.status < 500, "\(String(decoding: answer.body, as: UTF8.self))")
                #expect(answer.status < 400 || answer.code != nil)
            }
            #expect(node.reports.all.isEmpty)
            #expect((await node.post("still here")).status == 200)
        }
    }

    private func mutated(
        _ bytes: [UInt8], _ isMutated: Bool, _ random: inout SeededGenerator
    ) -> [UInt8] {
        guard isMutated, !bytes.isEmpty else { return bytes }
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let position = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: position)
            default: if bytes.count > 1 { bytes.remove(at: position) }
            }
        }
        return bytes
    }
}

/// A ledger whose disk fails.
private struct BrokenLedger: LedgerService {
    private func fail<Value>() throws -> Value { throw LedgerError.storage("the disk is broken") }

    func post(_ contents: String, collection: String, within: Duration) async throws -> Int {
        try fail()
    }
    var count: Int { get throws { try fail() } }
    func note(at index: Int) throws -> LedgerNote? { try fail() }
    func notes(in collection: String, from: Int, to: Int?, limit: Int) throws -> [LedgerNote] {
        try fail()
    }
    func newestNote(in collection: String) throws -> LedgerNote? { try fail() }
    func collections(after: String?, limit: Int) throws -> [String] { try fail() }
    func receiptWindow(at index: Int) throws -> ReceiptWindow? { try fail() }
    func inclusionProof(at index: Int) throws -> TlogProof? { try fail() }
    func checkpoint() throws -> [UInt8]? { try fail() }
    func tile(level: Int, number: Int, width: Int) throws -> [UInt8]? { try fail() }
    func entryBundle(number: Int, width: Int) throws -> [UInt8]? { try fail() }
    func members() throws -> [(name: String, certificate: String)] { try fail() }
    func constitution() throws -> String { try fail() }
}
