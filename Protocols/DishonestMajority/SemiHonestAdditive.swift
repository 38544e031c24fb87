public import Algebra
import Circuits
public import MPC
public import Preprocessing
public import Primitives
public import SecretSharing

/// Additive sharing among 2 to 10 parties: privacy against n − 1 parties that follow the protocol.
///
/// Nothing detects a party that deviates. Arithmetic over any ``Ring``, boolean circuits over XOR
/// shares; products by Beaver triples, comparisons by masked opening with edaBits, all from
/// `Source`, on whose honesty privacy and correctness rest as well.
///
/// Not copyable, because a copy would spend the same triples twice and so reveal secrets.
public struct SemiHonestAdditive<R: Ring, Source: CorrelationSource & ~Copyable>: ~Copyable
where Source.Shares == AdditiveShares<R>, Source.Bits == XORShares {
    public let ring: R
    public let session: Session
    private var source: Source

    /// - Precondition: the session's agreement has been made.
    public init(_ ring: R, session: Session, source: consuming Source) {
        self.ring = ring
        self.session = session
        self.source = source
    }

    public var costs: CostMeter { session.costs }

    /// Makes correlated randomness ahead of the online phase.
    public mutating func prepare(_ budget: Budget) throws(MPCError) {
        try session.phase("preprocessing") { () throws(MPCError) in try source.prepare(budget) }
    }

    /// Ends the computation: no more correlated randomness will be asked for.
    public mutating func finish() throws(MPCError) { try source.finish() }
}

// MARK: - 𝓕_ABB

extension SemiHonestAdditive: MatrixTripleConsuming where Source: ~Copyable {
    public typealias Shares = AdditiveShares<R>

    /// Input by pairwise seeds: no message; from a client one, in one round.
    public mutating func input(_ values: Vector<R>?, count: Int, from owner: Party)
        throws(MPCError) -> AdditiveShares<R>
    {
        AdditiveShares(
            try session.inputShare(
                values, shape: VectorShape(ring: ring, count: count), from: owner))
    }

    public func constant(_ c: Vector<R>) -> AdditiveShares<R> {
        AdditiveShares(session.isFirst ? c : Vector(ring, zeros: c.count))
    }

    public func adding(_ c: @autoclosure () -> Vector<R>, to x: AdditiveShares<R>)
        -> AdditiveShares<R>
    {
        session.isFirst ? AdditiveShares(x.share + c()) : x
    }

    public mutating func open(_ x: [AdditiveShares<R>]) throws(MPCError) -> [Opened<Vector<R>>] {
        try session.open(x.map(\.share)).map(Opened.init(masked:))
    }

    public mutating func reveal(_ x: AdditiveShares<R>) throws(MPCError) -> Revealed<Vector<R>> {
        Revealed(try session.open([session.rerandomised(x.share)])[0])
    }

    public mutating func output(_ x: AdditiveShares<R>, to recipients: Recipients)
        throws(MPCError) -> Vector<R>?
    {
        try session.release(session.rerandomised(x.share), to: recipients)
    }

    public mutating func takeTriples(_ count: Int) throws(MPCError) -> Triples<AdditiveShares<R>> {
        try source.takeTriples(count)
    }

    public mutating func takeSquares(_ count: Int) throws(MPCError) -> Squares<AdditiveShares<R>> {
        try source.takeSquares(count)
    }

    public mutating func takeMatrixTriple(_ shape: MatrixShape) throws(MPCError)
        -> MatrixTriple<AdditiveShares<R>>?
    {
        try source.takeMatrixTriple(shape)
    }
}

// MARK: - Boolean circuits

extension SemiHonestAdditive: BitTripleConsuming where Source: ~Copyable {
    public typealias Bits = XORShares

    /// Input by pairwise seeds: no message; from a client one, in one round.
    public mutating func input(bits: BitMatrix?, rows: Int, count: Int, from owner: Party)
        throws(MPCError) -> XORShares
    {
        XORShares(
            try session.inputShare(bits, shape: BitShape(rows: rows, count: count), from: owner))
    }

    public func constant(bits: BitMatrix) -> XORShares {
        XORShares(session.isFirst ? bits : BitMatrix(rows: bits.rows, count: bits.count))
    }

    public func xoring(_ c: BitMatrix, into x: XORShares) -> XORShares {
        session.isFirst ? XORShares(x.share ^ c) : x
    }

    public mutating func open(bits: XORShares) throws(MPCError) -> Opened<BitMatrix> {
        Opened(masked: try session.open([bits.share])[0])
    }

    public mutating func reveal(bits: XORShares) throws(MPCError) -> Revealed<BitMatrix> {
        Revealed(try session.open([session.rerandomised(bits.share)])[0])
    }

    public mutating func output(bits: XORShares, to recipients: Recipients) throws(MPCError)
        -> BitMatrix?
    {
        try session.release(session.rerandomised(bits.share), to: recipients)
    }

    public mutating func outputs(bits parts: [(bits: XORShares, to: Recipients)])
        throws(MPCError) -> [BitMatrix?]
    {
        try session.release(parts.map { (session.rerandomised($0.bits.share), $0.to) })
    }

    public mutating func outputs(_ parts: [ReleasedPart<AdditiveShares<R>, XORShares>])
        throws(MPCError) -> [(numbers: Vector<R>, bits: BitMatrix)?]
    {
        try session.release(parts.map { ($0.numbers.share, $0.bits.share, $0.recipients) })
    }

    public mutating func takeBitTriples(rows: Int, count: Int) throws(MPCError)
        -> BitTriples<XORShares>
    {
        try source.takeBitTriples(rows: rows, count: count)
    }

    public mutating func takeForkedBitTriples(rows: Int, count: Int) throws(MPCError)
        -> ForkedBitTriples<XORShares>
    {
        try source.takeForkedBitTriples(rows: rows, count: count)
    }
}

// MARK: - Conversions and rearrangements

extension SemiHonestAdditive: Engine, EdaBitConsuming, TruncationConsuming, TranslationConsuming,
    LeafOTConsuming, BitProductConsuming
where Source: ~Copyable {
    public mutating func measuring<Result, Failure: Error>(
        _ name: String, _ body: (inout Self) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let mark = costs.begin(name)
        defer { costs.end(mark) }
        return try body(&self)
    }

    /// [x < 0]: two parties with oblivious transfers ask each other, else a masked value is opened.
    public mutating func isNegative(_ x: AdditiveShares<R>) throws(MPCError) -> XORShares {
        let mark = costs.begin("compare")
        defer { costs.end(mark) }
        guard x.count > 0, case .leafOTs = source.comparing else { return try isNegativeByMask(x) }
        return try isNegativeByLeaves(x)
    }

    /// [x = 0], in the same ways.
    public mutating func isZero(_ x: AdditiveShares<R>) throws(MPCError) -> XORShares {
        let mark = costs.begin("equal")
        defer { costs.end(mark) }
        guard x.count > 0, case .leafOTs = source.comparing else { return try isZeroByMask(x) }
        return try isZeroByLeaves(x)
    }

    /// Two parties with oblivious transfers turn keys into numbers; else they stay bits.
    public mutating func sortKeys(_ records: XORShares, bits: [UInt32]) throws(MPCError)
        -> AdditiveSortKeys
    {
        let mark = costs.begin("sort keys")
        defer { costs.end(mark) }
        let keys = RecordKeys(records: records, bits: bits)
        guard case .leafOTs = source.comparing else { return .records(keys) }
        return try numbers(ofKeys: keys)
    }

    public mutating func isLess(_ x: AdditiveSortKeys, than y: AdditiveSortKeys) throws(MPCError)
        -> XORShares
    {
        switch (x, y) {
        case (.records(let x), .records(let y)):
            return try isLess(x.records.transposed(), than: y.records.transposed(), rows: x.bits)
        case (.numbers(let x), .numbers(let y)):
            let mark = costs.begin("compare keys")
            defer { costs.end(mark) }
            return try isLess(x, than: y)
        default: preconditionFailure("keys in different forms")
        }
    }

    public mutating func takeBitProducts(_ count: Int) throws(MPCError)
        -> BitProducts<AdditiveShares<R>, XORShares>?
    {
        try source.takeBitProducts(count)
    }

    public mutating func takeLeafOTs(_ count: Int, sender: Party) throws(MPCError) -> LeafOTs? {
        try source.takeLeafOTs(count, sender: sender)
    }

    public mutating func takeEdaBits(_ count: Int) throws(MPCError)
        -> EdaBits<AdditiveShares<R>, XORShares>
    {
        try source.takeEdaBits(count)
    }

    public mutating func takeDaBits(_ count: Int) throws(MPCError)
        -> DaBits<AdditiveShares<R>, XORShares>
    {
        try source.takeDaBits(count)
    }

    /// ⟦b⟧ for uniform bits b: the arithmetic half of daBits.
    ///
    /// No message online.
    public mutating func randomBits(_ count: Int) throws(MPCError) -> AdditiveShares<R> {
        try source.takeDaBits(count).arithmetic
    }

    public mutating func takeTruncationMasks(_ count: Int, by bits: Int) throws(MPCError)
        -> TruncationMasks<AdditiveShares<R>, XORShares>
    {
        try source.takeTruncationMasks(count, by: bits)
    }

    public mutating func takeTranslation(_ shape: TranslationShape) throws(MPCError)
        -> RowTranslation<AdditiveShares<R>, XORShares>
    {
        try source.takeTranslation(shape)
    }
}
