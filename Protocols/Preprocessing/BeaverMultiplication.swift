import Algebra
public import MPC

/// A protocol that multiplies with triples and squares made beforehand.
public protocol TripleConsuming: ArithmeticProtocol, ~Copyable {
    var costs: CostMeter { get }
    mutating func takeTriples(_ count: Int) throws(MPCError) -> Triples<Shares>
    mutating func takeSquares(_ count: Int) throws(MPCError) -> Squares<Shares>
}

extension TripleConsuming where Self: ~Copyable {
    /// Multiplies by consuming one triple per element.
    ///
    /// One opening of 2n elements.
    ///
    /// D. Beaver, *Efficient Multiparty Protocols Using Circuit Randomization*, CRYPTO '91, in the
    /// form of Damgård et al., <https://eprint.iacr.org/2011/535>, protocol Π_Online, "Multiply".
    public mutating func multiply(_ x: Shares, _ y: Shares) throws(MPCError) -> Shares {
        precondition(x.count == y.count, "factors of different lengths")
        let mark = costs.begin("multiply")
        defer { costs.end(mark) }
        let t = try takeTriples(x.count)

        // 1. Open ε = x − a and δ = y − b, together.
        let opened = try open([x - t.a, y - t.b])
        let (epsilon, delta) = (opened[0].masked, opened[1].masked)

        // 2. ⟦z⟧ = ⟦c⟧ + ε⟦b⟧ + δ⟦a⟧ + εδ.
        var z = t.c
        z.accumulate(epsilon, times: t.b)
        z.accumulate(delta, times: t.a)
        return adding(epsilon * delta, to: z)
    }

    /// Squares by consuming one pair (a, a²) per element.
    ///
    /// One opening of n elements. Square pairs: Damgård et al., <https://eprint.iacr.org/2012/642>.
    public mutating func square(_ x: Shares) throws(MPCError) -> Shares {
        let mark = costs.begin("square")
        defer { costs.end(mark) }
        let s = try takeSquares(x.count)

        // 1. Open ε = x − a.
        let epsilon = try open([x - s.a])[0].masked

        // 2. ⟦x²⟧ = ⟦a²⟧ + 2ε⟦a⟧ + ε².
        var z = s.c
        z.accumulate(epsilon + epsilon, times: s.a)
        return adding(epsilon * epsilon, to: z)
    }

    /// Inner products of runs of `length` elements: one triple per product, summed locally.
    ///
    /// One opening of 2n elements.
    public mutating func innerProducts(_ x: Shares, _ y: Shares, length: Int) throws(MPCError)
        -> Shares
    {
        try multiply(x, y).sums(ofEvery: length)
    }

    /// One triple a product of two elements, summed locally; one opening.
    package mutating func matrixProductByTriples(
        _ x: Shares, _ y: Shares, rows: Int, inner: Int, columns: Int
    ) throws(MPCError) -> Shares {
        precondition(
            x.count == rows * inner && y.count == inner * columns, "matrices of other shapes")
        guard rows * inner * columns > 0 else {
            return constant(Vector(ring, zeros: rows * columns))
        }
        func places(_ place: (_ row: Int, _ column: Int, _ k: Int) -> Int) -> [UInt32] {
            (0..<rows).flatMap { row in
                (0..<columns).flatMap { column in
                    (0..<inner).map { UInt32(place(row, column, $0)) }
                }
            }
        }
        return try innerProducts(
            x.gathering(places { row, _, k in row * inner + k }),
            y.gathering(places { _, column, k in k * columns + column }), length: inner)
    }
}
