import Glibc
import Synchronization

/// A switch that any thread may turn, once: whoever waits in `poll` wakes up.
public final class Cancellation: Sendable {
    private let flag = Atomic(false)
    /// The reading end of a pipe: readable, for `poll`, from the moment of cancellation on.
    let descriptor: Int32
    private let writingEnd: Int32

    public init() {
        var ends: [Int32] = [-1, -1]
        // Writes the two descriptors.
        let status = unsafe pipe(&ends)
        precondition(status == 0, "no pipe for cancellation: too many open files")
        (descriptor, writingEnd) = (ends[0], ends[1])
        for end in ends { makeNonBlocking(end) }
    }

    deinit {
        close(descriptor)
        close(writingEnd)
    }

    public var isCancelled: Bool { flag.load(ordering: .acquiring) }

    public func cancel() {
        guard !flag.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // One byte into an empty pipe, which always has room for it.
        unsafe _ = write(writingEnd, [1], 1)
    }
}
