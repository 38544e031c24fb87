import Algebra
import MPC
import ObliviousTransfer
import Primitives

/// Additive shares of products of one party's factors with another's, by oblivious transfer.
///
/// N. Gilboa, *Two Party RSA Key Generation*, CRYPTO '99, section 4: bit i of y chooses one of the
/// pads of one transfer, and a correction turns the other pad into the first plus x.
///
/// Modulo 2ˡ a correction that counts 2ⁱ times has l − i live bits, sent as whole bytes: a product
/// is about l(l + 1)/2 bits beside its l transfers; over a prime field it is l elements.
struct GilboaChunk<R: Ring> {
    /// Who multiplies with whom: the same list at every party.
    let pairs: [(sender: Party, chooser: Party)]
    let rows, count: Int
    /// This party's factors as sender: `count` elements, or `count` for each row.
    var x: Vector<R>
    /// The bits of this party's factors as chooser, those of the highest weight first; nil if the
    /// transfers choose them at random.
    var choices: (() -> BitMatrix)?
    /// Whether every row is a product of its own.
    var separate = false
}

/// What a chunk gives a party.
struct GilboaShare<R: Ring> {
    /// Its share of the sum of all products: `count` elements, or `count` for each row.
    let sum: Vector<R>
    /// The bits that it chose, if it did.
    let choices: BitMatrix?
}

/// A batch that was chosen and not yet answered.
private final class ChosenTransfers {
    var transfers: ReceivedOTs
    let sender: Party
    let choices: BitMatrix

    init(_ transfers: consuming ReceivedOTs, from sender: Party, _ choices: BitMatrix) {
        self.transfers = transfers
        (self.sender, self.choices) = (sender, choices)
    }
}

/// The products of all chunks, each party's share of each.
///
/// Two messages a pair and chunk: choices, corrections. Factors that several peers' transfers
/// choose at random cannot be one factor, so that random choices are for one chooser and sender.
func gilboaProducts<R: Ring>(
    _ ring: R, _ chunks: [GilboaChunk<R>], _ transfers: PairwiseOTs, _ session: Session
) throws(MPCError) -> [GilboaShare<R>] {
    let me = session.party
    let operations = chunks.map { _ in session.nextOperation() }
    var waiting = chunks.map { _ in [ChosenTransfers]() }
    var choices = chunks.map { _ in BitMatrix?.none }
    var sums = chunks.map {
        Vector(ring, zeros: $0.count * ($0.separate ? $0.rows : 1))
    }
    try pipelined(chunks.count) { (c) throws(MPCError) in
        // 1. The chooser's bits.
        let (chunk, operation) = (chunks[c], operations[c])
        let order = OTOrder(rows: chunk.rows, count: chunk.count)
        for pair in chunk.pairs where pair.chooser == me {
            if let bits = choices[c] ?? chunk.choices?() {
                choices[c] = bits
                waiting[c].append(
                    ChosenTransfers(
                        try transfers.choose(bits, from: pair.sender, operation: operation),
                        from: pair.sender, bits))
            } else {
                let received = try transfers.chooseRandomly(
                    order, from: pair.sender, operation: operation)
                let bits = received.choices
                choices[c] = bits
                waiting[c].append(ChosenTransfers(received, from: pair.sender, bits))
            }
        }
    } serve: { (c) throws(MPCError) in
        // 2. The sender's corrections τ = p₀ − p₁ + x; its share is −Σ 2ⁱ p₀.
        let (chunk, operation) = (chunks[c], operations[c])
        for pair in chunk.pairs where pair.sender == me {
            var offered = try transfers.offer(
                OTOrder(rows: chunk.rows, count: chunk.count), to: pair.chooser,
                operation: operation, randomChoices: chunk.choices == nil)
            var rows = GilboaRows(
                ring, rows: chunk.rows, count: chunk.count, separate: chunk.separate)
            var corrections = [UInt64](
                repeating: 0,
                count: GilboaRows.correctionWords(ring, rows: chunk.rows, count: chunk.count))
            for row in 0..<chunk.rows {
                let pads = offered.nextPads(chunk.count, width: ring.padBlocks)
                rows.offer(
                    row: row, zero: pads.zero.words, one: pads.one.words, x: chunk.x,
                    corrections: &corrections)
            }
            try session.sendCorrections(corrections, to: pair.chooser, operation)
            sums[c] = sums[c] - rows.result
        }
    } collect: { (c) throws(MPCError) in
        // 3. The chooser's share Σ 2ⁱ (p_y + y · τ).
        let chunk = chunks[c]
        for chosen in waiting[c] {
            let corrections = try session.receiveCorrections(
                ring,
                GilboaRows.correctionWords(ring, rows: chunk.rows, count: chunk.count),
                from: chosen.sender, operations[c])
            var rows = GilboaRows(
                ring, rows: chunk.rows, count: chunk.count, separate: chunk.separate)
            for row in 0..<chunk.rows {
                let pads = chosen.transfers.nextPads(chunk.count, width: ring.padBlocks)
                rows.take(
                    row: row, pads: pads.words, choices: chosen.choices.row(row).words.span,
                    corrections: corrections)
            }
            sums[c].accumulate(rows.result)
        }
        waiting[c] = []
    }
    session.countRound()
    session.countRound()
    try session.flush()
    return zip(sums, choices).map { GilboaShare(sum: $0, choices: $1) }
}

extension Session {
    func sendCorrections(_ words: [UInt64], to peer: Party, _ operation: UInt32)
        throws(MPCError)
    {
        try send(
            .otPayload, to: .party(peer), operation: operation, byteCount: 8 * words.count
        ) { appendLittleEndian(words[...], to: &$0) }
    }

    /// `size` words of corrections.
    func receiveCorrections<R: Ring>(
        _ ring: R, _ size: Int, from peer: Party, _ operation: UInt32
    ) throws(MPCError) -> [UInt64] {
        let payload = try receive(
            .otPayload, from: .party(peer), operation: operation, byteCount: 8 * size)
        guard let words = littleEndianWords(payload),
            GilboaRows<R>.isCorrection(words, ring)
        else { throw .cheating(.malformedMessage(step: step), by: peer) }
        return words
    }
}
