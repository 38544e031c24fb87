import Algebra
import Testing

@Suite struct BigIntegerTests {
    @Test func textRoundTrip() {
        let texts = ["0", "1", "-1", "18446744073709551616", "-123456789012345678901234567890"]
        for text in texts { #expect(BigInteger(text)?.description == text) }
        #expect(BigInteger("+7") == 7 && BigInteger("-0") == 0 && BigInteger("007") == 7)
        #expect(BigInteger("-FfFf", radix: 16) == -65535 && BigInteger("zz", radix: 36) == 1295)
        #expect(BigInteger(-65535).text(radix: 16) == "-ffff")
        #expect(BigInteger("101", radix: 2) == 5)
    }

    @Test(arguments: ["", "-", "+", "--1", "+-1", " 1", "1 ", "1 2", "0x10", "12a", "1.5", "١"])
    func otherTextIsRefused(_ text: String) {
        #expect(BigInteger(text) == nil)
    }

    @Test func digitsMustBelongToTheRadix() {
        #expect(BigInteger("2", radix: 2) == nil && BigInteger("g", radix: 16) == nil)
    }

    @Test func machineIntegers() {
        for x in [Int64.min, .min + 1, -1, 0, 1, .max] {
            #expect(Int64(exactly: BigInteger(x)) == x)
            #expect(BigInteger(x).description == String(x))
        }
        for x in [Int128.min, .max] {
            #expect(Int128(exactly: BigInteger(x)) == x)
            #expect(BigInteger(x).description == String(x))
        }
        #expect(UInt64(exactly: BigInteger(UInt64.max)) == .max)
        #expect(UInt128(exactly: BigInteger(UInt128.max)) == .max)
        #expect(
            UInt64(exactly: BigInteger(-1)) == nil && Int64(exactly: BigInteger(1) << 63) == nil)
        #expect(Int128(exactly: BigInteger(1) << 127) == nil)
        #expect(Int128(exactly: -(BigInteger(1) << 127) - 1) == nil)
        #expect(UInt64(exactly: BigInteger(1) << 200) == nil)
    }

    @Test func limbs() {
        #expect(BigInteger(limbs: [5, 0, 0]) == 5 && BigInteger(limbs: []) == 0)
        #expect(BigInteger(limbs: [5, 0, 0]).limbs == [5] && BigInteger(0).limbs == [])
        #expect((-(BigInteger(1) << 64)).limbs == [0, 1])
        #expect(BigInteger(limbs: [0, 0]).hashValue == BigInteger(0).hashValue)
    }

    /// The standard library's Int128 as the second implementation.
    @Test func arithmeticAgreesWithMachineIntegers() {
        let values: [Int128] = [
            0, 1, -1, 2, -7, 7, 10, -10, 1 << 62, -(1 << 62), (1 << 63) - 1, -(1 << 63),
        ]
        for a in values {
            for b in values {
                let (x, y) = (BigInteger(a), BigInteger(b))
                #expect(x + y == BigInteger(a + b) && x - y == BigInteger(a - b))
                #expect(x * y == BigInteger(a * b) && (x < y) == (a < b) && (x == y) == (a == b))
                guard b != 0 else { continue }
                let (quotient, remainder) = x.quotientAndRemainder(dividingBy: y)
                var floor = a / b
                if a % b != 0, (a < 0) != (b < 0) { floor -= 1 }
                #expect(quotient == BigInteger(floor) && remainder == BigInteger(a - floor * b))
            }
            let x = BigInteger(a)
            #expect(-x == BigInteger(-a) && x.magnitude == BigInteger(a.magnitude))
            #expect(x >> 3 == BigInteger(a >> 3) && x << 3 == BigInteger(a << 3))
            #expect(x.bitWidth == 128 - a.magnitude.leadingZeroBitCount)
            #expect(x.signum == a.signum() && x.isOdd == (a & 1 == 1))
            #expect(x.modulo(7) == BigInteger((a % 7 + 7) % 7))
        }
    }

    @Test func powersAndInverses() {
        #expect(BigInteger(-3).power(3) == -27 && BigInteger(0).power(0) == 1)
        #expect(BigInteger(2).power(BigInteger(100), modulus: 1_000_003) == 253_109)
        #expect(BigInteger(3).inverse(modulus: 7) == 5 && BigInteger(-4).inverse(modulus: 7) == 5)
        #expect(
            BigInteger(6).inverse(modulus: 9) == nil && BigInteger(0).inverse(modulus: 7) == nil)
    }

    @Test func primes() throws {
        let small = (-10..<30).filter { BigInteger($0).isProbablyPrime }
        #expect(small == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29])
        // Carmichael numbers, a strong pseudoprime to bases 2 … 37, a Mersenne prime.
        #expect(!BigInteger(561).isProbablyPrime && !BigInteger(1729).isProbablyPrime)
        #expect(try !#require(BigInteger("3317044064679887385961981")).isProbablyPrime)
        #expect(((BigInteger(1) << 521) - 1).isProbablyPrime)
        #expect(BigInteger.largestPrime(below: 1 << 64) == (BigInteger(1) << 64) - 59)
        #expect(BigInteger.largestPrime(below: 1 << 128) == (BigInteger(1) << 128) - 159)
        #expect(
            (3...12).map { BigInteger.largestPrime(below: BigInteger($0)) }
                == [2, 3, 3, 5, 5, 7, 7, 7, 7, 11])
    }
}
