public import Primitives
import Synchronization

/// A clock that stands still until it is told otherwise.
public final class ManualClock: ParleyClock {
    private let nanoseconds = Mutex<UInt64>(0)
    private let startSeconds: Int64

    public init(wallSeconds: Int64 = 1_800_000_000) {
        startSeconds = wallSeconds
    }

    public var monotonicNanoseconds: UInt64 { nanoseconds.withLock { $0 } }

    public var wallSeconds: Int64 { startSeconds + Int64(monotonicNanoseconds / 1_000_000_000) }

    /// Moves both readings forward.
    public func advance(seconds: Double) {
        nanoseconds.withLock { $0 += UInt64(seconds * 1e9) }
    }
}
