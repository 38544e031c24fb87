public import Foundation
public import Primitives

/// What a file's recipients know of it besides its size: in the ``Payload`` of its statement.
package struct FileDescription: Codable {
    let name: String
    /// Salts the commitment to the chunks; 32 bytes in hexadecimal.
    let secret: Digest

    package static let collection = "parley:files"

    package init(name: String, secret: Digest) { (self.name, self.secret) = (name, secret) }

    package init(_ payload: Payload) throws(LedgerError) {
        guard payload.collection == Self.collection else {
            throw .malformed("a file's content is not described as one")
        }
        self = try CanonicalJSON.decode(
            FileDescription.self, from: Array(payload.contents.utf8), as: "a file's description")
    }

    /// Under which the chunks are stored, also before their statement exists.
    package var chunks: Digest { SHA256.hash(Array("parley file chunks v1".utf8), secret.bytes) }

    /// The commitment to chunks that `chunk` reads one after the other.
    func commitment(
        bytes: Int, chunkBytes: Int, _ chunk: (Int) throws(LedgerError) -> [UInt8]
    ) throws(LedgerError) -> Digest {
        guard (0...StoredFile.maxBytes).contains(bytes), chunkBytes == StoredFile.chunkBytes else {
            throw .malformed("a file has at most 1 GiB, in chunks of 1 MiB")
        }
        var failure: LedgerError?
        let count = (bytes + chunkBytes - 1) / chunkBytes
        let commitment = InputCommitment(
            rowCount: count, secret: SecretBytes(copying: secret.bytes)
        ) { index, row in
            guard failure == nil else { return }
            do throws(LedgerError) {
                let read = try chunk(index)
                guard read.count == min(chunkBytes, bytes - index * chunkBytes) else {
                    throw .malformed("chunk \(index) of a file has a wrong length")
                }
                row.append(contentsOf: read)
            } catch { failure = error }
        }
        if let failure { throw failure }
        return commitment.root
    }
}

extension SharedLedger {
    /// Stores a file of at most 1 GiB beside the log, for the next synchronization to bring a salted
    /// commitment to it into the log.
    ///
    /// The content stays with this party. Recipients learn the name and what they need to verify the
    /// file, which they get by other means: ``accept(_:file:)``. It is read once, a MiB at a time.
    ///
    /// - Parameter recipients: all parties if nil.
    /// - Returns: the statement's digest.
    public func put(
        _ file: URL, to recipients: [String]?
    ) throws(LedgerError) -> Digest {
        let reader = try ChunkReader(file, StoredFile.chunkBytes)
        let description = FileDescription(
            name: file.lastPathComponent,
            secret: SHA256.hash(SystemRandomness().secret(Digest.byteCount).copyBytes()))
        let store = replica.store
        try store.dropStrayChunks()
        let root = try description.commitment(
            bytes: reader.bytes, chunkBytes: StoredFile.chunkBytes
        ) {
            (index) throws(LedgerError) in
            let chunk = try reader.read(index)
            try store.addChunk(chunk, number: index, of: description.chunks)
            return chunk
        }
        let payload = try Payload(
            collection: FileDescription.collection,
            contents: String(decoding: try CanonicalJSON.encode(description), as: UTF8.self),
            using: SystemRandomness())
        let statement = Statement.file(
            StoredFile(
                author: replica.me, recipients: try self.recipients(recipients),
                claims: payload.claims, bytes: reader.bytes, chunkBytes: StoredFile.chunkBytes,
                content: root, time: replica.clock.wallSeconds))
        return try record([statement], contents: [payload])[0]
    }

    /// Writes a stored file out again, after verifying all of it against the log.
    ///
    /// - Returns: the name under which it was put.
    public func get(_ statement: Digest, to file: URL) throws(LedgerError) -> String {
        let (stored, description) = try described(statement)
        let store = replica.store
        let output = try ChunkWriter(file)
        let root = try description.commitment(bytes: stored.bytes, chunkBytes: stored.chunkBytes) {
            (index) throws(LedgerError) in
            guard let chunk = try store.chunk(index, of: description.chunks) else {
                throw .storage(
                    "\(description.name) is not stored here; its author, \(stored.author), has it")
            }
            try output.write(chunk)
            return chunk
        }
        guard root == stored.content else {
            throw .storage("\(description.name) was changed where it is stored")
        }
        try output.finish()
        return description.name
    }

    /// Verifies a file that came by other means against its statement in the log, stores it, and
    /// acknowledges it with a receipt.
    public func accept(_ statement: Digest, file: URL) throws(LedgerError) {
        let (stored, description) = try described(statement)
        let reader = try ChunkReader(file, stored.chunkBytes)
        let store = replica.store
        let root: Digest? =
            reader.bytes == stored.bytes
            ? try description.commitment(bytes: stored.bytes, chunkBytes: stored.chunkBytes) {
                (index) throws(LedgerError) in
                let chunk = try reader.read(index)
                try store.addChunk(chunk, number: index, of: description.chunks)
                return chunk
            } : nil
        guard root == stored.content else {
            try store.dropChunks(of: description.chunks)
            throw .malformed("\(file.path) is not the file that \(stored.author) put")
        }
        try record([
            .receipt(
                Receipt(
                    author: replica.me, subject: statement, content: stored.content,
                    time: replica.clock.wallSeconds))
        ])
    }

    private func described(
        _ statement: Digest
    ) throws(LedgerError) -> (StoredFile, FileDescription) {
        guard case .file(let file)? = try replica.statement(statement, before: count) else {
            throw .malformed("there is no file with this digest in the ledger")
        }
        guard let content = try replica.store.content(of: statement) else {
            throw .malformed("the file is not for this party, or was erased")
        }
        return (file, try FileDescription(content.payload))
    }
}

/// A file read in chunks.
private struct ChunkReader {
    let bytes: Int
    private let handle: FileHandle
    private let path: String
    private let chunkBytes: Int

    init(_ file: URL, _ chunkBytes: Int) throws(LedgerError) {
        path = file.path
        self.chunkBytes = chunkBytes
        guard let handle = try? RegularFile.open(file), let end = try? handle.seekToEnd()
        else { throw .storage("\(file.path) is no regular file, or cannot be read") }
        guard end <= StoredFile.maxBytes else {
            throw .malformed("\(file.path) has more than 1 GiB")
        }
        (self.handle, bytes) = (handle, Int(end))
    }

    func read(_ index: Int) throws(LedgerError) -> [UInt8] {
        do {
            try handle.seek(toOffset: UInt64(index * chunkBytes))
            return Array(try handle.read(upToCount: chunkBytes) ?? Data())
        } catch { throw .storage("\(path) cannot be read to its end") }
    }
}

/// A file that is there whole or not at all.
private final class ChunkWriter {
    private let file, temporary: URL
    private let handle: FileHandle
    private var isFinished = false

    init(_ file: URL) throws(LedgerError) {
        self.file = file
        temporary = file.appendingPathExtension("part")
        guard !FileManager.default.fileExists(atPath: file.path),
            FileManager.default.createFile(
                atPath: temporary.path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = try? FileHandle(forWritingTo: temporary)
        else { throw .storage("\(file.path) exists or cannot be made; choose another name") }
        self.handle = handle
    }

    deinit { if !isFinished { try? FileManager.default.removeItem(at: temporary) } }

    func write(_ chunk: [UInt8]) throws(LedgerError) {
        do { try handle.write(contentsOf: chunk) } catch {
            throw .storage("\(file.path) cannot be written; check the disk")
        }
    }

    func finish() throws(LedgerError) {
        do {
            try handle.synchronize()
            try FileManager.default.moveItem(at: temporary, to: file)
            isFinished = true
        } catch { throw .storage("\(file.path) cannot be written; check the disk") }
    }
}
