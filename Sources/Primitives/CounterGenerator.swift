public import Algebra
import COpenSSL

/// AES-128 in counter mode (NIST SP 800-38A, 6.5) as a stream of pseudo-random words.
///
/// The initial counter is zero. The stream is one string of bytes, read eight at a time as
/// little-endian words: how it is cut into calls does not matter. Calls of 1 KiB and more run at
/// the cipher's own speed. A key serves at most 2⁴⁸ blocks.
@safe public struct CounterGenerator: ~Copyable, WordGenerator {
    public static let keyByteCount = 16
    private static let byteLimit: UInt64 = 1 << 52
    /// Zeroed and encrypted in one go while it is in the first-level cache.
    private static let chunkByteCount = 16 << 10

    // OpenSSL's cipher state; this value alone owns it, and OpenSSL wipes it when it is freed.
    private let context: OpaquePointer
    private var bytesLeft = CounterGenerator.byteLimit

    public init(key: SecretBytes) {
        self.init(key: key, counter: [UInt8](repeating: 0, count: 16))
    }

    /// Starts at another counter block: for the standard's own test vectors.
    package init(key: SecretBytes, counter: [UInt8]) {
        precondition(key.count == CounterGenerator.keyByteCount, "AES-128 takes a 16-byte key")
        guard let context = unsafe EVP_CIPHER_CTX_new() else {
            preconditionFailure("AES-128-CTR: out of memory")
        }
        unsafe self.context = unsafe context
        let status = key.withBytes { key in
            unsafe key.withUnsafeBufferPointer { key in
                unsafe EVP_EncryptInit_ex(
                    context, EVP_aes_128_ctr(), nil, key.baseAddress, counter)
            }
        }
        precondition(status == 1, "OpenSSL cannot start AES-128-CTR")
    }

    /// The stream of one purpose within one session, from a seed that serves many.
    ///
    /// The key is the first 16 bytes of SHA-256(domain, length-prefixed ‖ session ‖ epoch ‖
    /// operation ‖ seed), so streams depend on what they are for, never on the order of calls.
    public init(
        seed: SecretBytes, domain: String, session: Digest, epoch: UInt32, operation: UInt64
    ) {
        var context: [UInt8] = []
        context.append(lengthPrefixed: domain)
        context += session.bytes
        context.append(littleEndian: epoch)
        context.append(littleEndian: operation)
        var hasher = SHA256()
        hasher.update(context)
        hasher.update(seed)
        self.init(key: hasher.finalizeSecret().prefix(CounterGenerator.keyByteCount))
    }

    deinit { unsafe EVP_CIPHER_CTX_free(context) }

    public mutating func fill(_ words: inout MutableSpan<UInt64>) {
        unsafe words.withUnsafeMutableBytes { unsafe fill($0) }
    }

    /// Overwrites every byte of `bytes` with the next bytes of the stream.
    public mutating func fill(_ bytes: inout MutableSpan<UInt8>) {
        unsafe bytes.withUnsafeMutableBytes { unsafe fill($0) }
    }

    /// The next `count` bytes of the stream as a secret.
    public mutating func secret(_ count: Int) -> SecretBytes {
        SecretBytes(count: count) { bytes in fill(&bytes) }
    }

    private mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        precondition(buffer.count <= bytesLeft, "a key of AES-128-CTR serves at most 2^48 blocks")
        bytesLeft -= UInt64(buffer.count)
        var start = 0
        while start < buffer.count {
            let end = min(start + CounterGenerator.chunkByteCount, buffer.count)
            // In place, within the caller's buffer: the key stream is the encryption of zeros.
            let chunk = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start..<end])
            let bytes = unsafe chunk.initializeMemory(as: UInt8.self, repeating: 0)
            var written: Int32 = 0
            let status = unsafe EVP_EncryptUpdate(
                context, bytes.baseAddress, &written, bytes.baseAddress, Int32(bytes.count))
            precondition(status == 1, "OpenSSL cannot continue AES-128-CTR")
            start = end
        }
    }
}
