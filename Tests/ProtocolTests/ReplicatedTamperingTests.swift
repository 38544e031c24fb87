import Algebra
import Gadgets
import HonestMajority
import MPC
import Networking
import Primitives
import TestSupport
import Testing

/// Frames of the three-party engine, damaged below the frame codec; and what two holders of a share
/// notice of a third.
@Suite(.serialized) struct ReplicatedTamperingTests {
    static func run(
        deadline: Duration = .milliseconds(150),
        _ tamper: @escaping @Sendable (any Transport) -> any Transport
    ) -> [Result<[UInt64]?, any Error>] {
        var mesh: [any Transport] = InMemoryTransport.mesh(partyCount: 3, deadline: deadline)
        mesh[1] = tamper(mesh[1])
        return runParties(mesh) { session in
            var engine = try Replicated3(Prime62(), session: session)
            let mine = Vector(engine.ring, [30, -40, 7])
            let x = try engine.input(
                session.party.index == 1 ? mine : nil, count: 3, from: Party(1))
            let low = try engine.truncate(engine.multiply(x, x), by: 2)
            let table = Columns(
                numbers: [low], records: try engine.bits(of: low, count: 12).transposed())
            let order = Permutation(checking: [2, 0, 1])
            let moved = try engine.permute(
                table, by: session.party.index == 1 ? order : nil, knownTo: Party(1))
            let sorted = try engine.sort(moved, by: 0..<12, batch: 64)
            return try engine.output(sorted.numbers[0], to: .all)?.decoded() ?? []
        }
    }

    static let expected: [UInt64] = [12, 225, 400]

    @Test(
        "Every damaged frame ends in a named error at each party that meets it",
        arguments: TamperingTests.Damage.allCases)
    func damaged(_ damage: TamperingTests.Damage) throws {
        let counter = TamperingTests.Counter()
        for result in Self.run(
            deadline: .seconds(20),
            { base in
                TamperingTransport(base) { number, frame in
                    counter.value = number + 1
                    return [frame]
                }
            })
        {
            #expect(try result.get() == Self.expected)
        }
        let count = counter.value
        try #require(count > 20)
        // The order of a sort differs from run to run only by the seed, which is fixed.
        for target in stride(from: 0, to: count, by: 3) {
            let results = Self.run { base in
                let state = TamperingTests.Counter()
                return TamperingTransport(base) { number, frame in
                    TamperingTests.rewrite(frame, damage, isTarget: number == target, state)
                }
            }
            var failed = 0
            for result in results {
                switch result {
                case .success(let value): #expect(value == Self.expected)
                case .failure(let error):
                    failed += 1
                    #expect(error is MPCError, "\(error)")
                }
            }
            if target < count - 4 { #expect(failed > 0, "\(damage) of frame \(target) passed") }
        }
    }

    /// Changes the first payload of this kind that party 1 sends.
    static func altering(_ message: Message, _ change: @escaping @Sendable (inout [UInt8]) -> Void)
        -> [Result<[UInt64]?, any Error>]
    {
        run(deadline: .seconds(5)) { base in
            let state = TamperingTests.Counter()
            return TamperingTransport(base) { _, frame in
                let opcode = UInt16(frame[8]) | UInt16(frame[9]) << 8
                guard state.value == 0, opcode == message.rawValue else { return [frame] }
                state.value = 1
                var changed = frame
                change(&changed)
                return [changed]
            }
        }
    }

    @Test("A share that its other holder did not send is noticed before anything is done with it")
    func openings() throws {
        let results = Self.altering(.openShare) { $0[FrameHeader.byteCount] ^= 1 }
        guard case .failure(let error as MPCError) = results[2] else {
            Issue.record("party 2 took a wrong share")
            return
        }
        #expect(error == .cheating(.inconsistentOpening, by: nil))
        #expect(throws: MPCError.self) { try results[0].get() }
    }

    @Test("A permutation that is none is refused, with its sender named")
    func permutations() throws {
        for place in [0, 1, 7] {
            let results = Self.altering(.permutation) { frame in
                // Out of range, or one row twice.
                frame[FrameHeader.byteCount + place] =
                    place == 0 ? frame[FrameHeader.byteCount + 8] : 9
            }
            guard case .failure(let error as MPCError) = results[0],
                case .cheating(.malformedMessage, by: Party(1)) = error
            else {
                Issue.record("place \(place): \(results[0])")
                continue
            }
        }
    }

    @Test("Another number of parties is refused")
    func partyCount() throws {
        for count in [2, 4] {
            let results = runParties(InMemoryTransport.mesh(partyCount: count)) { session in
                _ = try Replicated3(Z64(), session: session)
            }
            for result in results {
                #expect(
                    throws: MPCError.partyCount(engine: "replicated3", needs: 3, has: count)
                ) { try result.get() }
            }
        }
    }
}
