public import MPC

extension Budget {
    /// One call of ``Engine/isLess(_:than:)`` on `count` keys of `bits` bits, gate by gate.
    public static func keyComparisons(_ count: Int, bits: Int) -> Budget {
        func products(_ level: PrefixLevel, _ places: Int) -> Int {
            (1..<max(1, places)).reduce(0) { $0 + level.rows(at: $1).count }
        }
        var level = PrefixLevel(count: bits)
        var gates = products(level, level.width)
        var sums = bits
        while level.blocks > 1 {
            level = PrefixLevel(count: level.blocks)
            gates += sums + products(level, level.blocks == 1 ? level.width - 1 : level.width)
            sums = products(level, level.width)
        }
        return .ands(gates + sums, count: count)
    }

    /// One call of ``Engine/isEqual(_:to:)`` on `count` keys of `bits` bits.
    public static func keyEqualities(_ count: Int, bits: Int) -> Budget {
        .ands(bits - 1, count: count)
    }
}
