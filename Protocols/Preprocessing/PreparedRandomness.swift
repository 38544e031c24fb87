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
    private let store: PreprocessingStore<Generator.R>?
    private let isOnlineOnly: Bool
    private var pools: [CorrelationKind: CorrelationPool<Generator.R>] = [:]
    private let supply: RandomnessSupply

    /// - Parameters:
    ///   - store: what was made in an earlier session is taken first; its agreement is made.
    ///   - onlineOnly: nothing is made: the store has all or the run ends.
    ///   - supply: counts where everything came from.
    /// - Precondition: the store was filled by a generator of this type.
    public init(
        _ generator: consuming Generator, store: PreprocessingStore<Generator.R>? = nil,
        onlineOnly: Bool = false, supply: RandomnessSupply = RandomnessSupply()
    ) {
        self.generator = generator
        (self.store, isOnlineOnly, self.supply) = (store, onlineOnly, supply)
    }

    public var comparing: ComparisonMethod { generator.comparing }

    /// Reserves what the store has of the budget, at once, and makes the rest; kinds that the
    /// generator does not make are left out.
    public mutating func prepare(_ budget: Budget) throws(MPCError) {
        let amounts = budget.amounts
        let ready = amounts.map { ($0.kind, min($0.count, store?.left($0.kind) ?? 0)) }
        if isOnlineOnly {
            for ((kind, needed), (_, left)) in zip(amounts, ready) where left < needed {
                throw .preprocessingExhausted(kind: kind.name, needed: needed, left: left)
            }
        }
        try draw(ready)
        for ((kind, count), (_, ready)) in zip(amounts, ready) {
            _ = try make(kind, count - ready)
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
        let missing = count - (pools[kind]?.left ?? 0)
        if missing > 0 {
            guard try fetch(kind, missing) else { return nil }
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

    /// Gets what no budget foresaw, from the store as far as it goes; false if there is none.
    ///
    /// Every draw from a store is a write to the disk, so that it takes a quarter of what was drawn
    /// before, at least.
    private mutating func fetch(_ kind: CorrelationKind, _ count: Int) throws(MPCError) -> Bool {
        let left = store?.left(kind) ?? 0
        let ahead = supply[kind.name].ready / 4 / 64 * 64
        let ready = min(left, max(count, ahead))
        guard !isOnlineOnly || ready >= count else {
            throw .preprocessingExhausted(kind: kind.name, needed: count, left: left)
        }
        try draw([(kind, ready)])
        return try make(kind, count - ready)
    }

    private mutating func draw(_ amounts: [(CorrelationKind, Int)]) throws(MPCError) {
        guard let store else { return }
        do throws(StoreError) {
            for (kind, batch) in try store.draw(amounts) {
                supply[kind.name].ready += batch.count
                keep(kind, batch)
            }
        } catch {
            throw .preprocessingStore(error.description)
        }
    }

    /// Makes more and keeps it; false if the generator makes none.
    private mutating func make(_ kind: CorrelationKind, _ count: Int) throws(MPCError) -> Bool {
        var missing = count
        while missing > 0 {
            let mark = generator.session.costs.beginPreparing()
            defer { generator.session.costs.endPreparing(mark) }
            guard let batch = try generator.make(kind, missing) else { return false }
            supply[kind.name].made += batch.count
            keep(kind, batch)
            missing -= batch.count
        }
        return true
    }

    private mutating func keep(_ kind: CorrelationKind, _ batch: CorrelationBatch<Generator.R>) {
        let pool = pools[kind] ?? CorrelationPool()
        pool.append(batch)
        pools[kind] = pool
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

    public mutating func takeBitProducts(_ count: Int) throws(MPCError)
        -> BitProducts<Shares, Bits>?
    {
        try taken(.bitProducts, wholeWords(count))?.slice(0..<count).bitProducts
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
