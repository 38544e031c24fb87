import Algebra
import DishonestMajority
import Foundation
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport
import Testing

/// Party 2 changes the last payload byte of one frame to party 1 only: other parties are told
/// something else.
private final class Equivocator: Transport, @unchecked Sendable {
    // Invariant: `seen` belongs to the session's thread.
    private let base: any Transport
    private let opcode: UInt16
    private let target: Int
    private var seen = 0

    init(_ base: any Transport, opcode: UInt16, frame target: Int) {
        (self.base, self.opcode, self.target) = (base, opcode, target)
    }

    var me: Participant { base.me }
    var peers: [Participant] { base.peers }
    var traffic: Traffic { base.traffic }

    func send(_ frame: [UInt8], to peer: Participant) throws(TransportError) {
        var frame = frame
        let found = UInt16(frame[8]) | UInt16(frame[9]) << 8
        if peer == .party(Party(1)), found == opcode {
            if seen == target { frame[frame.count - 1] ^= 1 }
            seen += 1
        }
        try base.send(frame, to: peer)
    }
    func receive(from peer: Participant) throws(TransportError) -> [UInt8] {
        try base.receive(from: peer)
    }
    func flush() throws(TransportError) { try base.flush() }
    func close() { base.close() }
    func cancel() { base.cancel() }
}

/// A party that is told something else than another must not blame the honest one for it.
@Suite struct EquivocationTests {
    static let agreement: UInt16 = 0x100
    static let broadcast: UInt16 = 0x102

    func mesh(opcode: UInt16, frame: Int) -> [any Transport] {
        var mesh: [any Transport] = InMemoryTransport.mesh(
            partyCount: 3, deadline: .milliseconds(500))
        mesh[2] = Equivocator(mesh[2], opcode: opcode, frame: frame)
        return mesh
    }

    /// Whom an honest party names.
    func culprit(_ result: Result<some Sendable, any Error>) -> Participant? {
        guard case .failure(let error as MPCError) = result else { return nil }
        return error.culprit
    }

    @Test("Different terms to different parties are noticed and blamed on no honest party")
    func terms() {
        let results = runParties(mesh(opcode: Self.agreement, frame: 0)) { _ in true }
        for index in [0, 1] {
            #expect(throws: MPCError.self) { try results[index].get() }
            #expect(culprit(results[index]) != .party(Party(1 - index)))
        }
    }

    @Test("Different commitments to a coin are noticed and blamed on no honest party")
    func coin() {
        let results = runParties(mesh(opcode: Self.broadcast, frame: 0)) { session in
            try session.jointSeed().copyBytes()
        }
        for index in [0, 1] {
            #expect(throws: MPCError.self) { try results[index].get() }
            #expect(culprit(results[index]) != .party(Party(1 - index)))
        }
    }

    @Test("Different release commitments are blamed on no honest party", arguments: [false, true])
    func release(signed: Bool) {
        let keys = (0..<3).map { SigningKey(using: SeededRandomness(seed: UInt64($0) + 9)) }
        let signers = keys.map { ReleaseSigner(key: $0, parties: keys.map(\.publicKey)) }
        let results = runParties(
            mesh(opcode: Self.broadcast, frame: 0), signers: signed ? signers : []
        ) { session in
            try session.release([1, 2, 3], to: .all)?.count
        }
        for index in [0, 1] {
            #expect(throws: MPCError.self) { try results[index].get() }
            #expect(culprit(results[index]) != .party(Party(1 - index)))
        }
    }

    @Test("A receipt tells the ledger's readers nothing about a result")
    func receipt() throws {
        // Party 0 alone receives eight bits. Party 1 knows its own share, and the receipt as the
        // Runner publishes it: SHA-256 of what party 0 received.
        let secret = BitMatrix([true, false, false, true, true, false, true, false])
        let results = runParties(InMemoryTransport.mesh(partyCount: 2)) { session -> BitMatrix? in
            let mine = session.party.index == 0 ? secret : nil
            let share = session.rerandomised(
                try session.inputShare(mine, shape: BitShape(rows: 1, count: 8), from: Party(0)))
            _ = try session.release(share, to: .only(Party(0)))
            var hasher = SHA256()
            for release in session.releases { hasher.update(release.received?.bytes ?? []) }
            let receipts = try session.broadcast(hasher.finalize().bytes, atMost: 32)
            guard session.party.index == 1 else { return nil }
            // All of this party 1 knows: 256 guesses of party 0's share.
            for guess in 0..<UInt64(256) {
                let theirs = BitMatrix(integers: [guess], limbsPerInteger: 1, bits: 8)
                let row = BitMatrix((0..<8).map { theirs[row: $0, lane: 0] })
                let opening = [row, share].flatMap { part in
                    [UInt8](capacity: 8) { part.appendWire(to: &$0) }
                }
                let received = SHA256.hash(opening)
                guard SHA256.hash(received.bytes).bytes == receipts[0] else { continue }
                return row ^ share
            }
            return nil
        }
        let learned = try results[1].get() ?? nil
        #expect(learned != secret)
    }

    @Test("An abort names the step in which it happened")
    func step() {
        let results = runParties(InMemoryTransport.mesh(partyCount: 2)) { session in
            do throws(MPCError) {
                try session.phase("online") { () throws(MPCError) in
                    guard session.party.index == 1 else { throw .malformedFromDealer }
                    _ = try session.broadcast([1], atMost: 1)
                }
            } catch {
                session.abort(error)  // as the Runner does
                throw error
            }
        }
        guard case .failure(MPCError.aborted(let notice)) = results[1] else {
            Issue.record("party 1 heard no abort")
            return
        }
        #expect(notice.step.contains("online"))
    }

    @Test("An error after shares were handed over does not say that nothing was released")
    func claim() throws {
        let releaseShare: UInt16 = 0x105
        let results = runParties(mesh(opcode: releaseShare, frame: 0)) { session in
            try session.release([7, UInt8(session.party.index)], to: .all)
        }
        guard case .failure(let error as MPCError) = results[1] else {
            Issue.record("party 1 accepted a forged share")
            return
        }
        #expect(error == .cheating(.commitmentOpening, by: Party(2)))
        #expect(try results[2].get() != nil, "party 2 has the result")
        #expect(!"\(error)".contains("Nothing was released"))
    }

    @Test("Equal terms agree, whatever their alphabet")
    func alphabet() {
        let results = runParties(
            InMemoryTransport.mesh(partyCount: 2, deadline: .milliseconds(500)),
            terms: { _ in AgreementTerms([("program", "Überweisungen")]) }
        ) { _ in true }
        for result in results { #expect(throws: Never.self) { try result.get() } }
    }

    @Test("Who relays nothing because it waits itself is not to blame for a talkative cheater")
    func talkative() {
        // Party 2 says that it is alive, and nothing else; 0 awaits 1, which awaits 2.
        let deadline = Duration.milliseconds(400)
        let results = runParties(InMemoryTransport.mesh(partyCount: 3, deadline: deadline)) {
            session in
            let heartbeat = FrameHeader(opcode: .heartbeat).frame(payload: [])
            switch session.party.index {
            case 0:
                _ = try session.receive(
                    .broadcast, from: .party(Party(1)), operation: 9, byteCount: 1)
            case 1:
                usleep(60_000)
                _ = try session.receive(
                    .broadcast, from: .party(Party(2)), operation: 9, byteCount: 1)
            default:
                for _ in 0..<300 {
                    for peer in session.otherParties {
                        try? session.transport.send(heartbeat, to: .party(peer))
                    }
                    usleep(5_000)
                }
            }
        }
        #expect(culprit(results[0]) != .party(Party(1)))
    }
}
