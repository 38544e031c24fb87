public import Primitives

/// What a frame is for; each module above declares its own from 16 up.
public struct Opcode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Gives the session up, the payload says why; consumed by the transport.
    public static let abort = Opcode(rawValue: 1)
    /// Says that the sender is alive and waiting; consumed by the transport.
    public static let heartbeat = Opcode(rawValue: 2)
    /// Introduces a member while the mesh is made.
    public static let hello = Opcode(rawValue: 3)

    public var description: String { "opcode \(rawValue)" }
}

/// The 24 bytes before a frame's payload, little-endian.
///
/// Payload length u32 · version u16 · channel u16 · opcode u16 · epoch u16 · operation u32 ·
/// sequence u64.
public struct FrameHeader: Hashable, Sendable {
    public static let byteCount = 24
    public static let version: UInt16 = 1
    /// The largest payload: 256 MiB.
    public static let maximumPayloadByteCount = 1 << 28

    public var channel: UInt16 = 0
    public var opcode: Opcode
    public var epoch: UInt16 = 0
    public var operation: UInt32 = 0
    public var sequence: UInt64 = 0

    public init(
        channel: UInt16 = 0, opcode: Opcode, epoch: UInt16 = 0, operation: UInt32 = 0,
        sequence: UInt64 = 0
    ) {
        self.channel = channel
        self.opcode = opcode
        self.epoch = epoch
        self.operation = operation
        self.sequence = sequence
    }

    /// A whole frame whose payload `write` appends in place; it must append all of it.
    public func frame(
        payloadByteCount: Int, _ write: (inout OutputSpan<UInt8>) -> Void
    ) -> [UInt8] {
        precondition(
            payloadByteCount <= FrameHeader.maximumPayloadByteCount,
            "a payload of \(payloadByteCount) bytes is sent in several frames of at most 256 MiB")
        return [UInt8](capacity: FrameHeader.byteCount + payloadByteCount) { output in
            output.append(littleEndian: UInt32(payloadByteCount))
            output.append(littleEndian: FrameHeader.version)
            output.append(littleEndian: channel)
            output.append(littleEndian: opcode.rawValue)
            output.append(littleEndian: epoch)
            output.append(littleEndian: operation)
            output.append(littleEndian: sequence)
            write(&output)
            precondition(output.freeCapacity == 0, "the payload is shorter than announced")
        }
    }

    public func frame(payload: [UInt8]) -> [UInt8] {
        frame(payloadByteCount: payload.count) { output in
            output.append(contentsOf: payload.span)
        }
    }

    /// Reads the header at the start of `frame`; nil if that is too short.
    init?(reading frame: [UInt8]) {
        guard frame.count >= FrameHeader.byteCount else { return nil }
        channel = frame.littleEndian(at: 6)
        opcode = Opcode(rawValue: frame.littleEndian(at: 8))
        epoch = frame.littleEndian(at: 10)
        operation = frame.littleEndian(at: 12)
        sequence = frame.littleEndian(at: 16)
    }

    /// Whether the transport itself consumes the frame.
    static func isControl(_ frame: [UInt8]) -> Bool {
        guard let opcode = FrameHeader(reading: frame)?.opcode else { return false }
        return opcode == .abort || opcode == .heartbeat
    }

    /// The payload length that a header announces, or why no transport goes on reading after it.
    ///
    /// To be asked before memory for the payload is allocated.
    static func announcedPayload(
        in header: [UInt8], maximum: Int = maximumPayloadByteCount
    ) -> Result<Int, MalformedFrame> {
        guard header.count >= byteCount else {
            return .failure("\(header.count) bytes, where a header alone has \(byteCount)")
        }
        let version: UInt16 = header.littleEndian(at: 4)
        guard version == FrameHeader.version else {
            return .failure("frame version \(version), expected \(FrameHeader.version)")
        }
        let count: UInt32 = header.littleEndian(at: 0)
        guard count <= maximum else {
            return .failure("announces \(count) bytes of payload, at most \(maximum) are accepted")
        }
        return .success(Int(count))
    }
}

/// Why bytes are no frame, for ``TransportError/malformedFrame(_:reason:)``.
struct MalformedFrame: Error, ExpressibleByStringInterpolation {
    let reason: String

    init(stringLiteral reason: String) { self.reason = reason }
}

/// Makes and checks the frames of one session on one channel.
///
/// Every frame to a peer carries the next sequence number of that direction, so that a frame lost,
/// repeated or out of place is noticed. Belongs to the session's thread.
public struct FrameCodec: Sendable {
    public let channel: UInt16
    public let epoch: UInt16
    /// By peer: how many frames went out, and how many came in.
    package var sent: [Participant: UInt64] = [:]
    package var received: [Participant: UInt64] = [:]

    public init(channel: UInt16, epoch: UInt16) {
        self.channel = channel
        self.epoch = epoch
    }

    /// The next frame to `peer`; `write` appends exactly `payloadByteCount` bytes in place.
    public mutating func encode(
        _ opcode: Opcode, operation: UInt32, to peer: Participant, payloadByteCount: Int,
        _ write: (inout OutputSpan<UInt8>) -> Void
    ) -> [UInt8] {
        let header = FrameHeader(
            channel: channel, opcode: opcode, epoch: epoch, operation: operation,
            sequence: sent[peer, default: 0])
        sent[peer, default: 0] += 1
        return header.frame(payloadByteCount: payloadByteCount, write)
    }

    /// Checks the next frame from `peer` and returns it in parts, without a copy.
    ///
    /// - Throws: ``TransportError/malformedFrame(_:reason:)`` with what was expected and what came:
    ///   version, length, channel, epoch, sequence number, or an opcode not in `opcodes`.
    public mutating func decode(
        _ frame: [UInt8], from peer: Participant, allowing opcodes: [Opcode]
    ) throws(TransportError) -> (header: FrameHeader, payload: ArraySlice<UInt8>) {
        do throws(MalformedFrame) {
            let count = try FrameHeader.announcedPayload(in: frame).get()
            try expect("payload bytes", count, frame.count - FrameHeader.byteCount)
            guard let header = FrameHeader(reading: frame) else { throw "no header" }
            try expect("channel", channel, header.channel)
            try expect("epoch", epoch, header.epoch)
            try expect("sequence number", received[peer, default: 0], header.sequence)
            guard opcodes.contains(header.opcode) else {
                let expected = opcodes.map(\.description).joined(separator: " or ")
                throw "\(header.opcode), expected \(expected)"
            }
            received[peer, default: 0] += 1
            return (header, frame[FrameHeader.byteCount...])
        } catch {
            throw .malformedFrame(peer, reason: error.reason)
        }
    }

    /// The payload of the next frame from `peer`, which must be this very message.
    public mutating func decode(
        _ frame: [UInt8], from peer: Participant, expecting opcode: Opcode, operation: UInt32
    ) throws(TransportError) -> ArraySlice<UInt8> {
        let (header, payload) = try decode(frame, from: peer, allowing: [opcode])
        guard header.operation == operation else {
            throw .malformedFrame(
                peer, reason: "operation \(header.operation), expected \(operation)")
        }
        return payload
    }

    private func expect<Value: Equatable>(
        _ field: String, _ expected: Value, _ got: Value
    ) throws(MalformedFrame) {
        guard expected == got else { throw "\(field) \(got), expected \(expected)" }
    }
}

extension OutputSpan<UInt8> {
    /// Appends all of `bytes` in one copy; they must fit.
    package mutating func append(contentsOf bytes: Span<UInt8>) {
        precondition(bytes.count <= freeCapacity, "more bytes than the frame has room for")
        unsafe withUnsafeMutableBufferPointer { buffer, initialized in
            // The source is not this buffer, and the precondition gives the room.
            let free = unsafe UnsafeMutableRawBufferPointer(
                UnsafeMutableBufferPointer(rebasing: buffer[initialized...]))
            unsafe bytes.withUnsafeBytes { unsafe free.copyMemory(from: $0) }
            initialized += bytes.count
        }
    }

    fileprivate mutating func append<Integer: FixedWidthInteger>(littleEndian value: Integer) {
        for shift in stride(from: 0, to: Integer.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: value >> Integer(shift)))
        }
    }
}

extension [UInt8] {
    fileprivate func littleEndian<Integer: FixedWidthInteger>(at offset: Int) -> Integer {
        (0..<Integer.bitWidth / 8).reduce(0) { value, index in
            value | Integer(truncatingIfNeeded: self[offset + index]) << Integer(8 * index)
        }
    }
}
