import Algebra
import Gadgets
package import MPC

/// What releases of tables need beyond ``Engine/output(_:to:)``.
extension Engine where Self: ~Copyable {
    /// A table of which all rows of a part are invalid if more of them are valid than allowed, and
    /// what is said about each part.
    ///
    /// One conversion, a comparison for each part and an AND for each row.
    ///
    /// - Parameters:
    ///   - parts: consecutive ranges that cover the rows.
    ///   - most: valid rows of a part; nil for any number.
    ///   - isCounted: whether each part's number of valid rows is said.
    /// - Returns: of each part one row of the columns "suppressed", a bool, if a part has more rows
    ///   than allowed, valid or not, and "number", if it is counted.
    package mutating func limited(
        _ table: SecretTable<Self>, parts: [Range<Int>], to most: Int?, counting isCounted: Bool
    ) throws(AnalyticsError) -> (table: SecretTable<Self>, statements: [SecretTable<Self>]) {
        let valid = constant(bits: BitMatrix(rows: 1, count: 1, repeating: true))
        let most = most.flatMap { most in parts.contains { $0.count > most } ? most : nil }
        let schema = try TableSchema.statement(
            on: table.schema, parts: parts, to: most, counting: isCounted)
        guard !schema.fields.isEmpty else {
            let nothing = SecretTable<Self>(schema, [], valid: valid, context: table.context)
            return (table, parts.map { _ in nothing })
        }
        return try computing { () throws(MPCError) in
            // 1. How many rows of each part are valid, and is that more than allowed?
            let flags = try fromBits(table.valid)
            let counts = Shares.concatenating(parts.map { total(flags[$0]) })
            var (rows, over): (SecretTable<Self>, Bits?) = (table, nil)
            if let most {
                let tooMany = try isAtLeast(
                    counts, Vector(ring, repeating: Int128(most) + 1, count: parts.count)
                ).transposed()

                // 2. Then none is valid any more.
                let places = parts.enumerated().flatMap { index, rows in
                    Array(repeating: UInt32(index), count: rows.count)
                }
                let isOver = tooMany.gatheringRows(places).transposed()
                rows = table.with(valid: try and(table.valid, not(isOver)))
                over = tooMany
            }
            let statements = parts.indices.map { part in
                var columns: [ColumnShares<Self>] = []
                if let over {
                    columns.append(.bits(over.gatheringRows([UInt32(part)]).transposed()))
                }
                if isCounted { columns.append(.numbers(counts[part..<part + 1])) }
                return SecretTable<Self>(schema, columns, valid: valid, context: table.context)
            }
            return (rows, statements)
        }
    }

    /// The rows in an order that nobody knows.
    package mutating func shuffled(_ table: SecretTable<Self>) throws(AnalyticsError)
        -> SecretTable<Self>
    {
        let rows = table.packed()
        guard rows.count > 1 else { return table }
        return try table.unpacked(computing { () throws(MPCError) in try shuffle(rows) }).table
    }
}

extension TableSchema {
    /// The row that ``Engine/limited(_:parts:to:counting:)`` says about each part.
    package static func statement(
        on table: TableSchema, parts: [Range<Int>], to most: Int?, counting isCounted: Bool
    ) throws(AnalyticsError) -> TableSchema {
        var fields: [Field] = []
        if let most, parts.contains(where: { $0.count > most }) {
            fields.append(Field("suppressed", .bool))
        }
        if isCounted { fields.append(Field("number", .integer(0...Int128(table.bound)))) }
        return try TableSchema(fields, bound: 1)
    }
}

extension SecretTable where E: ~Copyable {
    /// Consecutive parts of the rows; local.
    package func parts(_ ranges: [Range<Int>]) throws(AnalyticsError) -> [Self] {
        let rows = packed()
        var parts: [Self] = []
        for range in ranges {
            let places = Array(UInt32(range.lowerBound)..<UInt32(range.upperBound))
            parts.append(try unpacked(rows.gathering(places)).table)
        }
        return parts
    }
}
