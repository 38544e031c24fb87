public import Algebra
public import MPC
public import Primitives
public import SecretSharing

/// A party's side of the trusted dealer (``TrustedDealer`` says what that trust means).
///
/// One round trip a request, which only the last party waits for: it alone receives corrections.
public struct DealtRandomness<R: Ring>: CorrelationSource, ~Copyable {
    public typealias Shares = AdditiveShares<R>
    public typealias Bits = XORShares

    let ring: R
    let session: Session
    private let shape: MonomialShape
    private let triples: Pool<Vector<R>, Vector<R>>
    private let squares: Pool<Vector<R>, Vector<R>>
    private let daBits: Pool<BitMatrix, Vector<R>>
    private let edaBits: Pool<Vector<R>, BitMatrix>
    private let bitTriples: Pool<BitMatrix, BitMatrix>
    private let forkedBitTriples: Pool<BitMatrix, BitMatrix>
    /// By the bits that are cut off.
    private var truncationMasks: [Int: Pool<Vector<R>, AbelianPair<BitMatrix, Vector<R>>>] = [:]
    private var translations: [TranslationShape: [RowTranslation<Shares, Bits>]] = [:]

    public init(_ ring: R, session: Session) {
        self.ring = ring
        self.session = session
        shape = MonomialShape(for: ring)
        let code = DealtRequest.code(of: ring)
        triples = Pool(dealtTriples(ring), code)
        squares = Pool(dealtSquares(ring), code)
        daBits = Pool(dealtDaBits(ring), code)
        edaBits = Pool(dealtEdaBits(ring, shape), code)
        bitTriples = Pool(dealtBitTriples, code)
        forkedBitTriples = Pool(dealtForkedBitTriples, code)
    }

    public var comparing: ComparisonMethod { .masked(blockBits: 4) }

    public mutating func prepare(_ budget: Budget) throws(MPCError) {
        try triples.fetch(budget.triples, session)
        try squares.fetch(budget.squares, session)
        try daBits.fetch(wholeWords(budget.daBits), session)
        try edaBits.fetch(wholeWords(budget.edaBits), session)
        try bitTriples.fetch(budget.bitTripleWords, session)
        try forkedBitTriples.fetch(budget.forkedBitTripleWords, session)
        // Every party asks for the same in the same order.
        for (bits, count) in budget.truncationMasks.sorted(by: { $0.key < $1.key }) {
            try truncationPool(bits).fetch(wholeWords(count), session)
        }
        for (shape, count) in budget.translations.sorted(by: { $0.key.order < $1.key.order }) {
            for _ in 0..<count {
                translations[shape, default: []].append(try fetchTranslation(shape))
            }
        }
    }

    /// Tells the dealer that nothing more will be asked.
    public mutating func finish() throws(MPCError) {
        let request = DealtRequest(kind: .finish, count: 0, ring: DealtRequest.code(of: ring))
        try session.send(
            .dealRequest, to: .dealer, operation: session.nextOperation(), payload: request.bytes)
        try session.flush()
    }

    public mutating func takeTriples(_ count: Int) throws(MPCError) -> Triples<AdditiveShares<R>> {
        let (free, fixed) = try triples.take(count, session)
        return Triples(
            a: AdditiveShares(free[0]), b: AdditiveShares(free[1]), c: AdditiveShares(fixed[0]))
    }

    public mutating func takeSquares(_ count: Int) throws(MPCError) -> Squares<AdditiveShares<R>> {
        let (free, fixed) = try squares.take(count, session)
        return Squares(a: AdditiveShares(free[0]), c: AdditiveShares(fixed[0]))
    }

    public mutating func takeDaBits(_ count: Int) throws(MPCError)
        -> DaBits<AdditiveShares<R>, XORShares>
    {
        // Whole words of lanes are spent, so that the next cut is at a multiple of 64.
        let (free, fixed) = try daBits.take(wholeWords(count), session)
        return DaBits(
            arithmetic: AdditiveShares(fixed[0][0..<count]),
            bits: XORShares(free[0].lanes(0..<count)))
    }

    public mutating func takeEdaBits(_ count: Int) throws(MPCError)
        -> EdaBits<AdditiveShares<R>, XORShares>
    {
        let (free, fixed) = try edaBits.take(wholeWords(count), session)
        return EdaBits(
            r: AdditiveShares(free[0][0..<count]), monomials: XORShares(fixed[0].lanes(0..<count)),
            shape: shape)
    }

    public mutating func takeBitTriples(rows: Int, count: Int) throws(MPCError)
        -> BitTriples<XORShares>
    {
        let (free, fixed) = try bitTriples.take(rows * wholeWords(count) / 64, session)
        func shaped(_ bits: BitMatrix) -> XORShares {
            XORShares(BitMatrix(maskingTails: bits.words, rows: rows, count: count))
        }
        return BitTriples(a: shaped(free[0]), b: shaped(free[1]), c: shaped(fixed[0]))
    }

    public mutating func takeForkedBitTriples(rows: Int, count: Int) throws(MPCError)
        -> ForkedBitTriples<XORShares>
    {
        let (free, fixed) = try forkedBitTriples.take(rows * wholeWords(count) / 64, session)
        func shaped(_ bits: BitMatrix) -> XORShares {
            XORShares(BitMatrix(maskingTails: bits.words, rows: rows, count: count))
        }
        return ForkedBitTriples(
            a: shaped(free[0]), b: (shaped(free[1]), shaped(free[2])),
            c: (shaped(fixed[0]), shaped(fixed[1])))
    }
}

extension DealtRandomness {
    public mutating func takeTruncationMasks(_ count: Int, by bits: Int) throws(MPCError)
        -> TruncationMasks<AdditiveShares<R>, XORShares>
    {
        let (free, fixed) = try truncationPool(bits).take(wholeWords(count), session)
        return TruncationMasks(
            r: AdditiveShares(free[0][0..<count]),
            high: AdditiveShares(fixed[0].second[0..<count]),
            monomials: XORShares(fixed[0].first.lanes(0..<count)),
            shape: TruncationShape(for: ring, bits: bits))
    }

    private mutating func truncationPool(_ bits: Int)
        -> Pool<Vector<R>, AbelianPair<BitMatrix, Vector<R>>>
    {
        if let pool = truncationMasks[bits] { return pool }
        let pool = Pool(
            dealtTruncationMasks(ring, TruncationShape(for: ring, bits: bits)),
            DealtRequest.code(of: ring))
        truncationMasks[bits] = pool
        return pool
    }

    public mutating func takeTranslation(_ shape: TranslationShape) throws(MPCError)
        -> RowTranslation<AdditiveShares<R>, XORShares>
    {
        if let prepared = translations[shape]?.popLast() { return prepared }
        return try fetchTranslation(shape)
    }
}

extension DealtRandomness {
    /// A dealer makes none: a masked opening with a dealt mask takes fewer bytes.
    public mutating func takeLeafOTs(_ count: Int, sender: Party) -> LeafOTs? { nil }
    /// A dealer makes none.
    public mutating func takeMatrixTriple(_ shape: MatrixShape)
        -> MatrixTriple<AdditiveShares<R>>?
    { nil }
}

extension TranslationShape {
    /// Decides in which order shapes are asked for.
    fileprivate var order: (Int, Int, Int, Int) { (rows, numbers, recordBits, owner.index) }
}

/// What was dealt of one kind and not yet spent.
private final class Pool<Free: AbelianVector, Fixed: AbelianVector> {
    private let correlation: DealtCorrelation<Free, Fixed>
    private var free: [Free]
    private var fixed: [Fixed]
    private let ringCode: UInt64
    private var spent = 0
    private var dealt = 0

    init(_ correlation: DealtCorrelation<Free, Fixed>, _ ringCode: UInt64) {
        (self.correlation, self.ringCode) = (correlation, ringCode)
        free = correlation.free(0).map(Free.zero)
        fixed = correlation.fixed(0).map(Fixed.zero)
    }

    deinit {
        for i in free.indices { free[i].wipe() }
        for i in fixed.indices { fixed[i].wipe() }
    }

    /// Takes the next `count` elements, fetching those that are missing.
    func take(_ count: Int, _ session: Session) throws(MPCError) -> ([Free], [Fixed]) {
        if spent + count > dealt { try fetch(count - (dealt - spent), session) }
        if spent == 0, count == dealt {
            let all = (free, fixed)
            free = correlation.free(0).map(Free.zero)
            fixed = correlation.fixed(0).map(Fixed.zero)
            dealt = 0
            return all
        }
        let range = spent..<spent + count
        spent += count
        return (free.map { $0.slice(units(range)) }, fixed.map { $0.slice(units(range)) })
    }

    /// Asks the dealer for `count` more and appends them to what is left.
    func fetch(_ count: Int, _ session: Session) throws(MPCError) {
        guard count > 0 else { return }
        let request = DealtRequest(
            kind: correlation.kind, count: count, ring: ringCode, bits: correlation.bits)
        let operation = session.nextOperation()
        try session.send(.dealRequest, to: .dealer, operation: operation, payload: request.bytes)
        try session.flush()

        let stream = DealtStream(session, with: .dealer, operation: operation)
        let left = spent..<dealt
        var freeParts = free.map { [$0.slice(units(left))] }
        var fixedParts = fixed.map { [$0.slice(units(left))] }
        for chunk in request.chunks {
            for (k, shape) in correlation.free(chunk).enumerated() {
                freeParts[k].append(stream.draw(shape))
            }
            let shapes = correlation.fixed(chunk)
            guard session.isLast else {
                for k in shapes.indices { fixedParts[k].append(stream.draw(shapes[k])) }
                continue
            }
            var payload = try session.receive(
                .dealCorrection, from: .dealer, operation: operation,
                byteCount: shapes.reduce(0) { $0 + Fixed.wireByteCount($1) })
            for k in shapes.indices {
                let size = Fixed.wireByteCount(shapes[k])
                guard let correction = Fixed(received: payload.prefix(size), shape: shapes[k])
                else {
                    throw .malformedFromDealer
                }
                fixedParts[k].append(correction)
                payload = payload.dropFirst(size)
            }
        }
        session.countRound()
        free = freeParts.map(Free.joining)
        fixed = fixedParts.map(Fixed.joining)
        (spent, dealt) = (0, left.count + count)
    }

    /// Bit triples are counted in words but cut in lanes.
    private func units(_ range: Range<Int>) -> Range<Int> {
        switch correlation.kind {
        case .bitTriples, .forkedBitTriples: 64 * range.lowerBound..<64 * range.upperBound
        default: range
        }
    }
}
