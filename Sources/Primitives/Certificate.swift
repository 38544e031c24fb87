import COpenSSL
import Foundation

/// An X.509 certificate (RFC 5280), of anybody: nothing is believed before it is verified.
@safe public final class Certificate: @unchecked Sendable, Hashable, CustomStringConvertible {
    /// More than any certificate of an elliptic-curve key needs.
    private static let maxBytes = 16_384
    private static let header = "-----BEGIN CERTIFICATE-----"
    private static let footer = "-----END CERTIFICATE-----"

    // `X509 *`, owned by this object alone and not changed after `init`.
    let pointer: OpaquePointer
    /// The certificate's DER.
    public let der: [UInt8]
    /// SHA-256 of the DER.
    public let fingerprint: Digest

    /// Takes over the caller's reference.
    init(adopting pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
        // `i2d_X509` allocates what `allocated` then owns; the copy ends that.
        var allocated: UnsafeMutablePointer<UInt8>? = nil
        let count = unsafe i2d_X509(pointer, &allocated)
        der = unsafe Array(UnsafeBufferPointer(start: allocated, count: max(0, Int(count))))
        unsafe CRYPTO_free(allocated, nil, 0)
        fingerprint = SHA256.hash(der)
    }

    deinit { unsafe X509_free(pointer) }

    /// Reads one certificate in PEM (RFC 7468), at most 16 KiB, from anybody.
    ///
    /// Text around it, a second certificate and bytes after its DER are refused.
    public convenience init(pem: String) throws(ServiceIdentityError) {
        let text = pem.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.utf8.count <= Certificate.maxBytes, text.hasPrefix(Certificate.header),
            text.hasSuffix(Certificate.footer)
        else { throw .badCertificate }
        let body = text.dropFirst(Certificate.header.count).dropLast(Certificate.footer.count)
            .filter { !$0.isNewline }
        guard let data = Data(base64Encoded: String(body)) else { throw .badCertificate }
        try self.init(der: Array(data))
    }

    /// Reads one certificate, at most 16 KiB, from anybody.
    public convenience init(der: [UInt8]) throws(ServiceIdentityError) {
        guard !der.isEmpty, der.count <= Certificate.maxBytes else { throw .badCertificate }
        // OpenSSL reads within the count, and moves `position` to the end of what it read.
        let certificate = unsafe der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var position = bytes.baseAddress
            let read = unsafe d2i_X509(nil, &position, bytes.count)
            let isWhole = unsafe position == bytes.baseAddress.map { unsafe $0 + bytes.count }
            guard !isWhole, let read = unsafe read else { return unsafe read }
            unsafe X509_free(read)
            return nil
        }
        ERR_clear_error()
        guard let certificate = unsafe certificate else { throw .badCertificate }
        unsafe self.init(adopting: certificate)
    }

    /// The certificate as text, in lines of 64 characters.
    public var pem: String {
        let text = Data(der).base64EncodedString(options: [
            .lineLength64Characters, .endLineWithLineFeed,
        ])
        return "\(Certificate.header)\n\(text)\n\(Certificate.footer)\n"
    }

    /// SHA-256 of the DER of the public key (SubjectPublicKeyInfo), which CCF calls the node's id.
    public var keyDigest: Digest {
        var allocated: UnsafeMutablePointer<UInt8>? = nil
        let count = unsafe i2d_X509_PUBKEY(X509_get_X509_PUBKEY(pointer), &allocated)
        defer { unsafe CRYPTO_free(allocated, nil, 0) }
        return SHA256.hash(
            unsafe Array(UnsafeBufferPointer(start: allocated, count: max(0, Int(count)))))
    }

    /// Whether the certificate may sign other certificates.
    public var isAuthority: Bool {
        defer { ERR_clear_error() }
        return unsafe X509_check_ca(pointer) == 1
    }

    /// Whether `issuer` names itself as the issuer, may sign certificates, and did sign this one.
    public func isIssued(by issuer: Certificate) -> Bool {
        defer { ERR_clear_error() }
        return unsafe issuer.isAuthority
            && X509_check_issued(issuer.pointer, pointer) == X509_V_OK
            && X509_verify(pointer, X509_get0_pubkey(issuer.pointer)) == 1
    }

    /// Whether a time, in seconds since 1970, lies within the validity, both ends included.
    public func isValid(at wallSeconds: Int64) -> Bool {
        var time = time_t(wallSeconds)
        return unsafe X509_cmp_time(X509_get0_notBefore(pointer), &time) < 0
            && X509_cmp_time(X509_get0_notAfter(pointer), &time) > 0
    }

    /// Whether `signature` is the certified key's ECDSA signature, in DER, of a digest as it is.
    ///
    /// False for keys on no elliptic curve.
    public func verify(_ signature: [UInt8], of digest: Digest) -> Bool {
        defer { ERR_clear_error() }
        let key = unsafe X509_get0_pubkey(pointer)
        guard unsafe key != nil && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC,
            let context = unsafe EVP_PKEY_CTX_new(key, nil)
        else { return false }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        // OpenSSL reads both arrays within their counts.
        return unsafe EVP_PKEY_verify_init(context) == 1
            && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1
            && EVP_PKEY_verify(
                context, signature, signature.count, digest.bytes, Digest.byteCount) == 1
    }

    public static func == (a: Certificate, b: Certificate) -> Bool {
        a.fingerprint == b.fingerprint
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }

    public var description: String { "certificate \(fingerprint)" }
}
