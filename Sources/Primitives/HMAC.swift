import COpenSSL

extension SHA256 {
    /// HMAC-SHA-256 (RFC 2104, FIPS 198-1) of a message under a key of any length.
    public static func hmac(_ message: [UInt8], key: [UInt8]) -> Digest {
        Digest { output in
            // OpenSSL reads the two arrays within their counts and writes exactly 32 bytes.
            let result = unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe EVP_Q_mac(
                    nil, "HMAC", nil, "SHA256", nil, key, key.count, message, message.count,
                    output.baseAddress, output.count, nil)
            }
            let isDone = unsafe result != nil
            precondition(isDone, "OpenSSL offers no HMAC with SHA-256")
        }
    }
}
