import Algebra
import TestSupport
import Testing

@Test func smoke() {
    var g = SeededGenerator(seed: 1)
    let p = BigInteger(1) << 62 - 0
    _ = p
    for n in [0, 1, 5, 5000] {
        let a = Vector.random(Prime62(), count: n, using: &g)
        let b = Vector.random(Prime62(), count: n, using: &g)
        let m = Prime62().order
        #expect((a * b).integers == zip(a.integers, b.integers).map { ($0 * $1).modulo(m) })
        #expect(
            a.innerProduct(with: b).integers[0]
                == zip(a.integers, b.integers).reduce(BigInteger(0)) { $0 + $1.0 * $1.1 }.modulo(m))
    }
    let s = Vector(Prime62(), [0, -1, .min, .max, 5])
    let m = Prime62().order
    #expect(
        s.integers == [0, -1, BigInteger(Int64.min), BigInteger(Int64.max), 5].map { $0.modulo(m) })
    #expect(Vector(Z64(), [-5]).signedIntegers == [-5])
    #expect(
        BigInteger("-123456789012345678901234567890")?.text() == "-123456789012345678901234567890")
    let limbs = (0..<130).map { _ in g.next() }
    let bits = BitMatrix(integers: limbs, limbsPerInteger: 2, bits: 100)
    #expect(bits[row: 70, lane: 3] == (limbs[7] >> 6 & 1 == 1))
    #expect(
        bits.integers(limbsPerInteger: 2).enumerated().allSatisfy { i, l in
            l == (i % 2 == 0 ? limbs[i] : limbs[i] & (1 << 36 - 1))
        })
}
