package import Algebra
package import MPC

/// Subtraction of shared bits by a parallel-prefix borrow network.
extension BooleanProtocol where Self: ~Copyable {
    /// The low `width` bits of x − r, lowest first, for `width` rows each.
    ///
    /// J. Sklansky, *Conditional-Sum Addition Logic*, 1960: borrows by ⌈log₂ width⌉ levels of
    /// (g, p)_H ∘ (g, p)_L = (g_H ⊕ p_H · g_L, p_H · p_L), each node one forked gate.
    /// 1 + ⌈log₂ width⌉ rounds.
    package mutating func subtract(_ r: Bits, from x: Bits) throws(MPCError) -> Bits {
        precondition(x.rows == r.rows, "operands of different widths")
        let width = x.rows
        // 1. A bit generates a borrow if x = 0 and r = 1, and passes one on if x = r.
        let generates = try and(not(x), r)
        return try differences(x ^ r, generates: generates, width: width)
    }

    /// The low `width` bits of c − r for public c: the generate bits are local.
    ///
    /// ⌈log₂ width⌉ rounds.
    package mutating func subtract(_ r: Bits, from c: BitMatrix) throws(MPCError) -> Bits {
        try differences(xoring(c, into: r), generates: ~c & r, width: c.rows)
    }

    /// The same from x ⊕ r and the bits that generate a borrow: ⌈log₂ width⌉ rounds.
    package mutating func differences(_ difference: Bits, generates: Bits, width: Int)
        throws(MPCError) -> Bits
    {
        guard width > 1 else { return difference }
        let passes = not(difference)
        var g = (0..<width).map { generates[$0..<$0 + 1] }
        var p = (0..<width).map { passes[$0..<$0 + 1] }
        // 2. After the level of span s, g[i] is the borrow out of bits from i's block start to i.
        var span = 1
        while span < width {
            let high = (0..<width).filter { $0 / span % 2 == 1 }
            let low = high.map { $0 / span * span - 1 }
            let x = Bits.concatenating(rows: high.map { p[$0] })
            let y = Bits.concatenating(rows: low.map { g[$0] })
            let z = Bits.concatenating(rows: low.map { p[$0] })
            let none = x[0..<0]
            guard let (gProducts, pProducts) = try and(AndLayer(none, none, fork: (x, y, z))).fork
            else { preconditionFailure("a forked layer returns its products") }
            for (k, i) in high.enumerated() {
                g[i] = g[i] ^ gProducts[k..<k + 1]
                p[i] = pProducts[k..<k + 1]
            }
            span *= 2
        }
        // 3. Bit i of the difference takes the borrow out of bit i − 1.
        let borrows = Bits.concatenating(rows: Array(g[..<(width - 1)]))
        return .concatenating(rows: [difference[0..<1], difference[1..<width] ^ borrows])
    }
}
