public import Algebra
public import MPC
public import Primitives
import SecretSharing

/// Secret rearrangements of the rows of a table.
///
/// S. Laur, J. Willemson and B. Zhang, *Round-Efficient Oblivious Database Manipulation*, ISC 2011,
/// in the form of T. Araki et al., *Secure Graph Analysis at Scale*, CCS 2021: the rows are held
/// additively by two parties, who know one permutation in common; each of three permutations is
/// unknown to one party.
extension Replicated3 {
    /// Three rounds; four times the rows in all, all columns together.
    ///
    /// 1. P₀ has A = x₀ + x₁, P₁ has B = x₂. Both apply π₁ and move ρ₁ from B to A; P₀ sends A to P₂.
    /// 2. P₁ and P₂ apply π₂ and move ρ₂; P₁ sends B to P₀.
    /// 3. P₂ and P₀ apply π₃. z₁ = G(k₁), z₂ = G(k₂); P₂ and P₀ exchange A − z₂ and B − z₁, whose
    ///    sum is z₀.
    public mutating func shuffle(_ columns: consuming Columns<ReplicatedShares<R>, ReplicatedBits>)
        throws(MPCError) -> Columns<ReplicatedShares<R>, ReplicatedBits>
    {
        let mark = costs.begin("shuffle")
        defer { costs.end(mark) }
        let operation = session.nextOperation()
        let shape = TableShape(columns, ring)
        for _ in 0..<3 { session.countRound() }

        switch session.party.index {
        case 0:
            // 1.
            var a = TableRows.sum(of: columns)
            columns = TableRows.none(ring)
            hop(&a, shape, 1, .plus, operation)
            try send(a, to: Party(2), operation)
            try session.flush()
            a = TableRows.empty
            // 3.
            var f = try receive(shape, from: Party(1), operation)
            f.gather(permutation(0, shape.count, operation))
            let z1 = mask(shape, 1, "reshare", operation)
            f.subtract(z1)
            try send(f, to: Party(2), operation)
            f.add(try receive(shape, from: Party(2), operation))
            return TableRows.columns(f, z1)
        case 1:
            // 1. and 2.
            var b = TableRows.second(of: columns)
            columns = TableRows.none(ring)
            hop(&b, shape, 1, .minus, operation)
            hop(&b, shape, 2, .minus, operation)
            try send(b, to: Party(0), operation)
            try session.flush()
            b = TableRows.empty
            return TableRows.columns(
                mask(shape, 1, "reshare", operation), mask(shape, 2, "reshare", operation))
        default:
            columns = TableRows.none(ring)
            // 2.
            var e = try receive(shape, from: Party(0), operation)
            hop(&e, shape, 2, .plus, operation)
            // 3.
            e.gather(permutation(0, shape.count, operation))
            let z2 = mask(shape, 2, "reshare", operation)
            e.subtract(z2)
            try send(e, to: Party(0), operation)
            e.add(try receive(shape, from: Party(0), operation))
            return TableRows.columns(z2, e)
        }
    }

    /// One round, twice the rows; the third party neither sends nor receives anything.
    ///
    /// 1. Pᵢ and Pᵢ₊₁ rearrange A = xᵢ + xᵢ₊₁ and B = xᵢ₊₂.
    /// 2. zᵢ = G(kᵢ), zᵢ₊₂ = G(kᵢ₊₂); they exchange A − zᵢ and B − zᵢ₊₂, whose sum is zᵢ₊₁.
    public mutating func permute(
        _ columns: Columns<ReplicatedShares<R>, ReplicatedBits>, by permutation: Permutation?,
        knownTo owners: (Party, Party)
    ) throws(MPCError) -> Columns<ReplicatedShares<R>, ReplicatedBits> {
        precondition(owners.0 != owners.1, "two different owners")
        let mark = costs.begin("permute")
        defer { costs.end(mark) }
        let operation = session.nextOperation()
        let shape = TableShape(columns, ring)
        session.countRound()
        let isOrdered = owners.1.index == (owners.0.index + 1) % 3
        let (i, j) = isOrdered ? owners : (owners.1, owners.0)

        guard session.party == i || session.party == j else {
            // Pᵢ₊₂ holds (zᵢ₊₂, zᵢ).
            return TableRows.columns(
                mask(shape, session.party.index, "reshare", operation),
                mask(shape, session.next.index, "reshare", operation))
        }
        guard let permutation else { preconditionFailure("an owner passes the permutation") }
        precondition(permutation.count == shape.count, "a permutation of another length")
        let isFirst = session.party == i
        var common = isFirst ? TableRows.sum(of: columns) : TableRows.second(of: columns)
        common.gather(permutation)
        let outer = mask(shape, isFirst ? i.index : (j.index + 1) % 3, "reshare", operation)
        common.subtract(outer)
        try send(common, to: isFirst ? j : i, operation)
        common.add(try receive(shape, from: isFirst ? j : i, operation))
        return isFirst
            ? TableRows.columns(outer, common) : TableRows.columns(common, outer)
    }

    /// Two rounds and a message: π = σ, then τ, with σ from the stream that the owner Pᵢ has in
    /// common with Pᵢ₊₁, and τ = σ⁻¹ then π, which it sends to Pᵢ₋₁.
    ///
    /// Four times the rows, and eight bytes a row. Each of σ and τ alone is uniform.
    public mutating func permute(
        _ columns: Columns<ReplicatedShares<R>, ReplicatedBits>, by permutation: Permutation?,
        knownTo owner: Party
    ) throws(MPCError) -> Columns<ReplicatedShares<R>, ReplicatedBits> {
        let operation = session.nextOperation()
        let count = columns.count
        let (after, before) = (
            Party((owner.index + 1) % 3), Party((owner.index + 2) % 3)
        )
        var (sigma, tau): (Permutation?, Permutation?)
        if session.party != before {
            sigma = self.permutation(after.index, count, operation)
        }
        if session.party == owner {
            guard let permutation, let sigma else {
                preconditionFailure("the owner passes the permutation")
            }
            precondition(permutation.count == count, "a permutation of another length")
            let rest = sigma.inverse.followed(by: permutation)
            try session.send(rest, to: before, operation)
            try session.flush()
            tau = rest
        } else if session.party == before {
            tau = try session.receivePermutation(count, from: owner, operation)
        }
        let half = try permute(columns, by: sigma, knownTo: (owner, after))
        return try permute(half, by: tau, knownTo: (before, owner))
    }

    // MARK: Steps

    private enum Side { case plus, minus }

    /// Applies π of key `index` and adds, or subtracts, its ρ.
    private func hop(
        _ rows: inout TableRows<R>, _ shape: TableShape<R>, _ index: Int, _ side: Side,
        _ operation: UInt32
    ) {
        rows.gather(permutation(index, shape.count, operation))
        var rho = session.stream(ofKey: index, "rho", operation)
        if side == .plus { rows.add(streamOf: &rho) } else { rows.subtract(streamOf: &rho) }
    }

    private func permutation(_ index: Int, _ count: Int, _ operation: UInt32) -> Permutation {
        var generator = session.stream(ofKey: index, "permutation", operation)
        return .random(count, using: &generator)
    }

    private func mask(
        _ shape: TableShape<R>, _ index: Int, _ purpose: String, _ operation: UInt32
    ) -> TableRows<R> {
        var generator = session.stream(ofKey: index, purpose, operation)
        return .random(shape, using: &generator)
    }

    private func send(_ rows: TableRows<R>, to peer: Party, _ operation: UInt32)
        throws(MPCError)
    {
        for numbers in rows.numbers {
            try session.send(numbers, to: peer, .shuffleHop, operation)
        }
        try session.send(rows.records, to: peer, .shuffleHop, operation)
    }

    private func receive(_ shape: TableShape<R>, from peer: Party, _ operation: UInt32)
        throws(MPCError) -> TableRows<R>
    {
        var numbers: [Vector<R>] = []
        for _ in 0..<shape.numbers {
            numbers.append(
                try session.receive(
                    VectorShape(ring: shape.ring, count: shape.count), from: peer, .shuffleHop,
                    operation))
        }
        return TableRows(
            numbers: numbers,
            records: try session.receive(shape.records, from: peer, .shuffleHop, operation))
    }
}

/// One of the two halves of shared columns: an element of the group that all columns form.
private struct TableRows<R: Ring> {
    var numbers: [Vector<R>]
    var records: BitMatrix

    static var empty: Self { Self(numbers: [], records: BitMatrix(rows: 0, count: 0)) }

    /// What is left of columns whose memory may go.
    static func none(_ ring: R) -> Columns<ReplicatedShares<R>, ReplicatedBits> {
        columns(empty, empty)
    }

    /// xᵢ + xᵢ₊₁.
    static func sum(of columns: borrowing Columns<ReplicatedShares<R>, ReplicatedBits>) -> Self {
        Self(
            numbers: columns.numbers.map { $0.shares.first + $0.shares.second },
            records: columns.records.shares.first ^ columns.records.shares.second)
    }

    /// xᵢ₊₁.
    static func second(of columns: borrowing Columns<ReplicatedShares<R>, ReplicatedBits>) -> Self {
        Self(
            numbers: columns.numbers.map(\.shares.second),
            records: columns.records.shares.second)
    }

    static func columns(_ first: Self, _ second: Self)
        -> Columns<ReplicatedShares<R>, ReplicatedBits>
    {
        Columns(
            numbers: zip(first.numbers, second.numbers).map {
                ReplicatedShares(Replicated($0, $1))
            },
            records: ReplicatedBits(Replicated(first.records, second.records)))
    }

    static func random(_ shape: TableShape<R>, using generator: inout CounterGenerator) -> Self {
        Self(
            numbers: (0..<shape.numbers).map { _ in
                .random(shape.ring, count: shape.count, using: &generator)
            },
            records: .random(
                rows: shape.records.rows, count: shape.records.count, using: &generator))
    }

    mutating func add(_ other: Self) {
        for i in numbers.indices { numbers[i].accumulate(other.numbers[i]) }
        records ^= other.records
    }

    mutating func subtract(_ other: Self) {
        for i in numbers.indices { numbers[i].subtract(other.numbers[i]) }
        records ^= other.records
    }

    mutating func add(streamOf generator: inout CounterGenerator) {
        for i in numbers.indices { numbers[i].add(streamOf: &generator) }
        records.add(streamOf: &generator)
    }

    mutating func subtract(streamOf generator: inout CounterGenerator) {
        for i in numbers.indices { numbers[i].subtract(streamOf: &generator) }
        records.subtract(streamOf: &generator)
    }

    mutating func gather(_ permutation: Permutation) {
        for i in numbers.indices { numbers[i] = numbers[i].gathering(permutation.indices) }
        records = records.gatheringRows(permutation.indices)
    }
}

/// The public shape of the columns that travel.
private struct TableShape<R: Ring> {
    let numbers: Int
    let ring: R
    let records: BitShape
    var count: Int { records.rows }

    init(_ columns: borrowing Columns<ReplicatedShares<R>, ReplicatedBits>, _ ring: R) {
        numbers = columns.numbers.count
        self.ring = ring
        records = BitShape(rows: columns.records.rows, count: columns.records.count)
    }
}

extension Session {
    /// Eight bytes an index.
    fileprivate func send(_ permutation: Permutation, to peer: Party, _ operation: UInt32)
        throws(MPCError)
    {
        let words = Vector(Z64(), permutation.indices.map { Int64($0) })
        try send(words, to: peer, .permutation, operation)
    }

    /// - Throws: `.cheating` unless it is a permutation of 0 ..< count.
    fileprivate func receivePermutation(_ count: Int, from peer: Party, _ operation: UInt32)
        throws(MPCError) -> Permutation
    {
        let words: Vector<Z64> = try receive(
            VectorShape(ring: Z64(), count: count), from: peer, .permutation, operation)
        let indices = words.limbs.map { UInt32(clamping: $0) }
        guard let permutation = Permutation(checking: indices) else {
            throw .cheating(.malformedMessage(step: step), by: peer)
        }
        return permutation
    }
}
