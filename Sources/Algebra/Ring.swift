/// A finite commutative ring, as a value: two primes chosen at run time are two rings of one type.
///
/// An element is ``limbsPerElement`` 64-bit words, little-endian, in the ring's own canonical form
/// (each conformer says which). Canonical limbs may go on the wire; hashes, files and outputs use
/// plain integers (``decode(_:into:)``).
///
/// A kernel handles a whole vector, so one dynamic dispatch per vector makes generic protocol code
/// as fast as a hand-written loop. Kernels on secrets neither branch on nor index by operands.
/// Conformers are concrete types, never generic ones.
public protocol Ring: Hashable, Sendable {
    /// The name that parties compare before a run: it determines the ring.
    var name: String { get }
    /// The number of elements: 2⁶⁴, 2¹²⁸ or the prime.
    var order: BigInteger { get }
    /// The bits of the largest element, ⌈log₂ order⌉.
    var bitWidth: Int { get }
    var limbsPerElement: Int { get }
    /// Whether the ring is ℤ modulo a power of two rather than a prime field.
    var isPowerOfTwo: Bool { get }
    /// The largest magnitude that a number may have, for comparison and truncation to be exact.
    var numberBound: BigInteger { get }

    // MARK: Kernels. Shapes: vectors of n elements, n · limbsPerElement limbs each.

    /// `output[i] = a[i] + b[i]`.
    func add(_ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>)
    /// `output[i] = a[i] − b[i]`.
    func subtract(_ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>)
    /// `output[i] = a[i] · b[i]`.
    func multiply(_ a: Span<UInt64>, _ b: Span<UInt64>, into output: inout OutputSpan<UInt64>)
    /// `output[i] = c · a[i]` for one element `c`.
    func scale(_ a: Span<UInt64>, by c: Span<UInt64>, into output: inout OutputSpan<UInt64>)
    /// `sum[i] += a[i]`.
    func accumulate(_ a: Span<UInt64>, into sum: inout MutableSpan<UInt64>)
    /// `sum[i] += a[i] · b[i]`.
    func multiplyAccumulate(
        _ a: Span<UInt64>, _ b: Span<UInt64>, into sum: inout MutableSpan<UInt64>)
    /// `output[i] = x0[i] · (y0[i] + y1[i]) + x1[i] · y0[i]`: see ReplicatedKernels.
    func crossTerms(
        _ x0: Span<UInt64>, _ x1: Span<UInt64>, _ y0: Span<UInt64>, _ y1: Span<UInt64>,
        into output: inout OutputSpan<UInt64>)
    /// `output[i] = a[0] + ... + a[i]`.
    func prefixSums(_ a: Span<UInt64>, into output: inout OutputSpan<UInt64>)
    /// Appends Σᵢ a[i] for each run of `length` consecutive elements: n / length elements.
    func sums(ofEvery length: Int, _ a: Span<UInt64>, into output: inout OutputSpan<UInt64>)

    /// Whether every element is in canonical form: what a receiver checks.
    func isCanonical(_ limbs: Span<UInt64>) -> Bool
    /// The ring's form of plain integers, `limbsPerElement` limbs each, reduced modulo ``order``.
    func encode(_ integers: Span<UInt64>, into output: inout OutputSpan<UInt64>)
    /// The plain integers below ``order`` that elements stand for.
    func decode(_ elements: Span<UInt64>, into output: inout OutputSpan<UInt64>)
    /// Appends the uniform elements that candidates of `limbsPerElement` uniform words give, in
    /// order, until `output` is full; candidates outside the ring are skipped (rejection).
    func sample(from candidates: Span<UInt64>, into output: inout OutputSpan<UInt64>)

    // MARK: Rows of Gilboa products: see GilboaKernels.

    /// Blocks of 128 bits that make a pad: as an element it is at most 2⁻⁶⁴ from uniform.
    var padBlocks: Int { get }
    /// Bytes of a correction that counts 2^weight times.
    func correctionBytes(weight: Int) -> Int
    /// `sum[i] = 2 sum[i] + zero[i]`; the corrections are `zero[i] − one[i] + x[i]`.
    func gilboaOffer(
        _ zero: Span<UInt64>, _ one: Span<UInt64>, _ x: Span<UInt64>,
        sum: inout MutableSpan<UInt64>, corrections: inout MutableSpan<UInt8>)
    /// `sum[i] = 2 sum[i] + pads[i] + choices[i] · corrections[i]`; false if a correction is none
    /// that a sender makes.
    func gilboaTake(
        _ pads: Span<UInt64>, _ choices: Span<UInt64>, _ corrections: Span<UInt8>,
        sum: inout MutableSpan<UInt64>
    ) -> Bool
}

extension Ring {
    public func prefixSums(_ a: Span<UInt64>, into output: inout OutputSpan<UInt64>) {
        var sum = [UInt64](repeating: 0, count: limbsPerElement)
        for start in stride(from: 0, to: a.count, by: limbsPerElement) {
            var span = sum.mutableSpan
            accumulate(a.extracting(start..<start + limbsPerElement), into: &span)
            for limb in sum { output.append(limb) }
        }
    }
}
