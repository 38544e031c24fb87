import Algebra
import DishonestMajority
import HonestMajority
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport
import Testing

/// Parties that only bring data or receive results, beside those that compute.
@Suite struct ClientTests {
    /// Who computes how; two clients come after them: a vendor and a supervisor.
    enum Kind: CaseIterable, Sendable {
        case replicated, pair, three
        var computing: Int { self == .pair ? 2 : 3 }
        var vendor: Party { Party(computing) }
        var supervisor: Party { Party(computing + 1) }
        var partyCount: Int { computing + 2 }
    }

    /// What one party ends with.
    struct End: Equatable, Sendable {
        var products: [UInt64]?
        var bits: [Bool]?
        /// Rounds of the inputs of numbers and of bits.
        var inputRounds: [Int] = []
        var releases = 0
    }

    static let numbers: [Int64] = [30, -40, 7]
    static let mine: [Int64] = [2, 3, 5]
    static let bits = [true, false, true, true]
    /// Products modulo the field's order.
    static let products = Vector(Prime62(), [60, -120, 35]).decoded()

    /// The vendor's numbers times the first party's, to the supervisor; the vendor's bits to all.
    static func take<E: Engine & ~Copyable>(
        part engine: inout E, _ kind: Kind, _ session: Session
    ) throws(MPCError) -> End where E.R == Prime62 {
        func rounds() -> Int { session.costs.report.total.rounds }
        var end = End()
        var before = rounds()
        let x = try engine.input(nil, count: 3, from: kind.vendor)
        end.inputRounds.append(rounds() - before)
        let y = try engine.input(
            session.party.index == 0 ? Vector(engine.ring, mine) : nil, count: 3, from: Party(0))
        before = rounds()
        let b = try engine.input(bits: nil, rows: 1, count: 4, from: kind.vendor)
        end.inputRounds.append(rounds() - before)
        end.products = try engine.output(engine.multiply(x, y), to: .only(kind.supervisor))?
            .decoded()
        end.bits = try engine.output(bits: b, to: .all)?.bools
        return end
    }

    /// The same at a client.
    static func takeAsClient(_ kind: Kind, _ session: Session) throws -> End {
        let isVendor = session.party == kind.vendor
        let shape = VectorShape(ring: Prime62(), count: 3)
        if isVendor {
            try session.bring(Vector(shape.ring, numbers))
            try session.bring(BitMatrix(bits))
        } else {
            session.passInput()
            session.passInput()
        }
        var end = End()
        let products: [Vector<Prime62>] = try session.receiveRelease(
            of: isVendor ? [] : [shape], to: [kind.supervisor])
        end.products = products.first?.decoded()
        let received: [BitMatrix] = try session.receiveRelease(
            of: [BitShape(rows: 1, count: 4)], to: session.allParties)
        end.bits = received.first?.bools
        return end
    }

    static func run(
        _ kind: Kind, deadline: Duration = .seconds(20), signers: [ReleaseSigner] = [],
        through wrap: (Int, any Transport) -> any Transport = { $1 }
    ) -> [Result<End?, any Error>] {
        let mesh = InMemoryTransport.mesh(
            partyCount: kind.partyCount, computing: kind.computing, deadline: deadline)
        return runParties(
            mesh.enumerated().map { wrap($0, $1) }, computing: kind.computing, signers: signers
        ) { session -> End in
            var end: End
            if session.isClient {
                end = try takeAsClient(kind, session)
            } else if kind == .replicated {
                var engine = try Replicated3(Prime62(), session: session.computing)
                end = try take(part: &engine, kind, session)
            } else {
                var engine = SemiHonestAdditive(
                    Prime62(), session: session.computing,
                    source: PreparedRandomness(
                        ObliviousRandomness(Prime62(), session: session.computing)))
                end = try take(part: &engine, kind, session)
            }
            end.releases = session.releases.count
            return end
        }
    }

    @Test(
        "What a client brings is computed with, and what is for a client it alone learns",
        arguments: Kind.allCases)
    func values(kind: Kind) throws {
        let keys = (0..<kind.partyCount).map { _ in SigningKey(using: SystemRandomness()) }
        let signers = keys.map { ReleaseSigner(key: $0, parties: keys.map(\.publicKey)) }
        for (party, result) in Self.run(kind, signers: signers).enumerated() {
            let end = try #require(try result.get())
            #expect(end.products == (Party(party) == kind.supervisor ? Self.products : nil))
            #expect(end.bits == Self.bits)
            #expect(end.releases == 2)
            // A message, and in replicated sharing a resharing.
            guard party < kind.computing else { continue }
            #expect(end.inputRounds == (kind == .replicated ? [2, 2] : [1, 1]))
        }
    }

    @Test(
        "An input of a client is one message, a release to it one from each who computes",
        arguments: Kind.allCases)
    func messages(kind: Kind) throws {
        var recorders: [RecordingTransport] = []
        for result in Self.run(
            kind,
            through: {
                let recorder = RecordingTransport($1)
                recorders.append(recorder)
                return recorder
            })
        { _ = try result.get() }
        func payloads(_ message: Message, _ from: Party, to: Party? = nil) -> [Int] {
            recorders[from.index].records.filter {
                $0.direction == .sent && (to == nil || $0.peer == .party(to ?? from))
                    && UInt16($0.frame[8]) | UInt16($0.frame[9]) << 8 == message.rawValue
            }.map { $0.frame.count - FrameHeader.byteCount }
        }
        #expect(payloads(.inputShare, kind.vendor) == [24, 8])
        #expect(payloads(.inputShare, kind.vendor, to: Party(0)) == [24, 8])
        #expect(payloads(.inputShare, kind.supervisor).isEmpty)
        for party in (0..<kind.computing).map(Party.init) {
            // The product; and what the vendor brought, reshared.
            #expect(payloads(.reshare, party) == (kind == .replicated ? [24, 8, 24] : []))
            // Three elements, a row of bits, and the salts that open commitments.
            #expect(payloads(.releaseShare, party, to: kind.supervisor) == [24 + 32, 8 + 32])
            #expect(payloads(.releaseShare, party, to: kind.vendor) == [8 + 32])
        }
        for client in [kind.vendor, kind.supervisor] {
            #expect(payloads(.releaseShare, client).isEmpty)
            // Clients commit to nothing: no bytes, and digests of what all sent.
            #expect(Set(payloads(.broadcast, client)) == [0, 32])
        }
    }

    @Test("Without clients nothing changes: the same frames, whoever is told how many compute")
    func noClients() throws {
        func trace(_ computing: Int?) throws -> [Digest] {
            let recorders = InMemoryTransport.mesh(partyCount: 3).map { RecordingTransport($0) }
            for result in runParties(
                recorders, computing: computing,
                { session -> Bool in
                    #expect(session.computing === session && session.whole === session)
                    var engine = try Replicated3(Prime62(), session: session.computing)
                    let x = try engine.input(
                        session.isFirst ? Vector(engine.ring, [4, 5]) : nil, count: 2,
                        from: Party(0))
                    return try engine.output(engine.multiply(x, x), to: .all) != nil
                })
            { #expect(try result.get() == true) }
            return recorders.map(\.digest)
        }
        #expect(try trace(nil) == trace(3))
    }

    @Test("What computing parties get of a client's input is uniform, all but one of them together")
    func views() throws {
        let ring = ToyPrime(5)
        let n = 4000
        func shares(of value: Int64) throws -> [[Int]] {
            try runParties(
                InMemoryTransport.mesh(partyCount: 4, computing: 3), computing: 3
            ) { session -> [Int] in
                let values = Vector(ring, Array(repeating: value, count: n))
                guard !session.isClient else {
                    try session.bring(values)
                    return []
                }
                let share: Vector<ToyPrime> = try session.computing.inputShare(
                    shape: values.shape, fromClient: Party(3))
                let elements: [BigInteger] = (0..<5).map { BigInteger($0) }
                return share.integers.map { elements.firstIndex(of: $0) ?? -1 }
            }.compactMap { try $0.get() }
        }
        func isUniform(_ values: [Int]) -> Bool {
            let expected = Double(n) / 5
            // χ² with 4 degrees of freedom: above 33 with probability 10⁻⁶.
            var chiSquare = 0.0
            for value in 0..<5 {
                let excess = Double(values.count { $0 == value }) - expected
                chiSquare += excess * excess / expected
            }
            return chiSquare < 33
        }
        let all = try [Int64(0), 1, 4].map(shares)
        for (value, one) in zip([0, 1, 4], all) {
            // Two parties' shares are from seeds; the first one's hides the value behind each.
            #expect(one[1] == all[0][1] && one[2] == all[0][2])
            #expect(one[..<3].allSatisfy(isUniform))
            for other in [1, 2] {
                #expect(isUniform(zip(one[0], one[other]).map { ($0 + $1) % 5 }))
            }
            for lane in 0..<n {
                let sum = one[0][lane] + one[1][lane] + one[2][lane]
                #expect(sum % 5 == value)
            }
        }
    }

    @Test(
        "Damage to any frame of a client, or to one, ends in a named error, never in a hang",
        arguments: TamperingTests.Damage.allCases)
    func damaged(_ damage: TamperingTests.Damage) throws {
        let expected = try Self.run(.replicated).map { try $0.get() }
        // The vendor's frames, and the first party's, of which many go to clients.
        for tampered in [3, 0] {
            let counter = TamperingTests.Counter()
            for result in Self.run(
                .replicated,
                through: { party, base in
                    guard party == tampered else { return base }
                    return TamperingTransport(base) { number, frame in
                        counter.value = number + 1
                        return [frame]
                    }
                })
            { _ = try result.get() }
            let count = counter.value
            try #require(count > 20)
            for target in stride(from: 0, to: count, by: 2) {
                let results = Self.run(
                    .replicated, deadline: .milliseconds(150),
                    through: { party, base in
                        guard party == tampered else { return base }
                        let state = TamperingTests.Counter()
                        return TamperingTransport(base) { number, frame in
                            TamperingTests.rewrite(
                                frame, damage, isTarget: number == target, state)
                        }
                    })
                var failed = 0
                for (party, result) in results.enumerated() {
                    switch result {
                    case .success(let end): #expect(end == expected[party])
                    case .failure(let error):
                        failed += 1
                        #expect(error is MPCError, "\(error)")
                    }
                }
                if target < count - 5 { #expect(failed > 0, "\(damage) of frame \(target) passed") }
            }
        }
    }

    @Test(
        "A client that changes its mind after the commitments, or is told something else, notices")
    func equivocation() throws {
        // The first party opens another share to the supervisor than it committed to.
        let results = Self.run(
            .pair,
            through: { party, base in
                guard party == 0 else { return base }
                return TamperingTransport(base) { _, frame in
                    guard
                        UInt16(frame[8]) | UInt16(frame[9]) << 8 == Message.releaseShare.rawValue
                    else { return [frame] }
                    var changed = frame
                    changed[FrameHeader.byteCount] ^= 1
                    return [changed]
                }
            })
        guard case .failure(let error as MPCError) = results[3] else {
            Issue.record("the supervisor took a wrong share")
            return
        }
        #expect(error == .cheating(.commitmentOpening, by: Party(0)))
    }

    @Test(
        "Who agrees on other computing parties' terms is named; clients adopt what they do not know"
    )
    func terms() throws {
        let common = [(name: "script", value: "s")]
        func run(_ prepared: [String?]) -> [Result<String??, any Error>] {
            runParties(
                InMemoryTransport.mesh(partyCount: 3, computing: 2),
                terms: { participant in
                    guard case .party(let party) = participant, let own = prepared[party.index]
                    else { return AgreementTerms(common) }
                    return AgreementTerms(common + [("preparation", own)])
                }, computing: 2
            ) { $0.terms["preparation"] }
        }
        for result in run(["p", "p", nil]) { #expect(try result.get() == "p") }
        for result in run(["p", "q", nil]) {
            guard case .failure(let error as MPCError) = result,
                case .disagreement("preparation", _) = error
            else {
                Issue.record("a difference between computing parties passed")
                continue
            }
        }
    }
}
