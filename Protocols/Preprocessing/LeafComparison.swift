package import Algebra
import Circuits
public import MPC
public import Primitives
public import SecretSharing

/// An engine of two parties that compares what each of them holds by oblivious transfers.
public protocol LeafOTConsuming: ArithmeticProtocol, BooleanProtocol, ~Copyable
where Shares == AdditiveShares<R>, Bits == XORShares {
    var session: Session { get }
    mutating func takeLeafOTs(_ count: Int, sender: Party) throws(MPCError) -> LeafOTs?
}

/// The millionaires' problem of two parties: party 0 has a, party 1 has b, and the result is shared.
///
/// D. Rathee et al., *CrypTFlow2: Practical 2-Party Secure Inference*,
/// <https://eprint.iacr.org/2020/1002>, protocol Π_MILL: the integers are cut into blocks of four
/// bits, which one 1-of-16 oblivious transfer of two bits each compares, and a tree of forked AND
/// gates combines the blocks.
/// Deviations: the transfers are random ones made beforehand (Beaver, CRYPTO '95), which one message
/// of four bits moves to the wanted value; half of the lanes have party 0 as the sender, half party
/// 1, so that both work alike; the sender's share is what makes the message of value 0 zero.
extension LeafOTConsuming where Self: ~Copyable {
    /// [a > b], lane by lane, where this party's integer is `own`: shape m rows, lowest bit first.
    ///
    /// With B = ⌈m / 4⌉ blocks: two rounds, B · 34 bits a lane, then ⌈log₂ B⌉ rounds and
    /// 2(B − 1) − ⌈log₂ B⌉ AND gates.
    package mutating func isGreater(own: BitMatrix) throws(MPCError) -> XORShares {
        let (greater, equal) = try leaves(own: own)
        return try comparisonTree(less: greater, equal: equal)
    }

    /// [a = b], lane by lane.
    ///
    /// Two rounds and B · 34 bits a lane, then ⌈log₂ B⌉ rounds and B − 1 AND gates.
    package mutating func isSame(own: BitMatrix) throws(MPCError) -> XORShares {
        try conjunction(ofRows: leaves(own: own).equal)
    }

    /// [aⱼ > bⱼ] and [aⱼ = bⱼ] of the blocks j, a row each.
    private mutating func leaves(own: BitMatrix) throws(MPCError) -> (
        greater: XORShares, equal: XORShares
    ) {
        let pieces = stride(from: 0, to: own.wordsPerRow, by: leafWords).map {
            64 * $0..<min(64 * ($0 + leafWords), own.count)
        }
        var (greater, equal): ([XORShares], [XORShares]) = ([], [])
        for piece in pieces {
            for part in try leaves(ofLanes: own.lanes(piece)) {
                greater.append(part.greater)
                equal.append(part.equal)
            }
        }
        func joined(_ parts: [XORShares]) -> XORShares {
            .concatenating(lanes: parts).lanes(0..<own.count)
        }
        return (joined(greater), joined(equal))
    }

    private mutating func leaves(ofLanes own: BitMatrix) throws(MPCError) -> [LeafResults] {
        let words = LeafWords(own)
        // 1. Party 0 sends in the first half of the lanes, party 1 in the others.
        var halves: [LeafHalf] = []
        for (sender, range) in words.halves.enumerated() where !range.isEmpty {
            let values = words.values(range)
            guard let ots = try takeLeafOTs(values.count, sender: Party(sender)) else {
                preconditionFailure("a source without leaf OTs in a comparison that needs them")
            }
            halves.append(LeafHalf(values: values, ots: ots, operation: session.nextOperation()))
        }
        let peer = Participant.party(session.otherParties[0])

        // 2. The receiver tells by how much its value differs from the one it chose before.
        for half in halves {
            guard case .receiver(let choice, _) = half.ots else { continue }
            try session.sendAll([choice ^ half.values], to: peer, .leafChoice, half.operation)
        }
        session.countRound()
        // 3. The sender answers with the comparisons of its value with all sixteen.
        var shares = halves.map { _ in BitMatrix(rows: 0, count: 0) }
        for (index, half) in halves.enumerated() {
            guard case .sender(let pads) = half.ots else { continue }
            let places: [BitMatrix] = try session.receiveAll(
                [half.values.shape], from: peer, .leafChoice, half.operation)
            // [a > b] for party 0's a; party 1's b is the smaller one where it is less than a.
            let (table, share) = BitMatrix.leafTable(
                pads: pads, places: places[0], own: half.values, less: !session.isFirst)
            try session.sendAll([table], to: peer, .leafTable, half.operation)
            shares[index] = share
        }
        session.countRound()
        // 4. The receiver takes the message of its own value.
        for (index, half) in halves.enumerated() {
            guard case .receiver(_, let pad) = half.ots else { continue }
            let tables: [BitMatrix] = try session.receiveAll(
                [BitShape(rows: 30, count: half.values.count)], from: peer, .leafTable,
                half.operation)
            shares[index] = BitMatrix.leafChoice(table: tables[0], own: half.values, pad: pad)
        }
        try session.flush()
        return shares.map { words.results($0) }
    }
}

/// Words of lanes compared at once: a table takes 30 bits a lane and block.
package let leafWords = 1 << 11

/// The leaves of one half of the lanes.
private struct LeafHalf {
    let values: BitMatrix
    let ots: LeafOTs
    let operation: UInt32
}

/// Shares of [aⱼ > bⱼ] and [aⱼ = bⱼ], a row for each block.
private struct LeafResults {
    let greater, equal: XORShares
}

/// How the blocks of a batch of integers lie in one row of leaves: block after block.
private struct LeafWords {
    private let own: BitMatrix
    private let blocks: Int

    init(_ own: BitMatrix) {
        blocks = (own.rows + 3) / 4
        let missing = BitMatrix(rows: 4 * blocks - own.rows, count: own.count)
        let whole = own.appendingRows(missing)
        self.own = BitMatrix(rows: whole.rows, count: 64 * whole.wordsPerRow, words: whole.words)
    }

    /// The lanes in which each party sends.
    var halves: [Range<Int>] {
        let half = 64 * ((own.wordsPerRow + 1) / 2)
        return [0..<half, half..<own.count]
    }

    /// Bit i of every block of the lanes: 4 rows.
    func values(_ lanes: Range<Int>) -> BitMatrix {
        let part = own.lanes(lanes)
        return .concatenating(
            rows: (0..<4).map { bit in
                let rows = part.gatheringRows((0..<blocks).map { UInt32(4 * $0 + bit) })
                return BitMatrix(rows: 1, count: blocks * lanes.count, words: rows.words)
            })
    }

    /// From two rows of leaves to rows of blocks.
    func results(_ share: BitMatrix) -> LeafResults {
        func rows(_ row: Int) -> XORShares {
            XORShares(
                BitMatrix(rows: blocks, count: share.count / blocks, words: share.row(row).words))
        }
        return LeafResults(greater: rows(0), equal: rows(1))
    }
}
