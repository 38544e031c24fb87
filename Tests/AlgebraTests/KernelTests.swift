import Algebra
import CKernels
import TestSupport
import Testing

/// The result of `body`, which must not depend on what instructions the CPU has.
func onEveryCPU<Result: Equatable>(
    _ comment: @autoclosure () -> Comment, _ body: () -> Result
) -> Result {
    let result = body()
    ck_use_portable(true)
    let portable = body()
    ck_use_portable(false)
    #expect(result == portable, comment())
    return result
}

private func random(rows: Int, count: Int, seed: UInt64) -> BitMatrix {
    var generator = SeededGenerator(seed: seed)
    return BitMatrix.random(rows: rows, count: count, using: &generator)
}

/// Whether lane j of row i is lane i of row j, and nothing stands above the last lanes.
private func isTranspose(_ b: BitMatrix, of a: BitMatrix) -> Bool {
    guard b.rows == a.count, b.count == a.rows else { return false }
    var expected = BitMatrix(rows: b.rows, count: b.count)
    for row in 0..<a.rows {
        for lane in 0..<a.count where a[row: row, lane: lane] {
            expected[row: lane, lane: row] = true
        }
    }
    return b == expected
}

@Suite struct TransposeTests {
    @Test func everyShape() {
        let sizes = [0, 1, 7, 8, 63, 64, 65, 127, 128, 200, 511, 512, 513, 2049]
        for rows in sizes {
            for count in sizes where rows * count < 300_000 {
                let a = random(rows: rows, count: count, seed: UInt64(rows * 3000 + count))
                let b = onEveryCPU("\(rows) x \(count)") { a.transposed() }
                #expect(isTranspose(b, of: a), "\(rows) x \(count)")
            }
        }
    }

    @Test func everyLength() {
        for n in 0...200 {
            for other in [3, 70] {
                let a = random(rows: n, count: other, seed: UInt64(n))
                let b = onEveryCPU("\(n)") { a.transposed() }
                #expect(isTranspose(b, of: a) && b.transposed() == a)
            }
        }
    }

    @Test func integersOfSeveralLimbs() {
        var generator = SeededGenerator(seed: 5)
        for limbs in 1...5 {
            for count in [1, 9, 64, 513, 2100] {
                let integers = (0..<count * limbs).map { _ in generator.next() }
                for bits in [1, 63, 64 * limbs - 1, 64 * limbs] {
                    let slices = onEveryCPU("\(count) of \(limbs)") {
                        BitMatrix(integers: integers, limbsPerInteger: limbs, bits: bits)
                    }
                    let back = onEveryCPU("\(count) of \(limbs)") {
                        slices.integers(limbsPerInteger: limbs + 1)
                    }
                    for i in 0..<count {
                        for limb in 0...limbs {
                            let kept = min(64, max(0, bits - 64 * limb))
                            let mask = kept == 64 ? .max : (UInt64(1) << UInt64(kept)) - 1
                            let word = limb < limbs ? integers[i * limbs + limb] & mask : 0
                            #expect(back[i * (limbs + 1) + limb] == word)
                        }
                    }
                }
            }
        }
    }
}

@Suite struct RowTests {
    @Test(arguments: [1, 64, 65, 129, 200, 300, 700])
    func gathersAndRunningSums(_ count: Int) {
        let a = random(rows: 100, count: count, seed: UInt64(count))
        let indices = (0..<170).map { UInt32($0 * 37 % 100) }
        let gathered = a.gatheringRows(indices)
        for (i, index) in indices.enumerated() { #expect(gathered.row(i) == a.row(Int(index))) }
        #expect(a.gatheringRows([]).rows == 0)
        var sum = BitMatrix(rows: 1, count: count)
        let sums = a.prefixXORs()
        for row in 0..<100 {
            sum ^= a.row(row)
            #expect(sums.row(row) == sum)
        }
        let targets = (0..<100).map { $0 * $0 % 7 }
        let added = a.xoringRows(into: targets)
        for target in 0..<added.rows {
            let rows = (0..<100).filter { targets[$0] == target }.map { a.row($0) }
            #expect(added.row(target) == rows.reduce(BitMatrix(rows: 1, count: count)) { $0 ^ $1 })
        }
        #expect(a.xorRows(inGroups: [0, 99, 1]).row(1) == sums.row(98))
    }

    @Test("Rows in ascending order, equal ones in theirs", arguments: [1, 3, 64, 65, 130])
    func ascending(_ count: Int) {
        let some = random(rows: 60, count: count, seed: UInt64(count))
        let a = BitMatrix.concatenating(rows: [some, some[20..<40]])
        let order = a.ascendingRows()
        #expect(order.sorted() == Array(0..<80))
        for (x, y) in zip(order, order.dropFirst()) {
            // At the highest lane where they differ the lower row has no one.
            let lane = (0..<count).last { a[row: Int(x), lane: $0] != a[row: Int(y), lane: $0] }
            #expect(lane.map { a[row: Int(y), lane: $0] } ?? (x < y))
        }
    }

    @Test func shifts() {
        for count in [1, 63, 64, 65, 200] {
            let a = random(rows: 3, count: count, seed: 9)
            for distance in [0, 1, -1, 63, 64, 65, -63, -64, -65, 128, 199, -199, 500, -500] {
                let shifted = a.shiftedLanes(by: distance)
                var expected = BitMatrix(rows: 3, count: count)
                for row in 0..<3 {
                    for lane in 0..<count where (0..<count).contains(lane - distance) {
                        expected[row: row, lane: lane] = a[row: row, lane: lane - distance]
                    }
                }
                #expect(shifted == expected, "\(count) by \(distance)")
            }
        }
    }

    @Test func vectors() throws {
        func check<R: Ring>(_ ring: R) {
            var generator = SeededGenerator(seed: 11)
            let a = Vector.random(ring, count: 150, using: &generator)
            let indices = (0..<200).map { UInt32($0 * 7 % 150) }
            let gathered = a.gathering(indices)
            for (i, index) in indices.enumerated() {
                #expect(gathered[i..<i + 1] == a[Int(index)..<Int(index) + 1])
            }
            var sum = Vector(ring, zeros: 1)
            let sums = a.prefixSums()
            for i in 0..<150 {
                sum.accumulate(a[i..<i + 1])
                #expect(sums[i..<i + 1] == sum)
            }
            let bits = random(rows: 2, count: 2200, seed: 12)
            let elements = onEveryCPU("bits of \(ring.name)") { Vector(ring, bits: bits) }
            let plain = (bits.row(0).bools + bits.row(1).bools).map { Int64($0 ? 1 : 0) }
            #expect(elements == Vector(ring, plain))
        }
        check(Z64())
        check(Z128())
        check(Prime62())
        check(Prime126())
        check(try PrimeField.largest(bits: 192))
        check(ToyPrime(13))
    }
}

@Suite struct ProductTests {
    /// Edges on every place of a register, then random elements.
    private func operands<R: Ring>(_ ring: R, _ seed: UInt64) -> Vector<R> {
        let order = ring.order
        let half = order >> 1
        let low = (BigInteger(1) << 16) - 1
        let edges = [0, order - 1, 1, order - 2, half, half + 1, low, order - low]
        var generator = SeededGenerator(seed: seed)
        let shuffled = (0..<160).map { _ in edges[Int(generator.next() % 8)] }
        return Vector(ring, big: shuffled)
            .appending(Vector.random(ring, count: 41, using: &generator))
    }

    /// Every kernel on every number of elements, from aligned and unaligned words.
    private func check<R: Ring>(_ ring: R) {
        let width = ring.limbsPerElement
        let (a, b) = (operands(ring, 1), operands(ring, 2))
        let (c, d) = (operands(ring, 3), operands(ring, 4))
        let products = zip(a.integers, b.integers).map { ($0 * $1).modulo(ring.order) }
        #expect(onEveryCPU("\(ring.name)") { a * b }.integers == products)
        let terms = a * c + a * d + b * c
        for count in 0...200 {
            for start in [0, 1] where start + count <= 201 {
                let part = start * width..<(start + count) * width
                let (x, y) = (a.limbs.span.extracting(part), b.limbs.span.extracting(part))
                let (z, w) = (c.limbs.span.extracting(part), d.limbs.span.extracting(part))
                let product = onEveryCPU("\(count)") {
                    [UInt64](capacity: part.count) { ring.multiply(x, y, into: &$0) }
                }
                let plain = products[start..<start + count]
                #expect(product == Vector(ring, big: Array(plain)).limbs)
                let crossTerms = onEveryCPU("\(count)") {
                    [UInt64](capacity: part.count) { ring.crossTerms(x, y, z, w, into: &$0) }
                }
                #expect(crossTerms == Array(terms.limbs[part]), "\(ring.name), \(count)")
                let sum = onEveryCPU("\(count)") {
                    var sum = Array(c.limbs[part])
                    var span = sum.mutableSpan
                    ring.multiplyAccumulate(x, y, into: &span)
                    return sum
                }
                #expect(sum == (c + a * b)[start..<start + count].limbs)
                let factor = d.limbs.span.extracting(0..<width)
                let scaled = onEveryCPU("\(count)") {
                    [UInt64](capacity: part.count) { ring.scale(x, by: factor, into: &$0) }
                }
                let factors = Vector(repeating: d[0..<1], count: count)
                #expect(scaled == (a[start..<start + count] * factors).limbs)
                let added = onEveryCPU("\(count)") {
                    [UInt64](capacity: part.count) { ring.add(x, y, into: &$0) }
                }
                #expect(added == Array((a + b).limbs[part]))
            }
        }
    }

    @Test func z64() { check(Z64()) }
    @Test func z128() { check(Z128()) }
    @Test func prime62() { check(Prime62()) }
    @Test func prime126() { check(Prime126()) }
    @Test func largePrime() throws { check(try PrimeField.largest(bits: 192)) }

    @Test func bits() {
        var generator = SeededGenerator(seed: 8)
        let words = (0..<804).map { _ in generator.next() }
        let (x0, x1) = (Array(words[..<201]), Array(words[201..<402]))
        let (y0, y1) = (Array(words[402..<603]), Array(words[603...]))
        for count in 0...200 {
            for start in [0, 1] where start + count <= 201 {
                let part = start..<start + count
                let terms = onEveryCPU("\(count)") {
                    [UInt64](capacity: count) {
                        andCrossTerms(
                            x0.span.extracting(part), x1.span.extracting(part),
                            y0.span.extracting(part), y1.span.extracting(part), into: &$0)
                    }
                }
                let expected = part.map { x0[$0] & y0[$0] ^ x0[$0] & y1[$0] ^ x1[$0] & y0[$0] }
                #expect(terms == expected)
            }
        }
    }
}
