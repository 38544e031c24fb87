extension SHA256 {
    /// HMAC-SHA-256 (RFC 2104, FIPS 198-1) of a message under a key of any length.
    ///
    /// Two hashes: OpenSSL's own call looks its algorithms up each time, which costs more than both.
    public static func hmac(_ message: [UInt8], key: [UInt8]) -> Digest {
        var hasher = SHA256()
        return hmac(message, key: key, &hasher)
    }

    /// As ``hmac(_:key:)``, with a hasher that serves many.
    package static func hmac(
        _ message: [UInt8], key: [UInt8], _ hasher: inout SHA256
    ) -> Digest {
        let blockBytes = 64
        var key = key
        if key.count > blockBytes {
            hasher.update(key)
            key = hasher.finalize().bytes
        }
        key += [UInt8](repeating: 0, count: blockBytes - key.count)
        // H(K ^ ipad || message), then H(K ^ opad || that).
        hasher.update(key.map { $0 ^ 0x36 })
        hasher.update(message)
        let inner = hasher.finalize()
        hasher.update(key.map { $0 ^ 0x5C })
        hasher.update(inner)
        return hasher.finalize()
    }
}
