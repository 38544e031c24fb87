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
        var block = SquareBlock()
        for group in 0..<width {
            let lanes = min(64, count - group * 64)
            for limb in 0..<(bits + 63) / 64 {
                block.load(lanes) { limbs[(group * 64 + $0) * limbsPerInteger + limb] }
                block.transpose()
                block.store(min(64, bits - limb * 64)) {
                    words[(limb * 64 + $0) * width + group] = $1
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
        var block = SquareBlock()
        for group in 0..<width {
            let lanes = min(64, count - group * 64)
            for limb in 0..<(rows + 63) / 64 {
                block.load(min(64, rows - limb * 64)) {
                    source[(limb * 64 + $0) * width + group]
                }
                block.transpose()
                block.store(lanes) { limbs[(group * 64 + $0) * limbsPerInteger + limb] = $1 }
            }
        }
        return limbs
    }
}

/// 64 words of 64 bits.
private struct SquareBlock {
    private var words = InlineArray<64, UInt64>(repeating: 0)

    /// Takes `count` words; the rest are zero.
    @inline(__always)
    mutating func load(_ count: Int, _ word: (Int) -> UInt64) {
        for i in 0..<count { words[i] = word(i) }
        for i in count..<64 { words[i] = 0 }
    }

    @inline(__always)
    func store(_ count: Int, _ take: (Int, UInt64) -> Void) {
        for i in 0..<count { take(i, words[i]) }
    }

    /// Bit j of word i becomes bit i of word j.
    ///
    /// Halves, then quarters … of the square swap across the diagonal (Hacker's Delight, 7-3).
    mutating func transpose() {
        var distance = 32
        var mask: UInt64 = 0xffff_ffff
        while distance > 0 {
            for base in stride(from: 0, to: 64, by: 2 * distance) {
                for low in base..<base + distance {
                    let difference =
                        (words[low] &>> UInt64(distance) ^ words[low + distance]) & mask
                    words[low] ^= difference &<< UInt64(distance)
                    words[low + distance] ^= difference
                }
            }
            distance /= 2
            mask ^= mask &<< UInt64(distance)
        }
    }
}

extension UInt64 {
    /// 1 for true, without a branch.
    init(_ bit: Bool) { self = unsafe UInt64(unsafeBitCast(bit, to: UInt8.self)) }
}
