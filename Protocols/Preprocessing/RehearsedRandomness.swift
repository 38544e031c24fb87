public import Algebra
public import MPC
public import Primitives
public import SecretSharing

/// Correlated randomness that is zero, and counts what is asked for: a rehearsal tells what a
/// program takes.
///
/// Zeros fulfil every relation, so that a program runs on them and gives right results; they hide
/// nothing. Never for inputs that are secret: parties rehearse on invented ones, each by itself.
public struct RehearsedRandomness<R: Ring>: CorrelationGenerator, ~Copyable {
    public let ring: R
    public let session: Session
    public let comparing: ComparisonMethod
    private let tally: RandomnessTally

    /// - Parameter comparing: as the generator does that will be used.
    public init(
        _ ring: R, session: Session, comparing: ComparisonMethod, counting tally: RandomnessTally
    ) {
        (self.ring, self.session) = (ring, session)
        (self.comparing, self.tally) = (comparing, tally)
    }

    private func numbers(_ count: Int) -> AdditiveShares<R> {
        AdditiveShares(Vector(ring, zeros: count))
    }

    private func bits(_ rows: Int, _ count: Int) -> XORShares {
        XORShares(BitMatrix(rows: rows, count: count))
    }

    public mutating func makeTriples(_ count: Int) -> Triples<AdditiveShares<R>> {
        tally.budget.triples += count
        return Triples(a: numbers(count), b: numbers(count), c: numbers(count))
    }

    public mutating func makeSquares(_ count: Int) -> Squares<AdditiveShares<R>> {
        tally.budget.squares += count
        return Squares(a: numbers(count), c: numbers(count))
    }

    public mutating func makeDaBits(_ count: Int) -> DaBits<AdditiveShares<R>, XORShares> {
        tally.budget.daBits += count
        return DaBits(arithmetic: numbers(count), bits: bits(1, count))
    }

    public mutating func makeEdaBits(_ count: Int) -> EdaBits<AdditiveShares<R>, XORShares> {
        tally.budget.edaBits += count
        let shape = MonomialShape(for: ring, blockBits: comparing.blockBits)
        return EdaBits(r: numbers(count), monomials: bits(shape.rowCount, count), shape: shape)
    }

    public mutating func makeBitTriples(words: Int) -> BitTriples<XORShares> {
        tally.budget.bitTripleWords += words
        let row = bits(1, 64 * words)
        return BitTriples(a: row, b: row, c: row)
    }

    public mutating func makeForkedBitTriples(words: Int) -> ForkedBitTriples<XORShares> {
        tally.budget.forkedBitTripleWords += words
        let row = bits(1, 64 * words)
        return ForkedBitTriples(a: row, b: (row, row), c: (row, row))
    }

    public mutating func makeTruncationMasks(_ count: Int, by cut: Int)
        -> TruncationMasks<AdditiveShares<R>, XORShares>
    {
        tally.budget.truncationMasks[cut, default: 0] += count
        let shape = TruncationShape(for: ring, bits: cut, blockBits: comparing.blockBits)
        return TruncationMasks(
            r: numbers(count), high: numbers(count), monomials: bits(shape.all.rowCount, count),
            shape: shape)
    }

    /// The rows stay where they are.
    public mutating func makeTranslation(_ shape: TranslationShape)
        -> RowTranslation<AdditiveShares<R>, XORShares>
    {
        tally.budget.translations[shape, default: 0] += 1
        let none = Columns(
            numbers: (0..<shape.numbers).map { _ in numbers(shape.rows) },
            records: bits(shape.rows, shape.recordBits))
        return session.party == shape.owner
            ? .permutes(.identity(shape.rows), difference: none)
            : .masks(before: none, after: none)
    }

    public mutating func makeBitProducts(_ count: Int)
        -> BitProducts<AdditiveShares<R>, XORShares>?
    {
        guard case .leafOTs = comparing else { return nil }
        tally.budget.bitProducts += count
        let zeros = numbers(count)
        return BitProducts(bits: bits(1, count), number: zeros, a: zeros, product: zeros)
    }

    public mutating func makeLeafOTs(_ count: Int, sender: Party) -> LeafOTs? {
        guard case .leafOTs = comparing else { return nil }
        tally.budget.leafOTs[sender, default: 0] += count
        return session.party == sender
            ? .sender(pads: BitMatrix(rows: 32, count: count))
            : .receiver(
                choice: BitMatrix(rows: 4, count: count), pad: BitMatrix(rows: 2, count: count))
    }

    public mutating func makeMatrixTriple(_ shape: MatrixShape) -> MatrixTriple<AdditiveShares<R>>?
    {
        tally.budget.matrixTriples[shape, default: 0] += 1
        return MatrixTriple(
            a: numbers(shape.rows * shape.inner), b: numbers(shape.inner * shape.columns),
            c: numbers(shape.rows * shape.columns))
    }

    public mutating func finish() {}
}

/// What a rehearsal has taken so far.
public final class RandomnessTally {
    public internal(set) var budget = Budget()
    public init() {}
}
