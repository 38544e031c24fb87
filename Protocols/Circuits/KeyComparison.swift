public import MPC

/// Comparisons of two shared integers given by their bits.
extension BooleanProtocol where Self: ~Copyable {
    /// [x < y] of unsigned integers of m bits each, lowest first: 1 row.
    ///
    /// I. Damgård, M. Fitzi, E. Kiltz, J. B. Nielsen and T. Toft, *Unconditionally Secure
    /// Constant-Rounds Multi-Party Computation for Equality, Comparison, Bits and Exponentiation*,
    /// TCC 2006, protocol BIT-LT: with d the one-hot mark of the highest place where x and y
    /// differ, [x < y] = ⊕ᵢ dᵢ · yᵢ, an inner product. Deviation: the marks come from prefix
    /// products of eᵢ = [xᵢ = yᵢ] within blocks of four, and blocks are combined in the same way,
    /// instead of by a prefix-OR in constant rounds.
    ///
    /// About 4m/3 sums of products; m rounds up to m = 4, 3 log₄ m for greater powers of four.
    public mutating func isLess(_ x: Bits, than y: Bits) throws(MPCError) -> Bits {
        precondition(x.rows == y.rows && x.rows > 0, "keys of different widths")
        var equal = not(x ^ y)
        // 1. At the leaves the first unequal place of a block decides, and there y's bit does.
        //    The highest bit first, so that prefixes run downwards.
        var level = PrefixLevel(count: equal.rows, isReversed: true)
        var run = try prefixes(of: equal, level, upTo: level.width, with: nil).run
        var marks = [not(run[0])]
        for place in 1..<level.width {
            marks.append(run[place - 1][0..<run[place].rows] ^ run[place])
        }
        var sums = PendingSums<Bits>(
            marks: .concatenating(rows: marks), values: y.gatheringRows(level.places(from: 0)),
            targets: level.targets(from: 0))
        while level.blocks > 1 {
            // 2. A block is equal if all its places are: its last prefix product.
            equal = .concatenating(
                rows: (0..<level.blocks).map { run[level.size(of: $0) - 1][$0..<$0 + 1] })
            level = PrefixLevel(count: equal.rows)
            // 3. Prefix products over the blocks; with the first of them go the sums below.
            let places = level.blocks == 1 ? level.width - 1 : level.width
            let (prefixes, less) = try prefixes(of: equal, level, upTo: places, with: sums)
            run = prefixes
            // 4. A block counts if all above it are equal; the first of each needs no product.
            let heads = less.gatheringRows(level.rows(at: 0))
            let rest = (1..<level.width).map { run[$0 - 1][0..<level.rows(at: $0).count] }
            sums = PendingSums(
                marks: .concatenating(rows: rest),
                values: less.gatheringRows(level.places(from: 1)),
                targets: level.targets(from: 1), heads: heads)
        }
        return try sums.added(
            to: and(sums.marks, sums.values, into: sums.targets))
    }

    /// Prefix products of neighbours within blocks.
    ///
    /// Entry t of `run` has a row e₀ · … · eₜ for each block that has a place t. One round a place;
    /// the sums go with the first.
    private mutating func prefixes(
        of equal: Bits, _ level: PrefixLevel, upTo places: Int, with sums: PendingSums<Bits>?
    ) throws(MPCError) -> (run: [Bits], sums: Bits) {
        var run = [equal.gatheringRows(level.rows(at: 0))]
        var done: Bits?
        for place in 1..<max(1, places) {
            let rows = level.rows(at: place)
            let previous = run[place - 1][0..<rows.count]
            let next = equal.gatheringRows(rows)
            guard place == 1, let sums else {
                run.append(try and(previous, next))
                continue
            }
            let both = try and(
                .concatenating(rows: [previous, sums.marks]),
                .concatenating(rows: [next, sums.values]),
                into: Array(0..<rows.count) + sums.targets.map { $0 + rows.count })
            run.append(both[0..<rows.count])
            done = sums.added(to: both[rows.count..<both.rows])
        }
        if let done { return (run, done) }
        guard let sums else { return (run, equal[0..<0]) }
        return (run, try sums.added(to: and(sums.marks, sums.values, into: sums.targets)))
    }

    /// [x = y] of integers of m bits each: 1 row, m − 1 gates, ⌈log₂ m⌉ rounds.
    public mutating func isEqual(_ x: Bits, to y: Bits) throws(MPCError) -> Bits {
        precondition(x.rows == y.rows && x.rows > 0, "keys of different widths")
        return try conjunction(ofRows: not(x ^ y))
    }
}

/// Inner products that wait for the next round: row `targets[g]` takes marks[g] ∧ values[g].
private struct PendingSums<Bits: BitShares> {
    let marks, values: Bits
    let targets: [Int]
    /// Added to the sums; there may be more of them than sums.
    var heads: Bits?

    func added(to sums: Bits) -> Bits {
        guard let heads else { return sums }
        let count = sums.rows
        let added = heads[0..<count] ^ sums
        guard count < heads.rows else { return added }
        return .concatenating(rows: [added, heads[count..<heads.rows]])
    }
}

/// How `count` places are cut into runs of at most four neighbours, the larger runs first.
struct PrefixLevel {
    let blocks: Int
    /// The places of the largest block.
    let width: Int
    private let starts: [Int]
    private let isReversed: Bool

    /// - Parameter isReversed: whether place 0 is the last row, not the first.
    init(count: Int, isReversed: Bool = false) {
        self.isReversed = isReversed
        let blocks = (count + 3) / 4
        let (small, larger) = count.quotientAndRemainder(dividingBy: blocks)
        var starts = [0]
        for block in 0..<blocks { starts.append(starts[block] + small + (block < larger ? 1 : 0)) }
        self.blocks = blocks
        self.starts = starts
        width = starts[1]
    }

    func size(of block: Int) -> Int { starts[block + 1] - starts[block] }

    /// Place `place` of each block that has one: those of the first blocks.
    func rows(at place: Int) -> [UInt32] {
        let count = starts[blocks]
        return (0..<blocks).filter { size(of: $0) > place }.map {
            let row = starts[$0] + place
            return UInt32(isReversed ? count - 1 - row : row)
        }
    }

    /// All places from `first` on, place by place.
    func places(from first: Int) -> [UInt32] { (first..<width).flatMap(rows(at:)) }
    /// The block of each.
    func targets(from first: Int) -> [Int] {
        (first..<width).flatMap { Array(0..<rows(at: $0).count) }
    }
}
