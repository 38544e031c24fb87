import Algebra
import MPC
import Networking
import ObliviousTransfer
import Primitives
import TestSupport
import Testing

/// What OT puts on the wire: digests for fixed seeds, sizes that are refused, what a peer sees.
@Suite struct OTWireTests {
    private static let order = OTOrder(rows: 2, count: 8192)

    /// Every frame that party 1 sends in a set-up and one batch; party 0 may refuse.
    private func frames(
        isMalicious: Bool, choices: BitMatrix?, seed: UInt64 = 1,
        change: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 }
    ) -> (sent: [[UInt8]], refusal: MPCError?) {
        var mesh: [any Transport] = InMemoryTransport.mesh(partyCount: 2)
        let record = Record()
        mesh[1] = TamperingTransport(mesh[1]) { _, frame in
            record.frames.append(frame)
            return [change(frame)]
        }
        let results = runParties(mesh, seed: seed) { session in
            let order = Self.order
            if isMalicious {
                let ots = try MaliciousOTs.setUp(session)
                let operation = session.nextOperation()
                guard session.isFirst else {
                    let choosing = try ots.chooseRandomly(
                        order, from: Party(0), operation: operation)
                    _ = try ots.check(choosing)
                    return try session.flush()
                }
                let offering = try ots.offer(
                    order, to: Party(1), operation: operation, randomChoices: true)
                _ = try ots.check(offering)
            } else {
                let ots = try PairwiseOTs.setUp(session)
                let operation = session.nextOperation()
                guard session.isFirst else {
                    if let choices {
                        _ = try ots.choose(choices, from: Party(0), operation: operation)
                    } else {
                        _ = try ots.chooseRandomly(order, from: Party(0), operation: operation)
                    }
                    return try session.flush()
                }
                _ = try ots.offer(
                    order, to: Party(1), operation: operation, randomChoices: choices == nil)
            }
        }
        var refusal: MPCError?
        if case .failure(let error) = results[0] { refusal = error as? MPCError }
        return (record.frames, refusal)
    }

    /// Written by the one thread of party 1, read when it has ended.
    private final class Record: @unchecked Sendable {
        var frames: [[UInt8]] = []
    }

    private func opcode(_ frame: [UInt8]) -> UInt16 { UInt16(frame[8]) | UInt16(frame[9]) << 8 }

    /// A change of these digests is a change of the protocol's messages.
    @Test(arguments: [
        (false, "d346d0109df9d2f36b200bb8c86ba707f97fea5bb25f13b131bdd6014db0fc0e"),
        (true, "7086d2cfe99b65734dce4d743e372249af2802f3c6d2234c1b574ae6c2ea280b"),
    ]) func wireTraceIsTheOneRecorded(isMalicious: Bool, digest: String) {
        let (sent, refusal) = frames(isMalicious: isMalicious, choices: nil)
        #expect(refusal == nil)
        let own = sent.filter { opcode($0) >= Message.baseKey.rawValue }
        #expect(SHA256.hash(own.flatMap { $0 }).hex == digest)
    }

    /// Messages of another length are refused before anything reads them.
    @Test(
        arguments: [
            Message.baseKey, .basePoints, .otTrees, .otColumns, .otCheck,
        ], [-1, 1]) func wrongLengthsAreRefused(message: Message, by change: Int)
    {
        let (sent, refusal) = frames(isMalicious: true, choices: nil) { frame in
            guard frame[8] == UInt8(truncatingIfNeeded: message.rawValue),
                frame[9] == UInt8(truncatingIfNeeded: message.rawValue >> 8)
            else { return frame }
            var frame = change < 0 ? Array(frame.dropLast()) : frame + [0]
            // The header tells the truth about the length that the frame now has.
            let count = UInt32(frame.count - FrameHeader.byteCount)
            for i in 0..<4 { frame[i] = UInt8(truncatingIfNeeded: count >> UInt32(8 * i)) }
            return frame
        }
        #expect(sent.contains { opcode($0) == message.rawValue })
        guard case .transport(.malformedFrame(let peer, let reason), _) = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(peer == .party(Party(1)) && reason.contains("bytes where"))
    }

    /// Corrections look alike whatever is chosen: balanced, and different in every run.
    @Test func correctionsDoNotShowChoices() throws {
        let order = Self.order
        var seen: Set<[UInt8]> = []
        for (seed, bit) in [(UInt64(1), false), (1, true), (2, false), (2, true)] {
            let choices = BitMatrix(rows: order.rows, count: order.count, repeating: bit)
            let (sent, refusal) = frames(isMalicious: false, choices: choices, seed: seed)
            #expect(refusal == nil)
            let columns = try #require(sent.first { opcode($0) == Message.otColumns.rawValue })
            let payload = Array(columns.dropFirst(FrameHeader.byteCount))
            // 2¹⁹ bits: mean 262144, deviation 362; every row by itself: 8192 bits, deviation 45.
            let ones = payload.reduce(0) { $0 + $1.nonzeroBitCount }
            #expect(abs(ones - 262_144) < 1_810, "\(ones)")
            for start in stride(from: 0, to: payload.count, by: 1024) {
                let ones = payload[start..<start + 1024].reduce(0) { $0 + $1.nonzeroBitCount }
                #expect(abs(ones - 4096) < 240, "\(ones)")
            }
            seen.insert(payload)
        }
        #expect(seen.count == 4)
    }

    /// Random choices are uniform at every place of a word, in both directions.
    @Test func randomChoicesAreUniform() throws {
        let order = OTOrder(rows: 4, count: 16_384)
        let views = try parties(2) { session in
            let ots = try PairwiseOTs.setUp(session)
            let operation = session.nextOperation()
            let peer = session.otherParties[0]
            let received = try ots.chooseRandomly(order, from: peer, operation: operation)
            let choices = received.choices.words
            _ = try ots.offer(order, to: peer, operation: operation, randomChoices: true)
            return choices
        }
        for words in views {
            for bit in 0..<64 {
                // 1024 words: mean 512, deviation 16.
                let ones = words.reduce(0) { $0 + Int($1 >> UInt64(bit) & 1) }
                #expect(abs(ones - 512) < 80, "\(ones) at bit \(bit)")
            }
        }
        #expect(zip(views[0], views[1]).allSatisfy { $0 != $1 })
    }
}
