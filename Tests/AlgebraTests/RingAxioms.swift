import Algebra
import TestSupport
import Testing

/// Every ring of the suite: the fixed ones, and prime fields on each side of limb borders.
private func rings() throws -> [any Ring] {
    let sizes = [16, 17, 61, 64, 65, 127, 128, 256, 521, 1024]
    return [Z64(), Z128(), Prime62(), Prime126()]
        + (try sizes.map { try PrimeField.largest(bits: $0) })
}

/// Integers where carries, folds and reductions change course, then random ones.
private func samples<R: Ring>(_ ring: R) -> [BigInteger] {
    let order = ring.order
    let exponents =
        Array(stride(from: 1, to: ring.bitWidth, by: 1 + ring.bitWidth / 9))
        + [63, 64, 127, 128].filter { $0 < ring.bitWidth }
    let powers = exponents.map { BigInteger(1) << $0 }
    let edges = [0, 1, 2, order - 1, order - 2, order >> 1, (order >> 1) + 1]
    var generator = SeededGenerator(seed: 1)
    let random = Vector.random(ring, count: 20, using: &generator).integers
    return edges + powers + powers.map { $0 - 1 } + powers.map { order - $0 } + random
}

/// All pairs of two lists, as two lists.
private func pairs(_ values: [BigInteger]) -> (a: [BigInteger], b: [BigInteger]) {
    (values.flatMap { a in values.map { _ in a } }, values.flatMap { _ in values })
}

/// Each kernel against GMP's integers on all pairs of samples.
private func checkKernels<R: Ring>(_ ring: R) {
    let order = ring.order
    let values = samples(ring)
    let (x, y) = pairs(values)
    let (a, b) = (Vector(ring, big: x), Vector(ring, big: y))
    func expected(_ combine: (BigInteger, BigInteger) -> BigInteger) -> [BigInteger] {
        zip(x, y).map { combine($0, $1).modulo(order) }
    }
    let name = ring.name.prefix(20)
    #expect(a.integers == x, "encode and decode, \(name)")
    #expect((a + b).integers == expected { $0 + $1 }, "add, \(name)")
    #expect((a - b).integers == expected { $0 - $1 }, "subtract, \(name)")
    #expect((a * b).integers == expected { $0 * $1 }, "multiply, \(name)")
    #expect((-a).integers == expected { a, _ in -a }, "negate, \(name)")

    var sum = a
    sum.accumulate(b)
    #expect(sum == a + b, "accumulate, \(name)")
    sum = b
    sum.accumulateProduct(a, b)
    #expect(sum.integers == expected { $1 + $0 * $1 }, "multiplyAccumulate, \(name)")
    sum = a * b
    sum.accumulateProduct(b, b)
    #expect(sum.integers == expected { $0 * $1 + $1 * $1 }, "multiplyAccumulate, \(name)")

    for c in values.prefix(12) {
        let scaled = a.scaled(by: Vector(ring, big: [c]))
        #expect(scaled.integers == expected { a, _ in c * a }, "scale, \(name)")
    }
    let rows = a.sums(ofEvery: values.count).integers
    let count = BigInteger(values.count)
    #expect(rows == values.map { ($0 * count).modulo(order) }, "sums, \(name)")
    let columns = values.reduce(BigInteger(0), +).modulo(order)
    let rowSums = b.sums(ofEvery: values.count).integers
    #expect(rowSums == values.map { _ in columns }, "sums, \(name)")
    #expect(a.sums(ofEvery: 1) == a, "sums of one, \(name)")
    // Long enough for whole blocks and a rest.
    let dot = zip(x, y).reduce(BigInteger(0)) { $0 + $1.0 * $1.1 }.modulo(order)
    #expect(a.innerProduct(with: b).integers == [dot], "inner product, \(name)")
    // Every result is in canonical form, so that equality of limbs is equality of elements.
    for result in [a + b, a - b, a * b, -a, sum] {
        let isCanonical = ring.isCanonical(result.limbs.span)
        #expect(isCanonical, "canonical, \(name)")
    }
}

private func checkAxioms<R: Ring>(_ ring: R) {
    var generator = SeededGenerator(seed: 2)
    let a = Vector.random(ring, count: 200, using: &generator)
    let b = Vector.random(ring, count: 200, using: &generator)
    let c = Vector.random(ring, count: 200, using: &generator)
    let zero = Vector(ring, zeros: 200)
    let one = Vector(repeating: Vector(ring, [1]), count: 200)
    #expect((a + b) + c == a + (b + c) && a + b == b + a && a + zero == a && a - a == zero)
    #expect((a * b) * c == a * (b * c) && a * b == b * a && a * one == a && a * zero == zero)
    #expect(a * (b + c) == a * b + a * c)
    #expect(-one * -one == one)
}

private func checkSignedWords<R: Ring>(_ ring: R) {
    let words: [Int64] = [0, 1, -1, 2, -2, 1 << 31, -(1 << 31), .max, .min, .max - 1, .min + 1]
    let vector = Vector(ring, words)
    #expect(vector.integers == words.map { BigInteger($0).modulo(ring.order) })
    #expect(vector == Vector(ring, big: words.map { BigInteger($0) }))
    let many = (0..<10_000).map { words[$0 % words.count] }
    #expect(Vector(ring, many)[9_990..<10_000] == Vector(ring, Array(many[9_990...])))
    #expect(Vector(ring, words.reversed().reversed()) == vector)
    let small: [Int64] = [0, 1, -1, 32000, -32000]
    #expect(Vector(ring, small).signedIntegers == small.map { BigInteger($0) })
    let half = (ring.order - 1) >> 1
    #expect(Vector(ring, big: [half, half + 1]).signedIntegers == [half, half + 1 - ring.order])
}

private func checkReceived<R: Ring>(_ ring: R) {
    var generator = SeededGenerator(seed: 3)
    let width = ring.limbsPerElement
    let vector = Vector.random(ring, count: 3, using: &generator)
    let wire = [UInt8](capacity: 1 + vector.wireByteCount) {
        $0.append(7)
        vector.appendWire(to: &$0)
    }
    #expect(wire.count == 1 + vector.wireByteCount && wire.count == 1 + 3 * width * 8)
    #expect(Vector(ring, received: wire[1...], count: 3) == vector)
    #expect(Vector(ring, received: wire[1...], count: 2) == nil)
    #expect(Vector(ring, received: wire[1...], count: 4) == nil)
    #expect(Vector(ring, received: wire[1...], count: .max) == nil)
    #expect(Vector(ring, received: wire[2...], count: 3) == nil)
    #expect(Vector(ring, received: wire[...], count: 3) == nil)
    #expect(Vector(ring, received: [], count: 0) == Vector(ring, zeros: 0))

    func received(_ limbs: [UInt64]) -> Vector<R>? {
        let bytes = limbs.flatMap { limb in (0..<8).map { UInt8(limb >> (8 * $0) & 255) } }
        return Vector(ring, received: bytes[...], count: limbs.count / width)
    }
    func limbs(_ integer: BigInteger) -> [UInt64] {
        integer.limbs + repeatElement(0, count: width - integer.limbs.count)
    }
    let order = ring.order
    let largest = limbs(order - 1)
    #expect(received(largest)?.limbs == largest)
    let ones = [UInt64](repeating: .max, count: width)
    guard !ring.isPowerOfTwo else { return }
    for bad in [limbs(order), limbs(order + 1), ones, limbs(BigInteger(limbs: ones) >> 1)] {
        guard BigInteger(limbs: bad) >= order else { continue }
        #expect(received(bad) == nil)
        #expect(received(largest + bad + largest) == nil)
    }
}

private func checkParts<R: Ring>(_ ring: R) {
    var generator = SeededGenerator(seed: 4)
    let whole = Vector.random(ring, count: 9000, using: &generator)
    var again = SeededGenerator(seed: 4)
    let first = Vector.random(ring, count: 1, using: &again)
    let second = Vector.random(ring, count: 8999, using: &again)
    #expect(first.appending(second) == whole, "a stream drawn in parts")
    #expect(whole[0..<1] == first && whole[1..<9000] == second && whole[5..<5].count == 0)
    #expect(Vector.concatenating([first, whole[3..<3], second]) == whole)

    let empty = Vector(ring, zeros: 0)
    #expect((empty + empty).count == 0 && (empty * empty).count == 0 && empty.integers == [])
    #expect(empty.innerProduct(with: empty) == Vector(ring, zeros: 1))
    #expect(empty.sums(ofEvery: 3) == empty && Vector(ring, [Int64]()) == empty)
    #expect(Vector.random(ring, count: 0, using: &generator) == empty)

    var secret = first
    secret.wipe()
    #expect(secret == Vector(ring, zeros: 1))
    #expect(String(describing: first) == "Vector<\(R.self)>(count: 1)")
    #expect(String(reflecting: whole) == "Vector<\(R.self)>(count: 9000)")
    var dumped = ""
    dump(whole, to: &dumped)
    #expect(!dumped.contains("limbs") && dumped.count < 100)
}

@Suite struct RingAxioms {
    @Test func kernelsAgreeWithIntegers() throws {
        for ring in try rings() { checkKernels(ring) }
    }
    @Test func axioms() throws {
        for ring in try rings() { checkAxioms(ring) }
    }
    @Test func signedWordsOfEverySizeAreReduced() throws {
        for ring in try rings() { checkSignedWords(ring) }
    }
    @Test func receivedElementsAreChecked() throws {
        for ring in try rings() { checkReceived(ring) }
    }
    @Test func partsAndEmptyVectors() throws {
        for ring in try rings() { checkParts(ring) }
    }

    @Test func properties() throws {
        let field = try PrimeField(modulus: 65521)
        #expect(field.name == "prime:65521" && field.numberBound == 16380 && field.bitWidth == 16)
        #expect(Z64().order == BigInteger(1) << 64 && Z64().name == "z64")
        #expect(Z128().order == BigInteger(1) << 128 && Z128().name == "z128")
        let p62 = (BigInteger(1) << 62) - (BigInteger(1) << 16) + 1
        let p126 = (BigInteger(1) << 126) - (BigInteger(1) << 18) + 1
        #expect(Prime62().order == p62 && p62.isProbablyPrime && Prime62().name == "p62")
        #expect(Prime126().order == p126 && p126.isProbablyPrime && Prime126().name == "p126")
        #expect(Prime62().numberBound == (BigInteger(1) << 60) - (BigInteger(1) << 32))
        #expect(Prime126().numberBound == (BigInteger(1) << 124) - (BigInteger(1) << 64))
        #expect(Z128().numberBound == Prime126().numberBound && Z128().isPowerOfTwo)
        for ring in try rings() where !ring.isPowerOfTwo {
            // The difference of two numbers stays within (p − 1) / 2.
            #expect(ring.numberBound * 2 <= (ring.order - 1) >> 1)
            #expect(ring.bitWidth == (ring.order - 1).bitWidth)
        }
        #expect(field == (try PrimeField.largest(bits: 16)))
        #expect(field != (try PrimeField(modulus: 65519)))
    }

    @Test func invalidModuliAreNamed() {
        typealias Invalid = PrimeField.InvalidModulus
        #expect(throws: Invalid.notPrime(65536)) { try PrimeField(modulus: 65536) }
        #expect(throws: Invalid.notPrime(65523)) { try PrimeField(modulus: 65523) }
        #expect(throws: Invalid.size(bits: 15)) { try PrimeField(modulus: 32749) }
        #expect(throws: Invalid.size(bits: 0)) { try PrimeField(modulus: 0) }
        #expect(throws: Invalid.notPrime(-65521)) { try PrimeField(modulus: -65521) }
        #expect(throws: Invalid.size(bits: 1025)) {
            try PrimeField(modulus: (BigInteger(1) << 1024) + 1)
        }
        #expect(throws: Invalid.size(bits: 1025)) { try PrimeField.largest(bits: 1025) }
    }
}
