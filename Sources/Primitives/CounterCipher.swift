import Algebra
import CKernels
import COpenSSL

/// AES-128 in counter mode from one place of its stream to the next: the CPU's own rounds where it
/// has them, OpenSSL elsewhere; the bytes are the same.
@safe struct CounterCipher: ~Copyable {
    // One of the two: this value alone owns it, and wipes it when it is given back.
    private let schedule: UnsafeMutablePointer<UInt8>?
    private let context: OpaquePointer?

    private let counter: UInt128
    private var position: UInt64 = 0

    /// - Precondition: the key has 16 bytes.
    init(key: SecretBytes, counter: UInt128) {
        precondition(key.count == 16, "AES-128 takes a 16-byte key")
        self.counter = counter
        if ck_aes128_is_available() {
            let schedule = UnsafeMutablePointer<UInt8>.allocate(
                capacity: ck_aes128_schedule_bytes)
            // The key's 16 bytes become the schedule's 176.
            key.withBytes { key in
                unsafe key.withUnsafeBufferPointer {
                    unsafe ck_aes128_expand($0.baseAddress, schedule)
                }
            }
            unsafe (self.schedule, context) = unsafe (schedule, nil)
        } else {
            unsafe (schedule, context) = (nil, Self.openSSLContext(key, counter))
        }
    }

    private static func openSSLContext(_ key: SecretBytes, _ counter: UInt128) -> OpaquePointer {
        guard let context = unsafe EVP_CIPHER_CTX_new() else {
            preconditionFailure("AES-128-CTR: out of memory")
        }
        // The sixteen bytes of the first counter block, the highest first.
        let block = (0..<16).map { UInt8(truncatingIfNeeded: counter >> UInt128(8 * (15 - $0))) }
        let status = key.withBytes { key in
            unsafe key.withUnsafeBufferPointer { key in
                unsafe EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), nil, key.baseAddress, block)
            }
        }
        precondition(status == 1, "OpenSSL cannot start AES-128-CTR")
        return unsafe context
    }

    deinit {
        if let schedule = unsafe schedule {
            unsafe OPENSSL_cleanse(schedule, ck_aes128_schedule_bytes)
            unsafe schedule.deallocate()
        }
        unsafe EVP_CIPHER_CTX_free(context)
    }

    /// Writes the next bytes of the stream, or adds them by XOR to what is there.
    mutating func stream(into bytes: UnsafeMutableRawBufferPointer, adding: Bool) {
        guard let start = unsafe bytes.assumingMemoryBound(to: UInt8.self).baseAddress else {
            return
        }
        if let schedule = unsafe schedule {
            let (high, low) = (UInt64(counter >> 64), UInt64(truncatingIfNeeded: counter))
            let position = position
            // Exactly the caller's bytes are written, by several threads if there are many.
            forEachChunk(of: bytes.count, chunk: 1 << 18) { part in
                unsafe ck_aes128_stream(
                    schedule, high, low, position + UInt64(part.lowerBound),
                    start + part.lowerBound, part.count, adding)
            }
        } else {
            unsafe encrypt(bytes, adding: adding)
        }
        position += UInt64(bytes.count)
    }

    /// OpenSSL adds the stream to what it encrypts: zeros become the stream itself.
    private func encrypt(_ bytes: UnsafeMutableRawBufferPointer, adding: Bool) {
        // Zeroed and encrypted while it is in the first-level cache.
        let chunkByteCount = 16 << 10
        for start in stride(from: 0, to: bytes.count, by: chunkByteCount) {
            let end = min(start + chunkByteCount, bytes.count)
            let chunk = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[start..<end])
            if !adding { unsafe chunk.initializeMemory(as: UInt8.self, repeating: 0) }
            let data = unsafe chunk.assumingMemoryBound(to: UInt8.self).baseAddress
            var written: Int32 = 0
            // In place, within the caller's buffer.
            let status = unsafe EVP_EncryptUpdate(
                context, data, &written, data, Int32(chunk.count))
            precondition(status == 1, "OpenSSL cannot continue AES-128-CTR")
        }
    }
}
