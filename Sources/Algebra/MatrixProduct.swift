extension Vector {
    /// The matrix product: shapes rows × inner and inner × columns, row by row, give rows × columns.
    ///
    /// Products of a few rows at a time with one column, repeated, stay in the cache.
    package static func matrixProduct(
        _ x: Self, _ y: Self, rows: Int, inner: Int, columns: Int
    ) -> Self {
        precondition(
            x.count == rows * inner && y.count == inner * columns,
            "matrices of \(x.count) and \(y.count) elements, not "
                + "\(rows) × \(inner) and \(inner) × \(columns)")
        precondition(x.ring == y.ring, "matrices over \(x.ring.name) and \(y.ring.name)")
        guard rows * inner * columns > 0 else { return Self(x.ring, zeros: rows * columns) }
        let block = min(rows, max(1, 4096 / inner))
        let byColumn = (0..<columns).map { column -> Self in
            let factors = y.gathering(
                (0..<block).flatMap { _ in
                    (0..<inner).map { UInt32($0 * columns + column) }
                })
            return .concatenating(
                stride(from: 0, to: rows, by: block).map { start in
                    let part = x[start * inner..<min(start + block, rows) * inner]
                    let same = part.count == factors.count ? factors : factors[0..<part.count]
                    return (part * same).sums(ofEvery: inner)
                })
        }
        guard columns > 1 else { return byColumn[0] }
        return concatenating(byColumn).gathering(
            (0..<rows).flatMap { row in (0..<columns).map { UInt32($0 * rows + row) } })
    }
}
