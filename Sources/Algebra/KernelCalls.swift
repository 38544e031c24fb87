/// Spans handed to the loops of CKernels, which take pointers and a number of elements.
///
/// Lengths are checked once a vector; long vectors are cut for ``LocalThreads``. A pointer to no
/// words may be nil; no kernel reads it.

typealias WordPointer = UnsafePointer<UInt64>
typealias MutableWordPointer = UnsafeMutablePointer<UInt64>

/// The elements of a piece of a vector: far more work than waking a thread.
private let chunk = 1 << 15

extension OutputSpan where Element == UInt64 {
    /// Lets `kernel` write exactly `count` words behind those that are there.
    @inline(__always)
    mutating func append(count: Int, _ kernel: (MutableWordPointer?) -> Void) {
        precondition(freeCapacity >= count, "no room for the result")
        // The precondition keeps the words that count as written inside the buffer.
        unsafe withUnsafeMutableBufferPointer { buffer, filled in
            unsafe kernel(buffer.baseAddress.map { unsafe $0 + filled })
            filled += count
        }
    }
}

extension Span where Element == UInt64 {
    @inline(__always)
    func withPointer(_ body: (WordPointer?) -> Void) {
        unsafe withUnsafeBufferPointer { unsafe body($0.baseAddress) }
    }
}

/// `output = kernel(a, b)`, element by element of `limbs` words each.
@inline(__always)
func runKernel(
    _ a: Span<UInt64>, _ b: Span<UInt64>, limbs: Int = 1, into output: inout OutputSpan<UInt64>,
    _ kernel: (WordPointer, WordPointer, MutableWordPointer, Int) -> Void
) {
    precondition(a.count == b.count, "operands of different lengths")
    precondition(a.count.isMultiple(of: limbs), "part of an element")
    unsafe output.append(count: a.count) { result in
        unsafe a.withPointer { x in
            unsafe b.withPointer { y in
                guard let x = unsafe x, let y = unsafe y, let result = unsafe result else { return }
                forEachChunk(of: a.count / limbs, chunk: chunk) { part in
                    let start = part.lowerBound * limbs
                    unsafe kernel(x + start, y + start, result + start, part.count)
                }
            }
        }
    }
}

/// `sum = kernel(sum, a, b)`, element by element.
@inline(__always)
func runKernel(
    _ a: Span<UInt64>, _ b: Span<UInt64>, limbs: Int = 1, into sum: inout MutableSpan<UInt64>,
    _ kernel: (WordPointer, WordPointer, MutableWordPointer, Int) -> Void
) {
    precondition(sum.count == a.count && a.count == b.count, "operands of different lengths")
    precondition(a.count.isMultiple(of: limbs), "part of an element")
    // The preconditions keep the kernel inside the three buffers.
    unsafe sum.withUnsafeMutableBufferPointer { sum in
        unsafe a.withPointer { x in
            unsafe b.withPointer { y in
                guard let x = unsafe x, let y = unsafe y, let sum = sum.baseAddress
                else { return }
                forEachChunk(of: a.count / limbs, chunk: chunk) { part in
                    let start = part.lowerBound * limbs
                    unsafe kernel(x + start, y + start, sum + start, part.count)
                }
            }
        }
    }
}

/// `sum += a`, for a kernel that adds two vectors.
@inline(__always)
func runKernel(
    adding a: Span<UInt64>, limbs: Int = 1, into sum: inout MutableSpan<UInt64>,
    _ kernel: (WordPointer, WordPointer, MutableWordPointer, Int) -> Void
) {
    unsafe runKernel(a, a, limbs: limbs, into: &sum) { x, _, sum, count in
        unsafe kernel(sum, x, sum, count)
    }
}

/// `output = kernel(x0, x1, y0, y1)`, element by element.
@inline(__always)
func runKernel(
    _ x0: Span<UInt64>, _ x1: Span<UInt64>, _ y0: Span<UInt64>, _ y1: Span<UInt64>,
    limbs: Int = 1, into output: inout OutputSpan<UInt64>,
    _ kernel: (WordPointer, WordPointer, WordPointer, WordPointer, MutableWordPointer, Int) ->
        Void
) {
    let count = x0.count
    precondition(
        x1.count == count && y0.count == count && y1.count == count,
        "operands of different lengths")
    precondition(count.isMultiple(of: limbs), "part of an element")
    unsafe output.append(count: count) { result in
        unsafe x0.withPointer { a in
            unsafe x1.withPointer { b in
                unsafe y0.withPointer { c in
                    unsafe y1.withPointer { d in
                        guard let a = unsafe a, let b = unsafe b, let c = unsafe c,
                            let d = unsafe d, let result = unsafe result
                        else { return }
                        forEachChunk(of: count / limbs, chunk: chunk) { part in
                            let i = part.lowerBound * limbs
                            unsafe kernel(a + i, b + i, c + i, d + i, result + i, part.count)
                        }
                    }
                }
            }
        }
    }
}
