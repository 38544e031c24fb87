/// Loops over pairs of words for the kernels of two-word rings; see WordLoops.

extension UInt128 {
    @inline(__always)
    init(low: UInt64, high: UInt64) { self = UInt128(high) &<< 64 | UInt128(low) }

    @inline(__always)
    var lowWord: UInt64 { UInt64(truncatingIfNeeded: self) }
    @inline(__always)
    var highWord: UInt64 { UInt64(truncatingIfNeeded: self &>> 64) }
}

/// `output[i] = body(a[i])`.
@inline(__always)
func mapPairs(
    _ a: Span<UInt64>, into output: inout OutputSpan<UInt64>, _ body: (UInt128) -> UInt128
) {
    precondition(a.count.isMultiple(of: 2), "half an element")
    precondition(output.freeCapacity >= a.count, "no room for the result")
    // The preconditions keep every index inside both buffers.
    unsafe a.withUnsafeBufferPointer { a in
        unsafe output.withUnsafeMutableBufferPointer { out, filled in
            let start = filled
            for i in stride(from: 0, to: a.count, by: 2) {
                let result = unsafe body(UInt128(low: a[i], high: a[i &+ 1]))
                unsafe out[start &+ i] = result.lowWord
                unsafe out[start &+ i &+ 1] = result.highWord
            }
            filled = start + a.count
        }
    }
}

/// `output[i] = body(a[i], b[i])`.
@inline(__always)
func mapPairs(
    _ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>,
    _ body: (UInt128, UInt128) -> UInt128
) {
    precondition(a.count.isMultiple(of: 2), "half an element")
    precondition(a.count == b.count, "operands of different lengths")
    precondition(output.freeCapacity >= a.count, "no room for the result")
    // The preconditions keep every index inside the three buffers.
    unsafe a.withUnsafeBufferPointer { a in
        unsafe b.withUnsafeBufferPointer { b in
            unsafe output.withUnsafeMutableBufferPointer { out, filled in
                let start = filled
                for i in stride(from: 0, to: a.count, by: 2) {
                    let result = unsafe body(
                        UInt128(low: a[i], high: a[i &+ 1]), UInt128(low: b[i], high: b[i &+ 1]))
                    unsafe out[start &+ i] = result.lowWord
                    unsafe out[start &+ i &+ 1] = result.highWord
                }
                filled = start + a.count
            }
        }
    }
}

/// `sum[i] = body(sum[i], a[i])`.
@inline(__always)
func updatePairs(
    _ sum: inout MutableSpan<UInt64>, _ a: Span<UInt64>, _ body: (UInt128, UInt128) -> UInt128
) {
    updatePairs(&sum, a, a) { sum, a, _ in body(sum, a) }
}

/// `sum[i] = body(sum[i], a[i], b[i])`.
@inline(__always)
func updatePairs(
    _ sum: inout MutableSpan<UInt64>, _ a: Span<UInt64>, _ b: Span<UInt64>,
    _ body: (UInt128, UInt128, UInt128) -> UInt128
) {
    precondition(a.count.isMultiple(of: 2), "half an element")
    precondition(sum.count == a.count && a.count == b.count, "operands of different lengths")
    // The preconditions keep every index inside the three buffers.
    unsafe a.withUnsafeBufferPointer { a in
        unsafe b.withUnsafeBufferPointer { b in
            unsafe sum.withUnsafeMutableBufferPointer { sum in
                for i in stride(from: 0, to: a.count, by: 2) {
                    let result = unsafe body(
                        UInt128(low: sum[i], high: sum[i &+ 1]),
                        UInt128(low: a[i], high: a[i &+ 1]), UInt128(low: b[i], high: b[i &+ 1]))
                    unsafe sum[i] = result.lowWord
                    unsafe sum[i &+ 1] = result.highWord
                }
            }
        }
    }
}
