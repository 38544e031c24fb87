/// The public half of a quicksort whose keys are secret: it says which rows to compare next, and
/// learns only the outcomes (Hamada, Kikuchi, Ikarashi, Chida and Takahashi, ICISC 2012).
///
/// Segments are runs of rows that are still unsorted among themselves; all of them advance in one
/// batch of comparisons. What is compared depends only on the number of rows and on the outcomes
/// so far, so that with distinct keys in a uniformly random order the whole transcript is a
/// function of that order alone: its distribution is the same for every input.
package struct QuicksortOrder: Sendable {
    /// Row i of the present order is row `order[i]` of those given.
    package private(set) var order: [UInt32]
    private let wanted: Int
    private let limits: Limits
    /// Two rows or more each, in order.
    private var segments: [Segment]
    private var step = Step.split

    private struct Segment: Sendable {
        var rows: Range<Int>
        var pivot: Int

        /// The middle row is the pivot: as good as any other, for the order is random.
        ///
        /// It is good even where the order is not, in tests and on the plaintext engine.
        init(_ rows: Range<Int>) { (self.rows, pivot) = (rows, rows.lowerBound + rows.count / 2) }

        var pairs: Int { rows.count * (rows.count - 1) / 2 }
    }

    private enum Step { case sample, split, finish }

    /// When to spend comparisons on fewer levels, and levels on fewer comparisons.
    package struct Limits: Sendable {
        /// All pairs of every segment are compared at last when they are at most this many.
        package var pairs = 1 << 14
        /// Or this many for each row that is still unsorted.
        package var pairsPerRow = 2
        /// A segment of so many rows takes the median of a sample as its pivot.
        package var large = 1 << 8

        package init() {}

        /// An odd number; all pairs of the sample are about 3 % of a large segment's rows.
        package func sample(of count: Int) -> Int {
            max(3, Int(Double(count).squareRoot()) / 4 | 1)
        }
    }

    /// - Parameter wanted: only the first so many rows need to come out in order.
    package init(count: Int, wanted: Int? = nil, limits: Limits = Limits()) {
        order = Array(0..<UInt32(count))
        self.wanted = wanted ?? count
        self.limits = limits
        segments = []
        add([0..<count])
        step = firstStep
    }

    private mutating func add(_ parts: [Range<Int>]) {
        for part in parts where part.count > 1 && part.lowerBound < wanted {
            segments.append(Segment(part))
        }
    }

    private var firstStep: Step {
        segments.contains { $0.rows.count >= limits.large } ? .sample : .split
    }

    /// The next batch: whether row `left[i]` of the present order is less than row `right[i]`.
    ///
    /// - Returns: nil when the wanted rows are in order.
    package mutating func nextComparisons() -> (left: [UInt32], right: [UInt32])? {
        guard !segments.isEmpty else { return nil }
        let rows = segments.reduce(0) { $0 + $1.rows.count }
        let pairs = segments.reduce(0) { $0 + $1.pairs }
        if pairs <= max(limits.pairs, limits.pairsPerRow * rows) { step = .finish }
        return switch step {
        case .sample:
            Self.allPairs(segments.filter { $0.rows.count >= limits.large }.map { sample($0) })
        case .split: againstPivots(count: rows - segments.count)
        case .finish: Self.allPairs(segments.map { Array($0.rows) })
        }
    }

    /// Takes the outcomes, 64 a word, lowest first.
    ///
    /// - Returns: row i of the new order is row `moves[i]` of the old; nil if none has moved.
    package mutating func learn(_ less: [UInt64]) -> [UInt32]? {
        if step == .sample {
            choosePivots(less)
            step = .split
            return nil
        }
        let moves = step == .split ? split(less) : finish(less)
        order = moves.map { order[Int($0)] }
        step = firstStep
        return moves
    }

    /// Rows of a large segment at equal distances.
    private func sample(_ segment: Segment) -> [Int] {
        let size = min(segment.rows.count, limits.sample(of: segment.rows.count))
        return (0..<size).map { segment.rows.lowerBound + $0 * segment.rows.count / size }
    }

    private mutating func choosePivots(_ less: [UInt64]) {
        var outcomes = Outcomes(less)
        for index in segments.indices where segments[index].rows.count >= limits.large {
            let sample = sample(segments[index])
            for (row, rank) in zip(sample, outcomes.ranks(sample.count))
            where rank == sample.count / 2 {
                segments[index].pivot = row
            }
        }
    }

    // MARK: Batches

    private func againstPivots(count: Int) -> (left: [UInt32], right: [UInt32]) {
        var (left, right): ([UInt32], [UInt32]) = ([], [])
        left.reserveCapacity(count)
        right.reserveCapacity(count)
        for segment in segments {
            left += UInt32(segment.rows.lowerBound)..<UInt32(segment.pivot)
            left += UInt32(segment.pivot) + 1..<UInt32(segment.rows.upperBound)
            right += repeatElement(UInt32(segment.pivot), count: segment.rows.count - 1)
        }
        return (left, right)
    }

    private static func allPairs(_ parts: [[Int]]) -> (left: [UInt32], right: [UInt32]) {
        var (left, right): ([UInt32], [UInt32]) = ([], [])
        for part in parts {
            for (place, row) in part.enumerated() {
                right += part[..<place].lazy.map { UInt32($0) }
                left += repeatElement(UInt32(row), count: place)
            }
        }
        return (left, right)
    }

    // MARK: Outcomes

    /// Each segment becomes what is less than its pivot, the pivot, and the rest.
    private mutating func split(_ less: [UInt64]) -> [UInt32] {
        var outcomes = Outcomes(less)
        var moves = Array(0..<UInt32(order.count))
        let old = segments
        segments.removeAll(keepingCapacity: true)
        for segment in old {
            // From both ends towards the pivot's place. A row is written at both; only the end
            // where it belongs moves on, so that no branch depends on the outcome.
            var (low, high) = (segment.rows.lowerBound, segment.rows.upperBound - 1)
            for part in [
                segment.rows.lowerBound..<segment.pivot,
                segment.pivot + 1..<segment.rows.upperBound,
            ] {
                for row in part {
                    let isLess = outcomes.next()
                    moves[low] = UInt32(truncatingIfNeeded: row)
                    moves[high] = UInt32(truncatingIfNeeded: row)
                    low &+= isLess
                    high &-= 1 &- isLess
                }
            }
            moves[low] = UInt32(segment.pivot)
            add([segment.rows.lowerBound..<low, low + 1..<segment.rows.upperBound])
        }
        return moves
    }

    /// Each segment in the order of its rows' ranks.
    private mutating func finish(_ less: [UInt64]) -> [UInt32] {
        var outcomes = Outcomes(less)
        var moves = Array(0..<UInt32(order.count))
        for segment in segments {
            let start = segment.rows.lowerBound
            for (row, rank) in outcomes.ranks(segment.rows.count).enumerated() {
                moves[start + rank] = UInt32(start + row)
            }
        }
        segments.removeAll()
        return moves
    }
}

/// Outcomes of comparisons, read one after the other.
private struct Outcomes {
    private let words: [UInt64]
    private var position = 0

    init(_ words: [UInt64]) { self.words = words }

    mutating func next() -> Int {
        let word = words[position >> 6]
        let bit = word &>> UInt64(truncatingIfNeeded: position) & 1
        position &+= 1
        return Int(truncatingIfNeeded: bit)
    }

    /// How many of `count` distinct rows are less than each, from the outcomes of all pairs.
    mutating func ranks(_ count: Int) -> [Int] {
        var ranks = [Int](repeating: 0, count: count)
        for row in 0..<count {
            for other in 0..<row {
                let isLess = next()
                ranks[other] &+= isLess
                ranks[row] &+= 1 &- isLess
            }
        }
        return ranks
    }
}
