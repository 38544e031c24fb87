import CGMP

/// An integer of any size, on GMP.
///
/// Variable time in every operation: only for public values (moduli, bounds, outputs), never for
/// shares or keys.
public struct BigInteger: Hashable, Sendable {
    /// The magnitude, little-endian, without leading zero limbs; empty for zero.
    public let limbs: [UInt64]
    /// Never set for zero, so that equal integers are equal structs.
    private let isNegative: Bool

    private init(magnitude: [UInt64], isNegative: Bool) {
        let used = magnitude.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
        limbs = used == magnitude.count ? magnitude : Array(magnitude[..<used])
        self.isNegative = isNegative && used > 0
    }

    /// The non-negative integer of little-endian 64-bit limbs; leading zeros are allowed.
    public init(limbs: [UInt64]) {
        self.init(magnitude: limbs, isNegative: false)
    }

    public init(_ value: some FixedWidthInteger) {
        self.init(
            magnitude: value.magnitude.words.map { UInt64($0) }, isNegative: value < 0)
    }

    /// The integer that `text` writes in `radix` 2…36: an optional sign, then digits only.
    ///
    /// `nil` for anything else, spaces and prefixes such as `0x` included.
    public init?(_ text: String, radix: Int = 10) {
        precondition((2...36).contains(radix), "radix \(radix) is outside 2...36")
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        // One character at a time, so that no second sign passes as part of a digit.
        let areDigits = digits.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber) && Int(String($0), radix: radix) != nil
        }
        guard areDigits, !digits.isEmpty else { return nil }
        var parsed = true
        let magnitude = unsafe Self.computed { z in
            parsed = unsafe __gmpz_set_str(z, String(digits), Int32(radix)) == 0
        }
        guard parsed else { return nil }
        self.init(magnitude: magnitude.limbs, isNegative: text.first == "-")
    }

    /// −1, 0 or 1.
    public var signum: Int { limbs.isEmpty ? 0 : isNegative ? -1 : 1 }
    public var magnitude: BigInteger { BigInteger(limbs: limbs) }
    /// The bits of the magnitude: 0 for zero, k + 1 for ±2ᵏ.
    public var bitWidth: Int {
        limbs.count * 64 - (limbs.last?.leadingZeroBitCount ?? 0)
    }
    public var isOdd: Bool { (limbs.first ?? 0) & 1 == 1 }

    /// Digits in `radix` 2…36, lower case, with a minus sign if negative.
    public func text(radix: Int = 10) -> String {
        precondition((2...36).contains(radix), "radix \(radix) is outside 2...36")
        return unsafe withGMP { z in
            // Room for the digits, a sign and the closing zero, as GMP asks.
            let capacity = unsafe __gmpz_sizeinbase(z, Int32(radix)) + 2
            return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) {
                unsafe String(cString: __gmpz_get_str($0.baseAddress, Int32(radix), z))
            }
        }
    }
}

extension BigInteger: CustomStringConvertible, ExpressibleByIntegerLiteral, Comparable {
    public var description: String { text() }

    public init(integerLiteral value: Int) { self.init(value) }

    public static func < (a: Self, b: Self) -> Bool {
        unsafe a.withGMP { a in unsafe b.withGMP { b in unsafe __gmpz_cmp(a, b) < 0 } }
    }
}

extension FixedWidthInteger {
    /// The same integer, or `nil` where this type cannot hold it.
    public init?(exactly value: BigInteger) {
        guard value.limbs.count <= 2 else { return nil }
        var magnitude: UInt128 = 0
        for limb in value.limbs.reversed() { magnitude = magnitude << 64 | UInt128(limb) }
        if value.signum >= 0 {
            self.init(exactly: magnitude)
        } else {
            // −m = −(m − 1) − 1 reaches the type's minimum without overflow.
            guard let lessOne = Int128(exactly: magnitude - 1) else { return nil }
            self.init(exactly: -lessOne - 1)
        }
    }
}

// MARK: - Arithmetic

extension BigInteger {
    public static func + (a: Self, b: Self) -> Self {
        unsafe computed(a, b) { unsafe __gmpz_add($0, $1, $2) }
    }
    public static func - (a: Self, b: Self) -> Self {
        unsafe computed(a, b) { unsafe __gmpz_sub($0, $1, $2) }
    }
    public static func * (a: Self, b: Self) -> Self {
        unsafe computed(a, b) { unsafe __gmpz_mul($0, $1, $2) }
    }
    public static prefix func - (a: Self) -> Self {
        Self(magnitude: a.limbs, isNegative: !a.isNegative)
    }

    /// a · 2ᵇⁱᵗˢ.
    public static func << (a: Self, bits: Int) -> Self {
        precondition(bits >= 0, "shift by \(bits) bits")
        return unsafe computed(a, a) { z, a, _ in unsafe __gmpz_mul_2exp(z, a, UInt(bits)) }
    }
    /// ⌊a / 2ᵇⁱᵗˢ⌋.
    public static func >> (a: Self, bits: Int) -> Self {
        precondition(bits >= 0, "shift by \(bits) bits")
        return unsafe computed(a, a) { z, a, _ in unsafe __gmpz_fdiv_q_2exp(z, a, UInt(bits)) }
    }

    /// Floor division: self = quotient · divisor + remainder, the remainder with the divisor's sign.
    ///
    /// - Precondition: `divisor` is not zero.
    public func quotientAndRemainder(
        dividingBy divisor: Self
    ) -> (quotient: Self, remainder: Self) {
        precondition(divisor.signum != 0, "division by zero")
        let quotient = unsafe Self.computed(self, divisor) { unsafe __gmpz_fdiv_q($0, $1, $2) }
        return (quotient, self - quotient * divisor)
    }

    /// self modulo `modulus`: 0 ..< modulus, for negative integers too.
    ///
    /// - Precondition: `modulus` > 0.
    public func modulo(_ modulus: Self) -> Self {
        precondition(modulus.signum > 0, "the modulus \(modulus) is not positive")
        return unsafe Self.computed(self, modulus) { unsafe __gmpz_mod($0, $1, $2) }
    }

    /// selfᵉˣᵖᵒⁿᵉⁿᵗ.
    ///
    /// - Precondition: `exponent` ≥ 0.
    public func power(_ exponent: Int) -> Self {
        precondition(exponent >= 0, "the exponent \(exponent) is negative")
        return unsafe Self.computed(self, self) { z, base, _ in
            unsafe __gmpz_pow_ui(z, base, UInt(exponent))
        }
    }

    /// selfᵉˣᵖᵒⁿᵉⁿᵗ modulo `modulus`.
    ///
    /// - Precondition: `exponent` ≥ 0 and `modulus` > 0.
    public func power(_ exponent: Self, modulus: Self) -> Self {
        precondition(exponent.signum >= 0, "the exponent \(exponent) is negative")
        precondition(modulus.signum > 0, "the modulus \(modulus) is not positive")
        return unsafe Self.computed(self, exponent) { z, base, exponent in
            unsafe modulus.withGMP { unsafe __gmpz_powm(z, base, exponent, $0) }
        }
    }

    /// The x in 0 ..< modulus with self · x ≡ 1, or `nil` where self and `modulus` share a factor.
    ///
    /// - Precondition: `modulus` > 1.
    public func inverse(modulus: Self) -> Self? {
        precondition(modulus > 1, "the modulus \(modulus) is not above 1")
        var exists = false
        let inverse = unsafe Self.computed(self, modulus) { z, a, modulus in
            exists = unsafe __gmpz_invert(z, a, modulus) != 0
        }
        return exists ? inverse : nil
    }
}

// MARK: - Primes

extension BigInteger {
    /// GMP's test with 40 rounds: Baillie-PSW, then 16 of Miller and Rabin.
    ///
    /// A composite passes with probability below 4⁻¹⁶, if any passes at all; negatives are no primes.
    public var isProbablyPrime: Bool {
        guard signum > 0 else { return false }
        return unsafe withGMP { unsafe __gmpz_probab_prime_p($0, 40) > 0 }
    }

    /// The largest (probable) prime below `bound`.
    ///
    /// - Precondition: `bound` > 2.
    public static func largestPrime(below bound: BigInteger) -> BigInteger {
        precondition(bound > 2, "there is no prime below \(bound)")
        if bound == 3 { return 2 }
        var candidate = bound - 1
        if !candidate.isOdd { candidate = candidate - 1 }
        while !candidate.isProbablyPrime { candidate = candidate - 2 }
        return candidate
    }
}

// MARK: - GMP

extension BigInteger {
    /// Lends the integer to GMP, read only, for the length of one call; nothing is copied.
    private func withGMP<Result>(_ body: (mpz_srcptr) -> Result) -> Result {
        unsafe limbs.withUnsafeBufferPointer { limbs in
            guard let start = limbs.baseAddress else {
                var zero = unsafe __mpz_struct()
                return unsafe body(&zero)
            }
            var view = unsafe __mpz_struct()
            let size = isNegative ? -limbs.count : limbs.count
            return unsafe body(__gmpz_roinit_n(&view, gmpLimbs(start), size))
        }
    }

    /// The integer that `body` leaves in a fresh GMP integer.
    private static func computed(_ body: (mpz_ptr) -> Void) -> BigInteger {
        var z = unsafe __mpz_struct()
        unsafe __gmpz_init(&z)
        defer { unsafe __gmpz_clear(&z) }
        unsafe body(&z)
        let size = unsafe Int(z._mp_size)
        // GMP keeps |size| limbs at `_mp_d`, without leading zeros.
        let magnitude = unsafe UnsafeBufferPointer(start: z._mp_d, count: abs(size))
        return unsafe BigInteger(magnitude: magnitude.map { UInt64($0) }, isNegative: size < 0)
    }

    private static func computed(
        _ a: Self, _ b: Self, _ body: (mpz_ptr, mpz_srcptr, mpz_srcptr) -> Void
    ) -> BigInteger {
        unsafe computed { z in
            unsafe a.withGMP { a in unsafe b.withGMP { b in unsafe body(z, a, b) } }
        }
    }
}

/// GMP's limb and `UInt64` are the same 64-bit word on every platform that this package supports.
func gmpLimbs(_ words: UnsafePointer<UInt64>) -> UnsafePointer<mp_limb_t> {
    unsafe UnsafeRawPointer(words).assumingMemoryBound(to: mp_limb_t.self)
}
func gmpLimbs(_ words: UnsafeMutablePointer<UInt64>) -> UnsafeMutablePointer<mp_limb_t> {
    unsafe UnsafeMutableRawPointer(words).assumingMemoryBound(to: mp_limb_t.self)
}
