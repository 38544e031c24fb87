public import Algebra

/// A tiny odd prime field, for checks that enumerate every possible value.
public struct ToyPrime: Ring {
    public let modulus: UInt64

    public init(_ modulus: UInt64) { self.modulus = modulus }

    public var name: String { "toy:\(modulus)" }
    public var order: BigInteger { BigInteger(modulus) }
    public var bitWidth: Int { UInt64.bitWidth - modulus.leadingZeroBitCount }
    public var limbsPerElement: Int { 1 }
    public var isPowerOfTwo: Bool { false }
    public var numberBound: BigInteger { BigInteger((modulus - 1) / 4) }

    public func add(_ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        for i in a.indices { output.append((a[i] + b[i]) % modulus) }
    }
    public func subtract(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        for i in a.indices { output.append((a[i] + modulus - b[i]) % modulus) }
    }
    public func multiply(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        for i in a.indices { output.append(a[i] * b[i] % modulus) }
    }
    public func scale(
        _ a: Span<UInt64>, by c: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        for i in a.indices { output.append(a[i] * c[0] % modulus) }
    }
    public func accumulate(_ a: Span<UInt64>, into sum: inout MutableSpan<UInt64>) {
        for i in a.indices { sum[i] = (sum[i] + a[i]) % modulus }
    }
    public func multiplyAccumulate(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into sum: inout MutableSpan<UInt64>
    ) {
        for i in a.indices { sum[i] = (sum[i] + a[i] * b[i]) % modulus }
    }
    public func sums(
        ofEvery length: Int, _ a: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        for start in stride(from: 0, to: a.count, by: length) {
            output.append((start..<start + length).reduce(0) { ($0 + a[$1]) % modulus })
        }
    }
    public func isCanonical(_ limbs: Span<UInt64>) -> Bool {
        limbs.indices.allSatisfy { limbs[$0] < modulus }
    }
    public func encode(_ integers: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        for i in integers.indices { output.append(integers[i] % modulus) }
    }
    public func decode(_ elements: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        for i in elements.indices { output.append(elements[i]) }
    }
    public func sample(from candidates: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        let mask = UInt64.max >> UInt64(modulus.leadingZeroBitCount)
        for i in candidates.indices where candidates[i] & mask < modulus {
            if output.freeCapacity > 0 { output.append(candidates[i] & mask) }
        }
    }
}
