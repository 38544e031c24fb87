import Algebra
import Gadgets
public import MPC

extension Engine where Self: ~Copyable {
    /// Each pair of rows of `left` and `right` with equal keys, of at most `cap` rows of `right`
    /// for each key.
    ///
    /// Leaks nothing; cap times as many rows as `left` has. The rows of one key in `right` become
    /// one row with `cap` places, which a join on a unique key brings to `left`. Rows of `right`
    /// beyond the cap, in its order, are left out: `capped` tells whether there were any.
    ///
    /// - Returns: the pairs, first those with the first row of each key in `right`; and a table of
    ///   one row with the one bool `capped`.
    public mutating func joinMany(
        _ left: SecretTable<Self>, _ right: SecretTable<Self>,
        on keys: [(left: String, right: String)], cap: Int
    ) throws(AnalyticsError) -> (pairs: SecretTable<Self>, capped: SecretTable<Self>) {
        let schema = try left.schema.joinedMany(with: right.schema, on: keys, cap: cap)
        let names = keys.map(\.right)
        let added = right.schema.added(by: .inner, on: names).map(\.name)

        // 1. Rows of one key together; the first of them is the key's row.
        let (rows, wires, _) = try sorted(right, by: names.map { OrderKey($0) })
        let joined = try equalsRowAbove(wires, context: right.context)
        let first = try computing { () throws(MPCError) in try and(rows.valid, not(joined)) }

        // 2. Its places: the row itself, the one below, ... as far as they have its key.
        var places: [(field: Field, shares: ColumnShares<Self>)] = []
        var isPlace = rows.valid
        var columns = try added.map { name throws(AnalyticsError) in
            (try right.schema.field(name), rows.columns[try rows.schema.index(of: name)])
        }
        var below = joined.shiftedLanes(by: -1)
        for place in 0..<cap {
            places.append((Field("\(place)", .bool), .bits(isPlace)))
            for (field, shares) in columns {
                places.append((field.named("\(place) \(field.name)"), shares))
            }
            isPlace = try computing { () throws(MPCError) in try and(isPlace, below) }
            below = below.shiftedLanes(by: -1)
            columns = columns.map { ($0, $1.rowBelow()) }
        }
        let unique = try rows.projected(to: names.map { ($0, "key \($0)") })
            .with(valid: first).appending(places)

        // 3. One row for each row of `left`, then one for each place.
        let partners = try partners(
            of: left, in: unique, keys.map { ($0.left, "key \($0.right)") },
            columns: places.map(\.field.name))
        let width = added.count + 1
        let pair = try left.schema.joinedMany(with: right.schema, on: keys, cap: 1)
        var pairs: [SecretTable<Self>] = []
        for place in 0..<cap {
            let columns = partners.columns[place * width..<(place + 1) * width]
            guard case .bits(let isPlace)? = columns.first else { continue }
            let valid = try computing { () throws(MPCError) in
                try and(partners.matched, isPlace)
            }
            pairs.append(
                left.with(valid: valid).appending(
                    Array(columns.dropFirst()), pair))
        }

        // 4. Whether any key has one more row.
        let beyond = try computing { () throws(MPCError) in
            let counts = try fromBits(and(first, isPlace))
            return not(try isZero(total(counts)))
        }
        let owners = rows.schema.fields.reduce(into: Set()) { $0.formUnion($1.owners) }
        let capped = SecretTable<Self>(
            TableSchema(checked: [Field("capped", .bool, owners: owners)], bound: 1),
            [.bits(beyond)],
            valid: constant(bits: BitMatrix(rows: 1, count: 1, repeating: true)),
            context: left.context)
        let all = try union(pairs)
        return (
            SecretTable(schema, all.columns, valid: all.valid, context: all.context), capped
        )
    }
}
