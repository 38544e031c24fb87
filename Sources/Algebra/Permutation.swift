/// A rearrangement of n rows, n < 2³²: row i of the result is row `indices[i]` of the operand.
public struct Permutation: Equatable, Sendable {
    /// Each of 0 ..< n once.
    public let indices: [UInt32]

    /// Trusts the caller that each of 0 ..< n occurs once.
    package init(_ indices: [UInt32]) { self.indices = indices }

    /// - Returns: nil unless each of 0 ..< n occurs once; variable time.
    public init?(checking indices: [UInt32]) {
        var seen = [Bool](repeating: false, count: indices.count)
        for index in indices {
            guard index < indices.count, !seen[Int(index)] else { return nil }
            seen[Int(index)] = true
        }
        self.indices = indices
    }

    public var count: Int { indices.count }

    /// Appends the wire form: each index in 4 bytes, little-endian.
    package func appendWire(to output: inout OutputSpan<UInt8>) {
        for index in indices {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                output.append(UInt8(truncatingIfNeeded: index >> shift))
            }
        }
    }

    /// Reads the wire form; nil unless it is a rearrangement of `count` rows; variable time.
    package init?(received bytes: ArraySlice<UInt8>, count: Int) {
        guard bytes.count == 4 * count else { return nil }
        let starts = stride(from: bytes.startIndex, to: bytes.endIndex, by: 4)
        self.init(
            checking: starts.map { start in
                (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
            })
    }

    public static func identity(_ count: Int) -> Self { Self((0..<UInt32(count)).map { $0 }) }

    /// An exactly uniform permutation (Fisher and Yates 1938; Durstenfeld 1964).
    ///
    /// Bounded integers without bias: D. Lemire, *Fast Random Integer Generation in an Interval*,
    /// 2019. Memory is indexed by what is drawn: who sees this party's caches may learn it.
    public static func random(
        _ count: Int, using generator: inout some WordGenerator & ~Copyable
    ) -> Self {
        var indices = (0..<UInt32(count)).map { $0 }
        var words = [UInt64](repeating: 0, count: min(1024, max(1, count)))
        var next = words.count
        var last = count - 1
        while last > 0 {
            if next == words.count {
                var span = words.mutableSpan
                generator.fill(&span)
                next = 0
            }
            // A word's high half times the bound: the product's low half decides on rejection.
            let bound = UInt64(last) + 1
            let product = words[next].multipliedFullWidth(by: bound)
            next += 1
            guard product.low >= (0 &- bound) % bound else { continue }
            indices.swapAt(last, Int(product.high))
            last -= 1
        }
        return Self(indices)
    }

    /// First self, then `other`: row i of the result is row self[other[i]].
    public func followed(by other: Self) -> Self {
        precondition(count == other.count, "permutations of \(count) and \(other.count) rows")
        return Self(other.indices.map { indices[Int($0)] })
    }

    /// What undoes it.
    public var inverse: Self {
        var result = [UInt32](repeating: 0, count: count)
        for (i, index) in indices.enumerated() { result[Int(index)] = UInt32(i) }
        return Self(result)
    }
}

/// Printing shows the number of rows: a permutation may be secret.
extension Permutation: CustomStringConvertible, CustomReflectable {
    public var description: String { "Permutation(count: \(count))" }
    public var customMirror: Mirror { Mirror(self, children: ["count": count]) }
}
