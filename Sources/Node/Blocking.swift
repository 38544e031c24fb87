import Foundation

/// Work that waits for a disk, on a few threads of its own.
///
/// Neither the event loops nor Swift's own threads may wait. What queues up is bounded by the
/// number of connections, each of which has one request at a time.
enum Blocking {
    private static let queue: OperationQueue = {
        let queue = OperationQueue()
        queue.maxConcurrentOperationCount = 4
        return queue
    }()

    static func run<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.addOperation {
                continuation.resume(with: Swift.Result { try body() })
            }
        }
    }
}
