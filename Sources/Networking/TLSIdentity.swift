import COpenSSL
import Foundation
public import Primitives

/// What a certificate says, as far as the roster's rules go.
struct CertificateFacts: Hashable {
    /// SHA-256 over its DER.
    let fingerprint: Digest
    /// Seconds since 1970; both ends belong to the validity.
    let notBefore, notAfter: Int64

    /// - Parameter certificate: an `X509 *`, only read here.
    init(of certificate: OpaquePointer) {
        var bytes = [UInt8](repeating: 0, count: Digest.byteCount)
        // SHA-256 writes the 32 bytes that are there.
        let status = unsafe X509_digest(certificate, EVP_sha256(), &bytes, nil)
        guard status == 1, let digest = Digest(bytes) else {
            preconditionFailure("OpenSSL cannot hash a certificate")
        }
        fingerprint = digest
        // A time that cannot be read makes the certificate invalid for ever.
        notBefore = unsafe seconds(X509_get0_notBefore(certificate)) ?? .max
        notAfter = unsafe seconds(X509_get0_notAfter(certificate)) ?? .min
    }

    /// Why the certificate is of no use at this time; nil if it is valid.
    func invalidity(at wallSeconds: Int64) -> String? {
        if wallSeconds > notAfter { return "expired on \(date(notAfter))" }
        if wallSeconds < notBefore { return "is not valid before \(date(notBefore))" }
        return nil
    }

    private func date(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
    }
}

private func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
    var calendar = unsafe tm()
    // Fills `calendar` if `time` is a time.
    guard unsafe time != nil && ASN1_TIME_to_tm(time, &calendar) == 1 else { return nil }
    return unsafe Int64(timegm(&calendar))
}

/// Why an identity cannot be made, read or written.
public enum IdentityError: Error, Hashable, CustomStringConvertible {
    case badName(String)
    case file(path: String, reason: String)
    case readableByOthers(path: String)
    case keyDoesNotFit(certificate: String, key: String)

    public var description: String {
        switch self {
        case .badName(let name):
            "identity: the name \(name) is not 1 to 63 characters of a-z, 0-9, dot and hyphen"
        case .file(let path, let reason):
            "identity: \(path): \(reason)"
        case .readableByOthers(let path):
            "identity: \(path): others may read this private key; run chmod 600 \(path)"
        case .keyDoesNotFit(let certificate, let key):
            "identity: the key in \(key) is not the key of the certificate in \(certificate)"
        }
    }
}

/// A member's TLS key (P-256) and self-signed X.509 certificate.
///
/// Nobody vouches for it but the roster, which pins its ``fingerprint``.
@safe public final class TLSIdentity: @unchecked Sendable, CustomStringConvertible {
    // `X509 *` and `EVP_PKEY *`; owned by this object alone, and never changed after `init`.
    let certificate: OpaquePointer
    let key: OpaquePointer
    let facts: CertificateFacts

    private init(certificate: OpaquePointer, key: OpaquePointer) {
        unsafe self.certificate = unsafe certificate
        unsafe self.key = unsafe key
        facts = unsafe CertificateFacts(of: certificate)
    }

    deinit {
        unsafe X509_free(certificate)
        unsafe EVP_PKEY_free(key)
    }

    /// A new key, and a certificate in `name` that is valid from `wallSeconds` (since 1970) on.
    public convenience init(
        name: String, validFrom wallSeconds: Int64, days: Int
    ) throws(IdentityError) {
        guard Roster.isName(name) else { throw .badName(name) }
        let key = unsafe newKey()
        let certificate = unsafe newCertificate(
            name: name, key: key, from: wallSeconds, to: wallSeconds + Int64(days) * 86_400)
        unsafe self.init(certificate: certificate, key: key)
    }

    /// SHA-256 of the certificate, as the roster has it.
    public var fingerprint: Digest { facts.fingerprint }
    /// The first second of validity, since 1970.
    public var notBefore: Int64 { facts.notBefore }
    /// The last second of validity, since 1970.
    public var notAfter: Int64 { facts.notAfter }

    public var description: String { "TLS identity \(fingerprint)" }
}

private func newKey() -> OpaquePointer {
    let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    // OpenSSL allocates the key; `key` then owns it.
    let status =
        unsafe EVP_PKEY_keygen_init(context) == 1
        && EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1
        && EVP_PKEY_keygen(context, &key) == 1
    guard status, let key = unsafe key else { preconditionFailure("OpenSSL cannot make a key") }
    return unsafe key
}

private func newCertificate(
    name: String, key: OpaquePointer, from start: Int64, to end: Int64
) -> OpaquePointer {
    // 63 random bits: positive, and in at most 20 octets (RFC 5280, 4.1.2.2).
    let serial = SystemRandomness().bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 1
    guard let certificate = unsafe X509_new() else { preconditionFailure("X.509: out of memory") }
    // Every pointer passed here is the certificate's own part or outlives the call.
    let subject = unsafe X509_get_subject_name(certificate)
    let status =
        unsafe X509_set_version(certificate, 2) == 1  // version 3
        && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1
        && X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1
        && X509_set_issuer_name(certificate, subject) == 1
        && ASN1_TIME_set(X509_getm_notBefore(certificate), time_t(start)) != nil
        && ASN1_TIME_set(X509_getm_notAfter(certificate), time_t(end)) != nil
        && X509_set_pubkey(certificate, key) == 1
        && X509_sign(certificate, key, EVP_sha256()) > 0
    precondition(status, "OpenSSL cannot make a certificate")
    return unsafe certificate
}

// MARK: Files

extension TLSIdentity {
    /// Writes two PEM files that must not exist yet; the key's may be read by its owner only.
    public func save(certificateFile: String, keyFile: String) throws(IdentityError) {
        try unsafe write(keyFile, mode: 0o600) { output in
            unsafe PEM_write_bio_PKCS8PrivateKey(output, key, nil, nil, 0, nil, nil) == 1
        }
        try unsafe write(certificateFile, mode: 0o644) { output in
            unsafe PEM_write_bio_X509(output, certificate) == 1
        }
    }

    /// Reads what ``save(certificateFile:keyFile:)`` wrote; refuses a key that others may read.
    public convenience init(certificateFile: String, keyFile: String) throws(IdentityError) {
        let key = try unsafe read(keyFile, isSecret: true) { input in
            unsafe PEM_read_bio_PrivateKey(input, nil, nil, nil)
        }
        let certificate: OpaquePointer
        do {
            unsafe certificate = try unsafe read(certificateFile, isSecret: false) { input in
                unsafe PEM_read_bio_X509(input, nil, nil, nil)
            }
        } catch {
            unsafe EVP_PKEY_free(key)
            throw error
        }
        unsafe self.init(certificate: certificate, key: key)
        guard unsafe X509_check_private_key(certificate, key) == 1 else {
            throw .keyDoesNotFit(certificate: certificateFile, key: keyFile)
        }
    }
}

private func write(
    _ path: String, mode: mode_t, _ body: (OpaquePointer) -> Bool
) throws(IdentityError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0, let output = unsafe BIO_new_fd(descriptor, BIO_CLOSE) else {
        throw .file(path: path, reason: errorText(errno))
    }
    let isWritten = unsafe body(output)
    let reason = errorText(errno)
    unsafe BIO_free(output)
    guard isWritten else { throw .file(path: path, reason: reason) }
}

private func read(
    _ path: String, isSecret: Bool, _ body: (OpaquePointer) -> OpaquePointer?
) throws(IdentityError) -> OpaquePointer {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0, let input = unsafe BIO_new_fd(descriptor, BIO_CLOSE) else {
        throw .file(path: path, reason: errorText(errno))
    }
    defer { unsafe BIO_free(input) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        throw .file(path: path, reason: "not a file")
    }
    guard !isSecret || status.st_mode & 0o077 == 0 else { throw .readableByOthers(path: path) }
    defer { ERR_clear_error() }
    guard let object = unsafe body(input) else {
        throw .file(path: path, reason: isSecret ? "no PEM private key" : "no PEM certificate")
    }
    return unsafe object
}
