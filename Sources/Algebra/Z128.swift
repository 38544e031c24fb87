import CKernels

/// The integers modulo 2¹²⁸; an element is two words, and any two words are canonical.
public struct Z128: Ring {
    public init() {}

    public var name: String { "z128" }
    public var order: BigInteger { 1 << 128 }
    public var bitWidth: Int { 128 }
    public var limbsPerElement: Int { 2 }
    public var isPowerOfTwo: Bool { true }
    public var numberBound: BigInteger { (1 << 124) - (1 << 64) }

    public func add(_ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        mapPairs(a, b, into: &output) { $0 &+ $1 }
    }
    public func subtract(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        mapPairs(a, b, into: &output) { $0 &- $1 }
    }
    public func multiply(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        mapPairs(a, b, into: &output) { $0 &* $1 }
    }
    public func scale(
        _ a: Span<UInt64>, by c: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        let c = UInt128(low: c[0], high: c[1])
        mapPairs(a, into: &output) { c &* $0 }
    }
    public func accumulate(_ a: Span<UInt64>, into sum: inout MutableSpan<UInt64>) {
        updatePairs(&sum, a) { $0 &+ $1 }
    }
    public func multiplyAccumulate(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into sum: inout MutableSpan<UInt64>
    ) {
        updatePairs(&sum, a, b) { $0 &+ $1 &* $2 }
    }
    public func crossTerms(
        _ x0: Span<UInt64>, _ x1: Span<UInt64>, _ y0: Span<UInt64>, _ y1: Span<UInt64>,
        into output: inout OutputSpan<UInt64>
    ) {
        unsafe runKernel(x0, x1, y0, y1, limbs: 2, into: &output, ck_z128_cross_terms)
    }
    public func prefixSums(_ a: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        var sum: UInt128 = 0
        mapPairs(a, into: &output) {
            sum &+= $0
            return sum
        }
    }
    public func sums(
        ofEvery length: Int, _ a: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        for start in runs(of: length, limbs: 2, in: a.count) {
            var sum: UInt128 = 0
            for i in stride(from: start, to: start + 2 * length, by: 2) {
                sum &+= UInt128(low: a[i], high: a[i + 1])
            }
            output.append(sum.lowWord)
            output.append(sum.highWord)
        }
    }

    public func isCanonical(_ limbs: Span<UInt64>) -> Bool { limbs.count.isMultiple(of: 2) }
    public func encode(_ integers: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        mapWords(integers, into: &output) { $0 }
    }
    public func decode(_ elements: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        mapWords(elements, into: &output) { $0 }
    }
    public func sample(from candidates: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        precondition(candidates.count.isMultiple(of: 2), "half a candidate")
        let taken = min(candidates.count, output.freeCapacity / 2 * 2)
        mapWords(candidates.extracting(first: taken), into: &output) { $0 }
    }
}
