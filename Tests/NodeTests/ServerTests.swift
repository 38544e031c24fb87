import Foundation
import LedgerFixture
import Node
import Primitives
import Synchronization
import TestSupport
import Testing

/// The server over TLS on 127.0.0.1.
@Suite(.serialized) struct ServerTests {
    /// Runs `body` on a thread, with the port of a running server, which is stopped afterwards.
    private func withServer(
        _ limits: NodeLimits = NodeLimits(),
        _ body: @escaping @Sendable (NodeFixture, Int) throws -> Void
    ) async throws {
        try await withTemporaryFolder { url in
            let node = try await NodeFixture(url)
            let (ports, port) = AsyncStream.makeStream(of: Int.self)
            let server = try NodeServer(
                node.api, identity: node.identity, host: "127.0.0.1", port: 0, limits: limits,
                signals: false, onListening: { port.yield($0) })
            let running = Task { try await server.run() }
            for await number in ports {
                do {
                    try await onThread { try body(node, number) }
                } catch {
                    Issue.record(error)
                }
                break
            }
            await server.stop()
            try await running.value
        }
    }

    @Test func clientsAreKnownByTheirCertificates() async throws {
        try await withServer { node, port in
            let trusted = node.identity.path(.service)
            let list = "/app/transactions?api-version=2022-05-13"
            for (client, status) in [
                ("Reader", 200), ("Contributor", 200), ("stranger", 401), (nil, 401),
            ] {
                let connection = try TLSClient(
                    port: port, trusting: trusted, as: client.flatMap { node.clients[$0] })
                #expect(try connection.ask("GET", list).status == status)
                // The same connection serves what is open to everybody.
                #expect(try connection.ask("GET", "/healthz").status == 200)
            }
            let writer = try TLSClient(
                port: port, trusting: trusted, as: node.clients["Contributor"])
            let posted = try writer.ask("POST", list, body: #"{"contents":"x"}"#)
            #expect(posted.headers["x-ms-ccf-transaction-id"] == "2.1")
            #expect(posted.headers["content-type"] == "application/json")
        }
    }

    /// A client that trusts another service does not talk to this one.
    @Test func nodeProvesItself() async throws {
        try await withServer { node, port in
            let other = try #require(node.clients["stranger"])
            #expect(throws: TLSClient.Failure.self) {
                try TLSClient(port: port, trusting: other.path(.service), as: nil)
            }
        }
    }

    @Test func sizesAreBounded() async throws {
        try await withServer { node, port in
            let trusted = node.identity.path(.service)
            let client = { try TLSClient(port: port, trusting: trusted, as: nil) }
            let long = try client()
            long.send(
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: "
                    + String(repeating: "x", count: 40_000) + "\r\n\r\n")
            #expect((try? long.answer().status) != 200)
            let many = try client()
            let lines = (0..<200).map { "X-\($0): y\r\n" }.joined()
            many.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\(lines)\r\n")
            #expect((try? many.answer().status) != 200)
            let body = try TLSClient(
                port: port, trusting: trusted, as: node.clients["Contributor"])
            body.send(
                "POST /app/transactions?api-version=2022-05-13 HTTP/1.1\r\nHost: localhost\r\n"
                    + "Content-Length: 1000000000\r\n\r\n" + String(repeating: " ", count: 70_000))
            #expect(try body.answer().status == 413)
            #expect(body.isClosedByServer())
            let garbage = try client()
            garbage.send("\u{1}\u{2}garbage\r\n\r\n")
            #expect((try? garbage.answer().status) != 200)
            #expect(try client().ask("GET", "/healthz").status == 200)
        }
    }

    /// One connection more than the limit is told so; when one ends there is room again.
    @Test func connectionsAreBounded() async throws {
        var limits = NodeLimits()
        limits.connections = 3
        try await withServer(limits) { node, port in
            let trusted = node.identity.path(.service)
            let client = { try TLSClient(port: port, trusting: trusted, as: nil) }
            var open = try (0..<3).map { _ in try client() }
            for connection in open { #expect(try connection.ask("GET", "/healthz").status == 200) }
            let refused = try client().ask("GET", "/healthz")
            #expect(refused.status == 503 && refused.headers["retry-after"] == "1")
            open.removeLast()
            // The server may take a moment to see the end.
            var status = 503
            for _ in 0..<100 where status == 503 {
                status = (try? client().ask("GET", "/healthz").status) ?? 503
                usleep(20_000)
            }
            #expect(status == 200)
        }
    }

    /// Whoever does not say what it wants, says it byte by byte, or never ends its body, is closed.
    @Test func slowClientsAreClosed() async throws {
        var limits = NodeLimits()
        limits.idleTime = .milliseconds(400)
        limits.requestTime = .milliseconds(800)
        try await withServer(limits) { node, port in
            let trusted = node.identity.path(.service)
            let silent = try TLSClient(port: port, trusting: trusted, as: nil)
            #expect(silent.isClosedByServer())
            let beforeTLS = try RawClient(port: port)
            beforeTLS.send([0x16, 3, 1])
            let head = try TLSClient(port: port, trusting: trusted, as: nil)
            head.send("GET /hea")
            #expect(head.isClosedByServer())
            let body = try TLSClient(
                port: port, trusting: trusted, as: node.clients["Contributor"])
            body.send(
                "POST /app/transactions?api-version=2022-05-13 HTTP/1.1\r\nHost: localhost\r\n"
                    + "Content-Length: 60000\r\n\r\n")
            // A byte every 100 ms keeps a connection from being idle, but not for 6,000 s.
            var count = 0
            while count < 200, body.send(" ") {
                count += 1
                usleep(100_000)
            }
            #expect(count < 200)
            let idle = try TLSClient(port: port, trusting: trusted, as: nil)
            #expect(try idle.ask("GET", "/healthz").status == 200)
            #expect(idle.isClosedByServer())
            let after = try TLSClient(port: port, trusting: trusted, as: nil)
            #expect(try after.ask("GET", "/healthz").status == 200)
        }
    }

    /// Random bytes below and above TLS end connections, not the server.
    @Test func garbageDoesNotStopTheServer() async throws {
        try await withServer { node, port in
            let trusted = node.identity.path(.service)
            var random = SeededGenerator(seed: 6)
            for _ in 0..<100 {
                let raw = try RawClient(port: port)
                raw.send(
                    (0..<Int.random(in: 1...300, using: &random)).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    })
            }
            for _ in 0..<20 {
                let client = try TLSClient(port: port, trusting: trusted, as: nil)
                let bytes = (0..<100).map { _ in
                    UnicodeScalar(UInt8.random(in: 0x0A...0x7E, using: &random))
                }
                client.send(String(String.UnicodeScalarView(bytes)))
            }
            let client = try TLSClient(port: port, trusting: trusted, as: nil)
            #expect(try client.ask("GET", "/healthz").status == 200)
        }
    }
}
