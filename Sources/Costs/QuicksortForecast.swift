import Algebra

/// How many comparisons a quicksort of n rows in random order is expected to make, batch by batch.
///
/// What ``QuicksortOrder`` does, with expected numbers of segments of each size in place of segments:
/// a few hundred steps for any n. A segment with a uniformly random pivot of s rows becomes one of
/// each size below s twice with probability 1/s; one whose pivot is the median of a sample of m rows
/// splits at 1/2 ± 1/(2√(m + 2)), the mean and the standard deviation of that median.
package struct QuicksortForecast {
    /// Of each batch.
    package private(set) var comparisons: [Int] = []

    private let limits = QuicksortOrder.Limits()
    /// Expected number of segments of so many rows, all of them wanted.
    private var small: [Double]
    private var large: [Int: Double] = [:]
    /// The one segment of which only a part is wanted.
    private var partly: Range<Int>?

    package init(count n: Int, wanted: Int) {
        small = Array(repeating: 0, count: limits.large)
        if wanted == n { add(n, 1) } else if wanted > 0, n > 1 { partly = 0..<n }
        while rows > 0.5 {
            let pairs = sum { Double($0) * Double($0 - 1) / 2 }
            if pairs <= Double(max(limits.pairs, limits.pairsPerRow * Int(rows))) {
                comparisons.append(Int(pairs.rounded(.up)))
                break
            }
            let sampled = sum { size in
                let sample = limits.sample(of: size)
                return size < limits.large ? 0 : Double(sample * (sample - 1) / 2)
            }
            if sampled > 0.5 { comparisons.append(Int(sampled)) }
            comparisons.append(Int(sum { Double($0 - 1) }.rounded(.up)))
            split(wanted)
        }
    }

    private var rows: Double { sum { Double($0) } }

    /// Σ f(size) over the expected segments.
    private func sum(_ f: (Int) -> Double) -> Double {
        var sum = partly.map { f($0.count) } ?? 0
        for (size, count) in small.enumerated() where count > 0 { sum += count * f(size) }
        for (size, count) in large { sum += count * f(size) }
        return sum
    }

    private mutating func add(_ size: Int, _ count: Double) {
        guard size > 1 else { return }
        guard size >= limits.large else { return small[size] += count }
        // Sizes that agree in six bits are one, with as many rows.
        let unit = 1 << max(0, Int.bitWidth - size.leadingZeroBitCount - 6)
        let rounded = size / unit * unit
        large[rounded, default: 0] += count * Double(size) / Double(rounded)
    }

    private mutating func split(_ wanted: Int) {
        let (oldSmall, oldLarge) = (small, large)
        small = Array(repeating: 0, count: limits.large)
        large = [:]
        // From the largest down: segments that become one of this size.
        var larger = 0.0
        for size in oldSmall.indices.reversed() {
            if size > 1 { small[size] = larger }
            if size > 0 { larger += 2 * oldSmall[size] / Double(size) }
        }
        for (size, count) in oldLarge {
            let deviation = 0.5 / Double(limits.sample(of: size) + 2).squareRoot()
            let part = Int((Double(size - 1) * (0.5 - deviation)).rounded())
            add(part, count)
            add(size - 1 - part, count)
        }
        guard let old = partly else { return }
        let middle = old.lowerBound + old.count / 2
        partly = nil
        for part in [old.lowerBound..<middle, middle + 1..<old.upperBound]
        where part.count > 1 && part.lowerBound < wanted {
            if part.upperBound <= wanted { add(part.count, 1) } else { partly = part }
        }
    }
}
