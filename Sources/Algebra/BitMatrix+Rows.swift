import CKernels

/// What circuits need beside element-wise operations.
extension BitMatrix {
    /// Clears whatever stands beyond the last lane of each row.
    package init(maskingTails words: [UInt64], rows: Int, count: Int) {
        var words = words
        let width = Self.wordsPerRow(count)
        precondition(words.count == rows * width, "words of another shape")
        if count % 64 != 0 {
            let tail = UInt64.max >> (64 - UInt64(count % 64))
            for row in 0..<rows { words[row * width + width - 1] &= tail }
        }
        self.init(rows: rows, count: count, words: words)
    }

    /// The numbers of the rows in ascending order of the rows as unsigned integers, lane 0 lowest;
    /// equal rows in theirs.
    ///
    /// For public values: what is compared depends on them.
    package func ascendingRows() -> [UInt32] {
        let width = wordsPerRow
        return (0..<UInt32(rows)).sorted { a, b in
            for word in (0..<width).reversed() {
                let (x, y) = (words[Int(a) * width + word], words[Int(b) * width + word])
                if x != y { return x < y }
            }
            return a < b
        }
    }

    /// Shape Σ sizes rows → sizes.count rows: each row is the XOR of the next `size` rows.
    package func xorRows(inGroups sizes: [Int]) -> Self {
        precondition(sizes.reduce(0, +) == rows, "groups of another number of rows")
        let width = wordsPerRow
        var sums = [UInt64](repeating: 0, count: sizes.count * width)
        var span = sums.mutableSpan
        var row = 0
        for (group, size) in sizes.enumerated() {
            for _ in 0..<size {
                xorWords(
                    words.span.extracting(row * width..<(row + 1) * width), into: &span,
                    at: group * width)
                row += 1
            }
        }
        return Self(rows: sizes.count, count: count, words: sums)
    }

    /// Row g is added to row `targets[g]` of the result, whose last row is the largest target.
    package func xoringRows(into targets: [Int]) -> Self {
        precondition(targets.count == rows, "\(targets.count) targets for \(rows) rows")
        let width = wordsPerRow
        let count = (targets.max() ?? -1) + 1
        var sums = [UInt64](repeating: 0, count: count * width)
        var span = sums.mutableSpan
        for (row, target) in targets.enumerated() {
            xorWords(
                words.span.extracting(row * width..<(row + 1) * width), into: &span,
                at: target * width)
        }
        return Self(rows: count, count: self.count, words: sums)
    }

    /// Each lane, read as an integer with its lowest bit in row 0, plus a constant modulo 2^rows.
    package func adding(constant: BigInteger) -> Self {
        let limbs = constant.limbs
        let width = wordsPerRow
        var sum = words
        var carries = [UInt64](repeating: 0, count: width)
        for row in 0..<rows {
            let set = row / 64 < limbs.count && limbs[row / 64] >> UInt64(row % 64) & 1 == 1
            let addend: UInt64 = set ? .max : 0
            for w in 0..<width {
                let bit = words[row * width + w]
                sum[row * width + w] = bit ^ addend ^ carries[w]
                carries[w] = bit & addend | carries[w] & (bit ^ addend)
            }
        }
        return Self(maskingTails: sum, rows: rows, count: count)
    }
}

extension Vector {
    /// Each bit as the element 0 or 1, row after row: shape r rows × n lanes → r · n.
    package init(_ ring: R, bits: BitMatrix) {
        // In blocks of whole words, so that the plain bits stay in the cache.
        let (limbs, block) = (ring.limbsPerElement, 2048)
        var spread = [UInt64](repeating: 0, count: min(block, bits.count))
        let encoded = [UInt64](capacity: bits.rows * bits.count * limbs) { output in
            for row in 0..<bits.rows {
                for lane in stride(from: 0, to: bits.count, by: block) {
                    let count = min(block, bits.count - lane)
                    let first = row * bits.wordsPerRow + lane / 64
                    unsafe bits.words.span.extracting(first...).withPointer { words in
                        // The row has `count` lanes more from `lane` on; the block is as long.
                        unsafe ck_spread_bits(words, &spread, count)
                    }
                    let plain = widened(spread[..<count], limbs: limbs)
                    ring.encode(plain.span, into: &output)
                }
            }
        }
        self.init(ring, canonical: encoded)
    }
}

/// Each word as an integer of `limbs` limbs.
private func widened(_ words: ArraySlice<UInt64>, limbs: Int) -> [UInt64] {
    guard limbs > 1 else { return Array(words) }
    var result = [UInt64](repeating: 0, count: words.count * limbs)
    for (i, word) in words.enumerated() { result[i * limbs] = word }
    return result
}
