import CSodium

/// The public key to which messages for one party are sealed: X25519 (RFC 7748), 32 bytes.
public struct DeliveryKey: Hashable, Sendable, Codable, CustomStringConvertible {
    public static let byteCount = 32
    /// How much longer a sealed message is.
    public static let overhead = crypto_box_sealbytes()

    public let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Nil unless the text is 64 hexadecimal digits.
    public init?(hex: String) {
        guard let bytes = [UInt8](hex: hex) else { return nil }
        self.init(bytes)
    }

    public var hex: String { bytes.hex }
    public var description: String { hex }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let key = Self(hex: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a delivery key is 64 hexadecimal digits")
        }
        self = key
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }

    /// Encrypts `message` for the key's owner alone (libsodium's sealed box: X25519 with an
    /// ephemeral key, XSalsa20-Poly1305); it does not tell who sent it.
    ///
    /// - Returns: nil if the key is a point of small order, for which nobody holds a secret.
    public func seal(_ message: [UInt8]) -> [UInt8]? {
        var sealed = [UInt8](repeating: 0, count: message.count + Self.overhead)
        // libsodium reads the message and the key, and writes the `overhead` bytes more.
        let status = unsafe crypto_box_seal(&sealed, message, UInt64(message.count), bytes)
        return status == 0 ? sealed : nil
    }
}

/// The secret half of a ``DeliveryKey``.
public struct DeliverySecret: Sendable {
    private let secret: SecretBytes
    public let publicKey: DeliveryKey

    /// - Parameter secret: 32 uniform bytes.
    public init(_ secret: SecretBytes) {
        precondition(secret.count == DeliveryKey.byteCount, "an X25519 secret has 32 bytes")
        self.secret = secret
        var point = [UInt8](repeating: 0, count: DeliveryKey.byteCount)
        secret.withBytes { secret in
            // Reads and writes 32 bytes.
            unsafe secret.withUnsafeBufferPointer {
                guard let start = $0.baseAddress else { return }
                unsafe crypto_scalarmult_base(&point, start)
            }
        }
        guard let key = DeliveryKey(point) else { preconditionFailure("32 bytes are a key") }
        publicKey = key
    }

    /// Nil if it was not sealed to this key, or changed on the way.
    public func open(_ sealed: [UInt8]) -> [UInt8]? {
        guard sealed.count >= DeliveryKey.overhead else { return nil }
        var message = [UInt8](repeating: 0, count: sealed.count - DeliveryKey.overhead)
        let status = secret.withBytes { secret in
            // Writes `overhead` bytes less than it reads.
            unsafe secret.withUnsafeBufferPointer {
                guard let start = $0.baseAddress else { return Int32(-1) }
                return unsafe crypto_box_seal_open(
                    &message, sealed, UInt64(sealed.count), publicKey.bytes, start)
            }
        }
        return status == 0 ? message : nil
    }
}

extension SigningKey {
    /// The seed of another kind of key for the same owner: SHA-256(domain ‖ label ‖ seed).
    public func derivedSecret(label: String) -> SecretBytes {
        var prefix: [UInt8] = []
        prefix.append(lengthPrefixed: "parley secret subkey v1")
        prefix.append(lengthPrefixed: label)
        var hasher = SHA256()
        hasher.update(prefix)
        hasher.update(seed)
        return hasher.finalizeSecret()
    }
}
