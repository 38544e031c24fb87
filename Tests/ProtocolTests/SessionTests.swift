import Algebra
import DishonestMajority
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport
import Testing

@Suite(.serialized) struct SessionTests {
    static func mesh(_ parties: Int) -> [InMemoryTransport] {
        InMemoryTransport.mesh(partyCount: parties, deadline: .seconds(2))
    }

    @Test("All participants have one session identifier and common streams by pairs")
    func agreement() throws {
        struct Seen: Sendable {
            let id: Digest
            let streams: [Int: [UInt64]]
        }
        func run(seed: UInt64) throws -> [Seen] {
            try runParties(Self.mesh(3), seed: seed) { session -> Seen in
                var streams: [Int: [UInt64]] = [:]
                for peer in session.otherParties {
                    var generator = session.generator(with: .party(peer), "test", 7)
                    var words = [UInt64](repeating: 0, count: 4)
                    var span = words.mutableSpan
                    generator.fill(&span)
                    streams[peer.index] = words
                }
                return Seen(id: session.id, streams: streams)
            }.compactMap { try $0.get() }
        }
        let (one, other) = try (run(seed: 1), run(seed: 2))
        #expect(Set(one.map(\.id)).count == 1 && one[0].id != other[0].id)
        #expect(one[0].streams[1] == one[1].streams[0])
        #expect(one[0].streams[1] != one[0].streams[2])
        #expect(one[0].streams[1] != other[0].streams[1])
    }

    @Test(
        "A joint seed is the same everywhere, in two rounds, three from three parties on",
        arguments: [2, 3, 5])
    func coin(parties: Int) throws {
        let results = try runParties(Self.mesh(parties)) { session -> (Digest, Int) in
            let before = session.costs.report.total.rounds
            let seed = try session.jointSeed()
            var hasher = SHA256()
            hasher.update(seed)
            return (hasher.finalize(), session.costs.report.total.rounds - before)
        }.compactMap { try $0.get() }
        #expect(results.count == parties)
        for result in results {
            #expect(result.0 == results[0].0)
            #expect(result.1 == (parties == 2 ? 2 : 3))
        }
    }

    /// Changes the first payload byte of every n-th broadcast that party 1 sends to `peers`.
    static func equivocating(
        _ base: InMemoryTransport, broadcast target: Int, frames: Range<Int>
    ) -> any Transport {
        TamperingTransport(base) { number, frame in
            // Two frames a broadcast to two peers; the agreement comes first: four frames.
            let broadcast = (number - 4) / 2
            guard number >= 4, broadcast == target, frames.contains((number - 4) % 2) else {
                return [frame]
            }
            var changed = frame
            changed[FrameHeader.byteCount] ^= 1
            return [changed]
        }
    }

    @Test("Different commitments to different parties are found before any coin is opened")
    func equivocation() {
        let mesh = Self.mesh(3)
        let transports: [any Transport] = [
            mesh[0], Self.equivocating(mesh[1], broadcast: 0, frames: 0..<1), mesh[2],
        ]
        let results = runParties(transports) { try $0.jointSeed().count }
        for party in [0, 2] {
            #expect(throws: MPCError.cheating(.inconsistentBroadcast, by: nil)) {
                try results[party].get()
            }
        }
    }

    @Test("A coin that does not fit its commitment is its party's fault")
    func wrongOpening() {
        let mesh = Self.mesh(3)
        let transports: [any Transport] = [
            mesh[0], Self.equivocating(mesh[1], broadcast: 2, frames: 0..<2), mesh[2],
        ]
        let results = runParties(transports) { try $0.jointSeed().count }
        for party in [0, 2] {
            #expect(throws: MPCError.cheating(.commitmentOpening, by: Party(1))) {
                try results[party].get()
            }
        }
    }

    static func signers(_ count: Int) -> [ReleaseSigner] {
        let keys = (0..<count).map { _ in SigningKey(using: SystemRandomness()) }
        return keys.map { ReleaseSigner(key: $0, parties: keys.map(\.publicKey)) }
    }

    static func releaseToSecond(_ session: Session) throws -> (result: String?, records: Int) {
        let share = Vector(Prime62(), [Int64(session.party.index + 1)])
        let result = try session.release(share, to: .only(Party(1)))
        return (result?.integers[0].description, session.releases.count)
    }

    @Test("Only its recipient gets a result, and all sign the commitments")
    func release() throws {
        let signers = Self.signers(3)
        let results = try runParties(Self.mesh(3), signers: signers) { session in
            let outcome = try Self.releaseToSecond(session)
            let record = session.releases[0]
            let signed = zip(signers[0].parties, record.signatures).allSatisfy {
                $0.verify($1, of: record.statement)
            }
            return (outcome.result, signed, record.received != nil)
        }.compactMap { try $0.get() }
        #expect(results.map(\.0) == [nil, "6", nil])
        #expect(results.map(\.1) == [true, true, true])
        #expect(results.map(\.2) == [false, true, false])
    }

    @Test("A release that a party signs with another key is refused before any share leaves")
    func wrongSigner() {
        var signers = Self.signers(3)
        signers[2] = ReleaseSigner(
            key: SigningKey(using: SystemRandomness()), parties: signers[2].parties)
        let results = runParties(Self.mesh(3), signers: signers) { try Self.releaseToSecond($0).0 }
        for party in [0, 1] {
            #expect(throws: MPCError.cheating(.releaseSignature, by: Party(2))) {
                try results[party].get()
            }
        }
    }

    @Test("Shares are fresh before a release: the same secret, other shares, nothing sent")
    func rerandomised() throws {
        let results = try runParties(Self.mesh(3)) { session -> [[String]] in
            let share = Vector(Prime62(), [1, 2, 3])
            let before = session.costs.report.total.bytesSent
            let fresh = session.rerandomised(share)
            #expect(session.costs.report.total.bytesSent == before)
            return [
                fresh.integers.map(\.description),
                [try session.open([fresh])[0].integers[2].description],
            ]
        }.compactMap { try $0.get() }
        #expect(results.allSatisfy { $0[1] == ["9"] })
        #expect(Set(results.map { $0[0] }).count == 3)
        #expect(results.allSatisfy { $0[0] != ["1", "2", "3"] })
    }

    @Test("What is too large for a frame is cut, alike at both ends, and loses nothing")
    func pieces() throws {
        var generator = SeededGenerator(seed: 4)
        let vectors = (0..<2).map { _ in
            Vector.random(Prime126(), count: 1000, using: &generator)
        }
        // Many rows of few lanes: the records of a table.
        let records = BitMatrix.random(rows: 3000, count: 84, using: &generator)
        let results = runParties(Self.mesh(2)) { session -> (vectors: Bool, records: Bool, Int) in
            let peer = Participant.party(Party(1 - session.party.index))
            let before = session.costs.report.total.messagesSent
            try session.sendAll(vectors, to: peer, .openShare, 7, largestFrame: 5000)
            try session.sendAll([records], to: peer, .openShare, 8, largestFrame: 5000)
            try session.flush()
            let numbers: [Vector<Prime126>] = try session.receiveAll(
                vectors.map(\.shape), from: peer, .openShare, 7, largestFrame: 5000)
            let rows: [BitMatrix] = try session.receiveAll(
                [records.shape], from: peer, .openShare, 8, largestFrame: 5000)
            let frames = session.costs.report.total.messagesSent - before
            return (numbers == vectors, rows == [records], frames)
        }
        for result in results {
            let (vectors, records, frames) = try #require(try result.get())
            #expect(vectors && records && frames == 2 * 4 + 10)
        }
    }

    @Test("Every phase and operator is in the cost report, and the rows add up to the total")
    func costs() throws {
        let reports = try runParties(Self.mesh(2)) { session -> CostReport in
            try session.phase("online") { () throws(MPCError) in
                _ = try session.jointSeed()
                _ = try session.open([Vector(Prime62(), [1])])
            }
            return session.costs.report
        }.compactMap { try $0.get() }
        for report in reports {
            #expect(report.rows.contains { $0.phase == "online" && $0.operator == "coin" })
            #expect(report.rows.map(\.cost.rounds).reduce(0, +) == report.total.rounds)
            #expect(report.rows.map(\.cost.bytesSent).reduce(0, +) == report.total.bytesSent)
            #expect(report.total.rounds == 5 && report.peakMemory > 0)
        }
    }
}
