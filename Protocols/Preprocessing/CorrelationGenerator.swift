public import Algebra
public import MPC
public import Primitives
public import SecretSharing

/// Makes correlated randomness, a batch a call: by a dealer's corrections, or by oblivious transfers.
///
/// Every party makes the same calls in the same order. Each item is made once and handed over; to
/// keep what is left of a batch is the caller's part (``PreparedRandomness``). Counts are positive.
public protocol CorrelationGenerator: ~Copyable {
    associatedtype R: Ring
    var ring: R { get }
    var session: Session { get }

    /// How comparisons are made with what this generator offers.
    var comparing: ComparisonMethod { get }

    mutating func makeTriples(_ count: Int) throws(MPCError) -> Triples<AdditiveShares<R>>
    mutating func makeSquares(_ count: Int) throws(MPCError) -> Squares<AdditiveShares<R>>
    /// - Parameter count: a multiple of 64.
    mutating func makeDaBits(_ count: Int) throws(MPCError) -> DaBits<AdditiveShares<R>, XORShares>
    /// - Parameter count: a multiple of 64.
    mutating func makeEdaBits(_ count: Int) throws(MPCError)
        -> EdaBits<AdditiveShares<R>, XORShares>
    /// One row of 64 · `words` lanes.
    mutating func makeBitTriples(words: Int) throws(MPCError) -> BitTriples<XORShares>
    /// One row of 64 · `words` lanes.
    mutating func makeForkedBitTriples(words: Int) throws(MPCError) -> ForkedBitTriples<XORShares>
    /// - Parameter count: a multiple of 64.
    mutating func makeTruncationMasks(_ count: Int, by bits: Int) throws(MPCError)
        -> TruncationMasks<AdditiveShares<R>, XORShares>
    mutating func makeTranslation(_ shape: TranslationShape) throws(MPCError)
        -> RowTranslation<AdditiveShares<R>, XORShares>
    /// Nil if this generator makes none.
    ///
    /// - Parameter count: a multiple of 64.
    mutating func makeBitProducts(_ count: Int) throws(MPCError)
        -> BitProducts<AdditiveShares<R>, XORShares>?
    /// Nil if this generator makes none.
    ///
    /// - Parameter count: a multiple of 64.
    mutating func makeLeafOTs(_ count: Int, sender: Party) throws(MPCError) -> LeafOTs?
    /// Nil if this generator makes none.
    mutating func makeMatrixTriple(_ shape: MatrixShape) throws(MPCError)
        -> MatrixTriple<AdditiveShares<R>>?

    /// Says that nothing more will be made.
    mutating func finish() throws(MPCError)
}
