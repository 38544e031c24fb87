import Dispatch
import Synchronization

/// How many threads a party's kernels may use, set once at the start of a process; 1 until then.
///
/// Results and messages do not depend on the number: work is cut where its size says, every piece
/// writes its own part of a result, and nothing is drawn or sent inside a kernel.
public enum LocalThreads {
    private static let setting = Atomic<Int>(1)

    public static var count: Int {
        get { setting.load(ordering: .relaxed) }
        set {
            precondition(newValue > 0, "\(newValue) threads")
            setting.store(newValue, ordering: .relaxed)
        }
    }
}

/// Runs `body` on consecutive ranges of `chunk` numbers that make up 0 ..< count, the last one
/// shorter, on as many threads as ``LocalThreads`` allows; returns when all have ended.
///
/// `body` may write only what belongs to its range: the ranges run side by side in any order.
package func forEachChunk(of count: Int, chunk: Int, _ body: (Range<Int>) -> Void) {
    precondition(chunk > 0, "chunks of \(chunk)")
    let chunks = (count + chunk - 1) / chunk
    let threads = min(LocalThreads.count, chunks)
    guard threads > 1 else {
        for start in stride(from: 0, to: count, by: chunk) {
            body(start..<min(count, start + chunk))
        }
        return
    }
    let next = Atomic<Int>(0)
    withoutActuallyEscaping(body) { body in
        // The threads end before this call does, and the caller promised that ranges are apart.
        nonisolated(unsafe) let body = body
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < chunks else { return }
                unsafe body(index * chunk..<min(count, (index + 1) * chunk))
            }
        }
    }
}
