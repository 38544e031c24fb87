import Foundation
import Networking
import Primitives
import TestSupport
import Testing

private let p0 = Participant.party(Party(0))
private let p1 = Participant.party(Party(1))
private let p2 = Participant.party(Party(2))

@Suite(.serialized) struct SocketTransportTests {
    /// Runs `body` at every member of a TLS mesh, each on its own thread, and hangs up.
    private func overTLS<T: Sendable>(
        partyCount: Int, computing: Int? = nil, dealer: Bool = false,
        deadline: Duration = .seconds(20),
        _ body: @escaping @Sendable (SocketTransport) throws -> T
    ) throws -> [Result<T, any Error>] {
        let members = try TestIdentities(partyCount: partyCount, dealer: dealer)
        return concurrently(members.identities.count) { index in
            var connector = members.connector(index)
            connector.deadline = deadline
            connector.isClient = index >= computing ?? partyCount
            let transport = try connector.connect()
            defer { transport.close() }
            return try body(transport)
        }
    }

    @Test(arguments: [(2, false), (3, false), (5, true)])
    func everybodyReachesEverybody(partyCount: Int, dealer: Bool) throws {
        let results = try overTLS(partyCount: partyCount, dealer: dealer) { transport in
            for size in [0, 1, 100, 70_000, 3_000_000] {
                for peer in transport.peers {
                    let fill = UInt8(transport.me.number)
                    try transport.send(testFrame(size, fill: fill), to: peer)
                }
                for peer in transport.peers.reversed() {
                    let frame = try transport.receive(from: peer)
                    #expect(frame == testFrame(size, fill: UInt8(peer.number)))
                }
            }
            return transport.traffic.total
        }
        let peerCount = partyCount - 1 + (dealer ? 1 : 0)
        for result in results {
            let total = try result.get()
            #expect(total.sent.frames == 5 * peerCount)
            #expect(total.sent.bytes == peerCount * (5 * 24 + 3_070_101))
            #expect(total.received == total.sent)
        }
    }

    /// What computing parties do among themselves for longer than any wait may take.
    ///
    /// The second one is slow: the first waits for it, and it for nobody.
    private static func busy(_ transport: some Transport) throws -> Bool {
        let (first, second, client) = (
            Participant.party(Party(0)), Participant.party(Party(1)), Participant.party(Party(2))
        )
        guard transport.me != client else {
            return try transport.receive(from: first) == testFrame(1)
        }
        for _ in 0..<22 {
            if transport.me == second { Thread.sleep(forTimeInterval: 0.1) }
            let peer = transport.me == first ? second : first
            try transport.send(testFrame(8), to: peer)
            _ = try transport.receive(from: peer)
        }
        if transport.me == first { try transport.send(testFrame(1), to: client) }
        try transport.flush()
        // The end of one is not to be the other's.
        if transport.me == second { Thread.sleep(forTimeInterval: 0.2) }
        return true
    }

    @Test("A client waits as long as those who compute go on, and they do not forget it")
    func patientClient() throws {
        let deadline = Duration.milliseconds(600)
        for result in try overTLS(
            partyCount: 3, computing: 2, deadline: deadline, { try Self.busy($0) })
        { #expect(try result.get()) }
        let mesh = InMemoryTransport.mesh(partyCount: 3, computing: 2, deadline: deadline)
        for result in onThreads(mesh, { try Self.busy($0) }) { #expect(try result.get()) }
        // One that computes waits no longer than three deadlines.
        let other = InMemoryTransport.mesh(partyCount: 3, deadline: deadline)
        let results = onThreads(other) { try Self.busy($0) }
        #expect(throws: TransportError.self) { try results[2].get() }
    }

    @Test func twoLargeSendsAtOnceDoNotBlock() throws {
        let results = try overTLS(partyCount: 2) { transport in
            let frame = testFrame(64 << 20, fill: UInt8(transport.me.number))
            try transport.send(frame, to: transport.peers[0])
            try transport.send(testFrame(1), to: transport.peers[0])
            try transport.flush()
            let received = try transport.receive(from: transport.peers[0])
            #expect(received.count == frame.count)
            #expect(received.last == UInt8(transport.peers[0].number))
            return try transport.receive(from: transport.peers[0]) == testFrame(1)
        }
        #expect(try results.allSatisfy { try $0.get() })
    }

    @Test func framesForLaterAreKept() throws {
        let results = try overTLS(partyCount: 3) { transport in
            for sequence in 0..<50 {
                for peer in transport.peers {
                    try transport.send(testFrame(10, sequence: UInt64(sequence)), to: peer)
                }
            }
            for peer in transport.peers {
                for sequence in 0..<50 {
                    #expect(try transport.receive(from: peer)[16] == sequence)
                }
            }
        }
        for result in results { try result.get() }
    }

    @Test func cancelWakesAReceive() throws {
        let members = try TestIdentities(partyCount: 2)
        let results = concurrently(2) { index in
            var connector = members.connector(index)
            let cancellation = Cancellation()
            connector.cancellation = cancellation
            let transport = try connector.connect()
            defer { transport.close() }
            guard index == 0 else {
                _ = try transport.receive(from: p0)
                return
            }
            _ = concurrently(2) { thread in
                if thread == 0 {
                    #expect(throws: TransportError.cancelled) {
                        try transport.receive(from: p1)
                    }
                } else {
                    usleep(30_000)
                    transport.cancel()
                }
            }
            #expect(throws: TransportError.cancelled) { try transport.receive(from: p1) }
            #expect(throws: TransportError.cancelled) { try transport.flush() }
        }
        #expect(results[0].transportError == nil)
        #expect(results[1].transportError == .disconnected(p0))
    }

    /// P1 stands still; P0 waits for it, P2 waits for P0.
    @Test func theSilentPartyIsToBlame() throws {
        let deadline = Duration.milliseconds(800)
        let results = try overTLS(partyCount: 3, deadline: deadline) { transport in
            switch transport.me {
            case p0: _ = try transport.receive(from: p1)
            case p1: usleep(1_400_000)
            default: _ = try transport.receive(from: p0)
            }
        }
        #expect(results[0].transportError == .timedOut(p1, after: deadline))
        // P2's own deadline, or P0 hanging up at that moment.
        let third = results[2].transportError
        #expect(third == .timedOut(p1, after: deadline) || third == .disconnected(p0))
    }

    @Test func anAbortExplainsItself() throws {
        // Whoever hears the abort first must not hang up before the other has heard it too.
        let heard = DispatchGroup()
        for _ in 0..<2 { heard.enter() }
        let results = try overTLS(partyCount: 3) { transport in
            guard transport.me == p1 else {
                defer {
                    heard.leave()
                    _ = heard.wait(timeout: .now() + 20)
                }
                _ = try transport.receive(from: transport.me == p0 ? p2 : p0)
                return
            }
            for peer in transport.peers {
                try transport.send(FrameHeader(opcode: .abort).frame(payload: [4, 2]), to: peer)
            }
        }
        #expect(results[1].transportError == nil)
        for index in [0, 2] {
            #expect(results[index].transportError == .aborted(by: p1, payload: [4, 2]))
        }
    }

    /// The aborting side hangs up with our data unread, which resets the connection.
    @Test func anAbortIsHeardThoughWeAreSending() throws {
        let results = try overTLS(partyCount: 2) { transport in
            if transport.me == p1 {
                usleep(50_000)
                try transport.send(FrameHeader(opcode: .abort).frame(payload: [1]), to: p0)
            } else {
                try transport.send(testFrame(32 << 20), to: p1)
                try transport.flush()
                _ = try transport.receive(from: p1)
            }
        }
        #expect(results[0].transportError == .aborted(by: p1, payload: [1]))
    }

    @Test func aClosedPeerIsNamedEvenIfAnotherIsAwaited() throws {
        let results = try overTLS(partyCount: 3, deadline: .seconds(2)) { transport in
            switch transport.me {
            case p0:
                #expect(try transport.receive(from: p1) == testFrame(5))
                _ = try transport.receive(from: p2)
            case p1: try transport.send(testFrame(5), to: p0)
            default: usleep(1_000_000)
            }
        }
        #expect(results[0].transportError == .disconnected(p1))
    }

    @Test func malformedStreamsAreNamed() throws {
        func outcome(_ rewrite: @escaping @Sendable ([UInt8]) -> [[UInt8]]) throws
            -> TransportError?
        {
            let results = try overTLS(partyCount: 2, deadline: .seconds(1)) { transport in
                if transport.me == p1 {
                    let liar = TamperingTransport(transport, frame: 0, rewrite: rewrite)
                    try liar.send(testFrame(8), to: p0)
                    try liar.send(testFrame(8), to: p0)
                    // Waits longer than the other end does.
                    for _ in 0..<2 { _ = try? liar.receive(from: p0) }
                } else {
                    _ = try transport.receive(from: p1)
                    _ = try transport.receive(from: p1)
                }
            }
            return results[0].transportError
        }
        func malformed(_ reason: String) -> TransportError { .malformedFrame(p1, reason: reason) }
        // The header's version is another one.
        #expect(
            try outcome { [Array($0[..<4]) + [9, 0] + $0[6...]] }
                == malformed("frame version 9, expected 1"))
        // One byte too many: the next header begins one byte late.
        #expect(try outcome { [$0 + [0]] } == malformed("frame version 256, expected 1"))
        // More is announced than anybody may send: refused before memory is asked for.
        #expect(
            try outcome { [[255, 255, 255, 255] + $0[4...]] }
                == malformed(
                    "announces 4294967295 bytes of payload, at most 268435456 are accepted"))
        // Everybody lives, and nothing comes.
        #expect(try outcome { _ in [] } == .stalled(awaiting: p1, after: .seconds(3)))
        // 256 MiB are announced and never come: an end, and no such memory.
        let before = try peakKilobytes()
        #expect(
            try outcome { [[0, 0, 0, 0x10] + $0[4...]] }
                == .stalled(awaiting: p1, after: .seconds(3)))
        #expect(try peakKilobytes() - before < 200_000)
    }

    /// The most address space that this process has ever had.
    private func peakKilobytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmPeak") })
        return try #require(Int(line.filter(\.isNumber)))
    }
}

extension Participant {
    /// A small number of its own.
    fileprivate var number: Int {
        switch self {
        case .party(let party): party.index
        case .dealer: 99
        }
    }
}
