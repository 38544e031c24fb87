import Synchronization

/// What the shapes of one plan would hold at a party, in bytes: as an engine allocates and frees.
final class LiveMemory: Sendable {
    private let state = Mutex(State())

    private struct State {
        var live = 0
        var peak = 0
        var produced = 0
    }

    /// The largest sum so far.
    var peak: Int { state.withLock { $0.peak } }

    /// Bytes that local operations have written since the last call.
    func takeProduced() -> Int {
        state.withLock { state in
            defer { state.produced = 0 }
            return state.produced
        }
    }

    /// How much more than before the body holds at most.
    func growth<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) -> Int {
        let (live, peak) = state.withLock { state in
            defer { state.peak = state.live }
            return (state.live, state.peak)
        }
        try body()
        return state.withLock { state in
            defer { state.peak = max(peak, state.peak) }
            return state.peak - live
        }
    }

    /// As much more than now is held for a moment.
    func grow(by bytes: Int) {
        state.withLock { $0.peak = max($0.peak, $0.live + bytes) }
    }

    fileprivate func allocate(_ bytes: Int) {
        state.withLock { state in
            state.live += bytes
            state.produced += bytes
            state.peak = max(state.peak, state.live)
        }
    }

    fileprivate func free(_ bytes: Int) { state.withLock { $0.live -= bytes } }
}

/// The memory of one shape.
final class Allocation: Sendable {
    let memory: LiveMemory
    private let bytes: Int

    init(_ bytes: Int, in memory: LiveMemory) {
        (self.bytes, self.memory) = (bytes, memory)
        memory.allocate(bytes)
    }

    deinit { memory.free(bytes) }
}
