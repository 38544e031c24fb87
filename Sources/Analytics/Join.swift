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
    /// Leaks nothing; as many rows as `left` has.
    ///
    /// 1. Sort both tables' keys together, by (not valid, key, right before left).
    /// 2. Each row takes key and columns of the nearest right row above: ``spread(numbers:wires:from:)``.
    /// 3. It is the partner if its key is equal: one equality a row.
    /// 4. Back to the order of `left`.
    ///
    /// That right keys are unique is checked by their owner at the input, or given by construction
    /// (``groupBy(_:_:_:atMost:)``); of equal ones the last is the partner.
    ///
    /// - Parameters:
    ///   - keys: pairs of columns of one kind that must be equal.
    ///   - matched: the name of a column of bools to add: whether there is a partner.
    public mutating func join(
        _ left: SecretTable<Self>, _ right: SecretTable<Self>,
        on keys: [(left: String, right: String)],
        _ kind: JoinKind, matched: String? = nil
    ) throws(AnalyticsError) -> SecretTable<Self> {
        let names = Set(keys.map(\.right))
        let added =
            kind == .inner || kind == .left ? right.schema.names.filter { !names.contains($0) } : []
        let partners = try partners(of: left, in: right, keys, columns: added)

        let valid = try computing { () throws(MPCError) in
            switch kind {
            case .inner, .semi: partners.matched
            case .left: left.valid
            case .anti: try and(left.valid, not(partners.matched))
            }
        }
        var more: [(field: Field, shares: ColumnShares<Self>)] = []
        let owners = try keyOwners(left, right, keys)
        for (name, shares) in zip(added, partners.columns) {
            let field = try right.schema.field(name).owned(by: owners)
            more.append(
                kind == .inner
                    ? (field, shares)
                    : try zeroed(field, shares, where: partners.matched))
        }
        if let matched {
            more.append((Field(matched, .bool, owners: owners), .bits(partners.matched)))
        }
        return try left.with(valid: valid).appending(more)
    }

    private func keyOwners(
        _ left: SecretTable<Self>, _ right: SecretTable<Self>,
        _ keys: [(left: String, right: String)]
    ) throws(AnalyticsError) -> Set<Party> {
        var owners: Set<Party> = []
        for key in keys {
            owners.formUnion(try left.schema.field(key.left).owners)
            owners.formUnion(try right.schema.field(key.right).owners)
        }
        return owners
    }

    /// A column that is zero in rows without a partner; its range then holds zero.
    private mutating func zeroed(_ field: Field, _ shares: ColumnShares<Self>, where matched: Bits)
        throws(AnalyticsError) -> (field: Field, shares: ColumnShares<Self>)
    {
        try computing { () throws(MPCError) in
            switch shares {
            case .numbers(let x):
                let zero = field.type.with(range: 0...0)
                let type = field.type.union(zero) ?? field.type
                return (
                    Field(field.name, type, owners: field.owners),
                    .numbers(try multiply(fromBits(matched), x))
                )
            case .bits(let x):
                let all = Bits.concatenating(rows: Array(repeating: matched, count: x.rows))
                return (field, .bits(try and(all, x)))
            }
        }
    }

    /// For each row of `left` whether it is valid and has a partner in `right`, and the partner's
    /// columns: arbitrary where there is none.
    mutating func partners(
        of left: SecretTable<Self>, in right: SecretTable<Self>,
        _ keys: [(left: String, right: String)], columns names: [String]
    ) throws(AnalyticsError) -> (matched: Bits, columns: [ColumnShares<Self>]) {
        let (n, m) = (left.bound, right.bound)
        let context = left.context

        // 1. Sort: records of (is left, key, not valid, right columns), keys lowest first.
        let (leftKey, rightKey) = try commonKeys(left, right, keys)
        let width = leftKey.rows
        var cargo = Cargo<Self>()
        for name in names { cargo.load(right.columns[try right.schema.index(of: name)]) }
        let rightRows = cargo.packed(
            flag: Bits.concatenating(rows: [
                constant(bits: BitMatrix(rows: 1, count: m)), rightKey, not(right.valid),
            ]))
        let rest = rightRows.records.count - width - 2
        let leftRecords = Bits.concatenating(rows: [
            constant(bits: BitMatrix(rows: 1, count: n, repeating: true)), leftKey,
            not(left.valid), constant(bits: BitMatrix(rows: rest, count: n)),
        ]).transposed()
        let zeros = constant(Vector(ring, zeros: n))
        let places = constant(Vector(ring, (0..<m + n).map { Int64($0) }))
        let all = Columns(
            numbers: [places] + rightRows.numbers.map { Shares.concatenating([$0, zeros]) },
            records: Bits.concatenating(rows: [rightRows.records, leftRecords]))
        let sorted = try computing { () throws(MPCError) in
            try sort(all, by: 0..<width + 2, batch: context.batch)
        }

        // 2. The nearest right row above. A wire of ones shows whether there is any.
        let wires = sorted.records.transposed()
        let (isLeft, key) = (wires[0..<1], wires[1..<width + 1])
        let ones = constant(bits: BitMatrix(rows: 1, count: m + n, repeating: true))
        let near = try computing { () throws(MPCError) in
            try spread(
                numbers: Array(sorted.numbers.dropFirst()),
                wires: Bits.concatenating(rows: [ones, key, wires[width + 2..<wires.rows]]),
                from: not(isLeft))
        }

        // 3. Partners. Above a valid row all rows are valid.
        let equal = try equalLanes(
            near.wires[0..<width + 1], Bits.concatenating(rows: [ones, key]), context: context)
        let matched = try computing { () throws(MPCError) in
            try and(equal, not(wires[width + 1..<width + 2]))
        }

        // 4. Back to the order given; the left table's rows come last.
        let results = Columns(
            numbers: near.numbers,
            records: Bits.concatenating(rows: [matched, near.wires[width + 1..<near.wires.rows]])
                .transposed())
        let arranged = try computing { () throws(MPCError) in
            try arrange(results, at: sorted.numbers[0])
        }
        var unloaded = cargo.unpacked(
            arranged.gathering(Array(UInt32(m)..<UInt32(m + n))))
        return (unloaded.flag, names.map { _ in unloaded.next() })
    }

    /// The keys of both tables as unsigned integers of equally many bits.
    private mutating func commonKeys(
        _ left: SecretTable<Self>, _ right: SecretTable<Self>,
        _ keys: [(left: String, right: String)]
    ) throws(AnalyticsError) -> (left: Bits, right: Bits) {
        guard !keys.isEmpty else { throw .differentColumns(reason: "a join needs a key") }
        var (leftWires, rightWires): ([Bits], [Bits]) = ([], [])
        for key in keys {
            let (i, j) = (
                try left.schema.index(of: key.left), try right.schema.index(of: key.right)
            )
            let (a, b) = (left.schema.fields[i].type, right.schema.fields[j].type)
            guard let type = a.union(b) else {
                throw .differentColumns(
                    reason: "\"\(key.left)\" is \(a), \"\(key.right)\" is \(b)")
            }
            leftWires.append(try keyWires(left.columns[i], type, context: left.context))
            rightWires.append(try keyWires(right.columns[j], type, context: left.context))
        }
        return (Bits.concatenating(rows: leftWires), Bits.concatenating(rows: rightWires))
    }
}
