public import Algebra

/// AES-128 in counter mode (NIST SP 800-38A, 6.5) as a stream of pseudo-random words.
///
/// The initial counter is zero. The stream is one string of bytes, read eight at a time as
/// little-endian words: how it is cut into calls does not matter. A key serves at most 2⁴⁸ blocks.
public struct CounterGenerator: ~Copyable, WordGenerator {
    public static let keyByteCount = 16
    private static let byteLimit: UInt64 = 1 << 52

    private var cipher: CounterCipher
    private var bytesLeft = CounterGenerator.byteLimit

    public init(key: SecretBytes) { self.init(key: key, counter: 0) }

    /// Starts at another counter block, read as a big-endian number: for the standard's own test
    /// vectors.
    package init(key: SecretBytes, counter: UInt128) {
        cipher = CounterCipher(key: key, counter: counter)
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

    public mutating func fill(_ words: inout MutableSpan<UInt64>) {
        unsafe words.withUnsafeMutableBytes { unsafe draw(into: $0, adding: false) }
    }

    /// Overwrites every byte of `bytes` with the next bytes of the stream.
    public mutating func fill(_ bytes: inout MutableSpan<UInt8>) {
        unsafe bytes.withUnsafeMutableBytes { unsafe draw(into: $0, adding: false) }
    }

    /// Adds the next words of the stream by XOR: what ``fill(_:)-(MutableSpan<UInt64>)`` would
    /// write, without a buffer for it.
    package mutating func mask(_ words: inout MutableSpan<UInt64>) {
        unsafe words.withUnsafeMutableBytes { unsafe draw(into: $0, adding: true) }
    }

    /// The next `count` bytes of the stream as a secret.
    public mutating func secret(_ count: Int) -> SecretBytes {
        SecretBytes(count: count) { bytes in fill(&bytes) }
    }

    private mutating func draw(into buffer: UnsafeMutableRawBufferPointer, adding: Bool) {
        precondition(buffer.count <= bytesLeft, "a key of AES-128-CTR serves at most 2^48 blocks")
        bytesLeft -= UInt64(buffer.count)
        unsafe cipher.stream(into: buffer, adding: adding)
    }
}
