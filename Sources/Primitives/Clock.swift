import Glibc

/// Time as a value handed in, so that tests decide what time it is.
public protocol ParleyClock: Sendable {
    /// Nanoseconds since some fixed instant; never runs backwards.
    var monotonicNanoseconds: UInt64 { get }
    /// Seconds since 1970-01-01T00:00:00Z.
    var wallSeconds: Int64 { get }
}

/// The operating system's clocks.
public struct SystemClock: ParleyClock {
    public init() {}

    public var monotonicNanoseconds: UInt64 {
        let time = read(CLOCK_MONOTONIC)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    public var wallSeconds: Int64 { Int64(read(CLOCK_REALTIME).tv_sec) }

    private func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        // Fills `time`; it cannot fail for these two clocks.
        unsafe clock_gettime(clock, &time)
        return time
    }
}
