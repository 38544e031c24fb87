import CGMP

typealias Limbs = UnsafeMutablePointer<mp_limb_t>
typealias ConstLimbs = UnsafePointer<mp_limb_t>

/// Arithmetic modulo p on single elements of n limbs: products by GMP, and no allocation.
///
/// Sums carry inline: for few limbs a call costs more than the addition. No branch on, no index by
/// a limb; of GMP only functions whose operations depend on n alone. The pointers live as long as
/// the kernel call that made this value. A result may be an operand.
@unsafe struct MontgomeryArithmetic {
    let modulus: ConstLimbs
    let count: Int
    /// −p⁻¹ mod 2⁶⁴.
    let negativeInverse: mp_limb_t
    /// A double-length product, two elements, and what GMP's product asks for.
    let scratch: Limbs

    static func scratchLimbs(_ n: Int) -> Int { 4 * n + __gmpn_sec_mul_itch(n, n) }

    /// r = x + y mod p, for x + y < 2p.
    @inline(__always)
    func add(_ x: ConstLimbs, _ y: ConstLimbs, into r: Limbs) {
        let (p, n, reduced) = unsafe (modulus, count, scratch + 2 * count)
        var (carry, borrow): (UInt128, UInt128) = (0, 0)
        for i in 0..<n {
            let sum = unsafe UInt128(x[i]) &+ UInt128(y[i]) &+ carry
            carry = sum &>> 64
            unsafe r[i] = UInt(truncatingIfNeeded: sum)
            let difference = unsafe UInt128(r[i]) &- UInt128(p[i]) &- borrow
            borrow = difference &>> 127
            unsafe reduced[i] = UInt(truncatingIfNeeded: difference)
        }
        // The sum itself is kept where taking p off borrows more than the addition carried.
        let keep = 0 &- UInt(truncatingIfNeeded: borrow & ~carry)
        for i in 0..<n { unsafe r[i] = reduced[i] ^ ((reduced[i] ^ r[i]) & keep) }
    }

    /// r = x − y mod p.
    @inline(__always)
    func subtract(_ x: ConstLimbs, _ y: ConstLimbs, into r: Limbs) {
        let (p, n) = unsafe (modulus, count)
        var (carry, borrow): (UInt128, UInt128) = (0, 0)
        for i in 0..<n {
            let difference = unsafe UInt128(x[i]) &- UInt128(y[i]) &- borrow
            borrow = difference &>> 127
            unsafe r[i] = UInt(truncatingIfNeeded: difference)
        }
        let isNegative = 0 &- UInt(truncatingIfNeeded: borrow)
        for i in 0..<n {
            let sum = unsafe UInt128(r[i]) &+ UInt128(p[i] & isNegative) &+ carry
            carry = sum &>> 64
            unsafe r[i] = UInt(truncatingIfNeeded: sum)
        }
    }

    /// r = x · y · 2⁻⁶⁴ⁿ mod p, for x < 2⁶⁴ⁿ and y < p (Montgomery 1985).
    @inline(__always)
    func multiply(_ x: ConstLimbs, _ y: ConstLimbs, into r: Limbs) {
        let (t, n) = unsafe (scratch, count)
        unsafe __gmpn_sec_mul(t, x, n, y, n, scratch + 4 * n)
        // Each pass adds the multiple of p that clears the lowest limb, which then holds the carry.
        for i in 0..<n {
            let q = unsafe t[i] &* negativeInverse
            unsafe t[i] = __gmpn_addmul_1(t + i, modulus, n, q)
        }
        unsafe add(t + n, t, into: r)
    }

    /// r += x · y · 2⁻⁶⁴ⁿ mod p.
    @inline(__always)
    func multiplyAdd(_ x: ConstLimbs, _ y: ConstLimbs, into r: Limbs) {
        let product = unsafe scratch + 3 * count
        unsafe multiply(x, y, into: product)
        unsafe add(r, product, into: r)
    }

    /// 1 if x < p, else 0.
    @inline(__always)
    func isBelowModulus(_ x: ConstLimbs) -> mp_limb_t {
        unsafe __gmpn_sub_n(scratch, x, modulus, count)
    }
}
