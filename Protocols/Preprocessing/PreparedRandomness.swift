import Algebra
public import MPC
public import Primitives
public import SecretSharing

/// Correlated randomness that was made and is not yet spent, with what makes more of it.
///
/// Not copyable, so that nothing is spent twice. Whole words of lanes are spent of every kind that
/// has bits, so that the next cut is at a multiple of 64. What is left at the end is wiped.
public struct PreparedRandomness<Generator: CorrelationGenerator & ~Copyable>: CorrelationSource,
    ~Copyable
{
    public typealias Shares = AdditiveShares<Generator.R>
    public typealias Bits = XORShares

    private var generator: Generator
    private var pools: [CorrelationKind: CorrelationPool<Generator.R>] = [:]

    public init(_ generator: consuming Generator) { self.generator = generator }

    public var comparing: ComparisonMethod { generator.comparing }

    /// Makes what the budget says, on top of what is left; kinds that the generator does not make
    /// are left out.
    public mutating func prepare(_ budget: Budget) throws(MPCError) {
        for (kind, count) in budget.amounts {
            switch kind {
            case .translations, .matrixTriples:
                for _ in 0..<count { _ = try fetch(kind, 1) }
            default: _ = try fetch(kind, count)
            }
        }
    }

    public mutating func finish() throws(MPCError) { try generator.finish() }

    /// Takes the next `count` lanes or items, after making those that are missing.
    ///
    /// - Returns: nil if the generator makes none.
    private mutating func taken(_ kind: CorrelationKind, _ count: Int) throws(MPCError)
        -> CorrelationBatch<Generator.R>?
    {
        guard count > 0 else {
            let layout = CorrelationLayout(
                kind, count: 0, over: generator.ring, blockBits: comparing.blockBits,
                party: generator.session.party)
            return CorrelationBatch(nothingOf: layout, over: generator.ring)
        }
        let left = pools[kind]?.left ?? 0
        if left < count {
            guard try fetch(kind, count - left) else { return nil }
        }
        return pools[kind]?.take(count)
    }

    private mutating func take(_ kind: CorrelationKind, _ count: Int) throws(MPCError)
        -> CorrelationBatch<Generator.R>
    {
        guard let batch = try taken(kind, count) else {
            preconditionFailure("every generator makes \(kind)")
        }
        return batch
    }

    /// Makes more and keeps it; false if the generator makes none.
    private mutating func fetch(_ kind: CorrelationKind, _ count: Int) throws(MPCError) -> Bool {
        guard let batch = try generator.make(kind, count) else { return false }
        let pool = pools[kind] ?? CorrelationPool()
        pool.append(batch)
        pools[kind] = pool
        return true
    }
}

// MARK: - Every kind

extension PreparedRandomness where Generator: ~Copyable {
    public mutating func takeTriples(_ count: Int) throws(MPCError) -> Triples<Shares> {
        try take(.triples, count).triples
    }

    public mutating func takeSquares(_ count: Int) throws(MPCError) -> Squares<Shares> {
        try take(.squares, count).squares
    }

    public mutating func takeDaBits(_ count: Int) throws(MPCError) -> DaBits<Shares, Bits> {
        try take(.daBits, wholeWords(count)).slice(0..<count).daBits
    }

    public mutating func takeEdaBits(_ count: Int) throws(MPCError) -> EdaBits<Shares, Bits> {
        let shape = MonomialShape(for: generator.ring, blockBits: comparing.blockBits)
        return try take(.edaBits, wholeWords(count)).slice(0..<count).edaBits(shape)
    }

    public mutating func takeBitTriples(rows: Int, count: Int) throws(MPCError) -> BitTriples<Bits>
    {
        try take(.bitTriples, rows * wholeWords(count)).bitTriples(rows: rows, count: count)
    }

    public mutating func takeForkedBitTriples(rows: Int, count: Int) throws(MPCError)
        -> ForkedBitTriples<Bits>
    {
        try take(.forkedBitTriples, rows * wholeWords(count))
            .forkedBitTriples(rows: rows, count: count)
    }

    public mutating func takeTruncationMasks(_ count: Int, by bits: Int) throws(MPCError)
        -> TruncationMasks<Shares, Bits>
    {
        let shape = TruncationShape(
            for: generator.ring, bits: bits, blockBits: comparing.blockBits)
        return try take(.truncationMasks(bits: bits), wholeWords(count)).slice(0..<count)
            .truncationMasks(shape)
    }

    public mutating func takeTranslation(_ shape: TranslationShape) throws(MPCError)
        -> RowTranslation<Shares, Bits>
    {
        try take(.translations(shape), 1).translation
    }

    public mutating func takeLeafOTs(_ count: Int, sender: Party) throws(MPCError) -> LeafOTs? {
        try taken(.leafOTs(sender: sender), count)?.leafOTs
    }

    public mutating func takeMatrixTriple(_ shape: MatrixShape) throws(MPCError)
        -> MatrixTriple<Shares>?
    {
        try taken(.matrixTriples(shape), 1)?.matrixTriple
    }
}
