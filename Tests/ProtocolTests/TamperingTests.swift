import Algebra
import DishonestMajority
import Gadgets
import MPC
import Networking
import Preprocessing
import Primitives
import TestSupport
import Testing

/// Every frame that one party sends in a run, damaged below the frame codec.
///
/// Payload bits are the channel's to protect: TLS refuses them (`TamperedWireTests`). A party that
/// puts wrong values into sound frames is not caught by a semi-honest engine, and no test says so.
@Suite(.serialized) struct TamperingTests {
    static let parties = 3

    /// One run in which `tamper` stands between party 1 and its peers.
    static func run(
        deadline: Duration = .milliseconds(150),
        _ tamper: @escaping @Sendable (any Transport) -> any Transport
    ) -> [Result<[Bool]?, any Error>] {
        var mesh: [any Transport] = InMemoryTransport.mesh(
            partyCount: parties, dealer: true, deadline: deadline)
        mesh[1] = tamper(mesh[1])
        let ring = Prime62()
        return runParties(
            mesh, dealer: { try TrustedDealer(ring, session: $0).serve() }
        ) { session in
            try withAdditiveEngine(ring, session) { (engine) throws(MPCError) in
                let mine = Vector(ring, [3, -4])
                let x = try engine.input(
                    session.party.index == 0 ? mine : nil, count: 2, from: Party(0))
                let product = try engine.multiply(x, x)
                let less = try engine.isLess(x, than: product)
                _ = try engine.fromBits(less)
                return try engine.output(bits: less, to: .all)?.bools ?? []
            }
        }
    }

    static let expected = [true, true]

    /// The frames that party 1 sends in an undisturbed run.
    static func sentFrames() -> Int {
        let counter = Counter()
        let results = run(deadline: .seconds(20)) { base in
            TamperingTransport(base) { number, frame in
                counter.value = number + 1
                return [frame]
            }
        }
        for result in results.prefix(parties) {
            guard case .success(expected?) = result else { return 0 }
        }
        return counter.value
    }

    enum Damage: CaseIterable, Sendable {
        case truncatedHeader, truncatedPayload, oversized, announcedTooLong, repeated, reordered
        case dropped, version, channel, opcode, epoch, operation, sequence
    }

    @Test(
        "Every damaged frame ends in a named error at each party that meets it",
        arguments: Damage.allCases)
    func damaged(_ damage: Damage) throws {
        let count = Self.sentFrames()
        try #require(count > 10)
        for target in 0..<count {
            let results = Self.run { base in
                let state = Counter()
                return TamperingTransport(base) { number, frame in
                    Self.rewrite(frame, damage, isTarget: number == target, state)
                }
            }
            // Whatever it hits: the right value or a named error, at every party, and no hang.
            var failed = 0
            for party in [0, 1, 2] {
                switch results[party] {
                case .success(let value): #expect(value == Self.expected)
                case .failure(let error):
                    failed += 1
                    #expect(error is MPCError, "\(error)")
                }
            }
            if case .failure(let error) = results[3] {
                failed += 1
                #expect(error is MPCError, "\(error)")
            }
            // The very last frames may go unread: nobody waits for them any more. All others fail.
            if target < count - 4 { #expect(failed > 0, "\(damage) of frame \(target) passed") }
        }
    }

    static func rewrite(
        _ frame: [UInt8], _ damage: Damage, isTarget: Bool, _ state: Counter
    ) -> [[UInt8]] {
        if let held = state.held {
            state.held = nil
            return [frame, held]
        }
        guard isTarget else { return [frame] }
        var changed = frame
        switch damage {
        case .truncatedHeader: return [Array(frame.prefix(7))]
        case .truncatedPayload: return [Array(frame.dropLast())]
        case .oversized: return [frame + [0]]
        case .announcedTooLong: changed[3] ^= 0x80
        case .repeated: return [frame, frame]
        case .reordered:
            state.held = frame
            return []
        case .dropped: return []
        case .version: changed[4] ^= 1
        case .channel: changed[6] ^= 1
        case .opcode: changed[8] ^= 0x10
        case .epoch: changed[10] ^= 1
        case .operation: changed[12] ^= 1
        case .sequence: changed[16] ^= 1
        }
        return [changed]
    }

    final class Counter: @unchecked Sendable {
        var value = 0  // touched only by the one thread that sends
        var held: [UInt8]?
    }

    @Test("A disagreement names the field and who has what, before any share is sent")
    func disagreement() {
        let mesh = InMemoryTransport.mesh(partyCount: 3)
        let results = runParties(
            mesh,
            terms: { participant in
                AgreementTerms([
                    ("ring", participant == .party(Party(2)) ? "p62" : "z64"), ("rows", "1000"),
                ])
            }
        ) { _ in true }
        let expected = MPCError.disagreement(
            field: "ring",
            values: (0..<3).map {
                Disagreement(
                    participant: .party(Party($0)), value: $0 == 2 ? "p62" : "z64")
            })
        for result in results { #expect(throws: expected) { try result.get() } }
        #expect(
            expected.description
                == "the participants disagree on \"ring\": party 0 has z64, party 1 has z64, "
                + "party 2 has p62; nothing was sent, agree on one value and start again")
    }

    @Test("A share that does not fit its commitment is the sender's fault")
    func forgedRelease() throws {
        // Party 1's last frames are its released shares; one bit of the payload changes.
        let count = Self.sentFrames()
        let results = Self.run(deadline: .seconds(20)) { base in
            TamperingTransport(base) { number, frame in
                guard frame.count > FrameHeader.byteCount, frame[8] == 5, frame[9] == 1 else {
                    return [frame]
                }
                var changed = frame
                changed[FrameHeader.byteCount] ^= 1
                return [changed]
            }
        }
        #expect(count > 0)
        let expected = MPCError.cheating(.commitmentOpening, by: Party(1))
        #expect(throws: expected) { try results[0].get() }
    }

    @Test("A share never appears in a description")
    func redaction() {
        let share = Vector(Prime62(), [42])
        let text = String(reflecting: share) + String(describing: Opened(masked: share))
        #expect(!text.contains("42"))
    }
}
