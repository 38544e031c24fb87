package import MPC

/// Subtraction of shared bits, for few wires and many lanes.
extension BooleanProtocol where Self: ~Copyable {
    /// x − y modulo 2ᵐ⁺¹ of x with m bits and y with m + 1, lowest first: m + 1 rows.
    ///
    /// m rounds with one AND gate each, the fewest gates that a subtraction takes.
    package mutating func difference(_ x: Bits, _ y: Bits) throws(MPCError) -> Bits {
        precondition(x.rows > 0 && y.rows == x.rows + 1, "a minuend of one bit less")
        // bᵢ₊₁ is the majority of ¬xᵢ, yᵢ and bᵢ, which is bᵢ ⊕ (¬xᵢ ⊕ bᵢ)(yᵢ ⊕ bᵢ).
        var borrow = try and(not(x[0..<1]), y[0..<1])
        var rows = [x[0..<1] ^ y[0..<1]]
        for bit in 1..<x.rows {
            let (x, y) = (x[bit..<bit + 1], y[bit..<bit + 1])
            rows.append(x ^ y ^ borrow)
            borrow = try borrow ^ and(not(x) ^ borrow, y ^ borrow)
        }
        return .concatenating(rows: rows + [y[x.rows..<y.rows] ^ borrow])
    }
}
