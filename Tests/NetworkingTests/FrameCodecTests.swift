import Networking
import Primitives
import Testing

struct FrameCodecTests {
    private static let work = Opcode(rawValue: 16)
    private let peer = Participant.party(Party(1))

    private func frame(sequence: Int = 0, payload: [UInt8] = [1, 2, 3]) -> [UInt8] {
        var codec = FrameCodec(channel: 5, epoch: 2)
        for _ in 0..<sequence {
            _ = codec.encode(Self.work, operation: 0, to: peer, payloadByteCount: 0) { _ in }
        }
        return codec.encode(
            Self.work, operation: 0x0403_0201, to: peer, payloadByteCount: payload.count
        ) { output in for byte in payload { output.append(byte) } }
    }

    @Test func layoutIsFixed() {
        let header: [UInt8] = [3, 0, 0, 0, 1, 0, 5, 0, 16, 0, 2, 0, 1, 2, 3, 4]
        #expect(frame() == header + [0, 0, 0, 0, 0, 0, 0, 0] + [1, 2, 3])
        #expect(frame(sequence: 1, payload: [])[16...] == [1, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func roundTrip() throws {
        var codec = FrameCodec(channel: 5, epoch: 2)
        for sequence in 0..<3 {
            let payload = try codec.decode(
                frame(sequence: sequence), from: peer, expecting: Self.work,
                operation: 0x0403_0201)
            #expect(Array(payload) == [1, 2, 3])
        }
        // Each peer and each direction counts for itself.
        let other = try codec.decode(frame(), from: .dealer, allowing: [.hello, Self.work])
        #expect(other.header.operation == 0x0403_0201)
        #expect(
            codec.encode(Self.work, operation: 0, to: peer, payloadByteCount: 0) { _ in }[16] == 0)
    }

    @Test(
        "One field wrong",
        arguments: [
            (0, 2, "payload bytes 3, expected 2"), (0, 4, "payload bytes 3, expected 4"),
            (4, 2, "frame version 2, expected 1"), (6, 6, "channel 6, expected 5"),
            (8, 17, "opcode 17, expected opcode 16"), (10, 3, "epoch 3, expected 2"),
            (12, 2, "operation 67305986, expected 67305985"),
            (16, 1, "sequence number 1, expected 0"),
        ] as [(Int, UInt8, String)])
    func refusal(offset: Int, value: UInt8, reason: String) {
        var frame = frame()
        frame[offset] = value
        expectRefusal(frame, reason)
    }

    @Test func otherShapes() {
        expectRefusal([], "0 bytes, where a header alone has 24")
        expectRefusal(Array(frame()[..<23]), "23 bytes, where a header alone has 24")
        expectRefusal(frame().dropLast(), "payload bytes 2, expected 3")
        var huge = frame()
        huge[3] = 0x10  // 2^28 + 3
        expectRefusal(
            huge, "announces 268435459 bytes of payload, at most 268435456 are accepted")
    }

    @Test func replayAndLossAreNoticed() throws {
        var codec = FrameCodec(channel: 5, epoch: 2)
        _ = try codec.decode(frame(), from: peer, allowing: [Self.work])
        #expect(
            throws: TransportError.malformedFrame(peer, reason: "sequence number 0, expected 1")
        ) { try codec.decode(frame(), from: peer, allowing: [Self.work]) }
        #expect(
            throws: TransportError.malformedFrame(peer, reason: "sequence number 2, expected 1")
        ) { try codec.decode(frame(sequence: 2), from: peer, allowing: [Self.work]) }
    }

    /// Whatever single byte of the header changes, the frame is refused.
    @Test func everyHeaderBitCounts() {
        for offset in 0..<FrameHeader.byteCount {
            for bit in 0..<8 {
                var frame = frame()
                frame[offset] ^= 1 << UInt8(bit)
                var codec = FrameCodec(channel: 5, epoch: 2)
                #expect(throws: TransportError.self) {
                    try codec.decode(
                        frame, from: peer, expecting: Self.work, operation: 0x0403_0201)
                }
            }
        }
    }

    private func expectRefusal(_ frame: [UInt8], _ reason: String) {
        var codec = FrameCodec(channel: 5, epoch: 2)
        #expect(throws: TransportError.malformedFrame(peer, reason: reason)) {
            try codec.decode(frame, from: peer, expecting: Self.work, operation: 0x0403_0201)
        }
    }
}
