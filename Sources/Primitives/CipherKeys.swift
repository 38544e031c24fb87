import CKernels
import COpenSSL

/// AES-128 under each of several keys, made ready once: the CPU's own rounds, else OpenSSL.
///
/// The keys' schedules lie one behind the other and are wiped at the end.
@safe package final class CipherKeys {
    package let count: Int

    // Owned by this object alone, `count` of each that is used.
    private let ciphers: UnsafeMutablePointer<ck_cipher>
    private let schedules: UnsafeMutablePointer<UInt8>
    private let scheduleBytes: Int
    private var contexts: [OpaquePointer]

    /// - Precondition: whole keys of 16 bytes.
    package init(_ keys: SecretBytes) {
        precondition(keys.count.isMultiple(of: 16), "AES-128 takes 16-byte keys")
        count = keys.count / 16
        let available = ck_aes128_is_available()
        scheduleBytes = available ? count * ck_aes128_schedule_bytes : 0
        unsafe schedules = .allocate(capacity: scheduleBytes)
        unsafe ciphers = .allocate(capacity: count)
        unsafe contexts = []
        // Key i is 16 bytes from 16 i on; its schedule has 176 bytes of its own.
        keys.withBytes { bytes in
            unsafe bytes.withUnsafeBufferPointer { bytes in
                guard let key = bytes.baseAddress else { return }
                for i in 0..<count {
                    if available {
                        let schedule = unsafe schedules + i * ck_aes128_schedule_bytes
                        unsafe ck_aes128_expand(key + 16 * i, schedule)
                        unsafe (ciphers + i).initialize(
                            to: ck_cipher(schedule: schedule, context: nil, encrypt: nil))
                    } else {
                        let context = unsafe openSSLContext(key + 16 * i)
                        unsafe contexts.append(context)
                        unsafe (ciphers + i).initialize(
                            to: ck_cipher(
                                schedule: nil, context: UnsafeMutableRawPointer(context),
                                encrypt: encryptWithOpenSSL))
                    }
                }
            }
        }
    }

    deinit {
        unsafe OPENSSL_cleanse(schedules, scheduleBytes)
        unsafe schedules.deallocate()
        unsafe ciphers.deallocate()
        unsafe contexts.forEach { unsafe EVP_CIPHER_CTX_free($0) }
    }

    /// Lends the `count` ciphers to kernels.
    func withCiphers<T>(_ body: (UnsafePointer<ck_cipher>) -> T) -> T { unsafe body(ciphers) }
}

private func openSSLContext(_ key: UnsafePointer<UInt8>) -> OpaquePointer {
    guard let context = unsafe EVP_CIPHER_CTX_new() else {
        preconditionFailure("AES-128: out of memory")
    }
    let status = unsafe EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), nil, key, nil)
    precondition(status == 1, "OpenSSL cannot start AES-128")
    unsafe EVP_CIPHER_CTX_set_padding(context, 0)
    return unsafe context
}

/// Whole blocks in place, as `ck_cipher` wants it.
private func encryptWithOpenSSL(
    _ context: UnsafeMutableRawPointer?, _ blocks: UnsafeMutablePointer<UInt8>?, _ count: Int
) {
    var written: Int32 = 0
    let status = unsafe EVP_EncryptUpdate(
        context.map { OpaquePointer($0) }, blocks, &written, blocks, Int32(count))
    precondition(status == 1 && Int(written) == count, "OpenSSL cannot continue AES-128")
}
