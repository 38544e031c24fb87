import CKernels

/// The prime field of p = 2¹²⁶ − 2¹⁸ + 1; an element is the two words of a residue below p.
///
/// 2¹²⁶ ≡ 2¹⁸ − 1 (mod p), so a product h · 2¹²⁶ + l is reduced by shifts and additions alone:
/// h · (2¹⁸ − 1) + l < 2¹⁴⁵ folds once more. Products are kernels of C.
public struct Prime126: Ring {
    // Computed: a stored UInt128 would be looked up behind `swift_once` for every element.
    @inline(__always)
    private static var modulus: UInt128 { (1 << 126) - (1 << 18) + 1 }
    @inline(__always)
    private static var low126: UInt128 { (1 << 126) - 1 }

    public init() {}

    public var name: String { "p126" }
    public var order: BigInteger { BigInteger(Self.modulus) }
    public var bitWidth: Int { 126 }
    public var limbsPerElement: Int { 2 }
    public var isPowerOfTwo: Bool { false }
    public var numberBound: BigInteger { (1 << 124) - (1 << 64) }

    public func add(_ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        unsafe runKernel(a, b, limbs: 2, into: &output, ck_p126_add)
    }
    public func subtract(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        unsafe runKernel(a, b, limbs: 2, into: &output, ck_p126_subtract)
    }
    public func multiply(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        unsafe runKernel(a, b, limbs: 2, into: &output, ck_p126_multiply)
    }
    public func scale(
        _ a: Span<UInt64>, by c: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        precondition(c.count == 2 && a.count.isMultiple(of: 2), "part of an element")
        unsafe output.append(count: a.count) { result in
            unsafe a.withPointer { x in
                unsafe c.withPointer { unsafe ck_p126_scale(x, $0, result, a.count / 2) }
            }
        }
    }
    public func accumulate(_ a: Span<UInt64>, into sum: inout MutableSpan<UInt64>) {
        unsafe runKernel(adding: a, limbs: 2, into: &sum, ck_p126_add)
    }
    public func multiplyAccumulate(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into sum: inout MutableSpan<UInt64>
    ) {
        unsafe runKernel(a, b, limbs: 2, into: &sum, ck_p126_multiply_accumulate)
    }
    public func crossTerms(
        _ x0: Span<UInt64>, _ x1: Span<UInt64>, _ y0: Span<UInt64>, _ y1: Span<UInt64>,
        into output: inout OutputSpan<UInt64>
    ) {
        unsafe runKernel(x0, x1, y0, y1, limbs: 2, into: &output, ck_p126_cross_terms)
    }
    public func prefixSums(_ a: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        var sum: UInt128 = 0
        mapPairs(a, into: &output) {
            sum = Self.reduceOnce(sum &+ $0)
            return sum
        }
    }
    public func sums(
        ofEvery length: Int, _ a: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        for start in runs(of: length, limbs: 2, in: a.count) {
            var sum: UInt128 = 0
            for i in stride(from: start, to: start + 2 * length, by: 2) {
                sum = Self.reduceOnce(sum &+ UInt128(low: a[i], high: a[i + 1]))
            }
            output.append(sum.lowWord)
            output.append(sum.highWord)
        }
    }

    public func isCanonical(_ limbs: Span<UInt64>) -> Bool {
        guard limbs.count.isMultiple(of: 2) else { return false }
        // Bit 127 of x, or of p − 1 − x for smaller x, is set where x ≥ p.
        var outside: UInt128 = 0
        for i in stride(from: 0, to: limbs.count, by: 2) {
            let x = UInt128(low: limbs[i], high: limbs[i + 1])
            outside |= x | (Self.modulus &- 1 &- x)
        }
        return outside >> 127 == 0
    }
    public func encode(_ integers: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        mapPairs(integers, into: &output) { Self.reduceAny($0) }
    }
    public func decode(_ elements: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        mapWords(elements, into: &output) { $0 }
    }
    public func sample(from candidates: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        precondition(candidates.count.isMultiple(of: 2), "half a candidate")
        // Both words are written within the buffer before an element counts as there.
        unsafe output.withUnsafeMutableBufferPointer { out, filled in
            var end = filled
            for i in stride(from: 0, to: candidates.count, by: 2) where end + 2 <= out.count {
                let x = UInt128(low: candidates[i], high: candidates[i + 1]) & Self.low126
                unsafe out[end] = x.lowWord
                unsafe out[end + 1] = x.highWord
                // The next candidate overwrites one that is not below p: x − p does not borrow.
                end += Int(truncatingIfNeeded: (x &- Self.modulus) &>> 126 & 2)
            }
            filled = end
        }
    }

    /// x − p if x ≥ p, else x, for x < 2p, without a branch.
    @inline(__always)
    private static func reduceOnce(_ x: UInt128) -> UInt128 {
        let difference = x &- modulus
        return difference &+ (modulus & UInt128(bitPattern: Int128(bitPattern: difference) &>> 127))
    }

    /// x mod p for any two words: the two bits above 2¹²⁶ fold down.
    @inline(__always)
    private static func reduceAny(_ x: UInt128) -> UInt128 {
        let top = x &>> 126
        return reduceOnce((x & low126) &+ (top &<< 18) &- top)
    }
}
