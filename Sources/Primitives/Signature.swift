import COpenSSL
import Foundation

/// A public key that is no key.
public enum KeyError: Error, Hashable, CustomStringConvertible {
    case wrongLength(Int)
    case notHexadecimal
    case notCanonical
    case smallOrder

    public var description: String {
        switch self {
        case .wrongLength(let count): "an Ed25519 public key has 32 bytes, not \(count)"
        case .notHexadecimal: "an Ed25519 public key is written as 64 hexadecimal digits"
        case .notCanonical: "not an Ed25519 public key: its coordinate is not below 2^255 - 19"
        case .smallOrder: "not an Ed25519 public key: anybody can sign for a point of small order"
        }
    }
}

/// An Ed25519 signing key (RFC 8032), as its 32-byte private seed.
public struct SigningKey: Sendable {
    public static let seedByteCount = 32

    /// The private key; store it where only its owner reads.
    public let seed: SecretBytes
    public let publicKey: VerifyingKey
    private let key: KeyHandle

    public init(seed: SecretBytes) {
        precondition(seed.count == SigningKey.seedByteCount, "an Ed25519 seed has 32 bytes")
        self.seed = seed
        self.key = KeyHandle(privateSeed: seed)
        self.publicKey = VerifyingKey(derived: key.publicBytes)
    }

    /// A new key.
    public init(using randomness: some RandomSource) {
        self.init(seed: randomness.secret(SigningKey.seedByteCount))
    }

    /// A key of its own for one purpose: its seed is SHA-256(domain ‖ label ‖ seed).
    ///
    /// Different labels give unrelated public keys.
    public func derived(label: String) -> SigningKey {
        var prefix: [UInt8] = []
        prefix.append(lengthPrefixed: "parley signing subkey v1")
        prefix.append(lengthPrefixed: label)
        var hasher = SHA256()
        hasher.update(prefix)
        hasher.update(seed)
        return SigningKey(seed: hasher.finalizeSecret())
    }

    /// The 64-byte signature of `message`, the same at every call.
    public func sign(_ message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: VerifyingKey.signatureByteCount)
        var count = signature.count
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        // OpenSSL reads the message, and writes at most `count` bytes of the signature.
        let status =
            unsafe EVP_DigestSignInit(context, nil, nil, nil, key.pointer) == 1
            && EVP_DigestSign(context, &signature, &count, message, message.count) == 1
        precondition(status, "OpenSSL cannot sign with Ed25519")
        return signature
    }
}

/// An Ed25519 public key (RFC 8032).
public struct VerifyingKey: Hashable, Sendable, CustomStringConvertible {
    public static let byteCount = 32
    public static let signatureByteCount = 64

    public let bytes: [UInt8]

    /// Takes 32 bytes; refuses coordinates not reduced below 2²⁵⁵ − 19 and points of order 1 to 8.
    ///
    /// Bytes that are no point of the curve pass, but verify nothing.
    public init(_ bytes: [UInt8]) throws(KeyError) {
        guard bytes.count == VerifyingKey.byteCount else { throw .wrongLength(bytes.count) }
        var coordinate = bytes
        coordinate[31] &= 0x7f  // the top bit is the sign of x
        let isAboveModulus =
            coordinate[31] == 0x7f && coordinate[1...30].allSatisfy { $0 == 0xff }
            && coordinate[0] >= 0xed
        guard !isAboveModulus else { throw .notCanonical }
        guard !smallOrderCoordinates.contains(coordinate) else { throw .smallOrder }
        self.bytes = bytes
    }

    public init(hex: String) throws(KeyError) {
        guard let bytes = [UInt8](hex: hex) else { throw .notHexadecimal }
        try self.init(bytes)
    }

    fileprivate init(derived bytes: [UInt8]) { self.bytes = bytes }

    public var hex: String { bytes.hex }

    public var base64: String { Data(bytes).base64EncodedString() }

    public var description: String { hex }

    /// Whether `signature` is the key's signature of `message`.
    public func verify(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard signature.count == VerifyingKey.signatureByteCount,
            let key = KeyHandle(publicBytes: bytes)
        else { return false }
        let context = unsafe EVP_MD_CTX_new()
        defer { unsafe EVP_MD_CTX_free(context) }
        // OpenSSL only reads the two arrays, within the counts given.
        return unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key.pointer) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}

/// The y coordinates of the eight points whose order divides 8.
private let smallOrderCoordinates: [[UInt8]] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
].compactMap { [UInt8](hex: $0) }

/// OpenSSL's key object; never changes, so several threads may use it.
@safe private final class KeyHandle: @unchecked Sendable {
    // Owned by this object alone; OpenSSL wipes a private key when it is freed.
    let pointer: OpaquePointer

    init(privateSeed seed: SecretBytes) {
        let key = unsafe seed.withBytes { seed in
            unsafe seed.withUnsafeBufferPointer {
                unsafe EVP_PKEY_new_raw_private_key(
                    EVP_PKEY_ED25519, nil, $0.baseAddress, $0.count)
            }
        }
        guard let key = unsafe key else { preconditionFailure("OpenSSL offers no Ed25519") }
        unsafe pointer = unsafe key
    }

    init?(publicBytes bytes: [UInt8]) {
        guard
            let key = unsafe EVP_PKEY_new_raw_public_key(
                EVP_PKEY_ED25519, nil, bytes, bytes.count)
        else { return nil }
        unsafe pointer = unsafe key
    }

    deinit { unsafe EVP_PKEY_free(pointer) }

    var publicBytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: VerifyingKey.byteCount)
        var count = bytes.count
        let status = unsafe EVP_PKEY_get_raw_public_key(pointer, &bytes, &count)
        precondition(status == 1, "OpenSSL cannot derive an Ed25519 public key")
        return bytes
    }
}
