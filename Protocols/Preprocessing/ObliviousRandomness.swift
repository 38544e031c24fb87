public import Algebra
public import MPC
public import Primitives
public import SecretSharing

/// Correlated randomness that 2 to 10 parties make among themselves, from oblivious transfers.
///
/// Semi-honest, hidden from any n − 1 parties together; it rests on the security of the transfers
/// alone. They are set up when something is made for the first time.
public struct ObliviousRandomness<R: Ring>: CorrelationGenerator, ~Copyable {
    public let ring: R
    public let session: Session
    private var work: ObliviousSession?

    public init(_ ring: R, session: Session) {
        (self.ring, self.session) = (ring, session)
    }

    /// With transfers that are set up already.
    package init(_ ring: R, over work: ObliviousSession) {
        (self.ring, session, self.work) = (ring, work.session, work)
    }

    private mutating func start() throws(MPCError) -> ObliviousSession {
        if let work { return work }
        let work = try ObliviousSession(session)
        self.work = work
        return work
    }

    /// Two parties compare by 1-of-16 transfers, more by masks.
    public var comparing: ComparisonMethod {
        session.partyCount == 2
            ? .leafOTs(blockBits: blockBits) : .masked(blockBits: blockBits)
    }

    /// Two messages a pair for about 2¹⁷ transfers: bitWidth transfers and corrections a product,
    /// n(n − 1) products a triple.
    public mutating func makeTriples(_ count: Int) throws(MPCError) -> Triples<AdditiveShares<R>> {
        let t = try start().triples(ring, wholeWords(count))
        return Triples(
            a: AdditiveShares(t.a[0..<count]), b: AdditiveShares(t.b[0..<count]),
            c: AdditiveShares(t.c[0..<count]))
    }

    /// n(n − 1)/2 products a square.
    public mutating func makeSquares(_ count: Int) throws(MPCError) -> Squares<AdditiveShares<R>> {
        let s = try start().squares(ring, wholeWords(count))
        return Squares(a: AdditiveShares(s.a[0..<count]), c: AdditiveShares(s.c[0..<count]))
    }

    /// n(n − 1)/2 transfers and as many elements a bit, 2(n − 1) messages one after the other.
    public mutating func makeDaBits(_ count: Int) throws(MPCError)
        -> DaBits<AdditiveShares<R>, XORShares>
    {
        let work = try start()
        let bits = work.own.bits(rows: 1, count: count)
        return DaBits(
            arithmetic: AdditiveShares(try work.composed(ring, bits)), bits: XORShares(bits))
    }

    /// The bits' daBits, and over a prime a comparison with it: n(n − 1) transfers a gate.
    public mutating func makeEdaBits(_ count: Int) throws(MPCError)
        -> EdaBits<AdditiveShares<R>, XORShares>
    {
        try start().edaBits(ring, count, MonomialShape(for: ring, blockBits: blockBits))
    }

    /// As ``makeEdaBits(_:)``.
    public mutating func makeTruncationMasks(_ count: Int, by bits: Int) throws(MPCError)
        -> TruncationMasks<AdditiveShares<R>, XORShares>
    {
        let shape = TruncationShape(for: ring, bits: bits, blockBits: blockBits)
        return try start().truncationMasks(ring, count, shape)
    }

    /// n(n − 1) transfers a triple, with a correction bit each from three parties on.
    public mutating func makeBitTriples(words: Int) throws(MPCError) -> BitTriples<XORShares> {
        let t = try start().bitTriples(64 * words, width: 1)
        return BitTriples(a: XORShares(t.a), b: XORShares(t.b), c: XORShares(t.c))
    }

    /// As many transfers as ``makeBitTriples(words:)``, of two bits.
    public mutating func makeForkedBitTriples(words: Int) throws(MPCError)
        -> ForkedBitTriples<XORShares>
    {
        let t = try start().bitTriples(64 * words, width: 2)
        return ForkedBitTriples(
            a: XORShares(t.a), b: (XORShares(t.b.row(0)), XORShares(t.b.row(1))),
            c: (XORShares(t.c.row(0)), XORShares(t.c.row(1))))
    }

    public mutating func makeTranslation(_ shape: TranslationShape) throws(MPCError)
        -> RowTranslation<AdditiveShares<R>, XORShares>
    {
        try start().translation(ring, shape)
    }

    /// For two parties only: three transfers each, with an element a transfer.
    public mutating func makeBitProducts(_ count: Int) throws(MPCError)
        -> BitProducts<AdditiveShares<R>, XORShares>?
    {
        guard session.partyCount == 2 else { return nil }
        return try start().bitProducts(ring, count)
    }

    /// For two parties only: four transfers each.
    public mutating func makeLeafOTs(_ count: Int, sender: Party) throws(MPCError) -> LeafOTs? {
        guard session.partyCount == 2 else { return nil }
        return try start().leafOTs(count, sender: sender)
    }

    /// bitWidth transfers for each element of the smaller matrix; corrections for each product of
    /// two elements, n(n − 1) times.
    public mutating func makeMatrixTriple(_ shape: MatrixShape) throws(MPCError)
        -> MatrixTriple<AdditiveShares<R>>?
    {
        let t = try start().matrixTriple(ring, shape)
        return MatrixTriple(
            a: AdditiveShares(t.a), b: AdditiveShares(t.b), c: AdditiveShares(t.c))
    }

    /// Nobody waits for it.
    public mutating func finish() {}
}
