import Algebra
import CKernels
import Primitives
import TestSupport
import Testing

/// Kernels of OT extension: both forms, and an independent computation.
@Suite struct OTKernelTests {
    /// Runs `body` in the portable form and in the CPU's own.
    private func inBothForms<T>(_ body: () -> T) -> (portable: T, own: T) {
        ck_use_portable(true)
        let portable = body()
        ck_use_portable(false)
        return (portable, body())
    }

    private func secret(_ count: Int, seed: UInt64) -> SecretBytes {
        SeededRandomness(seed: seed).secret(count)
    }

    /// Rows and sums against AES streams of the leaves, XORed as the definition says.
    @Test(arguments: [2, 4], [true, false])
    func leavesAreSummedAsDefined(depth: Int, hasAllLeaves: Bool) {
        let keys = secret(((128 / depth) << depth) * 16, seed: UInt64(depth))
        let pieces = [64, 2048, 3008]
        func run() -> [[UInt64]] {
            let streams = LeafStreams(keys: keys, depth: depth, hasAllLeaves: hasAllLeaves)
            return pieces.map { columns in
                streams.advance(columns: columns)
                var blocks = [UInt64](repeating: 0, count: 2 * columns)
                streams.writeBlocks(columns: columns, to: &blocks, at: 0)
                if hasAllLeaves {
                    for i in 0..<streams.instances {
                        blocks += streams.sum(i, columns: columns)
                    }
                }
                return blocks
            }
        }
        let (portable, own) = inBothForms(run)
        #expect(portable == own)

        // The first piece and the beginning of the second, which starts after whole groups.
        let leaves = (0..<(128 / depth) << depth).map { leaf in
            var generator = CounterGenerator(key: keys.part(from: 16 * leaf, count: 16))
            var words = [UInt64](repeating: 0, count: 64)
            var span = words.mutableSpan
            generator.fill(&span)
            return words
        }
        for (piece, word) in [(0, 0), (1, 32)] {
            for row in 0..<128 {
                var expected: UInt64 = 0
                let (instance, bit) = (row / depth, row % depth)
                for x in 0..<1 << depth where x >> bit & 1 == 1 {
                    expected ^= leaves[instance << depth + x][word]
                }
                let made = (0..<64).reduce(UInt64(0)) {
                    let block = own[piece][2 * $1 + row / 64]
                    return $0 | (block >> UInt64(row % 64) & 1) << UInt64($1)
                }
                #expect(made == expected)
            }
            guard hasAllLeaves else { continue }
            for i in 0..<128 / depth {
                let sum = (0..<1 << depth).reduce(UInt64(0)) { $0 ^ leaves[i << depth + $1][word] }
                #expect(own[piece][2 * pieces[piece] + i * pieces[piece] / 64] == sum)
            }
        }
    }

    /// π(y ⊕ w) ⊕ y with π by way of a counter stream's first block.
    @Test(arguments: [false, true]) func padsAreTheHashAsDefined(isMalicious: Bool) {
        let context: [UInt8] = [1, 2, 3]
        let offset = Block(secret(16, seed: 9))
        var generator = SeededGenerator(seed: 2)
        var rows = [UInt64](repeating: 0, count: 2 * 200)
        var span = rows.mutableSpan
        generator.fill(&span)
        let index: UInt64 = .max - 100

        let (portable, own) = inBothForms {
            let hash = CorrelationHash(context: context, isMalicious: isMalicious)
            return [1, 3].map {
                hash.pads(rows.span, offset: offset, index: index, width: $0).words
            }
        }
        #expect(portable == own)

        var text: [UInt8] = []
        text.append(lengthPrefixed: "parley/ot-hash/v1")
        let digest = SHA256.hash(text, context, [isMalicious ? 1 : 0]).bytes
        let key = SecretBytes(copying: Array(digest.prefix(16)))
        func permuted(_ block: Block) -> Block {
            let counter = UInt128(block.high.byteSwapped) | UInt128(block.low.byteSwapped) << 64
            var cipher = CounterGenerator(key: key, counter: counter)
            return Block(cipher.secret(16))
        }
        for ot in [0, 63, 64, 150, 199] {
            let x = Block(low: rows[2 * ot], high: rows[2 * ot + 1]) ^ offset
            let y = isMalicious ? permuted(x) : x
            for block in 0..<3 {
                let tweak = Block(low: index &+ UInt64(ot), high: UInt64(block))
                let pad = permuted(y ^ tweak) ^ y
                #expect(own[1][2 * (3 * ot + block)] == pad.low)
                #expect(own[1][2 * (3 * ot + block) + 1] == pad.high)
                if block == 0 { #expect(own[0][2 * ot] == pad.low) }
            }
        }
    }

    @Test func bitsAndLeavesAreOfTheSamePads() {
        let delta = Block(secret(16, seed: 11))
        var generator = SeededGenerator(seed: 3)
        let lanes = 1088
        var rows = [UInt64](repeating: 0, count: 8 * lanes)
        var span = rows.mutableSpan
        generator.fill(&span)
        let (portable, own) = inBothForms {
            let hash = CorrelationHash(context: [7], isMalicious: false)
            return (
                bits: [0, 1, 2, 64].map {
                    hash.bitPads(
                        rows.span.extracting(first: 2 * 77), offset: delta, index: 5, bits: $0)
                }, leaves: hash.leafPads(rows.span, offsets: delta.sixteenMultiples, index: 5)
            )
        }
        #expect(portable.bits == own.bits && portable.leaves == own.leaves)

        let hash = CorrelationHash(context: [7], isMalicious: false)
        let pads = hash.pads(
            rows.span.extracting(first: 2 * 77), offset: delta, index: 5, width: 1)
        for matrix in own.bits {
            let low = BitMatrix(integers: pads.words, limbsPerInteger: 2, bits: matrix.rows)
            #expect(matrix == low)
        }

        // Leaf pads by bitwise arithmetic in the field.
        let multiples = delta.sixteenMultiples
        let combined = (0..<lanes).flatMap { lane in
            let x = (0..<4).reversed().reduce(Block.zero) { sum, m in
                let place = 2 * (m * lanes + lane)
                return sum.timesX ^ Block(low: rows[place], high: rows[place + 1])
            }
            return [x.low, x.high]
        }
        for v in 0..<16 {
            let expected = hash.bitPads(combined.span, offset: multiples[v], index: 5, bits: 2)
            #expect(own.leaves[2 * v..<2 * v + 2] == expected)
        }
    }

    /// X¹²⁸ = X⁷ + X² + X + 1, and the sixteen multiples are sums of powers.
    @Test func multiplesAreTakenInTheField() {
        let top = Block(low: 0, high: 1 << 63)
        #expect(top.timesX.low == 0x87 && top.timesX.high == 0)
        let multiples = Block(low: 1, high: 0).sixteenMultiples
        #expect(multiples.map(\.low) == (0..<16).map { UInt64($0) })
    }

    /// A punctured tree has the other's leaves, at y ⊕ Δ, for every Δ.
    @Test(arguments: [2, 4]) func puncturedTreesHaveAllLeavesButOne(depth: Int) {
        let root = secret(16, seed: 21)
        let (leaves, sums) = GGMTree.expand(root: root, depth: depth)
        let all = leaves.copyBytes()
        let different = Set(stride(from: 0, to: all.count, by: 16).map { all[$0..<$0 + 16] })
        #expect(different.count == 1 << depth)
        for delta in 0..<1 << depth {
            let path = SecretBytes(
                copying: (0..<depth).map { UInt8(delta >> (depth - 1 - $0) & 1) })
            let given = SecretBytes(
                joining: (0..<depth).map { level in
                    let away = 1 - delta >> (depth - 1 - level) & 1
                    return sums.part(from: 16 * (2 * level + away), count: 16)
                })
            let punctured = GGMTree.punctured(path: path, sums: given).copyBytes()
            for y in 0..<1 << depth {
                let start = 16 * (y ^ delta)
                let same = punctured[16 * y..<16 * y + 16] == all[start..<start + 16]
                #expect(same == (y != 0))
            }
        }
    }
}

/// The universal hash: field arithmetic in three forms, linearity, hiding.
@Suite struct UniversalHashTests {
    /// Product in GF(2¹²⁸), bit by bit.
    private func product(_ a: Block, _ b: Block) -> Block {
        var (sum, power) = (Block.zero, a)
        for bit in 0..<128 {
            let word = bit < 64 ? b.low : b.high
            if word >> UInt64(bit % 64) & 1 == 1 { sum = sum ^ power }
            power = power.timesX
        }
        return sum
    }

    private func equal(_ a: Block, _ b: Block) -> Bool { a.low == b.low && a.high == b.high }

    @Test func hashIsThePolynomialInAllForms() {
        var generator = SeededGenerator(seed: 12)
        for count in [0, 1, 2, 5, 64] {
            let key = Block(low: generator.next(), high: generator.next())
            let words = (0..<2 * count).map { _ in generator.next() }
            let expected = (0..<count).reduce(Block.zero) {
                product($0, key) ^ Block(low: words[2 * $1], high: words[2 * $1 + 1])
            }
            #expect(equal(UniversalHash(key: key).hash(words.span), expected))
            ck_use_portable(true)
            #expect(equal(UniversalHash(key: key).hash(words.span), expected))
            ck_use_portable(false)
        }
        // Bits that are carried twice in the reduction.
        let top = Block(low: .max, high: .max)
        let hash = UniversalHash(key: top).hash([.max, .max, 0, 0].span)
        #expect(equal(hash, product(top, top)))
    }

    @Test func rowsOfColumnsAreHashedAsRows() {
        var generator = SeededGenerator(seed: 13)
        let key = Block(low: generator.next(), high: generator.next())
        let hash = UniversalHash(key: key)
        let columns = (0..<2 * 384).map { _ in generator.next() }
        let rows = BitMatrix(integers: columns, limbsPerInteger: 2, bits: 128)
        let own = hash.hashRows(ofColumns: columns.span)
        ck_use_portable(true)
        let portable = hash.hashRows(ofColumns: columns.span)
        ck_use_portable(false)
        for r in 0..<128 {
            #expect(equal(own[r], hash.hash(rows.row(r).words.span)))
            #expect(equal(own[r], portable[r]))
        }
    }
}
