/// A source of uniform 64-bit words, filled a buffer at a time.
///
/// Algebra has no randomness of its own: Primitives' `CounterGenerator` is the one in production.
public protocol WordGenerator: ~Copyable {
    /// Overwrites every word of `words` with the next words of the stream.
    mutating func fill(_ words: inout MutableSpan<UInt64>)
}
