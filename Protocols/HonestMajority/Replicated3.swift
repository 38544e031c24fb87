public import Algebra
import Circuits
public import MPC
public import Primitives
import SecretSharing

/// Three-party replicated sharing: privacy against any one party that follows the protocol.
///
/// Araki et al., <https://eprint.iacr.org/2016/768>, over a ring and, for bits, over 𝔽₂. Nothing
/// but pairwise seeds is prepared. A party that deviates is not caught, except where two holders of
/// a share open it differently; two parties together know everything.
public struct Replicated3<R: Ring>: ~Copyable {
    public let ring: R
    public let session: Session

    /// - Precondition: the session's agreement has been made.
    /// - Throws: `.partyCount` unless the session has exactly three parties.
    public init(_ ring: R, session: Session) throws(MPCError) {
        guard session.partyCount == 3 else {
            throw .partyCount(engine: "replicated3", needs: 3, has: session.partyCount)
        }
        self.ring = ring
        self.session = session
    }

    public var costs: CostMeter { session.costs }
}

// MARK: - 𝓕_ABB

extension Replicated3: ArithmeticProtocol {
    public typealias Shares = ReplicatedShares<R>

    public mutating func input(_ values: Vector<R>?, count: Int, from owner: Party)
        throws(MPCError) -> ReplicatedShares<R>
    {
        let mark = costs.begin("input")
        defer { costs.end(mark) }
        return ReplicatedShares(
            try session.inputReplicated(
                values, shape: VectorShape(ring: ring, count: count), from: owner))
    }

    public func constant(_ c: Vector<R>) -> ReplicatedShares<R> {
        ReplicatedShares(component(0, c))
    }

    public func adding(_ c: @autoclosure () -> Vector<R>, to x: ReplicatedShares<R>)
        -> ReplicatedShares<R>
    {
        var sum = x.shares
        if session.party.index == 0 { sum.first.accumulate(c()) }
        if session.next.index == 0 { sum.second.accumulate(c()) }
        return ReplicatedShares(sum)
    }

    public mutating func multiply(_ x: ReplicatedShares<R>, _ y: ReplicatedShares<R>)
        throws(MPCError) -> ReplicatedShares<R>
    {
        let mark = costs.begin("multiply")
        defer { costs.end(mark) }
        return ReplicatedShares(try session.reshare(crossTerms(x, y)))
    }

    public mutating func square(_ x: ReplicatedShares<R>) throws(MPCError) -> ReplicatedShares<R> {
        try multiply(x, x)
    }

    /// The cross terms are summed before they are reshared: one element a run.
    public mutating func innerProducts(
        _ x: ReplicatedShares<R>, _ y: ReplicatedShares<R>, length: Int
    ) throws(MPCError) -> ReplicatedShares<R> {
        let mark = costs.begin("inner products")
        defer { costs.end(mark) }
        return ReplicatedShares(try session.reshare(crossTerms(x, y).sums(ofEvery: length)))
    }

    /// As ``innerProducts(_:_:length:)``: one element from each party an element of the result.
    public mutating func matrixProduct(
        _ x: ReplicatedShares<R>, _ y: ReplicatedShares<R>, rows: Int, inner: Int, columns: Int
    ) throws(MPCError) -> ReplicatedShares<R> {
        let mark = costs.begin("matrix product")
        defer { costs.end(mark) }
        let (x, y) = (x.shares, y.shares)
        func product(_ x: Vector<R>, _ y: Vector<R>) -> Vector<R> {
            .matrixProduct(x, y, rows: rows, inner: inner, columns: columns)
        }
        return ReplicatedShares(
            try session.reshare(
                product(x.first, y.first + y.second) + product(x.second, y.first)))
    }

    /// xᵢyᵢ + xᵢyᵢ₊₁ + xᵢ₊₁yᵢ.
    private func crossTerms(_ x: ReplicatedShares<R>, _ y: ReplicatedShares<R>) -> Vector<R> {
        let (x, y) = (x.shares, y.shares)
        return .crossTerms(x.first, x.second, y.first, y.second)
    }

    public mutating func open(_ x: [ReplicatedShares<R>]) throws(MPCError)
        -> [Opened<Vector<R>>]
    {
        guard !x.isEmpty else { return [] }
        let all = try session.openReplicated(ReplicatedShares.concatenating(x).shares)
        var start = 0
        return x.map { shares in
            defer { start += shares.count }
            return Opened(masked: all[start..<start + shares.count])
        }
    }

    public mutating func reveal(_ x: ReplicatedShares<R>) throws(MPCError)
        -> Revealed<Vector<R>>
    {
        let mark = costs.begin("reveal")
        defer { costs.end(mark) }
        return Revealed(try session.openReplicated(x.shares))
    }

    /// xᵢ of every party, re-randomised, is an additive sharing, which is released as such.
    public mutating func output(_ x: ReplicatedShares<R>, to recipients: Recipients)
        throws(MPCError) -> Vector<R>?
    {
        try session.release(session.rerandomised(x.shares.first), to: recipients)
    }

    /// A sharing whose only non-zero component is `index`, which its two holders pass.
    func component<V: AbelianVector>(_ index: Int, _ value: V) -> Replicated<V> {
        Replicated(
            session.party.index == index ? value : .zero(value.shape),
            session.next.index == index ? value : .zero(value.shape))
    }
}

// MARK: - Boolean circuits

extension Replicated3: BooleanProtocol {
    public typealias Bits = ReplicatedBits

    public mutating func input(bits: BitMatrix?, rows: Int, count: Int, from owner: Party)
        throws(MPCError) -> ReplicatedBits
    {
        let mark = costs.begin("input")
        defer { costs.end(mark) }
        return ReplicatedBits(
            try session.inputReplicated(
                bits, shape: BitShape(rows: rows, count: count), from: owner))
    }

    public func constant(bits: BitMatrix) -> ReplicatedBits { ReplicatedBits(component(0, bits)) }

    public func xoring(_ c: BitMatrix, into x: ReplicatedBits) -> ReplicatedBits {
        var sum = x.shares
        if session.party.index == 0 { sum.first ^= c }
        if session.next.index == 0 { sum.second ^= c }
        return ReplicatedBits(sum)
    }

    /// A forked gate costs two: one bit from each party a product.
    public mutating func and(_ layer: AndLayer<ReplicatedBits>) throws(MPCError) -> (
        plain: ReplicatedBits, fork: (ReplicatedBits, ReplicatedBits)?
    ) {
        let mark = costs.begin("and")
        defer { costs.end(mark) }
        guard let (x, y, z) = layer.fork else {
            return (try products(layer.x, layer.y), nil)
        }
        let all = try products(
            .concatenating(rows: [layer.x, x, x]), .concatenating(rows: [layer.y, y, z]))
        let (plain, end) = (layer.x.rows, layer.x.rows + x.rows)
        return (all[0..<plain], (all[plain..<end], all[end..<all.rows]))
    }

    /// The products of a row are summed before they are reshared: one bit a row of the result.
    public mutating func and(_ gates: [(ReplicatedBits, ReplicatedBits)], into rows: [Int])
        throws(MPCError) -> ReplicatedBits
    {
        let mark = costs.begin("and")
        defer { costs.end(mark) }
        let terms = BitMatrix.crossTerms(
            gates.map { x, y in
                (x.shares.first, x.shares.second, y.shares.first, y.shares.second)
            })
        return ReplicatedBits(try session.reshare(terms.xoringRows(into: rows)))
    }

    private func products(_ x: ReplicatedBits, _ y: ReplicatedBits) throws(MPCError)
        -> ReplicatedBits
    {
        ReplicatedBits(try session.reshare(crossTerms(x, y)))
    }

    private func crossTerms(_ x: ReplicatedBits, _ y: ReplicatedBits) -> BitMatrix {
        let (x, y) = (x.shares, y.shares)
        return .crossTerms([(x.first, x.second, y.first, y.second)])
    }

    public mutating func open(bits: ReplicatedBits) throws(MPCError) -> Opened<BitMatrix> {
        Opened(masked: try session.openReplicated(bits.shares))
    }

    public mutating func reveal(bits: ReplicatedBits) throws(MPCError) -> Revealed<BitMatrix> {
        let mark = costs.begin("reveal")
        defer { costs.end(mark) }
        return Revealed(try session.openReplicated(bits.shares))
    }

    public mutating func output(bits: ReplicatedBits, to recipients: Recipients)
        throws(MPCError) -> BitMatrix?
    {
        try session.release(session.rerandomised(bits.shares.first), to: recipients)
    }

    public mutating func outputs(bits parts: [(bits: ReplicatedBits, to: Recipients)])
        throws(MPCError) -> [BitMatrix?]
    {
        try session.release(parts.map { (session.rerandomised($0.bits.shares.first), $0.to) })
    }

    public mutating func outputs(_ parts: [ReleasedPart<ReplicatedShares<R>, ReplicatedBits>])
        throws(MPCError) -> [(numbers: Vector<R>, bits: BitMatrix)?]
    {
        try session.release(
            parts.map { ($0.numbers.shares.first, $0.bits.shares.first, $0.recipients) })
    }
}
