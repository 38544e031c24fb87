import Algebra
import Gadgets
public import MPC

extension Engine where Self: ~Copyable {
    /// The table with one more column: weights · features + bias, exact, then rounded down to the
    /// fraction bits of the weights.
    ///
    /// Leaks nothing. One matrix product, and a truncation if features have fraction bits.
    ///
    /// - Parameters:
    ///   - features: bools, integers and fixed-point numbers.
    ///   - model: one column of integers or fixed-point numbers: a row for each feature, in this
    ///     order, and one for the bias. A row that is not valid is a weight of zero.
    public mutating func score(
        _ table: SecretTable<Self>, features: [String], model: SecretTable<Self>, as name: String
    ) throws(AnalyticsError) -> SecretTable<Self> {
        let schema = try table.schema.scored(
            features: features, model: model.schema, as: name, limit: ring.numberLimit)
        let scale = try table.schema.featureScale(features)
        let (n, d) = (table.bound, features.count)

        // 1. All features with equally many fraction bits.
        var columns: [Shares] = []
        for feature in features {
            let bits = scale - (try table.schema.featureRange(feature).fractionBits)
            let x: Shares
            switch table.columns[try table.schema.index(of: feature)] {
            case .numbers(let shares): x = shares
            case .bits(let bits): x = try computing { () throws(MPCError) in try fromBits(bits) }
            }
            columns.append(x.scaled(by: power(bits)))
        }
        let rowMajor = (0..<n).flatMap { row in (0..<d).map { UInt32($0 * n + row) } }
        let matrix =
            columns.isEmpty
            ? constant(Vector(ring, zeros: 0))
            : Shares.concatenating(columns).gathering(rowMajor)

        // 2. The products' sum, as many fraction bits more.
        guard case .numbers(let weights) = try zeroed(model).columns[0] else { return table }
        let result = try computing { () throws(MPCError) in
            let bias = weights[d..<d + 1].scaled(by: power(scale))
                .gathering(Array(repeating: 0, count: n))
            let sum =
                d == 0
                ? bias
                : try bias
                    + matrixProduct(matrix, weights[0..<d], rows: n, inner: d, columns: 1)
            return scale == 0 ? sum : try truncate(sum, by: scale)
        }
        return table.appending([.numbers(result)], schema)
    }

    private func power(_ bits: Int) -> Vector<R> {
        Vector(ring, repeating: (1 as Int128) << Int128(bits), count: 1)
    }
}
