import CGMP

typealias Limbs = UnsafeMutablePointer<mp_limb_t>
typealias ConstLimbs = UnsafePointer<mp_limb_t>

/// Arithmetic modulo p on single elements of n limbs: GMP's low-level functions and no allocation.
///
/// Only functions of GMP whose operations depend on n alone; no branch on, no index by a limb. The
/// pointers live as long as the kernel call that made this value. A result may be an operand.
@unsafe struct MontgomeryArithmetic {
    let modulus: ConstLimbs
    let count: Int
    /// −p⁻¹ mod 2⁶⁴.
    let negativeInverse: mp_limb_t
    /// A double-length product, two elements, and what GMP's product asks for.
    let scratch: Limbs

    static func scratchLimbs(_ n: Int) -> Int { 4 * n + __gmpn_sec_mul_itch(n, n) }

    @inline(__always)
    func add(_ x: ConstLimbs, _ y: ConstLimbs, into r: Limbs) {
        let carry = unsafe __gmpn_add_n(r, x, y, count)
        unsafe reduceOnce(r, carry: carry)
    }

    @inline(__always)
    func subtract(_ x: ConstLimbs, _ y: ConstLimbs, into r: Limbs) {
        let borrow = unsafe __gmpn_sub_n(r, x, y, count)
        _ = unsafe __gmpn_cnd_add_n(borrow, r, r, modulus, count)
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
        let carry = unsafe __gmpn_add_n(r, t + n, t, n)
        unsafe reduceOnce(r, carry: carry)
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

    /// Takes p off carry · 2⁶⁴ⁿ + r once if that is p or more.
    @inline(__always)
    private func reduceOnce(_ r: Limbs, carry: mp_limb_t) {
        let borrow = unsafe __gmpn_sub_n(scratch + 2 * count, r, modulus, count)
        _ = unsafe __gmpn_cnd_sub_n(carry | (1 &- borrow), r, r, modulus, count)
    }
}
