import COpenSSL
import Foundation

/// A private ECDSA key on P-384 (FIPS 186-5); OpenSSL wipes it when the last owner lets go.
@safe final class P384Key: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
    // `EVP_PKEY *`, owned by this object alone and not changed after `init`.
    let pointer: OpaquePointer

    /// A new key.
    init() {
        let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        // OpenSSL allocates the key; `key` then owns it.
        let status =
            unsafe EVP_PKEY_keygen_init(context) == 1
            && EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_secp384r1) == 1
            && EVP_PKEY_keygen(context, &key) == 1
        guard status, let key = unsafe key else { preconditionFailure("OpenSSL offers no P-384") }
        unsafe pointer = unsafe key
    }

    /// Reads a PEM file that its owner alone may read; the key never is in Swift's memory.
    init(file path: String) throws(ServiceIdentityError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0, let input = unsafe BIO_new_fd(descriptor, BIO_CLOSE) else {
            throw .file(path: path, reason: unsafe String(cString: strerror(errno)))
        }
        defer { unsafe BIO_free(input) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .file(path: path, reason: "not a file")
        }
        guard status.st_mode & 0o077 == 0 else { throw .readableByOthers(path: path) }
        defer { ERR_clear_error() }
        // Without the closure OpenSSL would ask the terminal for an encrypted key's password.
        let key = unsafe PEM_read_bio_PrivateKey(input, nil, { _, _, _, _ in -1 }, nil)
        guard let key = unsafe key else {
            throw .file(path: path, reason: "no PEM private key without a password")
        }
        unsafe pointer = unsafe key
        guard unsafe EVP_PKEY_get_base_id(key) == EVP_PKEY_EC, unsafe EVP_PKEY_get_bits(key) == 384
        else { throw .file(path: path, reason: "not a P-384 key") }
    }

    deinit { unsafe EVP_PKEY_free(pointer) }

    /// Writes a PEM file that must not exist yet and that its owner alone may read.
    func save(file path: String) throws(ServiceIdentityError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0, let output = unsafe BIO_new_fd(descriptor, BIO_CLOSE) else {
            throw .file(path: path, reason: unsafe String(cString: strerror(errno)))
        }
        let isWritten =
            unsafe PEM_write_bio_PKCS8PrivateKey(output, pointer, nil, nil, 0, nil, nil) == 1
            && fsync(descriptor) == 0
        let reason = unsafe String(cString: strerror(errno))
        unsafe BIO_free(output)
        guard isWritten else { throw .file(path: path, reason: reason) }
    }

    /// The ECDSA signature of a digest as it is, in DER: at most 104 bytes.
    func sign(_ digest: Digest) -> [UInt8] {
        let context = unsafe EVP_PKEY_CTX_new(pointer, nil)
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 104)
        var count = signature.count
        // OpenSSL reads 32 bytes and writes at most `count`, which it sets to what it wrote.
        let status =
            unsafe EVP_PKEY_sign_init(context) == 1
            && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1
            && EVP_PKEY_sign(context, &signature, &count, digest.bytes, Digest.byteCount) == 1
        precondition(status, "OpenSSL cannot sign with P-384")
        return Array(signature.prefix(count))
    }

    var description: String { "P-384 private key" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
