/// Loops over words for the kernels of one-word rings.
///
/// Lengths are checked once a vector instead of bounds once an element, so that the loops
/// vectorise; `body` is inlined.

/// `output[i] = body(a[i])`.
@inline(__always)
func mapWords(
    _ a: Span<UInt64>, into output: inout OutputSpan<UInt64>, _ body: (UInt64) -> UInt64
) {
    precondition(output.freeCapacity >= a.count, "no room for the result")
    // The precondition keeps every index inside both buffers.
    unsafe a.withUnsafeBufferPointer { a in
        unsafe output.withUnsafeMutableBufferPointer { out, filled in
            let start = filled
            for i in 0..<a.count { unsafe out[start &+ i] = body(a[i]) }
            filled = start + a.count
        }
    }
}

/// The OR of `body(a[i])` for all i.
@inline(__always)
func anyBits(_ a: Span<UInt64>, _ body: (UInt64) -> UInt64) -> UInt64 {
    unsafe a.withUnsafeBufferPointer { a in
        var bits: UInt64 = 0
        for i in 0..<a.count { unsafe bits |= body(a[i]) }
        return bits
    }
}

/// `output[i] = body(a[i], b[i])`.
@inline(__always)
func mapWords(
    _ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>,
    _ body: (UInt64, UInt64) -> UInt64
) {
    precondition(a.count == b.count, "operands of different lengths")
    precondition(output.freeCapacity >= a.count, "no room for the result")
    // The preconditions keep every index inside the three buffers.
    unsafe a.withUnsafeBufferPointer { a in
        unsafe b.withUnsafeBufferPointer { b in
            unsafe output.withUnsafeMutableBufferPointer { out, filled in
                let start = filled
                for i in 0..<a.count { unsafe out[start &+ i] = body(a[i], b[i]) }
                filled = start + a.count
            }
        }
    }
}

/// `sum[i] = body(sum[i], a[i])`.
@inline(__always)
func updateWords(
    _ sum: inout MutableSpan<UInt64>, _ a: Span<UInt64>, _ body: (UInt64, UInt64) -> UInt64
) {
    precondition(sum.count == a.count, "operands of different lengths")
    // The precondition keeps every index inside both buffers.
    unsafe a.withUnsafeBufferPointer { a in
        unsafe sum.withUnsafeMutableBufferPointer { sum in
            for i in 0..<a.count { unsafe sum[i] = body(sum[i], a[i]) }
        }
    }
}

/// `sum[i] = body(sum[i], a[i], b[i])`.
@inline(__always)
func updateWords(
    _ sum: inout MutableSpan<UInt64>, _ a: Span<UInt64>, _ b: Span<UInt64>,
    _ body: (UInt64, UInt64, UInt64) -> UInt64
) {
    precondition(sum.count == a.count && a.count == b.count, "operands of different lengths")
    // The precondition keeps every index inside the three buffers.
    unsafe a.withUnsafeBufferPointer { a in
        unsafe b.withUnsafeBufferPointer { b in
            unsafe sum.withUnsafeMutableBufferPointer { sum in
                for i in 0..<a.count { unsafe sum[i] = body(sum[i], a[i], b[i]) }
            }
        }
    }
}

/// `sum[start + i] ^= body(a[i])`.
@inline(__always)
func xorWords(
    _ a: Span<UInt64>, into sum: inout MutableSpan<UInt64>, at start: Int,
    _ body: (UInt64) -> UInt64 = { $0 }
) {
    precondition(a.isEmpty || start >= 0 && start + a.count <= sum.count, "words beyond the sum")
    // The precondition keeps every index inside both buffers.
    unsafe a.withUnsafeBufferPointer { a in
        unsafe sum.withUnsafeMutableBufferPointer { sum in
            for i in 0..<a.count { unsafe sum[start &+ i] ^= body(a[i]) }
        }
    }
}

/// The starts of runs of `length` elements, `limbs` words each, in `words` words.
///
/// - Precondition: the runs fill the words exactly.
func runs(of length: Int, limbs: Int, in words: Int) -> StrideTo<Int> {
    precondition(length > 0, "runs of \(length) elements")
    precondition(words.isMultiple(of: length * limbs), "the elements do not fill runs of \(length)")
    return stride(from: 0, to: words, by: length * limbs)
}
