import CSodium

/// The group ristretto255 (RFC 9496) of prime order ℓ ≈ 2²⁵², by libsodium, in constant time.
///
/// A point is its 32-byte canonical encoding; what is not one, and the identity, never becomes a
/// `RistrettoPoint` from outside.
package struct RistrettoPoint: Hashable, Sendable {
    package static let byteCount = 32
    package let bytes: [UInt8]

    private init(unchecked bytes: [UInt8]) { self.bytes = bytes }

    /// Nil unless the bytes are the canonical encoding of a point other than the identity.
    package init?(_ encoded: [UInt8]) {
        sodium.start()
        // The length is checked before libsodium reads 32 bytes. Its older versions ignore the
        // highest bit, which would give the identity and every point a second encoding.
        guard encoded.count == Self.byteCount, encoded[31] < 128,
            encoded.contains(where: { $0 != 0 }),
            unsafe crypto_core_ristretto255_is_valid_point(encoded) == 1
        else { return nil }
        bytes = encoded
    }

    /// The point of 64 uniform bytes (RFC 9496, 4.3.4): nobody knows its discrete logarithm.
    package init(uniform bytes: SecretBytes) {
        sodium.start()
        precondition(bytes.count == 64, "a point is drawn from 64 bytes")
        // Reads 64 bytes, writes 32.
        self = unsafe bytes.withPointer { uniform in
            unsafe Self.writing { unsafe crypto_core_ristretto255_from_hash($0, uniform) }
        }
    }

    /// A random oracle into the group: the point of SHA-512(message).
    package init(hashing message: [UInt8]) {
        var digest = [UInt8](repeating: 0, count: 64)
        // Writes 64 bytes, reads those of the message.
        _ = unsafe crypto_hash_sha512(&digest, message, UInt64(message.count))
        self.init(uniform: SecretBytes(copying: digest))
    }

    /// sG for the group's generator G.
    package init(generatorTimes scalar: RistrettoScalar) {
        self = unsafe scalar.withPointer { scalar in
            unsafe Self.writing { unsafe crypto_scalarmult_ristretto255_base($0, scalar) }
        }
    }

    package static func + (a: Self, b: Self) -> Self {
        unsafe writing { unsafe crypto_core_ristretto255_add($0, a.bytes, b.bytes) }
    }

    package static func - (a: Self, b: Self) -> Self {
        unsafe writing { unsafe crypto_core_ristretto255_sub($0, a.bytes, b.bytes) }
    }

    /// The encoding of s P, all zeros for the identity, as key material.
    package static func * (scalar: RistrettoScalar, point: Self) -> SecretBytes {
        SecretBytes(count: byteCount) { output in
            // A result that is the identity is left as zeros: neither secret scalars nor checked
            // points give it, and a key hashed from it serves nobody but who chose it.
            unsafe output.withPointer { output in
                unsafe scalar.withPointer {
                    _ = unsafe crypto_scalarmult_ristretto255(output, $0, point.bytes)
                }
            }
        }
    }

    private static func writing(_ body: (UnsafeMutablePointer<UInt8>) -> Int32) -> Self {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let status = unsafe body(&bytes)
        precondition(status == 0, "libsodium refused a point that was checked")
        return Self(unchecked: bytes)
    }
}

/// A scalar modulo ℓ: never printed, wiped at its end.
package struct RistrettoScalar: Sendable {
    private let bytes: SecretBytes

    /// Uniform up to 2⁻²⁵⁶: 64 secret bytes modulo ℓ.
    package init(randomness: some RandomSource) {
        sodium.start()
        let wide = randomness.secret(64)
        bytes = SecretBytes(count: 32) { output in
            // Reads 64 bytes, writes 32.
            unsafe output.withPointer { output in
                unsafe wide.withPointer {
                    unsafe crypto_core_ristretto255_scalar_reduce(output, $0)
                }
            }
        }
    }

    fileprivate func withPointer<T>(_ body: (UnsafePointer<UInt8>) -> T) -> T {
        unsafe bytes.withPointer(body)
    }
}

extension SecretBytes {
    /// Lends the bytes, of which there are some, to libsodium.
    fileprivate func withPointer<T>(_ body: (UnsafePointer<UInt8>) -> T) -> T {
        withBytes { bytes in
            unsafe bytes.withUnsafeBufferPointer {
                guard let start = $0.baseAddress else { preconditionFailure("no bytes") }
                return unsafe body(start)
            }
        }
    }
}

extension MutableSpan where Element == UInt8 {
    fileprivate mutating func withPointer(_ body: (UnsafeMutablePointer<UInt8>) -> Void) {
        unsafe withUnsafeMutableBufferPointer {
            guard let start = $0.baseAddress else { preconditionFailure("no bytes") }
            unsafe body(start)
        }
    }
}

/// libsodium, which must be started once before anything else.
private enum sodium {
    private static let status = sodium_init()

    static func start() { precondition(status >= 0, "libsodium does not start") }
}
