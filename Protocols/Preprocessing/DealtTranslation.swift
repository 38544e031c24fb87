import Algebra
public import MPC
import Primitives
public import SecretSharing

/// Share translations from a dealer: π comes from the stream that it has in common with the
/// permuting party, aⱼ and bⱼ from those with the others, and the dealer sends the permuting party
/// one combined difference Δ = Σⱼ (π(aⱼ) − bⱼ).
///
/// Chase, Ghosh and Poburinnaya, <https://eprint.iacr.org/2019/1340>, with the dealer in the place
/// of their oblivious transfers.
extension TrustedDealer {
    /// Column after column, so that no more than one is in memory.
    func dealTranslation(_ request: DealtRequest, _ operation: UInt32) throws(MPCError) {
        let streams = session.allParties.map {
            DealtStream(session, with: .party($0), operation: operation)
        }
        let permutation = streams[request.owner].drawPermutation(request.count)
        let others = streams.indices.filter { $0 != request.owner }.map { streams[$0] }
        func send<V: AbelianVector>(_ shape: V.Shape, _ rearranged: (V) -> V) throws(MPCError) {
            var before = V.zero(shape)
            var after = V.zero(shape)
            for stream in others {
                before.add(stream.draw(shape))
                after.add(stream.draw(shape))
            }
            var difference = rearranged(before)
            difference.subtract(after)
            try session.sendAll(
                [difference], to: .party(Party(request.owner)), .dealCorrection, operation)
            before.wipe()
            after.wipe()
            try session.flush()
        }
        for _ in 0..<request.columns {
            try send(VectorShape(ring: ring, count: request.count)) { (column: Vector<R>) in
                column.gathering(permutation.indices)
            }
        }
        guard request.bits > 0 else { return }
        try send(BitShape(rows: request.count, count: request.bits)) { (records: BitMatrix) in
            records.gatheringRows(permutation.indices)
        }
    }
}

extension DealtRandomness {
    /// Asks for one translation; the permuting party alone waits for the answer.
    public mutating func makeTranslation(_ shape: TranslationShape) throws(MPCError)
        -> RowTranslation<AdditiveShares<R>, XORShares>
    {
        let request = DealtRequest(
            kind: .translations, count: shape.rows, ring: DealtRequest.code(of: ring),
            bits: shape.recordBits, columns: shape.numbers, owner: shape.owner.index)
        let operation = session.nextOperation()
        try session.send(.dealRequest, to: .dealer, operation: operation, payload: request.bytes)
        try session.flush()
        session.countRound()

        let stream = DealtStream(session, with: .dealer, operation: operation)
        let column = VectorShape(ring: ring, count: shape.rows)
        let records = BitShape(rows: shape.rows, count: shape.recordBits)
        guard session.party == shape.owner else {
            var before = Self.noNumbers(records)
            var after = before
            for _ in 0..<shape.numbers {
                before.numbers.append(AdditiveShares(stream.draw(column)))
                after.numbers.append(AdditiveShares(stream.draw(column)))
            }
            if shape.recordBits > 0 {
                before.records = XORShares(stream.draw(records))
                after.records = XORShares(stream.draw(records))
            }
            return .masks(before: before, after: after)
        }
        let permutation = stream.drawPermutation(shape.rows)
        var difference = Self.noNumbers(records)
        for _ in 0..<shape.numbers {
            let received: [Vector<R>] = try session.receiveAll(
                [column], from: .dealer, .dealCorrection, operation)
            difference.numbers += received.map { AdditiveShares($0) }
        }
        if shape.recordBits > 0 {
            let received: [BitMatrix] = try session.receiveAll(
                [records], from: .dealer, .dealCorrection, operation)
            difference.records = .concatenating(rows: received.map { XORShares($0) })
        }
        return .permutes(permutation, difference: difference)
    }
    private static func noNumbers(_ records: BitShape) -> Columns<AdditiveShares<R>, XORShares> {
        Columns(numbers: [], records: XORShares(.zero(records)))
    }
}
