package import Foundation
package import Primitives

/// How a transcript is on the disk: a line in the clear, then encrypted chunks.
///
/// Each chunk is its length (4 bytes, little-endian) and at most 1 MiB under AES-256-GCM. Its nonce is
/// its number; the header, the number and whether it is the last are authenticated. So nobody without
/// the key reads the file, and nobody changes, drops, reorders or cuts off chunks unnoticed: the STREAM
/// construction of Hoang, Reyhanitabar, Rogaway, Vizár, *Online Authenticated-Encryption and its
/// Nonce-Reuse Misuse-Resistance* (eprint 2015/189). A key serves one file.
enum TranscriptChunks {
    static let textByteCount = 1 << 20
    static let sealedByteLimit = textByteCount + AuthenticatedCipher.overhead

    static func nonce(_ number: UInt64) -> [UInt8] {
        var nonce: [UInt8] = []
        nonce.append(littleEndian: number)
        return nonce + [0, 0, 0, 0]
    }

    static func context(_ header: TranscriptHeader, _ number: UInt64, isLast: Bool) -> [UInt8] {
        var context = Array(header.line.utf8)
        context.append(littleEndian: number)
        context.append(isLast ? 1 : 0)
        return context
    }
}

/// Writes a transcript as the run goes on, a chunk at a time.
final class TranscriptWriter {
    private let file: URL
    private let header: TranscriptHeader
    private let key: SecretBytes
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private var number: UInt64 = 0

    /// - Throws: ``FileError`` if the file exists or cannot be made; only its owner can read it.
    init(_ file: URL, header: TranscriptHeader, key: SecretBytes) throws(FileError) {
        (self.file, self.header, self.key) = (file, header, key)
        let descriptor = unsafe open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(file) }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try write(Array(header.line.utf8))
    }

    func append(_ bytes: ArraySlice<UInt8>) throws(FileError) {
        var rest = bytes
        while !rest.isEmpty {
            // The last chunk is written by `finish()`, so a full buffer waits for what comes next.
            if buffer.count == TranscriptChunks.textByteCount { try seal(isLast: false) }
            let part = rest.prefix(TranscriptChunks.textByteCount - buffer.count)
            buffer += part
            rest = rest.dropFirst(part.count)
        }
    }

    /// Writes the last chunk.
    ///
    /// The run does not wait for the disk: a power failure within the next half minute may cost the
    /// transcript, which then cannot be opened, and nothing else.
    func finish() throws(FileError) {
        try seal(isLast: true)
        do { try handle.close() } catch { throw Self.failure(file) }
    }

    private func seal(isLast: Bool) throws(FileError) {
        let text = buffer
        let sealed = AuthenticatedCipher.seal(
            byteCount: text.count, key: key, nonce: TranscriptChunks.nonce(number),
            context: TranscriptChunks.context(header, number, isLast: isLast)
        ) { output in
            output.append(contentsOf: text.span)
        }
        var length: [UInt8] = []
        length.append(littleEndian: UInt32(sealed.count))
        try write(length)
        try write(sealed)
        number += 1
        buffer.removeAll(keepingCapacity: true)
    }

    private func write(_ bytes: [UInt8]) throws(FileError) {
        do { try handle.write(contentsOf: bytes) } catch { throw Self.failure(file) }
    }

    private static func failure(_ file: URL) -> FileError {
        FileError(
            description: "the transcript \(file.path) cannot be written; check folder and disk, or "
                + "run with --transcript off")
    }
}

/// Reads a transcript that anybody may have written; damage of any kind is an error that says where.
package final class TranscriptReader {
    package let header: TranscriptHeader
    private let file: URL
    private let key: SecretBytes
    private let handle: FileHandle
    private var number: UInt64 = 0
    private var hasEnded = false
    /// What is decrypted and not yet read.
    private var text: ArraySlice<UInt8> = []

    package init(_ file: URL, key: SecretBytes) throws(FileError) {
        (self.file, self.key) = (file, key)
        let found = try Self.open(file)
        (handle, header) = (found.handle, found.header)
    }

    /// The header alone, which needs no key.
    package static func header(of file: URL) throws(FileError) -> TranscriptHeader {
        try open(file).header
    }

    private static func open(
        _ file: URL
    ) throws(FileError) -> (handle: FileHandle, header: TranscriptHeader) {
        let handle = try RegularFile.open(file)
        guard let start = try? handle.read(upToCount: TranscriptHeader.byteLimit),
            let end = start.firstIndex(of: 0x0A),
            let header = TranscriptHeader(line: String(decoding: start[...end], as: UTF8.self)),
            (try? handle.seek(toOffset: UInt64(end) + 1)) != nil
        else {
            throw FileError(description: "\(file.lastPathComponent) is no transcript")
        }
        return (handle, header)
    }

    /// The next record; nil at the proper end.
    package func next() throws(FileError) -> TranscriptRecord? {
        while text.isEmpty {
            guard !hasEnded else { return nil }
            try readChunk()
        }
        guard let kind = TranscriptRecord.Kind(rawValue: try take(1)[0]) else {
            throw damage("has a record of no known kind")
        }
        switch kind {
        case .sent:
            let (peer, count) = (try peer(), Int(try integer(4)))
            guard let digest = Digest(try take(Digest.byteCount)) else {
                throw damage("has a record without a digest")
            }
            return .sent(peer, byteCount: count, digest)
        case .received:
            let (peer, count) = (try peer(), Int(try integer(4)))
            guard count <= FrameHeader.byteCount + FrameHeader.maximumPayloadByteCount else {
                throw damage("has a frame of \(count) bytes")
            }
            return .received(peer, try take(count))
        case .wallClock: return .wallClock(Int64(bitPattern: try integer(8)))
        case .signature: return .signature(try take(VerifyingKey.signatureByteCount))
        case .place:
            let count = Int(try integer(4))
            guard count <= 1 << 16 else { throw damage("has a place of \(count) bytes") }
            return .place(try take(count))
        }
    }

    /// Reads everything that is left: the transcript's summary, if every byte is in order.
    package func summarized(peers: [Participant]) throws(FileError) -> TranscriptSummary {
        var summary = TranscriptSummary(peers: peers)
        while let record = try next() {
            switch record {
            case .sent(let peer, let count, let digest):
                summary.addSent(digest, byteCount: count, to: peer)
            case .received(let peer, let frame):
                summary.addReceived(SHA256.hash(frame), byteCount: frame.count, from: peer)
            case .wallClock(let seconds): summary.addClock(seconds)
            case .signature(let bytes): summary.add(.signature, bytes)
            case .place(let bytes): summary.add(.place, bytes)
            }
        }
        return summary
    }

    // MARK: Bytes

    private func peer() throws(FileError) -> Participant {
        Participant(code: UInt16(try integer(2)))
    }

    private func integer(_ count: Int) throws(FileError) -> UInt64 {
        try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func take(_ count: Int) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let part = text.prefix(count - bytes.count)
            bytes += part
            text = text.dropFirst(part.count)
            if bytes.count == count { return bytes }
            guard !hasEnded else { throw damage("ends within a record") }
            try readChunk()
        }
    }

    private func readChunk() throws(FileError) {
        guard let length = try? handle.read(upToCount: 4), length.count == 4 else {
            throw damage(
                "is cut off after chunk \(number): the run was interrupted, or bytes are gone")
        }
        let count = length.reversed().reduce(0) { $0 << 8 | Int($1) }
        guard count <= TranscriptChunks.sealedByteLimit,
            let sealed = try? handle.read(upToCount: count), sealed.count == count
        else { throw damage("is damaged or cut off in chunk \(number)") }
        for isLast in [false, true] {
            let context = TranscriptChunks.context(header, number, isLast: isLast)
            guard let opened = AuthenticatedCipher.open(Array(sealed), key: key, context: context)
            else { continue }
            text = opened
            hasEnded = isLast
            number += 1
            return
        }
        throw damage("does not open in chunk \(number): bytes were changed, or the seed is another")
    }

    private func damage(_ what: String) -> FileError {
        FileError(description: "the transcript \(file.lastPathComponent) \(what)")
    }
}

extension TranscriptSummary {
    mutating func addClock(_ seconds: Int64) {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: seconds)
        add(.wallClock, bytes)
    }
}
