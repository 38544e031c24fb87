import Algebra
public import MPC

/// An engine that turns shared bits into ring elements with daBits made beforehand.
public protocol DaBitConsuming: ArithmeticProtocol, BooleanProtocol, ~Copyable {
    var costs: CostMeter { get }
    mutating func takeDaBits(_ count: Int) throws(MPCError) -> DaBits<Shares, Bits>
}

extension DaBitConsuming where Self: ~Copyable {
    /// Each bit as the ring element 0 or 1, row after row.
    ///
    /// One opening of a bit an element. D. Rotaru and T. Wood, *MArBled Circuits*,
    /// <https://eprint.iacr.org/2019/207>, section 3 (conversion with daBits).
    public mutating func fromBits(_ b: Bits) throws(MPCError) -> Shares {
        let mark = costs.begin("from bits")
        defer { costs.end(mark) }
        guard b.rows > 0 else { return constant(Vector(ring, zeros: 0)) }
        var masks: [DaBits<Shares, Bits>] = []
        for _ in 0..<b.rows { masks.append(try takeDaBits(b.count)) }
        let d = Shares.concatenating(masks.map(\.arithmetic))

        // 1. Open e = b ⊕ d.
        let e = try open(bits: b ^ .concatenating(rows: masks.map(\.bits))).masked

        // 2. ⟦b⟧ = e + ⟦d⟧ − 2e⟦d⟧.
        let one = Vector(ring, bits: e)
        var z = d
        z.accumulate(-(one + one), times: d)
        return adding(one, to: z)
    }
}
