import CKernels

/// The prime field of p = 2⁶² − 2¹⁶ + 1; an element is one word below p.
///
/// 2⁶² ≡ 2¹⁶ − 1 (mod p), so a product is reduced by shifts and additions alone.
public struct Prime62: Ring {
    static let modulus: UInt64 = (1 << 62) - (1 << 16) + 1
    private static let low62: UInt64 = (1 << 62) - 1

    public init() {}

    public var name: String { "p62" }
    public var order: BigInteger { BigInteger(Self.modulus) }
    public var bitWidth: Int { 62 }
    public var limbsPerElement: Int { 1 }
    public var isPowerOfTwo: Bool { false }
    public var numberBound: BigInteger { (1 << 60) - (1 << 32) }

    public func add(_ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        unsafe runKernel(a, b, into: &output, ck_p62_add)
    }
    public func subtract(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        unsafe runKernel(a, b, into: &output, ck_p62_subtract)
    }
    public func multiply(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        unsafe runKernel(a, b, into: &output, ck_p62_multiply)
    }
    public func scale(
        _ a: Span<UInt64>, by c: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        let c = c[0]
        unsafe output.append(count: a.count) { result in
            unsafe a.withPointer { unsafe ck_p62_scale($0, c, result, a.count) }
        }
    }
    public func accumulate(_ a: Span<UInt64>, into sum: inout MutableSpan<UInt64>) {
        unsafe runKernel(adding: a, into: &sum, ck_p62_add)
    }
    public func multiplyAccumulate(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into sum: inout MutableSpan<UInt64>
    ) {
        unsafe runKernel(a, b, into: &sum, ck_p62_multiply_accumulate)
    }
    public func crossTerms(
        _ x0: Span<UInt64>, _ x1: Span<UInt64>, _ y0: Span<UInt64>, _ y1: Span<UInt64>,
        into output: inout OutputSpan<UInt64>
    ) {
        unsafe runKernel(x0, x1, y0, y1, into: &output, ck_p62_cross_terms)
    }
    public func prefixSums(_ a: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        var sum: UInt64 = 0
        mapWords(a, into: &output) {
            sum = Self.reduceOnce(sum &+ $0)
            return sum
        }
    }
    public func sums(
        ofEvery length: Int, _ a: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        for start in runs(of: length, limbs: 1, in: a.count) {
            var sum: UInt128 = 0  // length · p < 2¹²⁵
            for i in start..<start + length { sum &+= UInt128(a[i]) }
            let high = UInt64(truncatingIfNeeded: sum &>> 62)
            let low = UInt64(truncatingIfNeeded: sum) & Self.low62
            // sum = high · 2⁶² + low, and 2⁶² mod p = 2¹⁶ − 1.
            output.append(Self.multiplyAdd(Self.reduceAny(high), (1 << 16) - 1, low))
        }
    }

    public func isCanonical(_ limbs: Span<UInt64>) -> Bool {
        // Bit 63 of x, or of p − 1 − x for smaller x, is set where x ≥ p.
        anyBits(limbs) { $0 | (Self.modulus &- 1 &- $0) } >> 63 == 0
    }
    public func encode(_ integers: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        mapWords(integers, into: &output) { Self.reduceAny($0) }
    }
    public func decode(_ elements: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        mapWords(elements, into: &output) { $0 }
    }
    public func sample(from candidates: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        let first = candidates.extracting(first: min(candidates.count, output.freeCapacity))
        // Almost never is one of them outside; whether one is says nothing about the others.
        if anyBits(first, { Self.modulus &- 1 &- ($0 & Self.low62) }) >> 63 == 0 {
            mapWords(first, into: &output) { $0 & Self.low62 }
            return
        }
        for i in candidates.indices where output.freeCapacity > 0 {
            let candidate = candidates[i] & Self.low62
            if candidate < Self.modulus { output.append(candidate) }
        }
    }

    /// x − p if x ≥ p, else x, for x < 2p, without a branch.
    @inline(__always)
    private static func reduceOnce(_ x: UInt64) -> UInt64 {
        let difference = x &- modulus
        return difference &+ (modulus & UInt64(bitPattern: Int64(bitPattern: difference) &>> 63))
    }

    /// x mod p for any word: the two bits above 2⁶² fold down.
    @inline(__always)
    private static func reduceAny(_ x: UInt64) -> UInt64 {
        let top = x &>> 62
        return reduceOnce((x & low62) &+ (top &<< 16) &- top)
    }

    /// x · y + z mod p, for x, y < p and z < 2⁶².
    ///
    /// With x · y = h · 2⁶² + l and h = h₁ · 2⁴⁶ + h₀, h · 2¹⁶ ≡ h₀ · 2¹⁶ + h₁ · (2¹⁶ − 1), so
    /// x · y ≡ l + h₀ · 2¹⁶ + h₁ · (2¹⁶ − 1) − h: one word, and with p and z added it is in 0 ..< 2⁶⁴.
    @inline(__always)
    private static func multiplyAdd(_ x: UInt64, _ y: UInt64, _ z: UInt64) -> UInt64 {
        let full = UInt128(x) &* UInt128(y)  // < 2¹²⁴
        let high = UInt64(truncatingIfNeeded: full &>> 62)
        let low = UInt64(truncatingIfNeeded: full) & low62
        let top = high &>> 46
        let folded = ((high &<< 16) & low62) &+ (top &<< 16) &- top
        return reduceAny(low &+ folded &+ (modulus &- high) &+ z)
    }
}
