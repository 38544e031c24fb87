import COpenSSL

/// Key material: never printed, compared in constant time, wiped when the last owner lets go.
@safe public final class SecretBytes: @unchecked Sendable {
    // Written only in `init` and `deinit`; this object alone owns the memory.
    private let storage: UnsafeMutableBufferPointer<UInt8>
    private let onWipe: ((Span<UInt8>) -> Void)?

    public var count: Int { unsafe storage.count }

    /// A copy; the caller's array stays what it is.
    public convenience init(copying bytes: [UInt8]) {
        self.init(count: bytes.count) { output in
            for index in bytes.indices { output[index] = bytes[index] }
        }
    }

    /// Memory of `count` bytes, zero at first, that `fill` writes in place.
    ///
    /// - Parameter onWipe: sees the wiped memory before it is given back; a test looks at it.
    package init(
        count: Int, onWipe: ((Span<UInt8>) -> Void)? = nil,
        fill: (inout MutableSpan<UInt8>) -> Void
    ) {
        unsafe storage = .allocate(capacity: count)
        self.onWipe = onWipe
        unsafe storage.initialize(repeating: 0)
        var bytes = unsafe storage.mutableSpan
        fill(&bytes)
    }

    deinit {
        unsafe OPENSSL_cleanse(storage.baseAddress, storage.count)
        onWipe?(unsafe storage.span)
        unsafe storage.deallocate()
    }

    /// Lends the bytes to `body`, which must not keep a copy in ordinary memory.
    public func withBytes<Result, Failure>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(unsafe storage.span)
    }

    /// A copy in ordinary memory: for sending a secret to whom it is meant.
    public func copyBytes() -> [UInt8] {
        withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    /// The parts one after the other.
    package convenience init(joining parts: [SecretBytes]) {
        self.init(count: parts.reduce(0) { $0 + $1.count }) { output in
            var position = 0
            for part in parts {
                part.withBytes { part in
                    for i in part.indices { output[position + i] = part[i] }
                }
                position += part.count
            }
        }
    }

    /// `count` bytes from `start` on as a secret of their own.
    package func part(from start: Int, count: Int) -> SecretBytes {
        withBytes { bytes in
            SecretBytes(count: count) { output in
                for index in output.indices { output[index] = bytes[start + index] }
            }
        }
    }

    /// The first `count` bytes as a secret of their own.
    package func prefix(_ count: Int) -> SecretBytes {
        precondition(count <= self.count, "a prefix is not longer than the whole")
        return withBytes { bytes in
            SecretBytes(count: count) { output in
                for index in output.indices { output[index] = bytes[index] }
            }
        }
    }

    public func constantTimeEquals(_ other: SecretBytes) -> Bool {
        withBytes { mine in other.withBytes { constantTimeEqual(mine, $0) } }
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(count) secret bytes" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [("count", count)]) }
}
