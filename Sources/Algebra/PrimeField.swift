/// The prime field of any odd prime of 16 to 1024 bits, chosen at run time, on GMP.
///
/// An element x is the n limbs of x · 2⁶⁴ⁿ mod p, below p (Montgomery form).
public struct PrimeField: Ring {
    public let modulus: BigInteger
    private let modulusLimbs: [UInt64]
    /// −p⁻¹ mod 2⁶⁴.
    private let negativeInverse: UInt64
    /// 2¹²⁸ⁿ mod p: the Montgomery product with it encodes.
    private let radixSquared: [UInt64]

    /// Why an integer is not the modulus of a prime field.
    public enum InvalidModulus: Error, Equatable, CustomStringConvertible {
        case size(bits: Int)
        case notPrime(BigInteger)

        public var description: String {
            switch self {
            case .size(let bits):
                "prime field: the modulus has \(bits) bits; choose a prime of 16 to 1024 bits"
            case .notPrime(let modulus):
                "prime field: the modulus \(modulus) is not prime; choose a prime"
            }
        }
    }

    /// The field of the prime `modulus`; ``BigInteger/isProbablyPrime`` decides that it is one.
    public init(modulus: BigInteger) throws(InvalidModulus) {
        guard (16...1024).contains(modulus.bitWidth) else {
            throw .size(bits: modulus.bitWidth)
        }
        guard modulus.isProbablyPrime else { throw .notPrime(modulus) }
        self.modulus = modulus
        modulusLimbs = modulus.limbs
        // Newton: an inverse modulo 2ᵏ becomes one modulo 2²ᵏ; 1 is one modulo 2.
        var inverse: UInt64 = 1
        for _ in 0..<6 { inverse = inverse &* (2 &- modulus.limbs[0] &* inverse) }
        negativeInverse = 0 &- inverse
        let square = (BigInteger(1) << (128 * modulus.limbs.count)).modulo(modulus).limbs
        radixSquared = square + repeatElement(0, count: modulus.limbs.count - square.count)
    }

    /// The field of the largest prime below 2ᵇⁱᵗˢ, for 16 to 1024 bits.
    public static func largest(bits: Int) throws(InvalidModulus) -> PrimeField {
        guard (16...1024).contains(bits) else { throw .size(bits: bits) }
        return try PrimeField(modulus: .largestPrime(below: 1 << bits))
    }

    public static func == (a: Self, b: Self) -> Bool { a.modulusLimbs == b.modulusLimbs }
    public func hash(into hasher: inout Hasher) { hasher.combine(modulusLimbs) }

    public var name: String { "prime:\(modulus)" }
    public var order: BigInteger { modulus }
    public var bitWidth: Int { modulus.bitWidth }
    public var limbsPerElement: Int { modulusLimbs.count }
    public var isPowerOfTwo: Bool { false }
    public var numberBound: BigInteger { (modulus - 1) >> 2 }
}

// MARK: - Kernels

extension PrimeField {
    public func add(_ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        unsafe map(a, b, into: &output) { unsafe $0.add($1, $2, into: $3) }
    }
    public func subtract(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        unsafe map(a, b, into: &output) { unsafe $0.subtract($1, $2, into: $3) }
    }
    public func multiply(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        unsafe map(a, b, into: &output) { unsafe $0.multiply($1, $2, into: $3) }
    }
    public func scale(
        _ a: Span<UInt64>, by c: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        unsafe map(a, each: c, into: &output) { unsafe $0.multiply($1, $2, into: $3) }
    }
    public func accumulate(_ a: Span<UInt64>, into sum: inout MutableSpan<UInt64>) {
        unsafe update(&sum, a, a) { unsafe $0.add($3, $1, into: $3) }
    }
    public func multiplyAccumulate(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into sum: inout MutableSpan<UInt64>
    ) {
        unsafe update(&sum, a, b) { unsafe $0.multiplyAdd($1, $2, into: $3) }
    }
    public func sums(
        ofEvery length: Int, _ a: Span<UInt64>, into output: inout OutputSpan<UInt64>
    ) {
        let n = limbsPerElement
        let starts = runs(of: length, limbs: n, in: a.count)
        precondition(output.freeCapacity >= a.count / length, "no room for the result")
        // Every run lies inside `a`, and the precondition keeps the sums inside the output.
        unsafe withMontgomery { arithmetic in
            unsafe a.withUnsafeBufferPointer { a in
                unsafe output.withUnsafeMutableBufferPointer { out, filled in
                    guard let first = a.baseAddress, let result = out.baseAddress else { return }
                    for start in starts {
                        let sum = unsafe gmpLimbs(result + filled)
                        unsafe sum.initialize(repeating: 0, count: n)
                        for i in stride(from: start, to: start + length * n, by: n) {
                            unsafe arithmetic.add(sum, gmpLimbs(first + i), into: sum)
                        }
                        filled += n
                    }
                }
            }
        }
    }

    public func isCanonical(_ limbs: Span<UInt64>) -> Bool {
        let n = limbsPerElement
        guard limbs.count.isMultiple(of: n) else { return false }
        return unsafe withMontgomery { arithmetic in
            unsafe limbs.withUnsafeBufferPointer { limbs in
                guard let start = limbs.baseAddress else { return true }
                var allBelow: UInt = 1
                for i in stride(from: 0, to: limbs.count, by: n) {
                    unsafe allBelow &= arithmetic.isBelowModulus(gmpLimbs(start + i))
                }
                return allBelow == 1
            }
        }
    }
    public func encode(_ integers: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        // x · 2¹²⁸ⁿ · 2⁻⁶⁴ⁿ, for any x < 2⁶⁴ⁿ.
        scale(integers, by: radixSquared.span, into: &output)
    }
    public func decode(_ elements: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        let one = [1] + [UInt64](repeating: 0, count: limbsPerElement - 1)
        scale(elements, by: one.span, into: &output)
    }
    public func sample(from candidates: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        let n = limbsPerElement
        precondition(candidates.count.isMultiple(of: n), "part of a candidate")
        let topMask = UInt64.max >> UInt64(64 * n - bitWidth)
        unsafe withMontgomery { arithmetic in
            // The n limbs are written within the buffer before an element counts as there.
            unsafe output.withUnsafeMutableBufferPointer { out, filled in
                guard let first = out.baseAddress else { return }
                var end = filled
                for start in stride(from: 0, to: candidates.count, by: n)
                where end + n <= out.count {
                    for i in 0..<n { unsafe out[end + i] = candidates[start + i] }
                    unsafe out[end + n - 1] &= topMask
                    // The next candidate overwrites one that is not below the modulus.
                    unsafe end += n * Int(arithmetic.isBelowModulus(gmpLimbs(first + end)))
                }
                filled = end
            }
        }
    }
}

// MARK: - Loops over elements

extension PrimeField {
    /// `(arithmetic, x, y, result)`, each of n limbs.
    private typealias Kernel = (MontgomeryArithmetic, ConstLimbs, ConstLimbs, Limbs) -> Void

    /// Runs `body` with the field's arithmetic on raw limbs, valid only inside.
    @inline(__always)
    private func withMontgomery<Result>(_ body: (MontgomeryArithmetic) -> Result) -> Result {
        let n = limbsPerElement
        return unsafe withUnsafeTemporaryAllocation(
            of: UInt64.self, capacity: MontgomeryArithmetic.scratchLimbs(n)
        ) { scratch in
            unsafe modulusLimbs.withUnsafeBufferPointer { modulus in
                // Neither is empty: a modulus has at least one limb.
                unsafe body(
                    MontgomeryArithmetic(
                        modulus: gmpLimbs(modulus.baseAddress.unsafelyUnwrapped), count: n,
                        negativeInverse: UInt(negativeInverse),
                        scratch: gmpLimbs(scratch.baseAddress.unsafelyUnwrapped)))
            }
        }
    }

    /// `output[i] = kernel(a[i], b[i])`.
    @inline(__always)
    private func map(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>,
        _ kernel: Kernel
    ) {
        precondition(a.count == b.count, "operands of different lengths")
        unsafe map(a, b, repeatsB: false, into: &output, kernel)
    }

    /// `output[i] = kernel(a[i], c)` for one element `c`.
    @inline(__always)
    private func map(
        _ a: Span<UInt64>, each c: Span<UInt64>, into output: inout OutputSpan<UInt64>,
        _ kernel: Kernel
    ) {
        precondition(c.count == limbsPerElement, "not one element")
        unsafe map(a, c, repeatsB: true, into: &output, kernel)
    }

    @inline(__always)
    private func map(
        _ a: Span<UInt64>, _ b: Span<UInt64>, repeatsB: Bool,
        into output: inout OutputSpan<UInt64>, _ kernel: Kernel
    ) {
        let n = limbsPerElement
        precondition(a.count.isMultiple(of: n), "part of an element")
        precondition(output.freeCapacity >= a.count, "no room for the result")
        // The preconditions keep every element inside the three buffers.
        unsafe withMontgomery { arithmetic in
            unsafe a.withUnsafeBufferPointer { a in
                unsafe b.withUnsafeBufferPointer { b in
                    unsafe output.withUnsafeMutableBufferPointer { out, filled in
                        guard let x = a.baseAddress, let y = b.baseAddress,
                            let r = out.baseAddress
                        else { return }
                        let start = filled
                        for i in stride(from: 0, to: a.count, by: n) {
                            unsafe kernel(
                                arithmetic, gmpLimbs(x + i), gmpLimbs(y + (repeatsB ? 0 : i)),
                                gmpLimbs(r + start + i))
                        }
                        filled = start + a.count
                    }
                }
            }
        }
    }

    /// `sum[i] = kernel(a[i], b[i])`, where the kernel may read `sum[i]` first.
    @inline(__always)
    private func update(
        _ sum: inout MutableSpan<UInt64>, _ a: Span<UInt64>, _ b: Span<UInt64>, _ kernel: Kernel
    ) {
        let n = limbsPerElement
        precondition(a.count.isMultiple(of: n), "part of an element")
        precondition(sum.count == a.count && a.count == b.count, "operands of different lengths")
        // The preconditions keep every element inside the three buffers.
        unsafe withMontgomery { arithmetic in
            unsafe a.withUnsafeBufferPointer { a in
                unsafe b.withUnsafeBufferPointer { b in
                    unsafe sum.withUnsafeMutableBufferPointer { sum in
                        guard let x = a.baseAddress, let y = b.baseAddress,
                            let r = sum.baseAddress
                        else { return }
                        for i in stride(from: 0, to: a.count, by: n) {
                            unsafe kernel(
                                arithmetic, gmpLimbs(x + i), gmpLimbs(y + i), gmpLimbs(r + i))
                        }
                    }
                }
            }
        }
    }
}
