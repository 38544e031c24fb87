public import Primitives
import Synchronization

/// Reproducible randomness, for tests and benchmarks only.
public final class SeededRandomness: RandomSource {
    private struct State: ~Copyable {
        var generator: CounterGenerator
    }
    private let state: Mutex<State>

    public init(seed: UInt64) {
        var key = [UInt8](repeating: 0, count: CounterGenerator.keyByteCount)
        for index in 0..<8 { key[index] = UInt8(truncatingIfNeeded: seed >> UInt64(8 * index)) }
        state = Mutex(State(generator: CounterGenerator(key: SecretBytes(copying: key))))
    }

    public func bytes(_ count: Int) -> [UInt8] { secret(count).copyBytes() }

    public func secret(_ count: Int) -> SecretBytes {
        state.withLock { $0.generator.secret(count) }
    }
}
