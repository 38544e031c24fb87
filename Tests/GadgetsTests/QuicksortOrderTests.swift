import Algebra
import TestSupport
import Testing

/// Runs the public half of a sort on plain keys, whose order in `keys` is the shuffled one.
private func quicksort(
    _ keys: [[Int]], wanted: Int? = nil, limits: QuicksortOrder.Limits = .init()
) -> (order: [UInt32], transcript: [[UInt64]], comparisons: Int) {
    var quicksort = QuicksortOrder(count: keys.count, wanted: wanted, limits: limits)
    var transcript: [[UInt64]] = []
    var comparisons = 0
    while let (left, right) = quicksort.nextComparisons() {
        let less = zip(left, right).map {
            keys[Int(quicksort.order[Int($0)])].lexicographicallyPrecedes(
                keys[Int(quicksort.order[Int($1)])])
        }
        comparisons += less.count
        transcript.append(BitMatrix(less).words)
        _ = quicksort.learn(BitMatrix(less).words)
    }
    return (quicksort.order, transcript, comparisons)
}

/// All orders of 0 ..< n.
private func orders(_ n: Int) -> [[Int]] {
    guard n > 0 else { return [[]] }
    return orders(n - 1).flatMap { rest in
        (0..<n).map { place in
            var order = rest
            order.insert(n - 1, at: place)
            return order
        }
    }
}

private func limits(pairs: Int, large: Int) -> QuicksortOrder.Limits {
    var limits = QuicksortOrder.Limits()
    (limits.pairs, limits.pairsPerRow, limits.large) = (pairs, 0, large)
    return limits
}

@Suite struct QuicksortOrderTests {
    /// Exact over all 120 orders of 5 rows: the transcripts are the same, however the keys lie.
    @Test(arguments: [(0, 99), (1, 99), (3, 99), (0, 3), (3, 3), (99, 99)], [5, 2])
    func transcriptsDependOnTheRandomOrderAlone(_ limit: (pairs: Int, large: Int), wanted: Int) {
        let inputs = [
            [1, 2, 3, 4, 5], [7, 7, 7, 7, 7], [9, 1, 9, 1, 1], [5, 4, 3, 2, 1], [2, 8, 2, 8, 2],
        ]
        let counts = inputs.map { keys in
            var counts: [[[UInt64]]: Int] = [:]
            for order in orders(5) {
                let rows = order.map { [keys[$0], $0] }
                let result = quicksort(
                    rows, wanted: wanted, limits: limits(pairs: limit.pairs, large: limit.large))
                let sorted = rows.sorted { $0.lexicographicallyPrecedes($1) }
                #expect(
                    result.order.prefix(wanted).map { rows[Int($0)] }
                        == Array(sorted.prefix(wanted)))
                counts[result.transcript, default: 0] += 1
            }
            return counts
        }
        #expect(counts.allSatisfy { $0 == counts[0] })
    }

    /// The mistake that the hidden numbers avoid: public places as tie-breaks tell equal keys.
    @Test func numbersGivenAfterTheShuffleTellTies() {
        let transcripts = [[1, 2, 3, 4, 5], [7, 7, 7, 7, 7]].map { keys in
            Set(
                orders(5).map { order in
                    quicksort(order.enumerated().map { [keys[$1], $0] }).transcript
                })
        }
        #expect(transcripts[0] != transcripts[1])
    }

    @Test(arguments: [0, 1, 2, 3, 63, 64, 65, 1000, 20_000])
    func sorts(_ count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        let rows = Array(0..<count).shuffled(using: &generator).map { [$0] }
        let result = quicksort(rows)
        #expect(result.order.map { rows[Int($0)][0] } == Array(0..<count))
        let top = quicksort(rows, wanted: 5)
        #expect(top.order.prefix(5).map { rows[Int($0)][0] } == Array((0..<count).prefix(5)))
        if count >= 20_000 {
            #expect(result.comparisons < 17 * count && top.comparisons < 4 * count)
        }
    }

    /// No outcome is asked for twice in a level, and rows in their place are left alone.
    @Test func batchesShrink() {
        var quicksort = QuicksortOrder(count: 3, limits: limits(pairs: 0, large: 99))
        let first = quicksort.nextComparisons()
        #expect(first?.left == [0, 2] && first?.right == [1, 1])
        #expect(quicksort.learn([0b10]) == [2, 1, 0])
        #expect(quicksort.nextComparisons() == nil && quicksort.order == [2, 1, 0])
    }
}
