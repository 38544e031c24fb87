import Foundation
import Networking
import Primitives
import TestSupport
import Testing

private let p0 = Participant.party(Party(0))
private let p1 = Participant.party(Party(1))
private let p2 = Participant.party(Party(2))

struct InMemoryTransportTests {
    @Test func everybodyReachesEverybody() {
        let mesh = InMemoryTransport.mesh(partyCount: 3, dealer: true)
        #expect(mesh.map(\.me) == [p0, p1, p2, .dealer])
        #expect(mesh[1].peers == [p0, p2, .dealer])
        let results = onThreads(mesh) { transport in
            for peer in transport.peers { try transport.send(testFrame(10), to: peer) }
            for peer in transport.peers { _ = try transport.receive(from: peer) }
            return transport.traffic
        }
        for result in results {
            let traffic = try? result.get()
            #expect(traffic?.total.sent.frames == 3)
            #expect(traffic?.total.received.bytes == 3 * 34)
        }
    }

    @Test func framesStayInOrder() throws {
        let mesh = InMemoryTransport.mesh(partyCount: 2)
        for sequence in 0..<100 {
            try mesh[0].send(testFrame(1, sequence: UInt64(sequence)), to: p1)
        }
        for sequence in 0..<100 {
            #expect(try mesh[1].receive(from: p0)[16] == sequence)
        }
    }

    @Test func cancelWakesAReceive() {
        let mesh = InMemoryTransport.mesh(partyCount: 2)
        let results = concurrently(2) { index in
            if index == 1 {
                usleep(20_000)
                mesh[0].cancel()
            } else {
                _ = try mesh[0].receive(from: p1)
            }
        }
        #expect(results[0].transportError == .cancelled)
        #expect(throws: TransportError.cancelled) { try mesh[0].receive(from: p1) }
    }

    /// P1 is frozen: P0 waits for it, P2 waits for P0; both blame P1.
    @Test func theSilentPartyIsToBlame() {
        let mesh = InMemoryTransport.mesh(partyCount: 3, deadline: .milliseconds(400))
        let results = onThreads([mesh[0], mesh[2]]) { transport in
            if transport.me == p2 { usleep(100_000) }  // P0's deadline passes first
            defer { if transport.me == p2 { transport.close() } }
            _ = try transport.receive(from: transport.me == p0 ? p1 : p0)
        }
        #expect(results[0].transportError == .timedOut(p1, after: .milliseconds(400)))
        #expect(results[1].transportError == .timedOut(p1, after: .milliseconds(400)))
        #expect(mesh[0].traffic.total.sent.frames == 0)
        #expect(mesh[0].traffic.total.controlSent.frames >= 3)
    }

    @Test func aClosedPeerIsNamedEvenIfAnotherIsAwaited() {
        let mesh = InMemoryTransport.mesh(partyCount: 3, deadline: .seconds(2))
        mesh[1].close()
        #expect(throws: TransportError.disconnected(p1)) { try mesh[0].receive(from: p2) }
        #expect(throws: TransportError.disconnected(p1)) { try mesh[0].receive(from: p1) }
    }

    @Test func whatCameBeforeTheEndIsDelivered() throws {
        let mesh = InMemoryTransport.mesh(partyCount: 2)
        try mesh[1].send(testFrame(3), to: p0)
        mesh[1].close()
        #expect(try mesh[0].receive(from: p1) == testFrame(3))
        #expect(throws: TransportError.disconnected(p1)) { try mesh[0].receive(from: p1) }
    }

    /// At the end of a session the first to be done hangs up; the others still finish.
    @Test func aFarewellDoesNotDisturbTheLastFrames() throws {
        let mesh = InMemoryTransport.mesh(partyCount: 3, deadline: .seconds(8))
        let results = concurrently(2) { index in
            if index == 0 {
                mesh[1].close()
                usleep(50_000)
                try mesh[2].send(testFrame(1), to: p0)
            } else {
                #expect(try mesh[0].receive(from: p2) == testFrame(1))
            }
        }
        #expect(results.allSatisfy { $0.transportError == nil })
    }

    @Test func anAbortExplainsItself() throws {
        let mesh = InMemoryTransport.mesh(partyCount: 3)
        let reason = [UInt8](repeating: 9, count: 3000)
        try mesh[1].send(testFrame(3), to: p0)
        try mesh[1].send(FrameHeader(opcode: .abort).frame(payload: reason), to: p0)
        mesh[1].close()
        #expect(try mesh[0].receive(from: p1) == testFrame(3))
        let expected = TransportError.aborted(by: p1, payload: Array(reason.prefix(1024)))
        #expect(throws: expected) { try mesh[0].receive(from: p2) }
        #expect(throws: expected) { try mesh[0].receive(from: p1) }
    }

    @Test func tamperedFramesAreNamed() {
        func outcome(_ rewrite: @escaping ([UInt8]) -> [[UInt8]]) -> Result<Int, any Error> {
            let mesh = InMemoryTransport.mesh(partyCount: 2, deadline: .milliseconds(100))
            let liar = TamperingTransport(mesh[1], frame: 0, rewrite: rewrite)
            return Result {
                try liar.send(testFrame(8), to: p0)
                return try mesh[0].receive(from: p1).count
            }
        }
        func malformed(_ reason: String) -> TransportError { .malformedFrame(p1, reason: reason) }
        #expect(
            outcome { [$0.dropLast()] }.transportError
                == malformed("7 bytes of payload, expected 8"))
        #expect(
            outcome { [$0 + [0]] }.transportError == malformed("9 bytes of payload, expected 8"))
        #expect(
            outcome { [Array($0.prefix(5))] }.transportError
                == malformed("5 bytes, where a header alone has 24"))
        #expect(outcome { _ in [] }.transportError == .timedOut(p1, after: .milliseconds(100)))
        #expect((try? outcome { [$0, $0] }.get()) == 32)
    }
}

struct DecoratorTests {
    @Test func recordingKeepsWhatPassed() throws {
        func trace(_ size: Int) throws -> RecordingTransport {
            let mesh = InMemoryTransport.mesh(partyCount: 2)
            let recorder = RecordingTransport(mesh[0])
            try mesh[1].send(testFrame(2), to: p0)
            try recorder.send(testFrame(size), to: p1)
            _ = try recorder.receive(from: p1)
            return recorder
        }
        let recorder = try trace(1)
        #expect(recorder.records.map(\.direction) == [.sent, .received])
        #expect(recorder.records.map(\.frame) == [testFrame(1), testFrame(2)])
        #expect(try trace(1).digest == recorder.digest)
        #expect(try trace(3).digest != recorder.digest)
    }

    @Test func emulatedLinkDelaysAndDoesNotChangeFrames() throws {
        let mesh = InMemoryTransport.mesh(partyCount: 2).map {
            EmulatedLinkTransport($0, latency: .milliseconds(20), bytesPerSecond: 100_000)
        }
        let clock = SystemClock()
        let start = clock.monotonicNanoseconds
        for _ in 0..<3 { try mesh[0].send(testFrame(976), to: p1) }
        for _ in 0..<3 { #expect(try mesh[1].receive(from: p0) == testFrame(976)) }
        // Three frames of 1000 bytes at 100 kB/s, then 20 ms: no earlier than 50 ms.
        #expect(clock.monotonicNanoseconds - start >= 50_000_000)
        #expect(mesh[0].traffic.total.sent.bytes == 3000)
        #expect(mesh[1].traffic.total.received.bytes == 3000)
    }

    @Test func emulatedLinkCanBeCancelled() throws {
        let mesh = InMemoryTransport.mesh(partyCount: 2).map {
            EmulatedLinkTransport($0, latency: .seconds(60), bytesPerSecond: .infinity)
        }
        try mesh[0].send(testFrame(1), to: p1)
        let results = concurrently(2) { index in
            if index == 1 {
                usleep(20_000)
                mesh[1].cancel()
            } else {
                _ = try mesh[1].receive(from: p0)
            }
        }
        #expect(results[0].transportError == .cancelled)
    }
}
