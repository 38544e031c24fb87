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
            try session.sendCorrections(
                GilboaRows.correctionBytes(ring, rows: chunk.rows, count: chunk.count),
                to: pair.chooser, operation
            ) { frame in
                for _ in 0..<chunk.rows {
                    let pads = offered.nextPads(chunk.count, width: ring.padBlocks)
                    rows.offer(
                        zero: pads.zero.words, one: pads.one.words, x: chunk.x, corrections: &frame)
                }
            }
            sums[c] = sums[c] - rows.result
        }
    } collect: { (c) throws(MPCError) in
        // 3. The chooser's share Σ 2ⁱ (p_y + y · τ).
        let chunk = chunks[c]
        for chosen in waiting[c] {
            let payload = try session.receive(
                .otPayload, from: .party(chosen.sender), operation: operations[c],
                byteCount: GilboaRows.correctionBytes(ring, rows: chunk.rows, count: chunk.count))
            var rows = GilboaRows(
                ring, rows: chunk.rows, count: chunk.count, separate: chunk.separate)
            var isSound = true
            for row in 0..<chunk.rows {
                let pads = chosen.transfers.nextPads(chunk.count, width: ring.padBlocks)
                isSound =
                    rows.take(
                        pads: pads.words, choices: chosen.choices.row(row).words.span,
                        corrections: payload.span) && isSound
            }
            guard isSound else {
                throw .cheating(.malformedMessage(step: session.step), by: chosen.sender)
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
    /// Queues a frame of corrections, which `fill` writes where they are sent from.
    func sendCorrections(
        _ bytes: Int, to peer: Party, _ operation: UInt32,
        fill: (inout OutputSpan<UInt8>) -> Void
    ) throws(MPCError) {
        try send(.otPayload, to: .party(peer), operation: operation, byteCount: bytes, fill: fill)
    }
}
