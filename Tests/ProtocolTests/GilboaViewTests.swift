import Algebra
import CKernels
import MPC
import Networking
import Preprocessing
import Primitives
import SecretSharing
import TestSupport
import Testing

/// Exact distributions in Gilboa's products: pads are ideal, and every combination of pads and
/// factors is a lane.
@Suite struct GilboaViewTests {
    /// One run of both ends on lanes that hold all combinations.
    struct Product {
        let p: Int
        /// Lane by lane.
        let x, y: [Int]
        /// Row by row, of the highest weight first.
        let zero, one: [[Int]]
        private(set) var senderShare: [Int] = []
        private(set) var chooserShare: [Int] = []
        /// What the chooser gets: a pad and a correction a row.
        private(set) var pads: [[Int]] = []
        private(set) var corrections: [[Int]] = []

        init(_ p: Int, x: [Int], y: [Int], zero: [[Int]], one: [[Int]]) {
            (self.p, self.x, self.y, self.zero, self.one) = (p, x, y, zero, one)
            let ring = ToyPrime(UInt64(p))
            let (rows, n) = (zero.count, x.count)
            let count = (n + 63) / 64 * 64
            func filled(_ values: [Int]) -> [Int] { values + Array(repeating: 0, count: count - n) }
            func words(_ values: [Int]) -> [UInt64] { filled(values).flatMap { [UInt64($0), 0] } }
            func first(_ vector: [UInt64]) -> [Int] { vector.prefix(n).map { Int($0) } }
            func bits(_ row: Int) -> [Int] { y.map { $0 >> (rows - 1 - row) & 1 } }

            var sent = GilboaRows(ring, rows: rows, count: count, separate: false)
            let size = GilboaRows.correctionBytes(ring, rows: rows, count: count)
            let factor = Vector(ring, filled(x).map(Int64.init))
            let frame = [UInt8](capacity: size) { frame in
                for row in 0..<rows {
                    sent.offer(
                        zero: words(zero[row]), one: words(one[row]), x: factor,
                        corrections: &frame)
                }
            }
            var taken = GilboaRows(ring, rows: rows, count: count, separate: false)
            for row in 0..<rows {
                let choices = bits(row)
                let pad = (0..<n).map { choices[$0] == 1 ? one[row][$0] : zero[row][$0] }
                let matrix = BitMatrix(filled(choices).map { $0 == 1 })
                let isSound = taken.take(
                    pads: words(pad), choices: matrix.words.span, corrections: frame.span)
                precondition(isSound, "corrections outside the ring")
                pads.append(pad)
                corrections.append((0..<n).map { Int(frame[8 * (row * count + $0)]) })
            }
            senderShare = first((-sent.result).limbs)
            chooserShare = first(taken.result.limbs)
        }
    }

    @Test("A product shows the chooser nothing", arguments: [(3, 2), (4, 2), (5, 3)])
    func product(p: Int, rows: Int) throws {
        let columns = ViewTests.enumerate(Array(repeating: p, count: 2 + 2 * rows))
        let run = Product(
            p, x: columns[0], y: columns[1], zero: Array(columns[2..<2 + rows]),
            one: Array(columns[(2 + rows)...]))
        var (chooser, sender) = (ViewTests.Tally(), ViewTests.Tally())
        var wrong = 0
        for lane in run.x.indices {
            let (x, y) = (run.x[lane], run.y[lane])
            wrong +=
                (run.senderShare[lane] + run.chooserShare[lane]) % p == x * y % p ? 0 : 1
            chooser.add(
                known: [y], secret: [x],
                view: run.pads.map { $0[lane] } + run.corrections.map { $0[lane] })
            // The sender gets nothing; its share is uniform for all factors.
            sender.add(known: [], secret: [x, y], view: [run.senderShare[lane]])
        }
        #expect(wrong == 0)
        #expect(chooser.isIndependentOfSecrets && chooser.secretsCompared == p)
        #expect(sender.isIndependentOfSecrets && sender.secretsCompared == p * p)
    }

    @Test("A bit that two parties share becomes an element", arguments: [5, 17])
    func bit(p: Int) throws {
        let columns = ViewTests.enumerate([2, 2, p, p])
        let run = Product(
            p, x: columns[0], y: columns[1], zero: [columns[2]], one: [columns[3]])
        var tally = ViewTests.Tally()
        var wrong = 0
        for lane in run.x.indices {
            let (b0, b1) = (run.x[lane], run.y[lane])
            let v0 = b0 - 2 * run.senderShare[lane]
            let v1 = b1 - 2 * run.chooserShare[lane]
            wrong += ((v0 + v1) % p + p) % p == b0 ^ b1 ? 0 : 1
            tally.add(
                known: [b1], secret: [b0],
                view: [run.pads[0][lane], run.corrections[0][lane]])
        }
        #expect(wrong == 0 && tally.isIndependentOfSecrets && tally.secretsCompared == 2)
    }

    /// Party 2 chooses towards both others, who hold shares of the first two bits' XOR.
    @Test func lastOfThreePartiesSeesNothing() throws {
        let p = 3
        // b₀, b₁, b₂, the pads of the first fold, then those of the second towards each.
        let columns = ViewTests.enumerate([2, 2, 2] + Array(repeating: p, count: 6))
        let (b0, b1, b2) = (columns[0], columns[1], columns[2])
        let first = Product(p, x: b0, y: b1, zero: [columns[3]], one: [columns[4]])
        let lanes = b0.indices
        func reduced(_ x: Int) -> Int { (x % p + p) % p }
        let v0 = lanes.map { reduced(b0[$0] - 2 * first.senderShare[$0]) }
        let v1 = lanes.map { reduced(b1[$0] - 2 * first.chooserShare[$0]) }
        let with0 = Product(p, x: v0, y: b2, zero: [columns[5]], one: [columns[6]])
        let with1 = Product(p, x: v1, y: b2, zero: [columns[7]], one: [columns[8]])
        var tally = ViewTests.Tally()
        var wrong = 0
        for lane in lanes {
            let sum =
                v0[lane] + v1[lane] + b2[lane]
                - 2 * (with0.senderShare[lane] + with1.senderShare[lane])
                - 2 * (with0.chooserShare[lane] + with1.chooserShare[lane])
            wrong += reduced(sum) == b0[lane] ^ b1[lane] ^ b2[lane] ? 0 : 1
            tally.add(
                known: [b2[lane]], secret: [b0[lane], b1[lane]],
                view: [with0, with1].flatMap { [$0.pads[0][lane], $0.corrections[0][lane]] })
        }
        #expect(wrong == 0 && tally.isIndependentOfSecrets && tally.secretsCompared == 4)
    }

    /// Candidates not below p are discarded, and what is kept is uniform.
    @Test("Masks are uniform below p", arguments: [3, 5, 11])
    func uniformMasks(p: Int) throws {
        let (ring, count) = (ToyPrime(UInt64(p)), 64 * 150)
        let opened = try runParties(InMemoryTransport.mesh(partyCount: 2)) { session in
            var randomness = ObliviousRandomness(ring, session: session)
            return try session.open([randomness.makeEdaBits(count).r.share])[0].limbs
        }.compactMap { try $0.get() }
        let r = opened[0].map { Int($0) }
        let times = (0..<p).map { value in r.count { $0 == value } }
        #expect(times.reduce(0, +) == count)
        // Five standard deviations of a binomial count.
        let expected = Double(count) / Double(p)
        for value in 0..<p {
            #expect(abs(Double(times[value]) - expected) < 5 * expected.squareRoot(), "\(value)")
        }
    }
}

/// The rows of products are the same on every CPU.
@Suite struct GilboaKernelTests {
    func rows<R: Ring>(_ ring: R) -> [[UInt64]] {
        var generator = SeededGenerator(seed: 7)
        let (rows, count) = (ring.bitWidth, 192)
        func random(_ words: Int) -> [UInt64] { (0..<words).map { _ in generator.next() } }
        var x = Vector.random(ring, count: count, using: &generator)
        x = (Vector(ring, zeros: 2) - Vector(ring, [0, 1])).appending(x[2..<count])
        let y = BitMatrix.random(rows: rows, count: count, using: &generator)
        let size = GilboaRows.correctionBytes(ring, rows: rows, count: count)
        var sent = GilboaRows(ring, rows: rows, count: count, separate: false)
        var taken = GilboaRows(ring, rows: rows, count: count, separate: false)
        let width = 2 * ring.padBlocks
        var pads: [(zero: [UInt64], one: [UInt64])] = []
        for _ in 0..<rows {
            var (zero, one) = (random(count * width), random(count * width))
            // Pads at the ends of their range.
            for k in 0..<width { (zero[k], one[k]) = (.max, 0) }
            pads.append((zero, one))
        }
        let corrections = [UInt8](capacity: size) { frame in
            for pad in pads {
                sent.offer(zero: pad.zero, one: pad.one, x: x, corrections: &frame)
            }
        }
        for row in 0..<rows {
            let chosen = (0..<count * width).map {
                y[row: row, lane: $0 / width] ? pads[row].one[$0] : pads[row].zero[$0]
            }
            let isSound = taken.take(
                pads: chosen, choices: y.row(row).words.span, corrections: corrections.span)
            #expect(isSound)
        }
        let factors = Vector(
            ring,
            plain: y.gatheringRows((0..<UInt32(rows)).reversed()).integers(
                limbsPerInteger: ring.limbsPerElement))
        #expect(taken.result - sent.result == x * factors, "\(ring.name)")
        return [corrections.map(UInt64.init), sent.result.limbs, taken.result.limbs]
    }

    /// A correction that is no element is noticed at every place.
    @Test func correctionsOutsideTheField() throws {
        func check(_ ring: some Ring) {
            let (count, bytes) = (64, 8 * ring.limbsPerElement)
            let largest = Vector(ring, zeros: 1) - Vector(ring, [1])
            let pads = [UInt64](repeating: 0, count: 2 * count * ring.padBlocks)
            for place in [0, 1, 6, 7, 8, 63] {
                for isOutside in [false, true] {
                    // p − 1 in canonical form, or the words of p.
                    let words = isOutside ? ring.order.limbs : largest.limbs
                    var frame = [UInt8](repeating: 0, count: count * bytes)
                    for k in 0..<bytes {
                        frame[place * bytes + k] = UInt8(
                            truncatingIfNeeded: words[k / 8] >> UInt64(8 * (k % 8)))
                    }
                    for choices: UInt64 in [0, .max] {
                        var rows = GilboaRows(ring, rows: 1, count: count, separate: false)
                        let isSound = rows.take(
                            pads: pads, choices: [choices].span, corrections: frame.span)
                        #expect(isSound != isOutside, "\(ring.name), place \(place)")
                    }
                }
            }
        }
        for portable in [false, true] {
            ck_use_portable(portable)
            check(Prime62())
            check(Prime126())
            check(try PrimeField.largest(bits: 128))
        }
        ck_use_portable(false)
    }

    @Test func everyCPU() throws {
        func check(_ ring: some Ring) {
            let any = rows(ring)
            ck_use_portable(true)
            let portable = rows(ring)
            ck_use_portable(false)
            #expect(any == portable, "\(ring.name)")
        }
        check(Z64())
        check(Z128())
        check(Prime62())
        check(Prime126())
        check(try PrimeField.largest(bits: 61))
        check(try PrimeField.largest(bits: 128))
        check(try PrimeField.largest(bits: 255))
    }
}
