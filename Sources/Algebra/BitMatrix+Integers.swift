/// Between integers and bit slices: 64 × 64 bit transposes, without a branch on data.
extension BitMatrix {
    /// Bit slices of n plain integers: row k holds bit k of each, one integer a lane.
    ///
    /// Shapes: n · limbsPerInteger little-endian limbs give `bits` rows of n lanes. Bits from `bits`
    /// on are dropped.
    ///
    /// - Precondition: `bits` is in 0 ... 64 · limbsPerInteger.
    public init(integers limbs: [UInt64], limbsPerInteger: Int, bits: Int) {
        precondition(limbsPerInteger > 0 && limbs.count.isMultiple(of: limbsPerInteger))
        precondition((0...64 * limbsPerInteger).contains(bits), "\(bits) bits of an integer")
        let count = limbs.count / limbsPerInteger
        let width = Self.wordsPerRow(count)
        var words = [UInt64](repeating: 0, count: bits * width)
        unsafe SquareBlock.with { block in
            for group in 0..<width {
                let lanes = min(64, count - group * 64)
                for limb in 0..<(bits + 63) / 64 {
                    unsafe block.load(lanes) { limbs[(group * 64 + $0) * limbsPerInteger + limb] }
                    unsafe block.transpose()
                    unsafe block.store(min(64, bits - limb * 64)) {
                        words[(limb * 64 + $0) * width + group] = $1
                    }
                }
            }
        }
        self.init(rows: bits, count: count, words: words)
    }

    /// The plain integers whose bit slices these rows are; bits above the rows are zero.
    ///
    /// - Precondition: there are at most 64 · limbsPerInteger rows.
    public func integers(limbsPerInteger: Int) -> [UInt64] {
        precondition(rows <= 64 * limbsPerInteger, "\(rows) bits in \(limbsPerInteger) limbs")
        var limbs = [UInt64](repeating: 0, count: count * limbsPerInteger)
        let source = words
        let width = wordsPerRow
        unsafe SquareBlock.with { block in
            for group in 0..<width {
                let lanes = min(64, count - group * 64)
                for limb in 0..<(rows + 63) / 64 {
                    unsafe block.load(min(64, rows - limb * 64)) {
                        source[(limb * 64 + $0) * width + group]
                    }
                    unsafe block.transpose()
                    unsafe block.store(lanes) {
                        limbs[(group * 64 + $0) * limbsPerInteger + limb] = $1
                    }
                }
            }
        }
        return limbs
    }
}

/// 64 words of 64 bits, read and written through a buffer of exactly that size.
@unsafe private struct SquareBlock {
    let words: UnsafeMutablePointer<UInt64>

    static func with<Result>(_ body: (SquareBlock) -> Result) -> Result {
        unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 64) { buffer in
            // Not empty: it has 64 words.
            unsafe body(SquareBlock(words: buffer.baseAddress.unsafelyUnwrapped))
        }
    }

    /// Takes `count` ≤ 64 words; the rest are zero.
    @inline(__always)
    func load(_ count: Int, _ word: (Int) -> UInt64) {
        for i in 0..<count { unsafe words[i] = word(i) }
        for i in count..<64 { unsafe words[i] = 0 }
    }

    /// Hands out `count` ≤ 64 words.
    @inline(__always)
    func store(_ count: Int, _ take: (Int, UInt64) -> Void) {
        for i in 0..<count { unsafe take(i, words[i]) }
    }

    /// Bit j of word i becomes bit i of word j.
    ///
    /// The halves of the square swap across the diagonal, then the quarters within each half, down
    /// to single bits (Hacker's Delight, 7-3).
    func transpose() {
        unsafe swapAcrossDiagonal(32, 0x0000_0000_ffff_ffff)
        unsafe swapAcrossDiagonal(16, 0x0000_ffff_0000_ffff)
        unsafe swapAcrossDiagonal(8, 0x00ff_00ff_00ff_00ff)
        unsafe swapAcrossDiagonal(4, 0x0f0f_0f0f_0f0f_0f0f)
        unsafe swapAcrossDiagonal(2, 0x3333_3333_3333_3333)
        unsafe swapAcrossDiagonal(1, 0x5555_5555_5555_5555)
    }

    @inline(__always)
    private func swapAcrossDiagonal(_ distance: Int, _ mask: UInt64) {
        for base in stride(from: 0, to: 64, by: 2 * distance) {
            for low in base..<base + distance {
                let high = low &+ distance
                let difference = unsafe (words[low] &>> UInt64(distance) ^ words[high]) & mask
                unsafe words[low] ^= difference &<< UInt64(distance)
                unsafe words[high] ^= difference
            }
        }
    }
}

extension UInt64 {
    /// 1 for true, without a branch.
    init(_ bit: Bool) { self = unsafe UInt64(unsafeBitCast(bit, to: UInt8.self)) }
}
