public import Algebra
public import MPC
public import Primitives
public import SecretSharing

/// An engine over additive shares that rearranges rows with translations made beforehand.
public protocol TranslationConsuming: ArithmeticProtocol, BooleanProtocol, ~Copyable
where Shares == AdditiveShares<R>, Bits == XORShares {
    var session: Session { get }
    mutating func takeTranslation(_ shape: TranslationShape) throws(MPCError)
        -> RowTranslation<Shares, Bits>
}

/// Secret rearrangements of whole rows, one permuting party after the other.
///
/// M. Chase, E. Ghosh and O. Poburinnaya, *Secret-Shared Shuffle*,
/// <https://eprint.iacr.org/2019/1340>, section 4 (permute and share from share translation).
/// Deviation: for n parties one translation serves all that do not permute, since the permuting
/// party needs no more than the sum of their masked shares and of their differences.
extension TranslationConsuming where Self: ~Copyable {
    /// The rows in a uniformly random order that any n − 1 parties know nothing about.
    ///
    /// n rounds; each row once from each party to each other.
    public mutating func shuffle(_ columns: Columns<Shares, Bits>) throws(MPCError)
        -> Columns<Shares, Bits>
    {
        let mark = session.costs.begin("shuffle")
        defer { session.costs.end(mark) }
        var columns = columns
        for owner in session.allParties { columns = try translate(columns, owner).rows }
        return columns
    }

    /// The rows rearranged by a permutation that only `owner` knows and passes.
    ///
    /// One round: each row once from every other party to the owner, and 4 bytes a row from the
    /// owner to each.
    public mutating func permute(
        _ columns: Columns<Shares, Bits>, by permutation: Permutation?, knownTo owner: Party
    ) throws(MPCError) -> Columns<Shares, Bits> {
        let mark = session.costs.begin("permute")
        defer { session.costs.end(mark) }
        guard columns.count > 0 else { return columns }

        // 1. By a random ρ of the owner.
        let (rows, rho) = try translate(columns, owner)

        // 2. The owner publishes δ with π = ρ, then δ: uniform, whatever π is.
        let operation = session.nextOperation()
        guard let rho else {
            let bytes = try session.receive(
                .rearrangement, from: .party(owner), operation: operation,
                byteCount: 4 * columns.count)
            guard let delta = Permutation(received: bytes, count: columns.count) else {
                throw .cheating(.malformedMessage(step: session.step), by: owner)
            }
            return rows.gathering(delta.indices)
        }
        guard let permutation, permutation.count == columns.count else {
            preconditionFailure("the owner passes a permutation of \(columns.count) rows")
        }
        let delta = rho.inverse.followed(by: permutation)
        for peer in session.otherParties {
            try session.send(
                .rearrangement, to: .party(peer), operation: operation,
                byteCount: 4 * delta.count
            ) { delta.appendWire(to: &$0) }
        }
        try session.flush()
        return rows.gathering(delta.indices)
    }

    /// The same for two owners: the first rearranges.
    public mutating func permute(
        _ columns: Columns<Shares, Bits>, by permutation: Permutation?,
        knownTo owners: (Party, Party)
    ) throws(MPCError) -> Columns<Shares, Bits> {
        try permute(columns, by: permutation, knownTo: owners.0)
    }

    /// The rows in the order of a dealt permutation, which its owner gets to know.
    private mutating func translate(_ columns: Columns<Shares, Bits>, _ owner: Party)
        throws(MPCError) -> (rows: Columns<Shares, Bits>, known: Permutation?)
    {
        guard columns.count > 0 else { return (columns, nil) }
        let translation = try takeTranslation(TranslationShape(columns, owner: owner))
        let operation = session.nextOperation()
        session.countRound()
        switch translation {
        case .masks(let before, let after):
            // 1. Every other party j sends xⱼ − aⱼ to the owner and keeps bⱼ.
            let masked = columns - before
            if !masked.numbers.isEmpty {
                try session.sendAll(
                    masked.numbers.map(\.share), to: .party(owner), .maskedRows, operation)
            }
            if masked.records.count > 0 {
                try session.sendAll(
                    [masked.records.share], to: .party(owner), .maskedRows, operation)
            }
            try session.flush()
            return (after, nil)
        case .permutes(let permutation, let difference):
            // 2. The owner takes π(x + Σ (xⱼ − aⱼ)) + Δ.
            var sum = columns
            for peer in session.otherParties {
                if !sum.numbers.isEmpty {
                    let masked: [Vector<R>] = try session.receiveAll(
                        sum.numbers.map(\.share.shape), from: .party(peer), .maskedRows, operation)
                    for (k, one) in masked.enumerated() { sum.numbers[k].share.accumulate(one) }
                }
                if sum.records.count > 0 {
                    let masked: [BitMatrix] = try session.receiveAll(
                        [sum.records.share.shape], from: .party(peer), .maskedRows, operation)
                    for one in masked { sum.records.share ^= one }
                }
            }
            return (sum.gathering(permutation.indices) + difference, permutation)
        }
    }
}

extension Columns {
    fileprivate static func - (x: Self, y: Self) -> Self {
        Self(numbers: zip(x.numbers, y.numbers).map { $0 - $1 }, records: x.records ^ y.records)
    }

    fileprivate static func + (x: Self, y: Self) -> Self {
        Self(numbers: zip(x.numbers, y.numbers).map { $0 + $1 }, records: x.records ^ y.records)
    }
}
