import Algebra
import Gadgets
public import MPC

extension Engine where Self: ~Copyable {
    /// The rows of `left`, in their order, each with totals of all rows of `right` with its keys.
    ///
    /// Where there are none, totals are zero. Leaks nothing: one sort of twice the left rows and the
    /// right rows, one way back.
    ///
    /// 1. Sort the rows of `left`, of `right`, and of `left` once more by key, equal keys in this
    ///    order.
    /// 2. Running sums of what `right` adds up: locally.
    /// 3. Back to the order given, a left row's totals are the difference of its two copies.
    ///
    /// Only valid rows of `right` count; rows of `left` that are not valid have totals too.
    ///
    /// - Parameters:
    ///   - keys: pairs of columns of one kind that must be equal.
    ///   - aggregates: sums, counts, and counts of the different labels of a code of at most 16.
    public mutating func groupJoin(
        _ left: SecretTable<Self>, _ right: SecretTable<Self>,
        on keys: [(left: String, right: String)], _ aggregates: [(name: String, Aggregate)]
    ) throws(AnalyticsError) -> SecretTable<Self> {
        let schema = try left.schema.groupJoined(
            with: right.schema, on: keys, aggregates, limit: ring.numberLimit)
        let (aggregates, places) = right.schema.simplified(aggregates, by: keys.map(\.right))
        let summands = try summands(aggregates, of: right)
        let (leftKey, rightKey) = try commonKeys(left, right, keys)
        let n = left.bound
        let results = try computing { () throws(MPCError) in
            // 1. Sort. Rows that are not valid add nothing, so that they may lie anywhere.
            let layout = GroupJoinLayout(keyBits: leftKey.rows)
            let none = constant(Vector(ring, zeros: 2 * n), count: 2 * n)
            var table = Columns<Shares, Bits>(
                numbers: summands.flatMap(\.columns).map { Shares.concatenating([none, $0]) },
                records: Bits.concatenating(rows: [
                    layout.records(kind: 0, places: 0, leftKey, &self),
                    layout.records(kind: 2, places: n, leftKey, &self),
                    layout.records(kind: 1, places: 2 * n, rightKey, &self),
                ]))
            var sorted = try sort(
                table.take(), by: layout.key, numbered: layout.place, batch: left.context.batch)

            // 2. Running sums; of the records the places alone are needed.
            sorted = Columns(
                numbers: sorted.numbers.map { $0.prefixSums() },
                records: sorted.records.lanes(0..<64))

            // 3. Back, and the differences.
            let sums = try restoreOrder(sorted.take(), places: layout.place).numbers
                .map { $0[n..<2 * n] - $0[0..<n] }
            return try totals(from: summands.replacing(columns: sums))
        }
        return left.appending(places.flatMap { results[$0] }.map { .numbers($0) }, schema)
    }
}

/// What the records of a group join hold: places, and what the sort looks at.
///
/// Among equal keys the kind decides: 0 before the right rows, 1 a right row, 2 after them. The key
/// ends with a word.
private struct GroupJoinLayout {
    let place = 0..<32
    let key: Range<Int>

    init(keyBits: Int) {
        let kindBits = 2
        let width = (place.count + kindBits + keyBits + 63) / 64 * 64
        key = width - keyBits - kindBits..<width
    }

    /// Records of one kind, with places from `start` on.
    func records<E: Engine & ~Copyable>(
        kind: UInt64, places start: Int, _ keys: E.Bits, _ engine: inout E
    ) -> E.Bits {
        let tags = engine.constant(
            bits: BitMatrix(
                integers: (0..<keys.count).map {
                    UInt64(start + $0) | kind << UInt64(key.lowerBound)
                }, limbsPerInteger: 1, bits: key.lowerBound + 2), rows: key.lowerBound + 2,
            count: keys.count)
        return E.Bits.concatenating(rows: [tags, keys]).transposed()
    }
}
