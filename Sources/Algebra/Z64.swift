import CKernels

/// The integers modulo 2⁶⁴; an element is one word, and every word is canonical.
public struct Z64: Ring {
    public init() {}

    public var name: String { "z64" }
    public var order: BigInteger { 1 << 64 }
    public var bitWidth: Int { 64 }
    public var limbsPerElement: Int { 1 }
    public var isPowerOfTwo: Bool { true }
    public var numberBound: BigInteger { (1 << 60) - (1 << 32) }

    public func add(_ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        mapWords(a, b, into: &output) { $0 &+ $1 }
    }
    public func subtract(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        mapWords(a, b, into: &output) { $0 &- $1 }
    }
    public func multiply(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        unsafe runKernel(a, b, into: &output, ck_z64_multiply)
    }
    public func scale(
        _ a: Span<UInt64>, by c: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        let c = c[0]
        mapWords(a, into: &output) { c &* $0 }
    }
    public func accumulate(_ a: Span<UInt64>, into sum: inout MutableSpan<UInt64>) {
        updateWords(&sum, a) { $0 &+ $1 }
    }
    public func multiplyAccumulate(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into sum: inout MutableSpan<UInt64>
    ) {
        unsafe runKernel(a, b, into: &sum, ck_z64_multiply_accumulate)
    }
    public func crossTerms(
        _ x0: Span<UInt64>, _ x1: Span<UInt64>, _ y0: Span<UInt64>, _ y1: Span<UInt64>,
        into output: inout OutputSpan<UInt64>
    ) {
        unsafe runKernel(x0, x1, y0, y1, into: &output, ck_z64_cross_terms)
    }
    public func prefixSums(_ a: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        var sum: UInt64 = 0
        mapWords(a, into: &output) {
            sum &+= $0
            return sum
        }
    }
    public func sums(
        ofEvery length: Int, _ a: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        for start in runs(of: length, limbs: 1, in: a.count) {
            var sum: UInt64 = 0
            for i in start..<start + length { sum &+= a[i] }
            output.append(sum)
        }
    }

    public func isCanonical(_ limbs: Span<UInt64>) -> Bool { true }
    public func encode(_ integers: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        mapWords(integers, into: &output) { $0 }
    }
    public func decode(_ elements: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        mapWords(elements, into: &output) { $0 }
    }
    public func sample(from candidates: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        let taken = min(candidates.count, output.freeCapacity)
        mapWords(candidates.extracting(first: taken), into: &output) { $0 }
    }
}
