import Algebra
import MPC
import ObliviousTransfer
import Primitives
import SecretSharing

/// Bit triples and vector bit triples from random oblivious transfers.
///
/// A transfer of pads m₀, m₁ with the choice a gives m_a = m₀ ⊕ a(m₀ ⊕ m₁): shares of a · b for the
/// sender's b = m₀ ⊕ m₁. Between two parties all choices and pads are random and nothing is
/// corrected. Of n parties each has one a and one b towards all others, so that it chooses a and
/// sends corrections m₀ ⊕ m₁ ⊕ b. A vector triple (a; b, b′) takes pads of two bits instead of two
/// transfers: D. Rathee et al., *CrypTFlow2*, <https://eprint.iacr.org/2020/1002>.
extension ObliviousSession {
    /// Shares of a (1 row), b and a · b (`width` rows each), `count` lanes, a multiple of 64.
    func bitTriples(_ count: Int, width: Int) throws(MPCError) -> (
        a: BitMatrix, b: BitMatrix, c: BitMatrix
    ) {
        let isPair = session.partyCount == 2
        var waiting: [[WaitingPads]] = []
        let chunks = laneChunks(count, size: chunkTransfers)
        let operations = chunks.map { _ in session.nextOperation() }
        var parts: [(a: BitMatrix, b: BitMatrix, c: BitMatrix)] = []
        try pipelined(chunks.count) { (c) throws(MPCError) in
            // 1. Every party chooses a of each other.
            let order = OTOrder(rows: 1, count: chunks[c].count)
            waiting.append([])
            if isPair, let peer = session.otherParties.first {
                let received = try transfers.chooseRandomly(
                    order, from: peer, operation: operations[c])
                let a = received.choices
                waiting[c].append(WaitingPads(received, from: peer))
                let none = BitMatrix(rows: width, count: order.count)
                parts.append((a, none, none))
                return
            }
            let a = own.bits(rows: 1, count: order.count)
            for peer in session.otherParties {
                let received = try transfers.choose(a, from: peer, operation: operations[c])
                waiting[c].append(WaitingPads(received, from: peer))
            }
            let b = own.bits(rows: width, count: order.count)
            parts.append((a, b, BitMatrix(rows: width, count: order.count)))
        } serve: { (c) throws(MPCError) in
            // 2. Its share towards each is m₀, for b = m₀ ⊕ m₁, corrected if need be.
            let order = OTOrder(rows: 1, count: chunks[c].count)
            for peer in session.otherParties {
                var offered = try transfers.offer(
                    order, to: peer, operation: operations[c], randomChoices: isPair)
                let (zero, one) = offered.nextBitPads(order.count, bits: width)
                parts[c].c ^= zero
                if isPair {
                    parts[c].b = zero ^ one
                } else {
                    try session.send(zero ^ one ^ parts[c].b, to: peer, .otPayload, operations[c])
                }
            }
        } collect: { (c) throws(MPCError) in
            // 3. And m_a, with the correction where a is set; last the product of its own.
            let order = OTOrder(rows: 1, count: chunks[c].count)
            let factor = BitMatrix.concatenating(
                rows: Array(repeating: parts[c].a, count: width))
            for received in waiting[c] {
                parts[c].c ^= received.transfers.nextBitPads(order.count, bits: width)
                if isPair { continue }
                let correction: BitMatrix = try session.receive(
                    BitShape(rows: width, count: order.count), from: received.sender, .otPayload,
                    operations[c])
                parts[c].c ^= factor & correction
            }
            waiting[c] = []
            parts[c].c ^= factor & parts[c].b
        }
        session.countRound()
        if !isPair { session.countRound() }
        try session.flush()
        let none = BitMatrix(rows: width, count: 0)
        let first = BitMatrix(rows: 1, count: 0)
        return (
            .concatenating(lanes: parts.map(\.a) + [first]),
            .concatenating(lanes: parts.map(\.b) + [none]),
            .concatenating(lanes: parts.map(\.c) + [none])
        )
    }
}

/// Transfers that were chosen and not yet answered.
private final class WaitingPads {
    var transfers: ReceivedOTs
    let sender: Party

    init(_ transfers: consuming ReceivedOTs, from sender: Party) {
        self.transfers = transfers
        self.sender = sender
    }
}
