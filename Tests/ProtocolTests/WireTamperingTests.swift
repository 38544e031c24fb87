import Algebra
import DishonestMajority
import Foundation
import Gadgets
import MPC
import Networking
import Preprocessing
import Primitives
import Synchronization
import TestSupport
import Testing

/// A whole run of three parties and a dealer over TLS, with one bit of one record changed on the
/// way to or from the first party: a named error at everybody whom it concerns, never a wrong
/// result, never a hang.
@Suite(.serialized) struct WireTamperingTests {
    static let expected = [true, true]

    /// - Parameter connected: gets the proxy that stands before party 0 once the mesh is there:
    ///   a connection that breaks before is made again.
    static func run(_ connected: @escaping @Sendable (TamperingProxy) -> Void) throws -> (
        results: [Result<[Bool]?, any Error>], records: (toServer: Int, toClient: Int)
    ) {
        let members = try TestIdentities(partyCount: 3, dealer: true)
        let first = members.roster.parties[0]
        let proxy = try TamperingProxy(serverPort: first.port)
        defer { proxy.stop() }
        let seen = Roster.Member(
            name: first.name, host: first.host, port: proxy.port, fingerprint: first.fingerprint,
            statementKey: first.statementKey, cosignerKey: first.cosignerKey,
            logKey: first.logKey, deliveryKey: first.deliveryKey)
        let roster = try Roster(
            parties: [seen] + members.roster.parties.dropFirst(), dealer: members.roster.dealer)
        let results = Collected(count: 4)
        for (index, me) in roster.participants.enumerated() {
            Thread.detachNewThread {
                results.set(
                    index,
                    Result {
                        var connector = MeshConnector(
                            roster: roster, me: me, identity: members.identities[index])
                        connector.deadline = .seconds(3)
                        connector.connectDeadline = .seconds(3)
                        connector.listenPort = index == 0 ? first.port : nil
                        let transport = try connector.connect()
                        if index == 0 { connected(proxy) }
                        return try Self.take(part: transport)
                    })
            }
        }
        let all = results.wait()
        return (all, (proxy.count(.toServer), proxy.count(.toClient)))
    }

    /// One participant's whole part.
    static func take(part transport: SocketTransport) throws -> [Bool]? {
        let ring = Prime62()
        let session = try Session.agree(on: AgreementTerms([("program", "test")]), over: transport)
        do {
            defer { session.close() }
            guard session.me != .dealer else {
                try TrustedDealer(ring, session: session).serve()
                return nil
            }
            return try withAdditiveEngine(ring, session) { (engine) throws(MPCError) in
                let x = try engine.input(
                    session.party.index == 1 ? Vector(ring, [3, -4]) : nil, count: 2,
                    from: Party(1))
                let less = try engine.isLess(x, than: engine.multiply(x, x))
                return try engine.output(bits: less, to: .all)?.bools ?? []
            }
        } catch let error as MPCError {
            session.abort(error)
            throw error
        }
    }

    @Test("A changed bit in any record of a run is refused")
    func everyRecord() throws {
        let before = Mutex((0, 0))
        let sound = try Self.run { proxy in
            before.withLock { $0 = (proxy.count(.toServer), proxy.count(.toClient)) }
        }
        for party in 0..<3 { #expect(try sound.results[party].get() == Self.expected) }
        let counts = before.withLock {
            (sound.records.toServer - $0.0, sound.records.toClient - $0.1)
        }
        try #require(counts.0 > 20 && counts.1 > 20)
        // The last records say good-bye, on three connections; nobody waits for them.
        for (direction, count) in [
            (TamperingProxy.Direction.toServer, counts.0), (.toClient, counts.1),
        ] {
            for record in 0..<count - 8 {
                let run = try Self.run { $0.spoil(direction, skipping: record, .flipBit) }
                var failures = 0
                for result in run.results {
                    switch result {
                    case .success(let value): #expect(value == nil || value == Self.expected)
                    case .failure(let error):
                        failures += 1
                        #expect(error is MPCError || error is TransportError, "\(error)")
                    }
                }
                #expect(failures > 0, "record \(record) \(direction) changed, and nobody noticed")
            }
        }
    }
}

private final class Collected: @unchecked Sendable {
    // Invariant: `results` is touched only while `condition` is locked.
    private let condition = NSCondition()
    private var results: [Int: Result<[Bool]?, any Error>] = [:]
    private let count: Int

    init(count: Int) { self.count = count }

    func set(_ index: Int, _ result: Result<[Bool]?, any Error>) {
        condition.withLock {
            results[index] = result
            condition.broadcast()
        }
    }

    func wait() -> [Result<[Bool]?, any Error>] {
        condition.withLock {
            while results.count < count { condition.wait() }
            return (0..<count).compactMap { results[$0] }
        }
    }
}
