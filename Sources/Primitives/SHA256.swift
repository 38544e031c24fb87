import COpenSSL

/// A 32-byte hash value; compares in constant time.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    public static let byteCount = 32
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// Nil unless there are exactly 32 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Digest.byteCount else { return nil }
        self.init { output in
            for index in bytes.indices { output[index] = bytes[index] }
        }
    }

    /// Nil unless the text is 64 hexadecimal digits.
    public init?(hex: String) {
        guard let bytes = [UInt8](hex: hex) else { return nil }
        self.init(bytes)
    }

    init(filling body: (inout MutableSpan<UInt8>) -> Void) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        // Words have no padding: the span covers their 32 bytes and ends with the closure.
        unsafe withUnsafeMutableBytes(of: &words) {
            var bytes = unsafe $0.assumingMemoryBound(to: UInt8.self).mutableSpan
            body(&bytes)
        }
        self.words = words
    }

    /// 32 zero bytes, which are no known text's hash.
    package static let zero = Digest { _ in }

    public var bytes: [UInt8] { unsafe withUnsafeBytes(of: words) { unsafe Array($0) } }

    func withBytes(_ body: (Span<UInt8>) -> Void) {
        // The span covers the words' 32 bytes and ends with the closure.
        unsafe withUnsafeBytes(of: words) {
            unsafe body($0.assumingMemoryBound(to: UInt8.self).span)
        }
    }

    public var hex: String { bytes.hex }

    public var description: String { hex }

    public static func == (a: Digest, b: Digest) -> Bool {
        (a.words.0 ^ b.words.0) | (a.words.1 ^ b.words.1)
            | (a.words.2 ^ b.words.2) | (a.words.3 ^ b.words.3) == 0
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

/// SHA-256 (FIPS 180-4), fed piece by piece.
///
/// ``finalize()`` leaves the hasher ready for the next message, so one may serve a whole loop.
@safe public struct SHA256: ~Copyable {
    // OpenSSL's objects; this value alone owns `context`, and frees and so wipes it at its end.
    private let context: OpaquePointer
    private var isFresh = false

    public init() {
        guard let context = unsafe EVP_MD_CTX_new() else {
            preconditionFailure("SHA-256: out of memory")
        }
        unsafe self.context = unsafe context
        start()
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    private mutating func start() {
        guard !isFresh else { return }
        let status = unsafe EVP_DigestInit_ex(context, Algorithm.sha256.digest, nil)
        precondition(status == 1, "OpenSSL cannot start SHA-256")
        isFresh = true
    }

    public mutating func update(_ bytes: Span<UInt8>) {
        start()
        let status = unsafe bytes.withUnsafeBytes {
            unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count)
        }
        precondition(status == 1, "OpenSSL cannot continue SHA-256")
    }

    public mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

    public mutating func update(_ digest: Digest) { digest.withBytes { update($0) } }

    public mutating func update(_ secret: SecretBytes) {
        secret.withBytes { bytes in update(bytes) }
    }

    /// The hash of everything added since the last one.
    public mutating func finalize() -> Digest {
        Digest { output in finalize(into: &output) }
    }

    /// The hash as a key, in memory that is wiped.
    package mutating func finalizeSecret() -> SecretBytes {
        SecretBytes(count: Digest.byteCount) { output in finalize(into: &output) }
    }

    private mutating func finalize(into output: inout MutableSpan<UInt8>) {
        start()
        // Both callers hand over exactly the 32 bytes that OpenSSL writes.
        let status = unsafe output.withUnsafeMutableBufferPointer {
            unsafe EVP_DigestFinal_ex(context, $0.baseAddress, nil)
        }
        precondition(status == 1, "OpenSSL cannot end SHA-256")
        isFresh = false
    }

    /// The hash of the parts, one after the other; their borders are not hashed.
    public static func hash(_ parts: [UInt8]...) -> Digest {
        var hasher = SHA256()
        for part in parts { hasher.update(part) }
        return hasher.finalize()
    }
}

/// An algorithm looked up once: OpenSSL's implicit look-up costs more than hashing 64 bytes.
@safe private final class Algorithm: @unchecked Sendable {
    static let sha256 = Algorithm()
    // Immutable after `init`, and never freed.
    let digest: OpaquePointer

    private init() {
        guard let digest = unsafe EVP_MD_fetch(nil, "SHA256", nil) else {
            preconditionFailure("OpenSSL offers no SHA-256")
        }
        unsafe self.digest = unsafe digest
    }
}
