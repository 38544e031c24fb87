import Algebra
import MPC
import Preprocessing
import Primitives

/// What a dealer sends, and how it is asked.
extension CostEngine {
    /// `count` lanes or items of one kind.
    func deal(_ kind: CorrelationKind, _ count: Int) {
        if case .translations(let shape) = kind {
            for _ in 0..<count { deal(shape) }
            return
        }
        ask()
        tally.round()
        let isInWords = kind == .bitTriples || kind == .forkedBitTriples
        let (whole, rest) = (isInWords ? count / 64 : count).quotientAndRemainder(
            dividingBy: dealtChunk)
        for (size, times) in [(dealtChunk, whole), (rest, 1)] where size * times > 0 {
            let lanes = isInWords ? 64 * size : size
            tally.frame(correctionBytes(kind, lanes), from: tally.dealer, copies: times)
        }
    }

    /// Every party says what it wants.
    private func ask() {
        _ = tally.nextOperation()
        for party in tally.everyParty { tally.frame(DealtRequest.byteCount, from: party) }
    }

    /// What the last party is sent.
    private func correctionBytes(_ kind: CorrelationKind, _ count: Int) -> Int {
        func lanes(_ rows: Int) -> Int { byteCount(rows: rows, lanes: count) }
        return switch kind {
        case .bitTriples: lanes(1)
        case .forkedBitTriples: lanes(2)
        case .edaBits: lanes(MonomialShape(for: ring).rowCount)
        case .truncationMasks(let bits):
            lanes(TruncationShape(for: ring, bits: bits).all.rowCount) + byteCount(count)
        default: byteCount(count)
        }
    }

    /// What the permuting party is sent: the size of the rows.
    private func deal(_ shape: TranslationShape) {
        ask()
        tally.round()
        for _ in 0..<shape.numbers {
            tally.vectors([byteCount(shape.rows)], from: tally.dealer)
        }
        if shape.recordBits > 0 {
            tally.vectors(
                [byteCount(rows: shape.rows, lanes: shape.recordBits)], from: tally.dealer)
        }
    }

    /// Tells the dealer that nothing more will be asked.
    func finishDealing() { ask() }
}
