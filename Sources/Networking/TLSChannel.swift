import COpenSSL
import Glibc

/// Frames over one non-blocking TLS connection; nothing here ever waits.
@safe package final class TLSChannel {
    /// What came of a step of the handshake.
    package enum HandshakeStep {
        case done, blocked
        case failed(reason: String)
    }

    /// Per call, so that no peer keeps the others waiting.
    private static let stepByteCount = 1 << 20
    /// Memory for a long frame grows with what has come: a liar who announces 1 GiB gets 16 MiB of
    /// address space, and as much memory as it sends bytes.
    private static let firstAllocation = 16 << 20

    let socket: Socket
    // `SSL *`, owned by this object alone; it uses the descriptor, which lives as long.
    private let connection: OpaquePointer
    private let maximumPayload: Int
    private let inboxLimit: Int

    private var header: [UInt8] = []
    private var frame: [UInt8] = []
    private var frameByteCount: Int?
    private var queue: [[UInt8]] = []
    private var queueHead = 0
    private var frameOffset = 0
    private var readWantsToWrite = false
    /// Whether the connection takes nothing more; what it still has to say explains why.
    private(set) var isWriteBroken = false

    /// Takes over `connection`.
    init(
        connection: OpaquePointer, socket: Socket,
        maximumPayload: Int = FrameHeader.maximumPayloadByteCount
    ) {
        unsafe self.connection = unsafe connection
        self.socket = socket
        self.maximumPayload = maximumPayload
        inboxLimit = 2 * maximumPayload
        header.reserveCapacity(FrameHeader.byteCount)
    }

    deinit { unsafe SSL_free(connection) }

    /// The events that may let a blocked channel go on; a full inbox waits for its owner.
    func pollEvents(for inbox: Inbox?) -> Int16 {
        let isFull = (inbox?.heldByteCount ?? 0) >= inboxLimit
        return (isFull ? 0 : Int16(POLLIN)) | (hasQueued || readWantsToWrite ? Int16(POLLOUT) : 0)
    }

    // MARK: Handshake

    package func handshake() -> HandshakeStep {
        ERR_clear_error()
        let status = unsafe SSL_do_handshake(connection)
        if status == 1 { return .done }
        switch unsafe SSL_get_error(connection, status) {
        case SSL_ERROR_WANT_READ:
            readWantsToWrite = false
            return .blocked
        case SSL_ERROR_WANT_WRITE:
            readWantsToWrite = true
            return .blocked
        case SSL_ERROR_SSL: return .failed(reason: errorReason())
        default: return .failed(reason: "the connection broke off during the TLS handshake")
        }
    }

    /// The certificate whose key the peer has proved to know; after the handshake.
    var peerCertificate: CertificateFacts? {
        guard let certificate = unsafe SSL_get1_peer_certificate(connection) else { return nil }
        defer { unsafe X509_free(certificate) }
        return unsafe CertificateFacts(of: certificate)
    }

    // MARK: Writing

    package var hasQueued: Bool { queueHead < queue.count }
    /// All bytes written so far.
    private(set) var writtenByteCount = 0

    package func enqueue(_ frame: [UInt8]) {
        if !isWriteBroken { queue.append(frame) }
    }

    /// Writes what the socket takes now; whether that was anything.
    @discardableResult package func write() -> Bool {
        var total = 0
        while hasQueued && total < TLSChannel.stepByteCount {
            let count = writeOnce()
            guard count > 0 else { break }
            total += count
            writtenByteCount += count
            frameOffset += count
            if frameOffset == queue[queueHead].count {
                queue[queueHead] = []
                queueHead += 1
                frameOffset = 0
            }
        }
        if !hasQueued {
            queue.removeAll(keepingCapacity: true)
            queueHead = 0
        }
        return total > 0
    }

    private func writeOnce() -> Int {
        var count = 0
        ERR_clear_error()
        // Reads from the frame, which stays in the queue until all of it is written.
        let status = unsafe queue[queueHead].withUnsafeBytes { bytes in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[frameOffset...])
            return unsafe SSL_write_ex(connection, rest.baseAddress, rest.count, &count)
        }
        if status == 1 { return count }
        switch unsafe SSL_get_error(connection, status) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return 0
        default:
            isWriteBroken = true
            queue = []
            queueHead = 0
            frameOffset = 0
            return 0
        }
    }

    // MARK: Reading

    /// The bytes of the unfinished frame so far.
    var pendingByteCount: Int { frame.count }
    /// What the unfinished frame will have.
    var announcedByteCount: Int { frameByteCount ?? 0 }

    /// Reads at most one whole frame of what has come into `inbox`; whether there was anything.
    func read(into inbox: inout Inbox, now: UInt64) -> Bool {
        var total = 0
        while total < TLSChannel.stepByteCount, inbox.ending == nil,
            inbox.heldByteCount < inboxLimit
        {
            guard let byteCount = frameByteCount else {
                let count = readOnce(
                    into: &header, FrameHeader.byteCount - header.count, &inbox, now)
                if count == 0 { break }
                total += count
                if header.count == FrameHeader.byteCount { beginFrame(&inbox) }
                if frameByteCount == FrameHeader.byteCount {
                    finishFrame(&inbox, now)
                    break
                }
                continue
            }
            if frame.capacity < byteCount, frame.capacity - frame.count < 16 << 10 {
                frame.reserveCapacity(min(byteCount, 4 * frame.capacity))
            }
            let room = min(byteCount, frame.capacity) - frame.count
            let count = readOnce(into: &frame, room, &inbox, now)
            if count == 0 { break }
            total += count
            if frame.count == byteCount {
                finishFrame(&inbox, now)
                break
            }
        }
        if total > 0 { inbox.hear(at: now) }
        return total > 0
    }

    private func beginFrame(_ inbox: inout Inbox) {
        switch FrameHeader.announcedPayload(in: header, maximum: maximumPayload) {
        case .success(let payload):
            let byteCount = FrameHeader.byteCount + payload
            frameByteCount = byteCount
            frame.reserveCapacity(min(byteCount, TLSChannel.firstAllocation))
            frame += header
        case .failure(let error): inbox.end(.malformed(reason: error.reason))
        }
        header.removeAll(keepingCapacity: true)
    }

    private func finishFrame(_ inbox: inout Inbox, _ now: UInt64) {
        var finished: [UInt8] = []
        swap(&finished, &frame)
        frameByteCount = nil
        inbox.accept(finished, at: now)
    }

    /// Appends at most `limit` bytes; 0 if there is nothing now, or never again.
    private func readOnce(
        into buffer: inout [UInt8], _ limit: Int, _ inbox: inout Inbox, _ now: UInt64
    ) -> Int {
        var count = 0
        var status: Int32 = 0
        ERR_clear_error()
        buffer.append(addingCapacity: limit) { output in
            // OpenSSL writes `count` bytes at the start of the free capacity.
            unsafe output.withUnsafeMutableBufferPointer { bytes, initialized in
                unsafe status = SSL_read_ex(connection, bytes.baseAddress, limit, &count)
                initialized = status == 1 ? count : 0
            }
        }
        if status == 1 {
            readWantsToWrite = false
            return count
        }
        switch unsafe SSL_get_error(connection, status) {
        case SSL_ERROR_WANT_READ: readWantsToWrite = false
        case SSL_ERROR_WANT_WRITE: readWantsToWrite = true
        case SSL_ERROR_ZERO_RETURN: inbox.end(.left(at: now))
        case SSL_ERROR_SSL where unexpectedEnd(): inbox.end(.vanished)
        case SSL_ERROR_SSL: inbox.end(.tls(reason: errorReason()))
        default: inbox.end(.vanished)
        }
        return 0
    }

    /// Says goodbye in the proper way; the descriptor is closed with this object.
    package func hangUp() {
        ERR_clear_error()
        unsafe SSL_shutdown(connection)
        socket.hangUp()
    }

    private func unexpectedEnd() -> Bool {
        let code = ERR_peek_error()
        return Int32(truncatingIfNeeded: code & 0x7f_ffff) == SSL_R_UNEXPECTED_EOF_WHILE_READING
    }

    /// OpenSSL's words for what went wrong, such as "bad record mac".
    private func errorReason() -> String {
        // A constant string of OpenSSL's, or nothing.
        guard let text = unsafe ERR_reason_error_string(ERR_peek_error()) else {
            return "unknown TLS error"
        }
        return unsafe String(cString: text)
    }
}
