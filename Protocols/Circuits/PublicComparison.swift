package import Algebra
package import MPC

/// Comparisons of a public value with a shared one, given by its bits and their block monomials.
///
/// T. Nishide and K. Ohta, *Multiparty Computation for Interval, Equality, and Comparison without
/// Bit-Decomposition Protocol*, PKC 2007, in the block form of Rabbit (<https://eprint.iacr.org/2021/119>).
extension BooleanProtocol where Self: ~Copyable {
    /// [c < r], lane by lane: 1 row.
    ///
    /// With B blocks: ⌈log₂ B⌉ rounds and 2(B − 1) − ⌈log₂ B⌉ AND gates.
    ///
    /// - Parameters:
    ///   - c: the public bits, `shape.bitWidth` rows, lowest first.
    ///   - r: the monomials of the shared bits, `shape.rowCount` rows.
    package mutating func isLess(_ c: BitMatrix, than r: Bits, shape: MonomialShape)
        throws(MPCError) -> Bits
    {
        let coefficients = BlockCoefficients(c, shape: shape)
        let sizes = shape.rowCounts
        let less = (coefficients.less & r).xorRows(inGroups: sizes)
        let equal = xoring(
            coefficients.equalConstant, into: (coefficients.equal & r).xorRows(inGroups: sizes))
        return try comparisonTree(less: less, equal: equal)
    }

    /// [c = r], lane by lane: 1 row; ⌈log₂ B⌉ rounds and B − 1 AND gates.
    package mutating func isEqual(_ c: BitMatrix, to r: Bits, shape: MonomialShape)
        throws(MPCError) -> Bits
    {
        let coefficients = BlockCoefficients(c, shape: shape)
        let equal = xoring(
            coefficients.equalConstant,
            into: (coefficients.equal & r).xorRows(inGroups: shape.rowCounts))
        return try conjunction(ofRows: equal)
    }

    /// Combines (lt, eq) of B blocks, lowest first, into lt of the whole.
    ///
    /// (lt, eq)_H ∘ (lt, eq)_L = (lt_H ⊕ eq_H · lt_L, eq_H · eq_L). The two products of a node share
    /// eq_H: one forked gate. The low spine needs no eq.
    package mutating func comparisonTree(less: Bits, equal: Bits) throws(MPCError) -> Bits {
        var (less, equal) = (less, equal)
        while less.rows > 1 {
            let pairs = less.rows / 2
            let low = less.everySecondRow(from: 0, pairs)
            let (lessHigh, equalHigh) = (
                less.everySecondRow(from: 1, pairs), equal.everySecondRow(from: 1, pairs)
            )
            // The spine's node is the first pair; the others also need eq.
            let fork =
                pairs > 1
                ? (
                    x: equalHigh[1..<pairs], y: low[1..<pairs],
                    z: equal.everySecondRow(from: 0, pairs)[1..<pairs]
                ) : nil
            let products = try and(AndLayer(equalHigh[0..<1], low[0..<1], fork: fork))
            var lessRows = [products.plain]
            var equalRows = [equal[0..<1]]  // a place holder: nobody reads the spine's eq
            if let (lessProducts, equalProducts) = products.fork {
                lessRows.append(lessProducts)
                equalRows.append(equalProducts)
            }
            var nextLess = lessHigh ^ .concatenating(rows: lessRows)
            if less.rows % 2 == 1 {
                let last = less.rows - 1
                nextLess = .concatenating(rows: [nextLess, less[last..<last + 1]])
                equalRows.append(equal[last..<last + 1])
            }
            (less, equal) = (nextLess, .concatenating(rows: equalRows))
        }
        return less
    }

    /// The AND of all rows: ⌈log₂ rows⌉ rounds and rows − 1 gates.
    package mutating func conjunction(ofRows x: Bits) throws(MPCError) -> Bits {
        var x = x
        while x.rows > 1 {
            let half = x.rows / 2
            let product = try and(x[0..<half], x[half..<2 * half])
            x = x.rows % 2 == 1 ? .concatenating(rows: [product, x[2 * half..<x.rows]]) : product
        }
        return x
    }
}

extension BitShares {
    /// Rows first, first + 2, …: `count` of them.
    fileprivate func everySecondRow(from first: Int, _ count: Int) -> Self {
        .concatenating(rows: (0..<count).map { self[first + 2 * $0..<first + 2 * $0 + 1] })
    }
}
