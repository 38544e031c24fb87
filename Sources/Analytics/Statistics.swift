import Algebra
import Gadgets
public import MPC

extension Engine where Self: ~Copyable {
    /// How many valid rows have a value in each of the bins e₀ ..< e₁, e₁ ..< e₂, ...
    ///
    /// A table of one row for each bin, all valid, with its count. Leaks nothing; a comparison for
    /// each edge and row.
    ///
    /// - Parameters:
    ///   - edges: two or more public numbers, rising.
    ///   - name: the name of the column of counts.
    public mutating func histogram(
        _ table: SecretTable<Self>, of column: String, edges: [Int128], as name: String
    ) throws(AnalyticsError) -> SecretTable<Self> {
        let field = try table.schema.field(column)
        guard edges.count > 1, zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw .wrongType(
                expression: "histogram of \(column)", reason: "needs two or more rising edges")
        }
        var below: [Shares] = []
        for edge in edges {
            let isBelow = try condition(
                .comparison(.less, .column(column), .number(edge, field.type)), over: table)
            below.append(
                try computing { () throws(MPCError) in
                    total(try fromBits(and(table.valid, isBelow)))
                })
        }
        let counts = zip(below.dropFirst(), below).map { $0 - $1 }
        return SecretTable(
            try TableSchema(
                [Field(name, .integer(0...Int128(table.bound)), owners: field.owners)],
                bound: counts.count),
            [.numbers(Shares.concatenating(counts))], valid: allValid(counts.count),
            context: table.context)
    }

    /// Quantiles of a column's valid values: for each pair (a, b) the value of rank
    /// ⌊(m − 1) · a / b⌋ of m, counted from 0 in rising order.
    ///
    /// A table of one row for each quantile; none is valid if no row of the table is. Leaks
    /// nothing: a sort, and a comparison for each quantile and row.
    ///
    /// - Parameter fractions: 0 ≤ a ≤ b, b > 0; (1, 2) is the lower median.
    public mutating func quantiles(
        _ table: SecretTable<Self>, of column: String,
        _ fractions: [(numerator: Int, denominator: Int)]
    ) throws(AnalyticsError) -> SecretTable<Self> {
        let (values, any) = try quantileValues(table, of: column, fractions)
        let valid = any.transposed()
            .gatheringRows(Array(repeating: 0, count: fractions.count)).transposed()
        return SecretTable(
            TableSchema(
                checked: [try table.schema.field(column)], bound: fractions.count),
            [
                .numbers(
                    values.isEmpty
                        ? constant(Vector(ring, zeros: 0)) : Shares.concatenating(values))
            ], valid: valid, context: table.context)
    }

    /// As ``quantiles(_:of:_:)``: one row with a column for each quantile, valid if any row of the
    /// table is.
    public mutating func quantilesAsRow(
        _ table: SecretTable<Self>, of column: String,
        _ fractions: [(name: String, numerator: Int, denominator: Int)]
    ) throws(AnalyticsError) -> SecretTable<Self> {
        let schema = try table.schema.quantiles(of: column, fractions, limit: ring.numberLimit)
        let (values, any) = try quantileValues(
            table, of: column, fractions.map { ($0.numerator, $0.denominator) })
        return SecretTable(
            schema, values.map { .numbers($0) }, valid: any, context: table.context)
    }

    /// One element for each quantile, and whether any row is valid.
    private mutating func quantileValues(
        _ table: SecretTable<Self>, of column: String,
        _ fractions: [(numerator: Int, denominator: Int)]
    ) throws(AnalyticsError) -> (values: [Shares], any: Bits) {
        _ = try table.schema.quantiles(
            of: column, fractions.indices.map { ("\($0)", fractions[$0].0, fractions[$0].1) },
            limit: ring.numberLimit)
        let n = table.bound
        let rows = try orderBy(project(table, to: [column]), [OrderKey(column)])
        guard case .numbers(let values) = rows.columns[0] else {
            throw .wrongType(expression: column, reason: "is no number")
        }
        return try computing { () throws(MPCError) in
            let count = total(try fromBits(rows.valid))
            let any = not(try isZero(count))
            let last = count.gathering(Array(repeating: 0, count: n))
            let steps = values - shifted(values, by: 1)
            var results: [Shares] = []
            for (a, b) in fractions {
                guard n > 0 else {
                    results.append(constant(Vector(ring, zeros: 1)))
                    continue
                }
                // The sum of the steps up to row j is its value, and row j is up to the rank
                // exactly if b · j ≤ (m − 1) · a: never a row that is not valid.
                let ranks = adding(
                    Vector(ring, repeating: -Int128(a), count: n),
                    to: last.scaled(by: Vector(ring, repeating: Int128(a), count: 1)))
                let distances = adding(
                    Vector(
                        ring, (0..<n).map { -Int128($0) * Int128(b) },
                        in: -Int128(n) * Int128(b)...0), to: ranks)
                let isUpTo = try fromBits(not(isNegative(distances)))
                results.append(try innerProducts(isUpTo, steps, length: n))
            }
            return (results, any)
        }
    }

    /// The sum of all elements; zero if there are none.
    func total(_ x: Shares) -> Shares {
        x.count == 0 ? constant(Vector(ring, zeros: 1)) : x.sums(ofEvery: x.count)
    }

    private func allValid(_ count: Int) -> Bits {
        constant(bits: BitMatrix(rows: 1, count: count, repeating: true))
    }
}
