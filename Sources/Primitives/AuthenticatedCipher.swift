import COpenSSL

/// AES-256 in Galois/Counter mode (NIST SP 800-38D): nobody without the key reads or changes a file.
///
/// One nonce is never used twice under one key.
package enum AuthenticatedCipher {
    package static let keyByteCount = 32
    package static let nonceByteCount = 12
    private static let tagByteCount = 16
    /// Bytes of a sealed text that are not the text.
    package static let overhead = nonceByteCount + tagByteCount
    /// OpenSSL counts in 32 bits.
    private static let piece = 1 << 30

    /// The nonce, the text encrypted, the tag.
    ///
    /// - Parameters:
    ///   - context: what the text belongs to: opening fails under another one.
    ///   - fill: appends exactly `byteCount` bytes; they are encrypted where they are.
    package static func seal(
        byteCount: Int, key: SecretBytes, nonce: [UInt8], context: [UInt8],
        fill: (inout OutputSpan<UInt8>) -> Void
    ) -> [UInt8] {
        precondition(nonce.count == nonceByteCount, "GCM takes a nonce of 12 bytes")
        var bytes = [UInt8](capacity: byteCount + overhead) { output in
            for byte in nonce { output.append(byte) }
            fill(&output)
            output.append(repeating: 0, count: tagByteCount)
        }
        precondition(bytes.count == byteCount + overhead, "another number of bytes than said")
        let cipher = GaloisCipher(key: key, nonce: nonce, isSealing: true)
        cipher.authenticate(context)
        cipher.process(&bytes, nonceByteCount..<bytes.count - tagByteCount, piece)
        cipher.finish(writingTagTo: &bytes)
        return bytes
    }

    /// The text, decrypted where it was; nil if one bit of it, its context or its key differs.
    package static func open(_ sealed: consuming [UInt8], key: SecretBytes, context: [UInt8])
        -> ArraySlice<UInt8>?
    {
        var bytes = sealed
        guard bytes.count >= overhead else { return nil }
        let text = nonceByteCount..<bytes.count - tagByteCount
        let nonce = Array(bytes[..<text.lowerBound])
        let cipher = GaloisCipher(key: key, nonce: nonce, isSealing: false)
        cipher.authenticate(context)
        cipher.process(&bytes, text, piece)
        guard cipher.verify(tag: Array(bytes[text.upperBound...])) else { return nil }
        return bytes[text]
    }
}

/// One text's pass through OpenSSL's cipher.
@safe private struct GaloisCipher: ~Copyable {
    // This value alone owns the context, whose release wipes the key.
    private let context: OpaquePointer

    init(key: SecretBytes, nonce: [UInt8], isSealing: Bool) {
        precondition(key.count == AuthenticatedCipher.keyByteCount, "AES-256 takes 32 bytes")
        guard let context = unsafe EVP_CIPHER_CTX_new() else {
            preconditionFailure("AES-256-GCM: out of memory")
        }
        unsafe self.context = unsafe context
        // 32 bytes of key and 12 of nonce, GCM's own length, are read during the call.
        let status = key.withBytes { key in
            unsafe key.withUnsafeBufferPointer { key in
                unsafe EVP_CipherInit_ex(
                    context, EVP_aes_256_gcm(), nil, key.baseAddress, nonce, isSealing ? 1 : 0)
            }
        }
        precondition(status == 1, "OpenSSL cannot start AES-256-GCM")
    }

    deinit { unsafe EVP_CIPHER_CTX_free(context) }

    func authenticate(_ bytes: [UInt8]) {
        var written: Int32 = 0
        // Without an output the bytes are authenticated only.
        let status = unsafe EVP_CipherUpdate(context, nil, &written, bytes, Int32(bytes.count))
        precondition(status == 1, "OpenSSL cannot continue AES-256-GCM")
    }

    func process(_ bytes: inout [UInt8], _ range: Range<Int>, _ piece: Int) {
        for start in stride(from: range.lowerBound, to: range.upperBound, by: piece) {
            let count = min(piece, range.upperBound - start)
            var written: Int32 = 0
            // In place, within the array: as many bytes out as in.
            let status = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
                let part = unsafe buffer.baseAddress.map { unsafe $0 + start }
                return unsafe EVP_CipherUpdate(context, part, &written, part, Int32(count))
            }
            precondition(status == 1, "OpenSSL cannot continue AES-256-GCM")
        }
    }

    /// Into the last 16 bytes.
    func finish(writingTagTo bytes: inout [UInt8]) {
        var none = [UInt8](repeating: 0, count: 16)
        var tag = [UInt8](repeating: 0, count: 16)
        var written: Int32 = 0
        // GCM writes nothing at its end; the tag has 16 bytes.
        unsafe precondition(
            EVP_CipherFinal_ex(context, &none, &written) == 1
                && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag) == 1,
            "OpenSSL cannot end AES-256-GCM")
        bytes.replaceSubrange(bytes.count - 16..<bytes.count, with: tag)
    }

    func verify(tag: [UInt8]) -> Bool {
        var (tag, none) = (tag, [UInt8](repeating: 0, count: 16))
        var written: Int32 = 0
        // GCM writes nothing at its end; the tag has 16 bytes.
        return unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, &tag) == 1
            && EVP_CipherFinal_ex(context, &none, &written) == 1
    }
}
