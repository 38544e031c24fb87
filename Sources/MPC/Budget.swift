public import Algebra
public import Primitives

/// How much correlated randomness a program takes: elements, except for bit triples, which are
/// counted in words of 64 gates, and for translations, which are counted by their shape.
public struct Budget: Hashable, Sendable {
    public var triples = 0
    public var squares = 0
    public var daBits = 0
    /// A multiple of 64 a call: masks are dealt in whole words of lanes.
    public var edaBits = 0
    public var bitTripleWords = 0
    public var forkedBitTripleWords = 0
    /// A multiple of 64 a call, by the bits that are cut off.
    public var truncationMasks: [Int: Int] = [:]
    public var translations: [TranslationShape: Int] = [:]
    /// By the party that sends; a multiple of 64 a call.
    public var leafOTs: [Party: Int] = [:]
    public var matrixTriples: [MatrixShape: Int] = [:]
    public var bitProducts = 0

    public init() {}

    public static func + (a: Budget, b: Budget) -> Budget {
        var sum = a
        sum.triples += b.triples
        sum.squares += b.squares
        sum.daBits += b.daBits
        sum.edaBits += b.edaBits
        sum.bitTripleWords += b.bitTripleWords
        sum.forkedBitTripleWords += b.forkedBitTripleWords
        sum.truncationMasks.merge(b.truncationMasks, uniquingKeysWith: +)
        sum.translations.merge(b.translations, uniquingKeysWith: +)
        sum.bitProducts += b.bitProducts
        sum.leafOTs.merge(b.leafOTs, uniquingKeysWith: +)
        sum.matrixTriples.merge(b.matrixTriples, uniquingKeysWith: +)
        return sum
    }

    /// So much more of everything that is cut into lanes, rounded up to whole words; items of a shape
    /// stay as many.
    public func enlarged(percent: Int) -> Budget {
        func more(_ count: Int) -> Int { (count * (100 + percent) / 100 + 63) / 64 * 64 }
        var larger = self
        larger.triples = more(triples)
        larger.squares = more(squares)
        larger.daBits = more(daBits)
        larger.edaBits = more(edaBits)
        larger.bitTripleWords = more(bitTripleWords)
        larger.forkedBitTripleWords = more(forkedBitTripleWords)
        larger.truncationMasks = truncationMasks.mapValues(more)
        larger.leafOTs = leafOTs.mapValues(more)
        return larger
    }

    public static func multiplications(_ count: Int) -> Budget {
        var budget = Budget()
        budget.triples = count
        return budget
    }

    public static func squares(_ count: Int) -> Budget {
        var budget = Budget()
        budget.squares = count
        return budget
    }

    /// One matrix product with a triple of matrices.
    public static func matrixProducts(rows: Int, inner: Int, columns: Int) -> Budget {
        var budget = Budget()
        budget.matrixTriples = [MatrixShape(rows: rows, inner: inner, columns: columns): 1]
        return budget
    }

    /// `gates` plain AND gates on `count` lanes.
    public static func ands(_ gates: Int, count: Int) -> Budget {
        var budget = Budget()
        budget.bitTripleWords = gates * words(count)
        return budget
    }

    /// One call of ``Engine/isNegative(_:)`` on `count` numbers.
    public static func comparisons(
        _ count: Int, over ring: some Ring, by method: ComparisonMethod = .masked(blockBits: 4)
    ) -> Budget {
        var budget = Budget()
        let words = words(count)
        let blocks: Int
        switch method {
        case .masked(let blockBits):
            let shape = MonomialShape(for: ring, blockBits: blockBits)
            blocks = shape.blocks.count - (ring.isPowerOfTwo ? 1 : 0)
            budget.edaBits = 64 * words
        case .leafOTs:
            // Leaves of four bits, below the top bit over 2ᵏ; half of the words from each party.
            blocks = ((ring.isPowerOfTwo ? ring.bitWidth - 1 : ring.bitWidth) + 3) / 4
            let first = (words + 1) / 2
            budget.leafOTs = [
                Party(0): 64 * blocks * first, Party(1): 64 * blocks * (words - first),
            ]
        }
        let (plain, forked) = comparisonTreeGates(blocks: blocks)
        budget.bitTripleWords = plain * words
        budget.forkedBitTripleWords = forked * words
        return budget
    }

    /// One call of ``Engine/truncate(_:by:)`` on `count` numbers, by masked opening.
    ///
    /// - Parameter blockBits: bits in a block of a mask.
    public static func truncations(
        _ count: Int, by bits: Int, over ring: some Ring, blockBits: Int = 4
    ) -> Budget {
        let shape = TruncationShape(for: ring, bits: bits, blockBits: blockBits)
        let (words, low) = (words(count), comparisonTreeGates(blocks: shape.low.blocks.count))
        var budget = Budget()
        budget.truncationMasks = [bits: 64 * words]
        budget.daBits = 2 * 64 * words
        // Over a prime: two comparisons of the low bits, and an AND that chooses.
        let comparisons = ring.isPowerOfTwo ? words : 2 * words
        budget.bitTripleWords = low.plain * comparisons + (ring.isPowerOfTwo ? 0 : words)
        budget.forkedBitTripleWords = low.forked * comparisons
        if !shape.isWrapLocal {
            let (plain, forked) = comparisonTreeGates(blocks: shape.all.blocks.count)
            budget.bitTripleWords += plain * words
            budget.forkedBitTripleWords += forked * words
        }
        return budget
    }

    /// One call of ``Engine/shuffle(_:)`` by translations: every party permutes once.
    public static func shuffle(rows: Int, numbers: Int, recordBits: Int, parties: Int) -> Budget {
        (0..<parties).reduce(Budget()) {
            $0
                + permutation(
                    rows: rows, numbers: numbers, recordBits: recordBits, by: Party($1))
        }
    }

    /// One permutation by translation, known to `owner`.
    public static func permutation(rows: Int, numbers: Int, recordBits: Int, by owner: Party)
        -> Budget
    {
        var budget = Budget()
        let shape = TranslationShape(
            rows: rows, numbers: numbers, recordBits: recordBits, owner: owner)
        budget.translations = rows > 0 ? [shape: 1] : [:]
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
