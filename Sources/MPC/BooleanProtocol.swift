public import Algebra
public import Primitives

/// One layer of AND gates, evaluated together in one round.
///
/// A forked gate multiplies one wire x with two others, y and z, and so opens three bits, not four:
/// the node of a comparison tree.
public struct AndLayer<Bits: BitShares>: Sendable {
    public var x, y: Bits
    public var fork: (x: Bits, y: Bits, z: Bits)?

    public init(_ x: Bits, _ y: Bits, fork: (x: Bits, y: Bits, z: Bits)? = nil) {
        (self.x, self.y, self.fork) = (x, y, fork)
    }
}

/// Boolean circuits over bit-sliced secret bits.
public protocol BooleanProtocol: ~Copyable {
    associatedtype Bits: BitShares

    /// Shares `rows` × `count` bits, which only `owner` passes.
    mutating func input(bits: BitMatrix?, rows: Int, count: Int, from owner: Party)
        throws(MPCError) -> Bits
    /// A sharing of public bits.
    func constant(bits: BitMatrix) -> Bits
    /// The same of rows × count bits, which an engine of shapes does not compute.
    func constant(bits: @autoclosure () -> BitMatrix, rows: Int, count: Int) -> Bits
    /// ⟦x ⊕ c⟧ for public c.
    func xoring(_ c: BitMatrix, into x: Bits) -> Bits
    /// ⟦¬x⟧: local.
    func not(_ x: Bits) -> Bits
    /// ⟦x ∧ y⟧ of the plain gates, and ⟦x ∧ y⟧, ⟦x ∧ z⟧ of the forked ones.
    mutating func and(_ layer: AndLayer<Bits>) throws(MPCError) -> (
        plain: Bits, fork: (Bits, Bits)?
    )

    /// ⟦⊕ x ∧ y⟧ over groups of gates, in one round.
    ///
    /// Gate g, counted through all the pairs of rows, counts towards row `rows[g]` of the result,
    /// whose last row is the largest entry. Where a sum of products costs no more than one product,
    /// this is where it is used.
    mutating func and(_ gates: [(Bits, Bits)], into rows: [Int]) throws(MPCError) -> Bits

    /// Opens uniformly masked bits to all parties; unchecked.
    mutating func open(bits: Bits) throws(MPCError) -> Opened<BitMatrix>
    /// Opens bits that steer what follows, all checks made.
    mutating func reveal(bits: Bits) throws(MPCError) -> Revealed<BitMatrix>
    /// Releases bits to `recipients` after every pending check; nil for other parties.
    mutating func output(bits: Bits, to recipients: Recipients) throws(MPCError) -> BitMatrix?
    /// Releases several results at once: nobody has any before all parties have committed to all.
    ///
    /// - Returns: one for each; nil where this party is no recipient.
    mutating func outputs(bits parts: [(bits: Bits, to: Recipients)]) throws(MPCError)
        -> [BitMatrix?]
}

extension BooleanProtocol where Self: ~Copyable {
    /// ⟦x ∧ y⟧, wire by wire.
    public mutating func and(_ x: Bits, _ y: Bits) throws(MPCError) -> Bits {
        try and(AndLayer(x, y)).plain
    }

    public func constant(bits: @autoclosure () -> BitMatrix, rows: Int, count: Int) -> Bits {
        let bits = bits()
        precondition(bits.rows == rows && bits.count == count, "bits of another shape")
        return constant(bits: bits)
    }

    /// By public ones.
    public func not(_ x: Bits) -> Bits {
        xoring(BitMatrix(rows: x.rows, count: x.count, repeating: true), into: x)
    }

    /// ⟦x ∨ y⟧ = ⟦x ⊕ y ⊕ (x ∧ y)⟧.
    public mutating func or(_ x: Bits, _ y: Bits) throws(MPCError) -> Bits {
        try x ^ y ^ and(x, y)
    }
}
