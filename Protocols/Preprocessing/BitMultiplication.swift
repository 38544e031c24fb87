import Algebra
public import MPC
public import SecretSharing

/// An engine that multiplies numbers by bits with products made beforehand.
public protocol BitProductConsuming: Engine, ~Copyable
where Shares == AdditiveShares<R>, Bits == XORShares {
    var session: Session { get }
    mutating func takeBitProducts(_ count: Int) throws(MPCError) -> BitProducts<Shares, Bits>?
}

extension BitProductConsuming where Self: ~Copyable {
    /// b · x: x where the bit is 1, else 0.
    ///
    /// Shape 1 row × n lanes, n → n.
    /// One opening of n elements and n bits; where the source makes no products of bits, a
    /// conversion and a product. Beaver's circuit randomisation (CRYPTO '91) with a factor that is a
    /// bit.
    public mutating func multiply(bits b: Bits, _ x: Shares) throws(MPCError) -> Shares {
        guard x.count > 0, let t = try takeBitProducts(x.count) else {
            return try multiply(fromBits(b), x)
        }
        let mark = session.costs.begin("multiply by bits")
        defer { session.costs.end(mark) }

        // 1. Open ε = x − a and e = b ⊕ ρ, together.
        let opened = try session.open([
            AbelianPair((x - t.a).share, (b ^ t.bits).share)
        ])[0]
        let (epsilon, e) = (opened.first, Vector(ring, bits: opened.second))

        // 2. b = e + (1 − 2e)ρ, so b · x = e(ε + a) + (1 − 2e)(ε · ρ + ρa).
        let one = Vector(repeating: Vector(ring, big: [1]), count: x.count)
        let sign = one - e - e
        var z = sign * t.product
        z.accumulate(sign * epsilon, times: t.number)
        z.accumulate(e, times: t.a)
        return adding(e * epsilon, to: z)
    }
}
