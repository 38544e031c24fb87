public import Algebra

/// How much correlated randomness a program takes: elements, except for bit triples, which are
/// counted in words of 64 gates.
public struct Budget: Hashable, Sendable {
    public var triples = 0
    public var squares = 0
    public var daBits = 0
    /// A multiple of 64 a call: masks are dealt in whole words of lanes.
    public var edaBits = 0
    public var bitTripleWords = 0
    public var forkedBitTripleWords = 0

    public init() {}

    public static func + (a: Budget, b: Budget) -> Budget {
        var sum = a
        sum.triples += b.triples
        sum.squares += b.squares
        sum.daBits += b.daBits
        sum.edaBits += b.edaBits
        sum.bitTripleWords += b.bitTripleWords
        sum.forkedBitTripleWords += b.forkedBitTripleWords
        return sum
    }

    public static func multiplications(_ count: Int) -> Budget {
        var budget = Budget()
        budget.triples = count
        return budget
    }

    /// `gates` plain AND gates on `count` lanes.
    public static func ands(_ gates: Int, count: Int) -> Budget {
        var budget = Budget()
        budget.bitTripleWords = gates * words(count)
        return budget
    }

    /// One call of ``Engine/isNegative(_:)`` on `count` numbers, by masked opening.
    public static func comparisons(_ count: Int, over ring: some Ring) -> Budget {
        let shape = MonomialShape(for: ring)
        let blocks = shape.blocks.count - (ring.isPowerOfTwo ? 1 : 0)
        let (plain, forked) = comparisonTreeGates(blocks: blocks)
        var budget = Budget()
        budget.edaBits = 64 * words(count)
        budget.bitTripleWords = plain * words(count)
        budget.forkedBitTripleWords = forked * words(count)
        return budget
    }

    /// The plain and forked AND gates of a comparison tree over `blocks` leaves: every node is
    /// forked but those on the low spine, one a level.
    public static func comparisonTreeGates(blocks: Int) -> (plain: Int, forked: Int) {
        var (plain, forked, left) = (0, 0, blocks)
        while left > 1 {
            plain += 1
            forked += left / 2 - 1
            left = (left + 1) / 2
        }
        return (plain, forked)
    }

    private static func words(_ lanes: Int) -> Int { (lanes + 63) / 64 }
}
