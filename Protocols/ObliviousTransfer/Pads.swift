package import Algebra
package import Primitives

/// One batch of random OTs at the sender: two pads an OT, of which the receiver has one.
///
/// Every OT is hashed once, in the order of ``OTOrder``, so that no tweak repeats.
package struct OfferedOTs: ~Copyable {
    private var rows: OTRows
    private let delta: PuncturePoint
    private let hash: CorrelationHash

    init(rows: OTRows, delta: PuncturePoint, hash: CorrelationHash) {
        (self.rows, self.delta, self.hash) = (rows, delta, hash)
    }

    /// The pads of the next `count` OTs for choices 0 and 1: `width` blocks a pad, pad after pad.
    package mutating func nextPads(_ count: Int, width: Int = 1) -> (zero: Blocks, one: Blocks) {
        let place = rows.take(count)
        func pads(_ offset: Block) -> Blocks {
            rows.withWords(place) {
                hash.pads($0, offset: offset, index: rows.index(place), width: width)
            }
        }
        return (pads(.zero), pads(delta.block))
    }

    /// The low bits of the pads of the next `count` OTs: shape `bits` rows × `count` lanes each.
    ///
    /// - Precondition: at most 64 bits.
    package mutating func nextBitPads(_ count: Int, bits: Int) -> (zero: BitMatrix, one: BitMatrix)
    {
        let place = rows.take(count)
        func pads(_ offset: Block) -> BitMatrix {
            rows.withWords(place) {
                hash.bitPads($0, offset: offset, index: rows.index(place), bits: bits)
            }
        }
        return (pads(.zero), pads(delta.block))
    }

    /// The batch as random 1-of-16 OTs of two bits: row 2v + m is bit m of value v's pad; 32 rows
    /// of a lane an OT.
    ///
    /// - Precondition: the order has four rows, and no pad was taken. The receiver's choice of lane
    ///   e is the number whose bit m it chose in row m.
    package consuming func leafPads() -> BitMatrix {
        let place = rows.takeLeaves()
        return rows.withWords(place) {
            hash.leafPads(
                $0, offsets: delta.block.sixteenMultiples, index: rows.index(place))
        }
    }
}

/// One batch of random OTs at the receiver: the pad of its choice.
package struct ReceivedOTs: ~Copyable {
    /// What was chosen, in the batch's order.
    package let choices: BitMatrix
    private var rows: OTRows
    private let hash: CorrelationHash

    /// Takes the choices as words, those of sacrificed OTs last.
    init(words: [UInt64], rows: OTRows, hash: CorrelationHash) {
        let order = rows.order
        choices = BitMatrix(
            rows: order.rows, count: order.count, words: Array(words.prefix(order.total / 64)))
        (self.rows, self.hash) = (rows, hash)
    }

    /// The chosen pads of the next `count` OTs: `width` blocks a pad, pad after pad.
    package mutating func nextPads(_ count: Int, width: Int = 1) -> Blocks {
        let place = rows.take(count)
        return rows.withWords(place) {
            hash.pads($0, offset: .zero, index: rows.index(place), width: width)
        }
    }

    /// The low bits of the chosen pads of the next `count` OTs: shape `bits` × `count`.
    ///
    /// - Precondition: at most 64 bits.
    package mutating func nextBitPads(_ count: Int, bits: Int) -> BitMatrix {
        let place = rows.take(count)
        return rows.withWords(place) {
            hash.bitPads($0, offset: .zero, index: rows.index(place), bits: bits)
        }
    }

    /// The pads of the chosen values of 1-of-16 OTs: 2 rows of a lane an OT.
    ///
    /// - Precondition: the order has four rows, and no pad was taken.
    package consuming func leafPads() -> BitMatrix {
        let place = rows.takeLeaves()
        return rows.withWords(place) {
            hash.leafPads($0, offsets: [.zero], index: rows.index(place))
        }
    }
}
