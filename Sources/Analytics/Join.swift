import Algebra
import Gadgets
public import MPC
import Primitives

/// Which rows of the left table a join keeps, and whether it adds the right table's columns.
public enum JoinKind: Hashable, Sendable, CaseIterable {
    /// Rows with a partner, with its columns.
    case inner
    /// All rows, with the partner's columns or zeros.
    case left
    /// Rows with a partner.
    case semi
    /// Rows without a partner.
    case anti
}

extension Engine where Self: ~Copyable {
    /// The rows of `left`, in their order, each with its partner in `right`, whose valid rows have
    /// different keys.
    ///
    /// Leaks nothing; as many rows as `left` has. Each row of `right` opens an interval of the
    /// sorted rows and closes it again:
    ///
    /// 1. Sort the rows of `right`, of `left`, and of `right` once more by (not valid, key), equal
    ///    keys in this order: rows of `left` with a right key lie between that key's two rows.
    /// 2. Sum up the columns of `right`, added at the first row and taken off at the second:
    ///    locally, within an interval the sum is the partner's value, elsewhere zero.
    /// 3. Back to the order given.
    ///
    /// That right keys are unique is checked by their owner at the input, or given by construction
    /// (``groupBy(_:_:_:atMost:)``, ``distinct(_:on:)``).
    ///
    /// - Parameters:
    ///   - keys: pairs of columns of one kind that must be equal.
    ///   - matched: the name of a column of bools to add: whether there is a partner.
    public mutating func join(
        _ left: SecretTable<Self>, _ right: SecretTable<Self>,
        on keys: [(left: String, right: String)],
        _ kind: JoinKind, matched: String? = nil
    ) throws(AnalyticsError) -> SecretTable<Self> {
        let schema = try left.schema.joined(with: right.schema, on: keys, kind, matched: matched)
        let added = right.schema.added(by: kind, on: keys.map(\.right)).map(\.name)
        let partners = try partners(of: left, in: right, keys, columns: added)

        let valid = try computing { () throws(MPCError) in
            switch kind {
            case .inner, .semi: partners.matched
            case .left: left.valid
            case .anti: try and(left.valid, not(partners.matched))
            }
        }
        let more = partners.columns + (matched == nil ? [] : [.bits(partners.matched)])
        return left.with(valid: valid).appending(more, schema)
    }

    /// For each row of `left` whether it is valid and has a partner in `right`, and the partner's
    /// columns: zero where there is none.
    mutating func partners(
        of left: SecretTable<Self>, in right: SecretTable<Self>,
        _ keys: [(left: String, right: String)], columns names: [String]
    ) throws(AnalyticsError) -> (matched: Bits, columns: [ColumnShares<Self>]) {
        let (n, m) = (left.bound, right.bound)
        let (leftKey, rightKey) = try commonKeys(left, right, keys)
        var cargo = Cargo<Self>()
        for name in names { cargo.load(right.columns[try right.schema.index(of: name)]) }
        let columns = cargo

        var partners = try computing { () throws(MPCError) in
            // 1. Sort. The columns of bits come with a mark of ones.
            let intervals = columns.loaded(
                flag: constant(bits: BitMatrix(rows: 1, count: m, repeating: true)))
            let none = constant(
                bits: BitMatrix(rows: intervals.wires.rows, count: n), rows: intervals.wires.rows,
                count: n)
            let layout = JoinLayout(keyBits: leftKey.rows, valueBits: none.rows)
            let (noRow, noLeftRow) = (
                constant(Vector(ring, zeros: m), count: m),
                constant(Vector(ring, zeros: n), count: n)
            )
            var table = Columns<Shares, Bits>(
                numbers: intervals.numbers.map {
                    Shares.concatenating([$0, noLeftRow, noRow - $0])
                },
                records: Bits.concatenating(rows: [
                    joinRecords(layout, 0, rightKey, right.valid, intervals.wires),
                    joinRecords(layout, m, leftKey, left.valid, none),
                    joinRecords(layout, m + n, rightKey, right.valid, intervals.wires),
                ]))
            var sorted = try sort(
                table.take(), by: layout.key, numbered: layout.place, batch: left.context.batch)

            // 2. Running sums.
            let values = sorted.records.lanes(layout.valueWords).prefixXORs()
            sorted = Columns(
                numbers: sorted.numbers.map { $0.prefixSums() },
                records: Bits.concatenating(lanes: [sorted.records.lanes(0..<64), values]))

            // 3. Back to the order given, of which the rows of `left` are the middle.
            let restored = try restoreOrder(sorted.take(), places: layout.place)
            let wires = restored.records[m..<m + n].transposed()
            let start = 64 + layout.values.lowerBound - layout.valueWords.lowerBound
            return columns.unloaded(
                numbers: restored.numbers.map { $0[m..<m + n] },
                wires: wires[start..<start + layout.values.count])
        }
        let matched = try computing { () throws(MPCError) in
            try and(left.valid, partners.flag)
        }
        return (matched, names.map { _ in partners.next() })
    }

    /// Records of places from `start` on, keys, validity and values.
    private func joinRecords(
        _ layout: JoinLayout, _ start: Int, _ key: Bits, _ valid: Bits, _ values: Bits
    ) -> Bits {
        let n = valid.count
        let places = constant(
            bits: BitMatrix(
                integers: (0..<n).map { UInt64(start + $0) }, limbsPerInteger: 1,
                bits: layout.place.count), rows: layout.place.count, count: n)
        func unused(_ wires: Range<Int>) -> Bits {
            constant(
                bits: BitMatrix(rows: wires.count, count: n), rows: wires.count, count: n)
        }
        let key = Bits.concatenating(rows: [key, not(valid)])
        let wires =
            layout.areValuesInside
            ? [values, unused(layout.values.upperBound..<layout.key.lowerBound), key]
            : [unused(layout.place.upperBound..<layout.key.lowerBound), key, values]
        return Bits.concatenating(rows: [places] + wires).transposed()
    }

    /// The keys of both tables as unsigned integers of equally many bits.
    mutating func commonKeys(
        _ left: SecretTable<Self>, _ right: SecretTable<Self>,
        _ keys: [(left: String, right: String)]
    ) throws(AnalyticsError) -> (left: Bits, right: Bits) {
        var (leftWires, rightWires): ([Bits], [Bits]) = ([], [])
        for (key, type) in zip(keys, try left.schema.keyTypes(with: right.schema, on: keys)) {
            let (i, j) = (
                try left.schema.index(of: key.left), try right.schema.index(of: key.right)
            )
            leftWires.append(try keyWires(left.columns[i], type, context: left.context))
            rightWires.append(try keyWires(right.columns[j], type, context: left.context))
        }
        return (Bits.concatenating(rows: leftWires), Bits.concatenating(rows: rightWires))
    }
}

/// What the records of a join hold: places, values, and what the sort looks at.
///
/// The key and validity end with a word; values that do not fit in before them come behind.
private struct JoinLayout {
    let place = 0..<32
    let key: Range<Int>
    let values: Range<Int>

    init(keyBits: Int, valueBits: Int) {
        let width = (place.count + keyBits + 1 + 63) / 64 * 64
        key = width - keyBits - 1..<width
        let isRoom = place.count + valueBits <= min(64, key.lowerBound)
        let start = isRoom ? place.count : width
        values = start..<start + valueBits
    }

    var areValuesInside: Bool { values.lowerBound == place.count }
    /// The words that hold values.
    var valueWords: Range<Int> { areValuesInside ? 0..<64 : values }
}
