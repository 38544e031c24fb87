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
        try isLess(x, than: y, rows: (0..<UInt32(x.rows)).map { $0 })
    }

    /// As ``isLess(_:than:)`` of the integers whose bits, lowest first, are these rows.
    public mutating func isLess(_ x: Bits, than y: Bits, rows bits: [UInt32]) throws(MPCError)
        -> Bits
    {
        precondition(x.rows == y.rows && !bits.isEmpty, "keys of different widths")
        // 1. At the leaves the first unequal place of a block decides, and there y's bit does.
        //    The highest bit first, so that prefixes run downwards.
        var level = PrefixLevel(count: bits.count)
        var values: [Bits] = []
        var equal: [Bits] = []
        for place in 0..<level.width {
            let rows = level.rows(at: place).map { bits[bits.count - 1 - Int($0)] }
            values.append(y.gatheringRows(rows))
            equal.append(not(x.gatheringRows(rows) ^ values[place]))
        }
        var run = try prefixes(of: equal, with: nil).run
        var sums = PendingSums(
            gates: (0..<level.width).map { place in
                let marks =
                    place == 0
                    ? not(run[0]) : run[place - 1][0..<run[place].rows] ^ run[place]
                return (marks, values[place])
            }, targets: level.targets(from: 0))
        while level.blocks > 1 {
            // 2. A block is equal if all its places are: its last prefix product.
            let blocks = Bits.concatenating(
                rows: (0..<level.blocks).map { run[level.size(of: $0) - 1][$0..<$0 + 1] })
            level = PrefixLevel(count: blocks.rows)
            // 3. Prefix products over the blocks; with the first of them go the sums below. Nobody
            //    asks whether all are equal.
            let places = level.blocks == 1 ? level.width - 1 : level.width
            let (prefixes, less) = try prefixes(
                of: (0..<places).map { blocks.gatheringRows(level.rows(at: $0)) }, with: sums)
            run = prefixes
            // 4. A block counts if all above it are equal; the first of each needs no product.
            sums = PendingSums(
                gates: (1..<level.width).map { place in
                    let rows = level.rows(at: place)
                    return (run[place - 1][0..<rows.count], less.gatheringRows(rows))
                }, targets: level.targets(from: 1),
                heads: less.gatheringRows(level.rows(at: 0)))
        }
        return try sums.added(to: and(sums.gates, into: sums.targets))
    }

    /// Prefix products of neighbours within blocks, given by places.
    ///
    /// Entry t of `run` has a row e₀ · … · eₜ for each block that has a place t. One round a place;
    /// the sums go with the first.
    private mutating func prefixes(of equal: [Bits], with sums: PendingSums<Bits>?)
        throws(MPCError) -> (run: [Bits], sums: Bits)
    {
        var run = [equal[0]]
        var done: Bits?
        for place in 1..<max(1, equal.count) {
            let next = equal[place]
            let gates = [(run[place - 1][0..<next.rows], next)]
            guard place == 1, let sums else {
                run.append(try and(gates, into: Array(0..<next.rows)))
                continue
            }
            let both = try and(
                gates + sums.gates,
                into: Array(0..<next.rows) + sums.targets.map { $0 + next.rows })
            run.append(both[0..<next.rows])
            done = sums.added(to: both[next.rows..<both.rows])
        }
        if let done { return (run, done) }
        guard let sums else { return (run, equal[0][0..<0]) }
        return (run, try sums.added(to: and(sums.gates, into: sums.targets)))
    }

    /// [x = y] of integers of m bits each: 1 row, m − 1 gates, ⌈log₂ m⌉ rounds.
    public mutating func isEqual(_ x: Bits, to y: Bits) throws(MPCError) -> Bits {
        precondition(x.rows == y.rows && x.rows > 0, "keys of different widths")
        return try conjunction(ofRows: not(x ^ y))
    }
}

/// Inner products that wait for the next round: gate g counts towards row `targets[g]`.
private struct PendingSums<Bits: BitShares> {
    let gates: [(Bits, Bits)]
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

    init(count: Int) {
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
        (0..<blocks).filter { size(of: $0) > place }.map { UInt32(starts[$0] + place) }
    }

    /// The blocks of all places from `first` on, place by place.
    func targets(from first: Int) -> [Int] {
        (first..<width).flatMap { Array(0..<rows(at: $0).count) }
    }
}
