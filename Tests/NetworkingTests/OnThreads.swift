import Foundation
import Networking
import Synchronization

/// Runs `body` for each transport on a thread of its own and returns what each gave, in order.
func onThreads<Link: Transport & Sendable, T: Sendable>(
    _ transports: [Link], _ body: @escaping @Sendable (Link) throws -> T
) -> [Result<T, any Error>] {
    concurrently(transports.count) { try body(transports[$0]) }
}

/// Runs `body` for 0 to `count` − 1 on threads of their own.
func concurrently<T: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) throws -> T
) -> [Result<T, any Error>] {
    let results = Mutex<[Int: Result<T, any Error>]>([:])
    let done = DispatchSemaphore(value: 0)
    for index in 0..<count {
        Thread.detachNewThread {
            let result = Result { try body(index) }
            results.withLock { $0[index] = result }
            done.signal()
        }
    }
    for _ in 0..<count { done.wait() }
    return results.withLock { results in (0..<count).compactMap { results[$0] } }
}

extension Result where Failure == any Error {
    /// The transport error that a thread ended with.
    var transportError: TransportError? {
        guard case .failure(let error) = self else { return nil }
        return error as? TransportError
    }
}

/// A data frame with a payload of `count` bytes.
func testFrame(_ count: Int, fill: UInt8 = 7, sequence: UInt64 = 0) -> [UInt8] {
    FrameHeader(opcode: Opcode(rawValue: 16), sequence: sequence)
        .frame(payload: [UInt8](repeating: fill, count: count))
}
