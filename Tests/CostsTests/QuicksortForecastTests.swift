import Algebra
import Costs
import TestSupport
import Testing

/// The forecast of a sort against sorts.
@Suite struct QuicksortForecastTests {
    /// Comparisons of one sort of rows in random order, batch by batch.
    static func batches(_ count: Int, _ wanted: Int, seed: UInt64) -> [Int] {
        var random = SeededGenerator(seed: seed)
        var keys = Array(0..<UInt32(count)).shuffled(using: &random)
        var order = QuicksortOrder(count: count, wanted: wanted)
        var batches: [Int] = []
        while let (left, right) = order.nextComparisons() {
            batches.append(left.count)
            var words = [UInt64](repeating: 0, count: (left.count + 63) / 64)
            for i in left.indices where keys[Int(left[i])] < keys[Int(right[i])] {
                words[i >> 6] |= 1 << UInt64(i & 63)
            }
            if let moves = order.learn(words) { keys = moves.map { keys[Int($0)] } }
        }
        return batches
    }

    @Test("Comparisons and levels are those to be expected", arguments: [
        (2, 2), (100, 100), (1000, 1000), (5000, 5000), (50_000, 50_000), (300_000, 300_000),
        (50_000, 10), (50_000, 1000), (50_000, 20_000), (50_000, 49_000),
    ])
    func forecast(count: Int, wanted: Int) {
        let runs = (1...(count > 100_000 ? 3 : 12)).map {
            Self.batches(count, wanted, seed: UInt64($0))
        }
        let comparisons = runs.map { Double($0.reduce(0, +)) }.reduce(0, +) / Double(runs.count)
        let levels = runs.map { Double($0.count) }.reduce(0, +) / Double(runs.count)
        let forecast = QuicksortForecast(count: count, wanted: wanted).comparisons
        let sum = Double(forecast.reduce(0, +))
        let tolerance = wanted == count && count >= 5000 ? 0.03 : 0.12
        #expect(abs(sum - comparisons) <= tolerance * comparisons + 1)
        #expect(abs(Double(forecast.count) - levels) <= 0.2 * levels + 1)
    }
}
