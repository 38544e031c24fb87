public import Algebra
public import MPC

/// Products of fixed-point numbers with f fraction bits: ⌊x · y / 2ᶠ⌋, rounded towards −∞, exactly.
///
/// Domain: the product before truncation, x · y as integers, is within ±``Ring/numberBound``; for
/// f = 16 on a one-word ring, |x · y| < 2²⁸ as numbers. Outside of it the result is meaningless.
extension Engine where Self: ~Copyable {
    /// ⌊x · y / 2ᶠ⌋: one product and one truncation.
    ///
    /// - Parameter f: 1 ... 32.
    public mutating func product(_ x: Shares, _ y: Shares, fractionBits f: Int = 16)
        throws(MPCError) -> Shares
    {
        try truncate(multiply(x, y), by: f)
    }

    /// ⌊c · x / 2ᶠ⌋ for public c: one truncation.
    public mutating func product(_ c: Vector<R>, _ x: Shares, fractionBits f: Int = 16)
        throws(MPCError) -> Shares
    {
        try truncate(c * x, by: f)
    }

    /// ⌊Σ x · y / 2ᶠ⌋ over runs of `length`: one inner product and one truncation a run.
    ///
    /// The sum is truncated, not its terms, so the error is below 1 ulp whatever the length.
    public mutating func innerProducts(
        _ x: Shares, _ y: Shares, length: Int, fractionBits f: Int
    ) throws(MPCError) -> Shares {
        try truncate(innerProducts(x, y, length: length), by: f)
    }

    /// ⌊x / 2^bits⌋ for any number of bits; a negative one shifts up.
    mutating func shiftedDown(_ x: Shares, by bits: Int) throws(MPCError) -> Shares {
        guard bits > 0 else { return bits == 0 ? x : x.scaled(by: number(1 << -bits)) }
        // ⌊⌊x / 2ᵃ⌋ / 2ᵇ⌋ = ⌊x / 2ᵃ⁺ᵇ⌋.
        let first = try truncate(x, by: min(bits, 32))
        return bits > 32 ? try shiftedDown(first, by: bits - 32) : first
    }

    /// x / 2^bits, rounded to the nearest integer, halves up.
    mutating func rounded(_ x: Shares, by bits: Int) throws(MPCError) -> Shares {
        guard bits > 0 else { return try shiftedDown(x, by: bits) }
        return try shiftedDown(adding(1 << (bits - 1), to: x), by: bits)
    }

    // MARK: Public constants

    /// A vector of one element.
    func number(_ value: BigInteger) -> Vector<R> { Vector(ring, big: [value]) }

    /// ⟦x + c⟧ for one public c.
    func adding(_ c: BigInteger, to x: Shares) -> Shares {
        adding(Vector(repeating: number(c), count: x.count), to: x)
    }

    /// ⟦c − x⟧ for one public c.
    func subtracting(_ x: Shares, from c: BigInteger) -> Shares {
        adding(c, to: x.scaled(by: number(-1)))
    }

    /// The product of all vectors, element by element: ⌈log₂ count⌉ rounds.
    mutating func productOfAll(_ factors: [Shares]) throws(MPCError) -> Shares {
        var factors = factors
        while factors.count > 1 {
            let pairs = factors.count / 2
            let products = try multiply(
                .concatenating(Array(factors[0..<pairs])),
                .concatenating(Array(factors[pairs..<2 * pairs])))
            factors = products.split(into: pairs) + factors[(2 * pairs)...]
        }
        return factors[0]
    }
}

extension ShareVector {
    /// So many consecutive parts of equal length.
    func split(into parts: Int) -> [Self] {
        let length = count / parts
        return (0..<parts).map { self[$0 * length..<($0 + 1) * length] }
    }
}

/// Working precision of the elementary functions: numbers in (0, 2] have 28 bits after the point,
/// so that the product of two has at most 59 bits on a one-word ring.
let workingBits = 28

/// ⌊value · 2^bits + 1/2⌋: a public constant in fixed point.
func fixed(_ value: Double, _ bits: Int) -> BigInteger {
    // 2⁵² times a value below 2¹⁰ is an integer of 62 bits at most.
    let scaled = (value * 0x1p52).rounded()
    let integer = BigInteger(Int64(scaled))
    return bits >= 52 ? integer << (bits - 52) : (integer + (1 << (51 - bits))) >> (52 - bits)
}
