import Foundation
import Primitives

/// A store of correlated randomness cannot be made or used: why, and what to do.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    package init(_ description: String) { self.description = description }
}

/// A folder of files that one key encrypts, in use by one process at a time.
///
/// Every file is AES-256-GCM under `key`, with its name and what it belongs to authenticated. The
/// nonce is 8 random bytes, drawn when the folder is opened, and a counter: no two files share one.
final class StoreFolder {
    let url: URL
    private let key: SecretBytes
    private let nonceStart: [UInt8]
    private var nonceCount: UInt32 = 0
    private let lock: Int32

    private static func lockFile(_ url: URL) -> String { url.appending(path: "lock").path }
    private static func keyFile(_ url: URL) -> URL { url.appending(path: "key") }

    private init(_ url: URL, key: SecretBytes, lock: Int32, randomness: any RandomSource) {
        (self.url, self.key, self.lock) = (url, key, lock)
        nonceStart = randomness.bytes(AuthenticatedCipher.nonceByteCount - 4)
    }

    /// A new folder with a new key that its owner alone can read.
    static func create(_ url: URL, randomness: any RandomSource) throws(StoreError) -> StoreFolder {
        guard !FileManager.default.fileExists(atPath: url.path) else {
            throw StoreError("\(url.path) exists; a preparation takes a new folder")
        }
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            let key = randomness.secret(AuthenticatedCipher.keyByteCount)
            let lock = try locked(url)
            try AtomicFile.write(
                Array((key.copyBytes().hex + "\n").utf8), to: keyFile(url), overwriting: false,
                mode: 0o600)
            return StoreFolder(url, key: key, lock: lock, randomness: randomness)
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError("no preparation can be kept there: \(error)")
        }
    }

    static func open(_ url: URL, randomness: any RandomSource) throws(StoreError) -> StoreFolder {
        let path = keyFile(url).path
        let mode = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        guard let mode = mode as? Int, let text = try? String(contentsOfFile: path, encoding: .utf8)
        else {
            throw StoreError("\(url.path) holds no preparation; make one with `parley prepare`")
        }
        guard mode & 0o077 == 0 else {
            throw StoreError("\(path): others may read this key; run chmod 600 \(path)")
        }
        guard let bytes = [UInt8](hex: text.trimmingCharacters(in: .whitespacesAndNewlines)),
            bytes.count == AuthenticatedCipher.keyByteCount
        else { throw StoreError("\(path) is not 64 hexadecimal digits; prepare anew") }
        return StoreFolder(
            url, key: SecretBytes(copying: bytes), lock: try locked(url), randomness: randomness)
    }

    /// The lock goes with the process, however that ends.
    private static func locked(_ url: URL) throws(StoreError) -> Int32 {
        let descriptor = unsafe Glibc.open(lockFile(url), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError("\(url.path) cannot be written; check the folder")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw StoreError(
                "\(url.path) is in use by another run; wait for its end, or prepare another one")
        }
        return descriptor
    }

    deinit {
        // Said outright: closing is not enough while a forked process has the descriptor too.
        _ = flock(lock, LOCK_UN)
        close(lock)
    }

    func holds(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: url.appending(path: name).path)
    }

    /// Whole or not at all, and on the disk when this returns.
    func write(
        _ name: String, of owner: [UInt8], byteCount: Int,
        fill: (inout OutputSpan<UInt8>) -> Void
    ) throws(StoreError) {
        var nonce = nonceStart
        precondition(nonceCount < .max, "a folder's nonces are used up")
        nonce.append(littleEndian: nonceCount)
        nonceCount += 1
        let sealed = AuthenticatedCipher.seal(
            byteCount: byteCount, key: key, nonce: nonce, context: context(name, owner), fill: fill)
        do {
            try AtomicFile.write(
                sealed, to: url.appending(path: name), overwriting: true, mode: 0o600)
        } catch {
            throw StoreError("the preparation's \(name) cannot be written; check folder and disk")
        }
    }

    func write(_ name: String, of owner: [UInt8], _ bytes: [UInt8]) throws(StoreError) {
        try write(name, of: owner, byteCount: bytes.count) { output in
            for byte in bytes { output.append(byte) }
        }
    }

    func read(_ name: String, of owner: [UInt8]) throws(StoreError) -> ArraySlice<UInt8> {
        guard let bytes = try? Data(contentsOf: url.appending(path: name)) else {
            throw StoreError("the preparation's \(name) is missing; prepare anew")
        }
        guard
            let text = AuthenticatedCipher.open(
                Array(bytes), key: key, context: context(name, owner))
        else {
            throw StoreError(
                "the preparation's \(name) is damaged, or of another key or preparation; "
                    + "prepare anew")
        }
        return text
    }

    private func context(_ name: String, _ owner: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: "parley store v1")
        bytes.append(lengthPrefixed: name)
        return bytes + owner
    }

    /// Overwrites a file that is spent, and removes it.
    ///
    /// A disk may keep what was there elsewhere; it is encrypted.
    func erase(_ name: String) {
        let file = url.appending(path: name)
        if let handle = try? FileHandle(forUpdating: file), let end = try? handle.seekToEnd() {
            try? handle.seek(toOffset: 0)
            try? handle.write(contentsOf: [UInt8](repeating: 0, count: Int(end)))
            try? handle.close()
        }
        try? FileManager.default.removeItem(at: file)
    }
}
