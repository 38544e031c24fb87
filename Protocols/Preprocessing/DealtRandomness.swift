public import Algebra
public import MPC
public import Primitives
public import SecretSharing

/// A party's side of the trusted dealer (``TrustedDealer`` says what that trust means).
///
/// One round trip a request, which only the last party waits for: it alone receives corrections.
public struct DealtRandomness<R: Ring>: CorrelationGenerator, ~Copyable {
    public let ring: R
    public let session: Session

    public init(_ ring: R, session: Session) {
        self.ring = ring
        self.session = session
    }

    public var comparing: ComparisonMethod { .masked(blockBits: 4) }

    /// Tells the dealer that nothing more will be asked.
    public mutating func finish() throws(MPCError) {
        let request = DealtRequest(kind: .finish, count: 0, ring: DealtRequest.code(of: ring))
        try session.send(
            .dealRequest, to: .dealer, operation: session.nextOperation(), payload: request.bytes)
        try session.flush()
    }

    public mutating func makeTriples(_ count: Int) throws(MPCError) -> Triples<AdditiveShares<R>> {
        let (free, fixed) = try fetch(dealtTriples(ring), count)
        return Triples(
            a: AdditiveShares(free[0]), b: AdditiveShares(free[1]), c: AdditiveShares(fixed[0]))
    }

    public mutating func makeSquares(_ count: Int) throws(MPCError) -> Squares<AdditiveShares<R>> {
        let (free, fixed) = try fetch(dealtSquares(ring), count)
        return Squares(a: AdditiveShares(free[0]), c: AdditiveShares(fixed[0]))
    }

    public mutating func makeDaBits(_ count: Int) throws(MPCError)
        -> DaBits<AdditiveShares<R>, XORShares>
    {
        let (free, fixed) = try fetch(dealtDaBits(ring), count)
        return DaBits(arithmetic: AdditiveShares(fixed[0]), bits: XORShares(free[0]))
    }

    public mutating func makeEdaBits(_ count: Int) throws(MPCError)
        -> EdaBits<AdditiveShares<R>, XORShares>
    {
        let shape = MonomialShape(for: ring, blockBits: comparing.blockBits)
        let (free, fixed) = try fetch(dealtEdaBits(ring, shape), count)
        return EdaBits(
            r: AdditiveShares(free[0]), monomials: XORShares(fixed[0]), shape: shape)
    }

    public mutating func makeBitTriples(words: Int) throws(MPCError) -> BitTriples<XORShares> {
        let (free, fixed) = try fetch(dealtBitTriples, words)
        return BitTriples(a: XORShares(free[0]), b: XORShares(free[1]), c: XORShares(fixed[0]))
    }

    public mutating func makeForkedBitTriples(words: Int) throws(MPCError)
        -> ForkedBitTriples<XORShares>
    {
        let (free, fixed) = try fetch(dealtForkedBitTriples, words)
        return ForkedBitTriples(
            a: XORShares(free[0]), b: (XORShares(free[1]), XORShares(free[2])),
            c: (XORShares(fixed[0]), XORShares(fixed[1])))
    }

    public mutating func makeTruncationMasks(_ count: Int, by bits: Int) throws(MPCError)
        -> TruncationMasks<AdditiveShares<R>, XORShares>
    {
        let shape = TruncationShape(for: ring, bits: bits, blockBits: comparing.blockBits)
        let (free, fixed) = try fetch(dealtTruncationMasks(ring, shape), count)
        return TruncationMasks(
            r: AdditiveShares(free[0]), high: AdditiveShares(fixed[0].second),
            monomials: XORShares(fixed[0].first), shape: shape)
    }

    /// A dealer makes none.
    public mutating func makeBitProducts(_ count: Int)
        -> BitProducts<AdditiveShares<R>, XORShares>?
    { nil }

    /// A dealer makes none: a masked opening with a dealt mask takes fewer bytes.
    public mutating func makeLeafOTs(_ count: Int, sender: Party) -> LeafOTs? { nil }
    /// A dealer makes none.
    public mutating func makeMatrixTriple(_ shape: MatrixShape)
        -> MatrixTriple<AdditiveShares<R>>?
    { nil }

    /// Asks the dealer for `count` elements, or words of bit triples.
    private func fetch<Free, Fixed>(_ correlation: DealtCorrelation<Free, Fixed>, _ count: Int)
        throws(MPCError) -> ([Free], [Fixed])
    {
        let request = DealtRequest(
            kind: correlation.kind, count: count, ring: DealtRequest.code(of: ring),
            bits: correlation.bits)
        let operation = session.nextOperation()
        try session.send(.dealRequest, to: .dealer, operation: operation, payload: request.bytes)
        try session.flush()

        let stream = DealtStream(session, with: .dealer, operation: operation)
        var freeParts = correlation.free(0).map { [Free.zero($0)] }
        var fixedParts = correlation.fixed(0).map { [Fixed.zero($0)] }
        for chunk in request.chunks {
            // 1. The free vectors, and the fixed ones but at the last party, come from the stream.
            for (k, shape) in correlation.free(chunk).enumerated() {
                freeParts[k].append(stream.draw(shape))
            }
            let shapes = correlation.fixed(chunk)
            guard session.isLast else {
                for k in shapes.indices { fixedParts[k].append(stream.draw(shapes[k])) }
                continue
            }
            // 2. The last party's come as corrections.
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
        return (freeParts.map(Free.joining), fixedParts.map(Fixed.joining))
    }
}
