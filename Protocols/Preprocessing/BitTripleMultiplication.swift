import Algebra
public import MPC

/// A protocol that evaluates AND gates with bit triples made beforehand.
public protocol BitTripleConsuming: BooleanProtocol, ~Copyable {
    var costs: CostMeter { get }
    mutating func takeBitTriples(rows: Int, count: Int) throws(MPCError) -> BitTriples<Bits>
    mutating func takeForkedBitTriples(rows: Int, count: Int) throws(MPCError)
        -> ForkedBitTriples<Bits>
}

extension BitTripleConsuming where Self: ~Copyable {
    /// Beaver's multiplication over 𝔽₂, 64 gates a word.
    ///
    /// One opening: two bits a plain gate and three a forked one, which is a vector triple: both of
    /// its products share the mask of x.
    public mutating func and(_ layer: AndLayer<Bits>) throws(MPCError) -> (
        plain: Bits, fork: (Bits, Bits)?
    ) {
        let mark = costs.begin("and")
        defer { costs.end(mark) }
        let (rows, count) = (layer.x.rows, layer.x.count)
        let t = try takeBitTriples(rows: rows, count: count)

        // 1. Open ε = x ⊕ a, δ = y ⊕ b (and δ′ = z ⊕ b′) of all gates, together.
        guard let (x, y, z) = layer.fork else {
            let opened = try open(bits: .concatenating(rows: [layer.x ^ t.a, layer.y ^ t.b])).masked
            return (combine(t, opened[0..<rows], opened[rows..<2 * rows]), nil)
        }
        let forks = x.rows
        let f = try takeForkedBitTriples(rows: forks, count: count)
        let opened = try open(
            bits: .concatenating(rows: [
                layer.x ^ t.a, layer.y ^ t.b, x ^ f.a, y ^ f.b.0, z ^ f.b.1,
            ])
        ).masked
        let start = 2 * rows
        let epsilon = opened[start..<start + forks]
        return (
            combine(t, opened[0..<rows], opened[rows..<start]),
            (
                combine(
                    BitTriples(a: f.a, b: f.b.0, c: f.c.0), epsilon,
                    opened[start + forks..<start + 2 * forks]),
                combine(
                    BitTriples(a: f.a, b: f.b.1, c: f.c.1), epsilon,
                    opened[start + 2 * forks..<start + 3 * forks])
            )
        )
    }

    /// 2. ⟦xy⟧ = ⟦c⟧ ⊕ ε⟦b⟧ ⊕ δ⟦a⟧ ⊕ εδ.
    private func combine(_ t: BitTriples<Bits>, _ epsilon: BitMatrix, _ delta: BitMatrix) -> Bits {
        xoring(epsilon & delta, into: t.c ^ (epsilon & t.b) ^ (delta & t.a))
    }

    /// One triple a gate; the products are summed locally.
    public mutating func and(_ gates: [(Bits, Bits)], into rows: [Int]) throws(MPCError) -> Bits {
        let layer = AndLayer(
            Bits.concatenating(rows: gates.map(\.0)), Bits.concatenating(rows: gates.map(\.1)))
        return try and(layer).plain.xoringRows(into: rows)
    }
}
