package import Algebra
package import MPC
package import Primitives

/// Stand-in without security: both ends derive both pads from their common seed.
package final class PairwiseOTs {
    private let session: Session
    private init(_ session: Session) { self.session = session }

    package static func setUp(_ session: Session, leafBits: Int = 4) throws(MPCError) -> PairwiseOTs
    {
        PairwiseOTs(session)
    }

    package func choose(_ choices: BitMatrix, from peer: Party, operation: UInt32)
        throws(MPCError) -> ReceivedOTs
    {
        let bytes = choices.rows * choices.count * 4
        try session.send(
            .otColumns, to: .party(peer), operation: operation,
            payload: [UInt8](repeating: 0, count: bytes))
        return ReceivedOTs(
            pads: PadStream(stream(from: peer, to: session.party, peer, operation)),
            choices: choices)
    }

    package func chooseRandomly(_ order: OTOrder, from peer: Party, operation: UInt32)
        throws(MPCError) -> ReceivedOTs
    {
        var own = CounterGenerator(key: session.randomness.secret(16))
        let choices = BitMatrix.random(rows: order.rows, count: order.count, using: &own)
        return try choose(choices, from: peer, operation: operation)
    }

    package func offer(
        _ order: OTOrder, to peer: Party, operation: UInt32, randomChoices: Bool
    ) throws(MPCError) -> OfferedOTs {
        _ = try session.receive(
            .otColumns, from: .party(peer), operation: operation, byteCount: order.total * 4)
        return OfferedOTs(
            pads: PadStream(stream(from: session.party, to: peer, peer, operation)), order: order)
    }

    private func stream(
        from sender: Party, to receiver: Party, _ peer: Party, _ operation: UInt32
    ) -> CounterGenerator {
        session.generator(with: .party(peer), "stand-in ot \(sender) \(receiver)", operation)
    }
}

struct PadStream: ~Copyable {
    var generator: CounterGenerator
    init(_ generator: consuming CounterGenerator) { self.generator = generator }

    mutating func words(_ count: Int) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: count)
        var span = words.mutableSpan
        generator.fill(&span)
        return words
    }
}

package struct OfferedOTs: ~Copyable {
    var pads: PadStream
    let order: OTOrder

    package mutating func nextPads(_ count: Int, width: Int = 1) -> (zero: Blocks, one: Blocks) {
        let zero = pads.words(2 * count * width)
        return (Blocks(words: zero), Blocks(words: pads.words(2 * count * width)))
    }

    package mutating func nextBitPads(_ count: Int, bits: Int) -> (zero: BitMatrix, one: BitMatrix)
    {
        let zero = BitMatrix.random(rows: bits, count: count, using: &pads.generator)
        return (zero, .random(rows: bits, count: count, using: &pads.generator))
    }

    package consuming func leafPads() -> BitMatrix {
        .random(rows: 32, count: order.count, using: &pads.generator)
    }
}

package struct ReceivedOTs: ~Copyable {
    var pads: PadStream
    package let choices: BitMatrix
    var next = 0

    init(pads: consuming PadStream, choices: BitMatrix) {
        self.pads = pads
        self.choices = choices
    }

    private mutating func nextChoices(_ count: Int) -> [Bool] {
        let bits = (next..<next + count).map {
            choices[row: $0 / choices.count, lane: $0 % choices.count]
        }
        next += count
        return bits
    }

    package mutating func nextPads(_ count: Int, width: Int = 1) -> Blocks {
        let zero = pads.words(2 * count * width)
        var words = pads.words(2 * count * width)
        for (i, bit) in nextChoices(count).enumerated() where !bit {
            for k in 2 * i * width..<2 * (i + 1) * width { words[k] = zero[k] }
        }
        return Blocks(words: words)
    }

    package mutating func nextBitPads(_ count: Int, bits: Int) -> BitMatrix {
        let zero = BitMatrix.random(rows: bits, count: count, using: &pads.generator)
        var one = BitMatrix.random(rows: bits, count: count, using: &pads.generator)
        for (i, bit) in nextChoices(count).enumerated() where !bit {
            for row in 0..<bits { one[row: row, lane: i] = zero[row: row, lane: i] }
        }
        return one
    }

    package consuming func leafPads() -> BitMatrix {
        let all = BitMatrix.random(rows: 32, count: choices.count, using: &pads.generator)
        var result = BitMatrix(rows: 2, count: choices.count)
        for lane in 0..<choices.count {
            let value = (0..<4).reduce(0) { $0 | (choices[row: $1, lane: lane] ? 1 << $1 : 0) }
            for m in 0..<2 { result[row: m, lane: lane] = all[row: 2 * value + m, lane: lane] }
        }
        return result
    }
}
