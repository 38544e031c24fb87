import COpenSSL

/// Where a party's own randomness comes from.
///
/// Production code takes ``SystemRandomness``; a reproducible source exists for tests only.
public protocol RandomSource: Sendable {
    /// Uniform bytes that peers may see, such as nonces.
    func bytes(_ count: Int) -> [UInt8]
    /// Uniform bytes that nobody else may see, such as seeds and keys.
    func secret(_ count: Int) -> SecretBytes
}

/// OpenSSL's generators, seeded by the operating system; private bytes come from one of their own.
///
/// Without entropy the process stops: nothing here may go on with guessable bytes.
public struct SystemRandomness: RandomSource {
    public init() {}

    public func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        // Writes exactly `count` bytes; strength 0 is the generator's own.
        let status = unsafe RAND_bytes_ex(nil, &bytes, count, 0)
        precondition(status == 1, noEntropy)
        return bytes
    }

    public func secret(_ count: Int) -> SecretBytes {
        SecretBytes(count: count) { bytes in
            let status = unsafe bytes.withUnsafeMutableBufferPointer {
                unsafe RAND_priv_bytes_ex(nil, $0.baseAddress, $0.count, 0)
            }
            precondition(status == 1, noEntropy)
        }
    }
}

private let noEntropy = "the system's random number generator failed: there is no entropy"
