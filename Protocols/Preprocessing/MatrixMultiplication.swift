import Algebra
public import MPC
public import SecretSharing

/// A protocol that multiplies matrices with triples of matrices made beforehand.
public protocol MatrixTripleConsuming: TripleConsuming, ~Copyable
where Shares == AdditiveShares<R> {
    mutating func takeMatrixTriple(_ shape: MatrixShape) throws(MPCError) -> MatrixTriple<Shares>?
}

extension MatrixTripleConsuming where Self: ~Copyable {
    /// The matrix product: shapes rows × inner and inner × columns, row by row, give rows × columns.
    ///
    /// One opening of both factors, masked: (rows + columns) · inner elements, not one for each
    /// product of two. P. Mohassel and Y. Zhang, *SecureML*, <https://eprint.iacr.org/2017/396>,
    /// section 4.1 (vectorised triples). A triple a product where the source makes none.
    public mutating func matrixProduct(
        _ x: Shares, _ y: Shares, rows: Int, inner: Int, columns: Int
    ) throws(MPCError) -> Shares {
        let mark = costs.begin("matrix product")
        defer { costs.end(mark) }
        let shape = MatrixShape(rows: rows, inner: inner, columns: columns)
        guard rows * inner * columns > 0, let t = try takeMatrixTriple(shape) else {
            return try matrixProductByTriples(x, y, rows: rows, inner: inner, columns: columns)
        }
        precondition(
            x.count == rows * inner && y.count == inner * columns, "matrices of other shapes")

        // 1. Open E = X − A and D = Y − B, together.
        let opened = try open([x - t.a, y - t.b])
        let (e, d) = (opened[0].masked, opened[1].masked)

        // 2. ⟦XY⟧ = ⟦C⟧ + E⟦B⟧ + ⟦A⟧D + ED.
        func product(_ x: Vector<R>, _ y: Vector<R>) -> Vector<R> {
            .matrixProduct(x, y, rows: rows, inner: inner, columns: columns)
        }
        let local = Shares(product(e, t.b.share) + product(t.a.share, d))
        return adding(product(e, d), to: t.c + local)
    }
}
