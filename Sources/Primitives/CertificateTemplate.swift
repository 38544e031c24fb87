import COpenSSL
import Foundation

/// What a new certificate says.
struct CertificateTemplate {
    let subject, issuer: String
    /// In seconds since 1970.
    let validity: ClosedRange<Int64>
    /// OpenSSL's number of each extension, and its value as OpenSSL's configuration spells it.
    let extensions: [(Int32, String)]

    /// Signs with SHA-384; without an issuer the certificate is its own.
    func sign(key: P384Key, by signer: P384Key, issuer authority: Certificate?) -> Certificate {
        // 63 random bits: positive, and in at most 20 octets (RFC 5280, 4.1.2.2).
        let serial = SystemRandomness().bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 1
        guard let certificate = unsafe X509_new() else {
            preconditionFailure("X.509: out of memory")
        }
        // Every pointer passed here is the certificate's own part or outlives the call.
        var status =
            unsafe X509_set_version(certificate, 2) == 1  // version 3
            && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1
            && X509_NAME_add_entry_by_txt(
                X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, subject, -1, -1, 0) == 1
            && X509_NAME_add_entry_by_txt(
                X509_get_issuer_name(certificate), "CN", MBSTRING_UTF8, issuer, -1, -1, 0) == 1
            && ASN1_TIME_set(X509_getm_notBefore(certificate), time_t(validity.lowerBound)) != nil
            && ASN1_TIME_set(X509_getm_notAfter(certificate), time_t(validity.upperBound)) != nil
            && X509_set_pubkey(certificate, key.pointer) == 1
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(
            &context, authority?.pointer ?? certificate, certificate, nil, nil, 0)
        for (number, value) in extensions {
            let part = unsafe X509V3_EXT_conf_nid(nil, &context, number, value)
            status = unsafe status && part != nil && X509_add_ext(certificate, part, -1) == 1
            unsafe X509_EXTENSION_free(part)
        }
        status = unsafe status && X509_sign(certificate, signer.pointer, EVP_sha384()) > 0
        precondition(status, "OpenSSL cannot make a certificate")
        return unsafe Certificate(adopting: certificate)
    }
}
