import Algebra
import TestSupport
import Testing

/// Sizes on each side of a word's border.
private let sizes = [0, 1, 63, 64, 65, 130]

private func random(rows: Int, count: Int, seed: UInt64 = 1) -> BitMatrix {
    var generator = SeededGenerator(seed: seed)
    return BitMatrix.random(rows: rows, count: count, using: &generator)
}

private func bits(_ matrix: BitMatrix) -> [[Bool]] {
    (0..<matrix.rows).map { row in (0..<matrix.count).map { matrix[row: row, lane: $0] } }
}

/// The invariant: nothing above a row's last lane.
private func tailsAreZero(_ matrix: BitMatrix) -> Bool {
    guard !matrix.count.isMultiple(of: 64) else { return true }
    return (1...max(matrix.rows, 1)).prefix(matrix.rows).allSatisfy {
        matrix.words[$0 * matrix.wordsPerRow - 1] >> UInt64(matrix.count % 64) == 0
    }
}

@Suite struct BitMatrixTests {
    @Test(arguments: sizes)
    func gates(_ count: Int) {
        let (a, b) = (random(rows: 3, count: count), random(rows: 3, count: count, seed: 2))
        func expected(_ gate: (Bool, Bool) -> Bool) -> [[Bool]] {
            zip(bits(a), bits(b)).map { zip($0, $1).map { gate($0, $1) } }
        }
        #expect(bits(a ^ b) == expected { $0 != $1 } && bits(a & b) == expected { $0 && $1 })
        #expect(bits(a | b) == expected { $0 || $1 } && bits(~a) == expected { a, _ in !a })
        var sum = a
        sum ^= b
        #expect(sum == a ^ b)
        let ones = BitMatrix(rows: 3, count: count, repeating: true)
        #expect(ones == ~BitMatrix(rows: 3, count: count) && a ^ ones == ~a)
        for matrix in [a, ~a, ones, a | ones] { #expect(tailsAreZero(matrix)) }
        var wiped = a
        wiped.wipe()
        #expect(wiped == BitMatrix(rows: 3, count: count))
    }

    @Test(arguments: sizes)
    func rowsAndLanes(_ count: Int) {
        let a = random(rows: 4, count: count)
        #expect(bits(a[1..<3]) == Array(bits(a)[1..<3]) && a.row(2) == a[2..<3])
        #expect(a[0..<1].appendingRows(a[1..<4]) == a && a[2..<2].rows == 0)
        #expect(BitMatrix.concatenating(rows: [a.row(0), a.row(1), a[2..<4]]) == a)
        for lower in stride(from: 0, through: count, by: 64) {
            for upper in [lower, (lower + count) / 2, count] where upper >= lower {
                let part = a.lanes(lower..<upper)
                #expect(bits(part) == bits(a).map { Array($0[lower..<upper]) })
                #expect(tailsAreZero(part))
            }
            let parts = [a.lanes(0..<lower), a.lanes(lower..<count)]
            #expect(BitMatrix.concatenating(lanes: parts) == a)
        }
        #expect(BitMatrix(a.row(1).bools) == a.row(1) && a.row(1).bools == bits(a)[1])
    }

    @Test func singleLanes() {
        var matrix = BitMatrix(rows: 2, count: 70)
        matrix[row: 1, lane: 66] = true
        #expect(matrix.words == [0, 0, 0, 4] && matrix[row: 1, lane: 66])
        matrix[row: 1, lane: 66] = false
        #expect(matrix == BitMatrix(rows: 2, count: 70))
    }

    @Test(arguments: sizes)
    func receivedBitsAreChecked(_ count: Int) {
        let a = random(rows: 2, count: count)
        var wire = [UInt8](capacity: 1 + a.wireByteCount) {
            $0.append(9)
            a.appendWire(to: &$0)
        }
        #expect(wire.count == 1 + a.wireByteCount && a.wireByteCount == 16 * a.wordsPerRow)
        #expect(BitMatrix(rows: 2, count: count, received: wire[1...]) == a)
        #expect(BitMatrix(rows: 2, count: count, received: wire[...]) == nil)
        #expect(BitMatrix(rows: 2, count: count + 64, received: wire[1...]) == nil)
        #expect(BitMatrix(rows: .max, count: count + 1, received: wire[1...]) == nil)
        guard !count.isMultiple(of: 64) else { return }
        wire[8 * a.wordsPerRow] |= 0x80  // the top bit of the first row
        #expect(BitMatrix(rows: 2, count: count, received: wire[1...]) == nil)
    }

    @Test(arguments: sizes, [1, 3, 64, 65, 126, 128])
    func bitSlicesOfIntegers(_ count: Int, _ width: Int) {
        var generator = SeededGenerator(seed: 7)
        let limbsPerInteger = 2
        let limbs = (0..<count * limbsPerInteger).map { _ in generator.next() }
        let slices = BitMatrix(integers: limbs, limbsPerInteger: limbsPerInteger, bits: width)
        let naive = (0..<width).map { bit in
            (0..<count).map { limbs[$0 * 2 + bit / 64] >> UInt64(bit % 64) & 1 == 1 }
        }
        #expect(slices.rows == width && slices.count == count && bits(slices) == naive)
        #expect(tailsAreZero(slices))
        // Bits from `width` on are dropped on the way back.
        let low = width < 64 ? (UInt64(1) << UInt64(width)) - 1 : .max
        let high = width <= 64 ? 0 : width == 128 ? .max : (UInt64(1) << UInt64(width - 64)) - 1
        let kept = limbs.enumerated().map { $1 & ($0 % 2 == 0 ? low : high) }
        #expect(slices.integers(limbsPerInteger: limbsPerInteger) == kept)
    }

    @Test func oneLimbIntegers() {
        var generator = SeededGenerator(seed: 8)
        let limbs = (0..<1000).map { _ in generator.next() }
        let slices = BitMatrix(integers: limbs, limbsPerInteger: 1, bits: 64)
        #expect(slices.integers(limbsPerInteger: 1) == limbs)
        #expect(slices.integers(limbsPerInteger: 3) == limbs.flatMap { [$0, 0, 0] })
    }

    @Test func printingShowsTheShapeOnly() {
        let secret = random(rows: 2, count: 64)
        #expect("\(secret)" == "BitMatrix(rows: 2, count: 64)")
        #expect(String(reflecting: secret) == "BitMatrix(rows: 2, count: 64)")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("words"))
    }
}
