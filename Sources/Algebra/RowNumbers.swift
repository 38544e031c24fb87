/// Public numbers of rows, and rows named by revealed numbers.
extension BitMatrix {
    /// Records of the numbers 0 ..< n, in 64 lanes each.
    package static func rowNumbers(_ count: Int) -> Self {
        Self(rows: count, count: 64, words: Array(0..<UInt64(count)))
    }
}

extension Vector {
    /// The elements as a permutation of 0 ..< n; nil if they are none.
    ///
    /// Variable time.
    package var permutation: Permutation? {
        let width = ring.limbsPerElement
        let plain = decoded()
        var rows: [UInt32] = []
        rows.reserveCapacity(count)
        for start in stride(from: 0, to: plain.count, by: width) {
            guard plain[start] < count,
                !plain[start + 1..<start + width].contains(where: { $0 > 0 })
            else { return nil }
            rows.append(UInt32(plain[start]))
        }
        return Permutation(checking: rows)
    }
}

extension BitMatrix {
    /// The rows, read as integers of at most 64 bits, as a permutation; nil if they are none.
    ///
    /// Variable time.
    package var rowPermutation: Permutation? {
        precondition(count <= 64, "rows of \(count) bits as numbers")
        guard words.allSatisfy({ $0 < rows }) else { return nil }
        return Permutation(checking: words.map { UInt32($0) })
    }
}
