import Algebra
import DishonestMajority
import Foundation
import Gadgets
import MPC
import Networking
import Preprocessing
import Primitives
import TestSupport
import Testing

/// A whole run of three parties and a dealer over TLS, with one bit of one record changed on the
/// way to or from the first party: a named error at everybody whom it concerns, never a wrong
/// result, never a hang.
@Suite(.serialized) struct WireTamperingTests {
    static let expected = [true, true]

    /// - Parameter spoil: gets the proxy that stands before party 0.
    static func run(_ spoil: (TamperingProxy) -> Void) throws -> (
        results: [Result<[Bool]?, any Error>], records: (toServer: Int, toClient: Int)
    ) {
        let members = try TestIdentities(partyCount: 3, dealer: true)
        let first = members.roster.parties[0]
        let proxy = try TamperingProxy(serverPort: first.port)
        defer { proxy.stop() }
        spoil(proxy)
        let seen = Roster.Member(
            name: first.name, host: first.host, port: proxy.port, fingerprint: first.fingerprint,
            statementKey: first.statementKey, cosignerKey: first.cosignerKey,
            logKey: first.logKey)
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
                        return try Self.take(part: try connector.connect())
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
        let sound = try Self.run { _ in }
        for party in 0..<3 { #expect(try sound.results[party].get() == Self.expected) }
        try #require(sound.records.toServer > 20 && sound.records.toClient > 20)
        for (direction, count) in [
            (TamperingProxy.Direction.toServer, sound.records.toServer),
            (.toClient, sound.records.toClient),
        ] {
            for record in stride(from: 0, to: count - 6, by: 2) {
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
                #expect(failures > 0, "record \(record) \(direction) was not missed")
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
