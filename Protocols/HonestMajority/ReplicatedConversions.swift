import Algebra
import Circuits
public import MPC
import Primitives
import SecretSharing

/// Between ring elements and bits.
///
/// Local conversion after P. Mohassel and P. Rindal, *ABY3*, <https://eprint.iacr.org/2018/403>:
/// x = u + v with u = x₀ + x₁, which P₀ knows, and v = x₂, which P₁ and P₂ know. The bits of u are
/// an input of P₀, those of v a sharing without a message. Deviation: ABY3 adds three numbers;
/// here there are two, and where only a carry is needed it is the comparison [¬u < v] of
/// ``BooleanProtocol/isLess(_:than:)``, whose cost is one bit from each party a sum of products.
extension Replicated3: Engine {
    public mutating func measuring<Result, Failure: Error>(
        _ name: String, _ body: (inout Self) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let mark = costs.begin(name)
        defer { costs.end(mark) }
        return try body(&self)
    }

    /// [x < 0]: P₀ inputs k bits, then a comparison of k − 1 bits (k bits over a prime).
    ///
    /// Modulo 2ᵏ the top bit of u + v is u_top ⊕ v_top ⊕ carry. Modulo an odd p, x < 0 exactly when
    /// y = 2x mod p is odd, and y = u + v − p·[u > p − 1 − v].
    public mutating func isNegative(_ x: ReplicatedShares<R>) throws(MPCError)
        -> ReplicatedBits
    {
        let mark = costs.begin("compare")
        defer { costs.end(mark) }
        let k = ring.bitWidth
        guard ring.isPowerOfTwo else {
            let y = x + x
            let u = try firstBits(y, k)
            // p − 1 − v has the integers' bits of −1 − v.
            let complement = lastBits(
                y, k
            ) { Vector(repeating: Vector(ring, [-1]), count: y.count) - $0 }
            let v = lastBits(y, 1) { $0 }
            return try u[0..<1] ^ v ^ isLess(complement, than: u)
        }
        let u = try firstBits(x, k)
        let v = lastBits(x, k) { $0 }
        let carry = try isLess(not(u[0..<k - 1]), than: v[0..<k - 1])
        return carry ^ u[k - 1..<k] ^ v[k - 1..<k]
    }

    /// [x = 0]: whether u = −v, bit by bit.
    public mutating func isZero(_ x: ReplicatedShares<R>) throws(MPCError) -> ReplicatedBits {
        let mark = costs.begin("equal")
        defer { costs.end(mark) }
        let k = ring.bitWidth
        let u = try firstBits(x, k)
        return try isEqual(u, to: lastBits(x, k) { -$0 })
    }

    /// x = u − r with r = −v, by a prefix network of borrows.
    ///
    /// Modulo a prime x = u + p·[u < r] − r; the bits of u + p·w are uᵢ ⊕ w·(uᵢ ⊕ (u + p)ᵢ), with
    /// both u and u + p known to P₀.
    public mutating func bits(of x: ReplicatedShares<R>, count: Int) throws(MPCError)
        -> ReplicatedBits
    {
        let mark = costs.begin("bits")
        defer { costs.end(mark) }
        guard count > 0 else { return constant(bits: BitMatrix(rows: 0, count: x.count)) }
        guard !ring.isPowerOfTwo else {
            let u = try firstBits(x, count)
            return try subtract(lastBits(x, count) { -$0 }, from: u)
        }
        let (u, change) = try wrappedBits(x, count)
        let r = lastBits(x, ring.bitWidth) { -$0 }
        let wraps = try isLess(u, than: r)
        let everyRow = ReplicatedBits.concatenating(rows: Array(repeating: wraps, count: count))
        let selected = try u[0..<count] ^ and(everyRow, change)
        return try subtract(r[0..<count], from: selected)
    }

    /// A bit b = (b₀ ⊕ b₁) ⊕ b₂ as b₂ + (1 − 2b₂)(b₀ ⊕ b₁): a pair product.
    ///
    /// Two rounds, three elements a bit.
    public mutating func fromBits(_ b: ReplicatedBits) throws(MPCError) -> ReplicatedShares<R> {
        let mark = costs.begin("from bits")
        defer { costs.end(mark) }
        let parts = pairForm(of: b)
        return ReplicatedShares(
            try session.pairProduct(
                ring, count: b.rows * b.count, u: parts.u, scale: parts.scale,
                constant: parts.constant))
    }

    // MARK: x = u + v

    /// u = x₀ + x₁ at P₀.
    func first(_ x: ReplicatedShares<R>) -> Vector<R>? {
        session.party.index == 0 ? x.shares.first + x.shares.second : nil
    }

    /// v = x₂ at P₁ and P₂.
    func last(_ x: ReplicatedShares<R>) -> Vector<R>? {
        switch session.party.index {
        case 1: x.shares.second
        case 2: x.shares.first
        default: nil
        }
    }

    /// The lowest `count` bits of u, an input of P₀.
    mutating func firstBits(_ x: ReplicatedShares<R>, _ count: Int) throws(MPCError)
        -> ReplicatedBits
    {
        try input(
            bits: first(x).map { plainBits($0, count) }, rows: count, count: x.count,
            from: Party(0))
    }

    /// The lowest `count` bits of f(v), without a message.
    func lastBits(_ x: ReplicatedShares<R>, _ count: Int, _ f: (Vector<R>) -> Vector<R>)
        -> ReplicatedBits
    {
        let zero = BitMatrix(rows: count, count: x.count)
        return ReplicatedBits(component(2, last(x).map { plainBits(f($0), count) } ?? zero))
    }

    /// All bits of u, and those of u ⊕ (u + p) on the lowest `count` places.
    mutating func wrappedBits(_ x: ReplicatedShares<R>, _ count: Int) throws(MPCError)
        -> (u: ReplicatedBits, change: ReplicatedBits)
    {
        let k = ring.bitWidth
        let plain = first(x).map { u -> BitMatrix in
            let bits = plainBits(u, k)
            let changes = bits ^ bits.adding(constant: ring.order)
            return .concatenating(rows: [bits, changes[0..<count]])
        }
        let both = try input(bits: plain, rows: k + count, count: x.count, from: Party(0))
        return (both[0..<k], both[k..<k + count])
    }

    func plainBits(_ x: Vector<R>, _ count: Int) -> BitMatrix {
        BitMatrix(integers: x.decoded(), limbsPerInteger: ring.limbsPerElement, bits: count)
    }

    /// The factors of ``Session/pairProduct(_:count:u:scale:constant:)`` that make b a number.
    func pairForm(of b: ReplicatedBits) -> (u: Vector<R>?, scale: Vector<R>?, constant: Vector<R>?)
    {
        let index = session.party.index
        guard index > 0 else {
            return (Vector(ring, bits: b.shares.first ^ b.shares.second), nil, nil)
        }
        let last = Vector(ring, bits: index == 1 ? b.shares.second : b.shares.first)
        let one = Vector(repeating: Vector(ring, [1]), count: last.count)
        return (nil, one - (last + last), last)
    }
}
