import Algebra
import Foundation
import Gadgets
import MPC
import Primitives
import TestSupport
import Testing

/// Exact gadgets against integer arithmetic.
@Suite struct ArithmeticTests {
    static func floor(_ a: BigInteger, _ b: BigInteger) -> BigInteger {
        a.quotientAndRemainder(dividingBy: b).quotient
    }

    /// Numerators of both signs around multiples of their divisors.
    static func fractions(numeratorBits: Int, divisorBits: Int) -> (
        a: [BigInteger], b: [BigInteger]
    ) {
        var generator = SeededGenerator(seed: UInt64(100 * numeratorBits + divisorBits))
        var (a, b): ([BigInteger], [BigInteger]) = ([], [])
        let largest = (BigInteger(1) << numeratorBits) - 1
        for divisor in magnitudes(bits: divisorBits, each: 3).map({ BigInteger($0) }) {
            for quotient in magnitudes(bits: numeratorBits, each: 0) + [0]
            where Bool.random(using: &generator) {
                let product = divisor * BigInteger(quotient)
                for value in [product, product - 1, product + 1, largest, largest - product]
                where value.magnitude <= largest {
                    a += [value, -value]
                    b += [divisor, divisor]
                }
            }
        }
        return (a, b)
    }

    func division<R: Ring>(_ ring: R, numeratorBits: Int, divisorBits: Int) throws {
        let (a, b) = Self.fractions(numeratorBits: numeratorBits, divisorBits: divisorBits)
        #expect(a.count > 100)
        let q = try plain(ring, [a, b]) {
            try $0.divide(
                $1[0], by: $1[1], numeratorBits: numeratorBits, divisorBits: divisorBits)
        }
        var wrong = 0
        for i in a.indices { wrong += q[i] == Self.floor(a[i], b[i]) ? 0 : 1 }
        #expect(wrong == 0, "\(wrong) of \(a.count) wrong")
    }

    @Test(
        "Division by secret integers is an exact floor",
        arguments: [
            (1, 2), (10, 10), (23, 4), (24, 24), (30, 20), (40, 31), (45, 20), (50, 31), (50, 2),
            (58, 31), (59, 2), (59, 31),
        ])
    func division(numeratorBits: Int, divisorBits: Int) throws {
        try division(Z64(), numeratorBits: numeratorBits, divisorBits: divisorBits)
        if numeratorBits == 45 {
            try division(Prime62(), numeratorBits: 45, divisorBits: divisorBits)
            try division(Prime126(), numeratorBits: 60, divisorBits: 62)
        }
    }

    @Test("Division by public integers is an exact floor", arguments: [1, 10, 26, 27, 28, 40, 50])
    func publicDivision(numeratorBits: Int) throws {
        var generator = SeededGenerator(seed: UInt64(numeratorBits))
        for divisor: Int64 in [1, 2, 3, 7, 10, 100, 1 << 20, 99_999, (1 << 31) - 1, (1 << 45) + 1] {
            let (d, largest) = (BigInteger(divisor), (BigInteger(1) << numeratorBits) - 1)
            var a: [BigInteger] = [0, 1, -1, largest, -largest]
            for _ in 0..<30 {
                let value = BigInteger(generator.next() >> UInt64(64 - numeratorBits))
                let multiple = Self.floor(value, d) * d
                a += [value, -value, multiple, -multiple]
                if multiple < largest { a += [multiple + 1, -multiple - 1] }
                if multiple > 0 { a += [multiple - 1, 1 - multiple] }
            }
            let expected = a.map { Self.floor($0, d) }
            for ring in 0..<2 {
                let q =
                    ring == 0
                    ? try plain(Z64(), [a]) {
                        try $0.divide($1[0], by: d, numeratorBits: numeratorBits)
                    }
                    : try plain(Prime126(), [a]) {
                        try $0.divide($1[0], by: d, numeratorBits: numeratorBits)
                    }
                #expect(q == expected, "by \(divisor)")
            }
        }
    }

    @Test("Fixed-point products, inner products and quotients round down")
    func fixedPoint() throws {
        var generator = SeededGenerator(seed: 3)
        func random(_ bits: Int64) -> [BigInteger] {
            (0..<300).map { _ in
                BigInteger(Int64.random(in: -(1 << bits)...(1 << bits), using: &generator))
            }
        }
        let (x, y) = (random(29), random(29))
        let products = zip(x, y).map { $0 * $1 }
        let scale = BigInteger(1) << 16
        func check<R: Ring>(_ ring: R) throws {
            #expect(
                try plain(ring, [x, y]) { try $0.product($1[0], $1[1]) }
                    == products.map { Self.floor($0, scale) })
            let sums = stride(from: 0, to: 300, by: 30).map { start in
                products[start..<start + 30].reduce(0, +)
            }
            #expect(
                try plain(ring, [x, y]) {
                    try $0.innerProducts($1[0], $1[1], length: 30, fractionBits: 16)
                } == sums.map { Self.floor($0, scale) })
            let public7 = Vector(ring, Array(repeating: Int64(7 << 15), count: 300))
            #expect(
                try plain(ring, [x]) { try $0.product(public7, $1[0]) }
                    == x.map { Self.floor($0 * 7, 2) })
            let divisors = y.map { ($0.magnitude >> 3) + 1 }
            let numerators = x.map { $0 >> 4 }
            #expect(
                try plain(ring, [numerators, divisors]) {
                    try $0.quotient($1[0], $1[1], xBits: 10, yBits: 12)
                } == zip(numerators, divisors).map { Self.floor($0 * scale, $1) })
        }
        try check(Z64())
        try check(Prime62())
        try check(Prime126())
    }

    @Test("Extremes and absolute values")
    func extremes() throws {
        let bound = Z64().numberBound
        let x: [BigInteger] = [0, 1, -1, bound, -bound, bound, 5, -7, 3]
        let y: [BigInteger] = [0, -1, 1, -bound, bound, bound, 6, -7, 2]
        func check<R: Ring>(_ ring: R) throws {
            #expect(
                try plain(ring, [x, y]) { try $0.minimum($1[0], $1[1]).value } == zip(x, y).map(min)
            )
            #expect(
                try plain(ring, [x, y]) { try $0.maximum($1[0], $1[1]).value } == zip(x, y).map(max)
            )
            #expect(
                try plain(ring, [x]) { try $0.absoluteValue($1[0]).value } == x.map(\.magnitude))
            #expect(
                try plain(ring, [x]) { try $0.fromBits($0.absoluteValue($1[0]).isNegative) }
                    == x.map { $0 < 0 ? 1 : 0 })
            var engine = PlainEngine(ring)
            let a = try engine.input(Vector(ring, big: x), count: x.count, from: Party(0))
            let b = try engine.input(Vector(ring, big: y), count: y.count, from: Party(0))
            let first = try engine.minimum(a, b).isFirst
            #expect(try engine.reveal(bits: first).value.bools == zip(x, y).map { $0 < $1 })
            let last = try engine.maximum(a, b).isFirst
            #expect(try engine.reveal(bits: last).value.bools == zip(x, y).map { $0 > $1 })
        }
        try check(Z64())
        try check(Prime62())
        try check(Prime126())
    }

    @Test("Keys against public operands")
    func keys() throws {
        var engine = PlainEngine(Z64())
        let keys: [UInt64] = [0, 5, 6, 7, 1 << 63, .max]
        let bits = BitMatrix(integers: keys, limbsPerInteger: 1, bits: 64)
        let k = BitMatrix(integers: keys.map { _ in 6 }, limbsPerInteger: 1, bits: 64)
        let x = try engine.input(bits: bits, rows: 64, count: keys.count, from: Party(0))
        #expect(
            try engine.reveal(bits: engine.isLess(x, than: k)).value.bools == keys.map { $0 < 6 })
        #expect(
            try engine.reveal(bits: engine.isGreater(x, than: k)).value.bools
                == keys.map { $0 > 6 })
        #expect(
            try engine.reveal(bits: engine.isEqual(x, to: k)).value.bools == keys.map { $0 == 6 })
    }
}
