import Algebra
import MPC
import ObliviousTransfer
import Primitives
import SecretSharing

/// Share translations by oblivious transfers, without a dealer.
///
/// The permuting party sets a network of switches to a random permutation; on the masks of each
/// other party it exchanges two rows x, y, or does not, by one correlated transfer of the width of a
/// row: x + s(y − x) and y − s(y − x) in additive shares of the two.
/// P. Mohassel and S. Sadeghian, *How to Hide Circuits in MPC*, EUROCRYPT 2013, section 4
/// (oblivious extended permutation), in the form of Chase, Ghosh and Poburinnaya,
/// <https://eprint.iacr.org/2019/1340>, section 3. Deviations: one transfer a switch, with a
/// correction of one row instead of two messages of two; Waksman's network instead of Beneš's;
/// with n parties the permuting one adds up what it has with each other.
extension ObliviousSession {
    /// One translation of rows: two messages a pair, in chunks of switches.
    ///
    /// With S switches and rows of w bits, S · (32 + w) bits a pair.
    func translation<R: Ring>(_ ring: R, _ shape: TranslationShape) throws(MPCError)
        -> RowTranslation<AdditiveShares<R>, XORShares>
    {
        let form = RowForm(shape, ring)
        let steps = SwitchingNetwork.layers(shape.rows).enumerated().flatMap { index, layer in
            stride(from: 0, to: layer.count, by: switchesAtOnce).map {
                SwitchStep(
                    layer: index, switches: layer,
                    range: $0..<min(layer.count, $0 + switchesAtOnce))
            }
        }
        let operations = steps.map { _ in session.nextOperation() }
        session.countRound()
        session.countRound()
        guard session.party == shape.owner else {
            let before = form.random(own)
            var rows = form.rows(of: before)
            for (step, operation) in zip(steps, operations) {
                try serve(step, operation, form, &rows, to: shape.owner)
            }
            try session.flush()
            return .masks(before: before, after: form.columns(of: rows))
        }

        let permutation = own.permutation(shape.rows)
        let network = SwitchingNetwork(permutation)
        var sums: [Columns<AdditiveShares<R>, XORShares>] = []
        for peer in session.otherParties {
            // The party's own part of the masks is zero at first.
            var rows = form.rows(of: form.zeros)
            var waiting: [ChosenSwitches] = []
            func choose(_ index: Int) throws(MPCError) {
                let step = steps[index]
                let choices = network.settings[step.layer].lanes(step.lanes)
                waiting.append(
                    ChosenSwitches(
                        try transfers.choose(choices, from: peer, operation: operations[index]),
                        choices))
            }
            for index in 0..<min(chosenAhead, steps.count) { try choose(index) }
            for index in steps.indices {
                if index + chosenAhead < steps.count { try choose(index + chosenAhead) }
                try collect(
                    steps[index], operations[index], form, &rows, waiting.removeFirst(), from: peer)
            }
            sums.append(form.columns(of: rows))
        }
        return .permutes(permutation, difference: form.sum(sums))
    }

    /// The sender's part of some switches: it has masks x and y of each.
    private func serve<R: Ring>(
        _ step: SwitchStep, _ operation: UInt32, _ form: RowForm<R>, _ rows: inout [RowWords],
        to owner: Party
    ) throws(MPCError) {
        let (upper, lower, count) = (step.upper, step.lower, step.lanes.count)
        var transfers = try transfers.offer(
            OTOrder(rows: 1, count: count), to: owner, operation: operation, randomChoices: false)
        let pads = transfers.nextPads(count, width: form.padBlocks)
        var corrections: [Vector<R>] = []
        for k in form.numbers.indices {
            let (x, y) = form.elements(k, rows[k], upper, lower, count)
            // τ = p₀ − p₁ + (y − x); this party's part of s(y − x) is −p₀.
            var product = GilboaRows(form.ring, rows: 1, count: count, separate: true)
            corrections.append(
                product.offer(
                    zero: form.pad(k, pads.zero), one: form.pad(k, pads.one), x: y - x))
            let pad = product.result
            rows[k].replace(upper, with: (x - pad).limbs)
            rows[k].replace(lower, with: (y + pad).limbs)
        }
        if !corrections.isEmpty {
            try session.sendAll(corrections, to: .party(owner), .otPayload, operation)
        }
        if let k = form.recordColumn {
            let (zero, one) = (form.records(pads.zero), form.records(pads.one))
            let (x, y) = form.records(rows[k], upper, lower, count)
            try session.sendAll(
                [zero ^ one ^ x ^ y], to: .party(owner), .otPayload, operation)
            rows[k].replace(upper, with: (x ^ zero).words)
            rows[k].replace(lower, with: (y ^ zero).words)
        }
    }

    /// The permuting party's part: it has its own parts x and y of the masks, and s.
    private func collect<R: Ring>(
        _ step: SwitchStep, _ operation: UInt32, _ form: RowForm<R>, _ rows: inout [RowWords],
        _ chosen: ChosenSwitches, from peer: Party
    ) throws(MPCError) {
        let (upper, lower, count) = (step.upper, step.lower, step.lanes.count)
        let pads = chosen.transfers.nextPads(count, width: form.padBlocks)
        let choices = chosen.choices
        let shape = VectorShape(ring: form.ring, count: count)
        if !form.numbers.isEmpty {
            let corrections: [Vector<R>] = try session.receiveAll(
                form.numbers.map { _ in shape }, from: .party(peer), .otPayload, operation)
            for (k, correction) in corrections.enumerated() {
                let (x, y) = form.elements(k, rows[k], upper, lower, count)
                // p_s + s(τ + (y − x)), which with the peer's −p₀ is s times the whole difference.
                var product = GilboaRows(form.ring, rows: 1, count: count, separate: true)
                product.take(
                    pads: form.pad(k, pads), choices: choices.words.span,
                    corrections: correction + (y - x))
                let difference = product.result
                rows[k].replace(upper, with: (x + difference).limbs)
                rows[k].replace(lower, with: (y - difference).limbs)
            }
        }
        if let k = form.recordColumn {
            let corrections: [BitMatrix] = try session.receiveAll(
                [BitShape(rows: count, count: form.recordBits)], from: .party(peer), .otPayload,
                operation)
            let (x, y) = form.records(rows[k], upper, lower, count)
            let chosenPart = (corrections[0] ^ x ^ y).selectingRows(choices)
            let difference = form.records(pads) ^ chosenPart
            rows[k].replace(upper, with: (x ^ difference).words)
            rows[k].replace(lower, with: (y ^ difference).words)
        }
    }
}

/// Bounds what waits in memory and on the wire.
package let switchesAtOnce = 1 << 15
/// Chunks whose choices are sent before the first correction has come.
private let chosenAhead = 2

/// Some switches of one layer.
private struct SwitchStep {
    let layer: Int
    let switches: SwitchingNetwork.Layer
    let range: Range<Int>

    /// Filled up to whole words with switches that do nothing.
    var lanes: Range<Int> { range.lowerBound..<range.lowerBound + wholeWords(range.count) }
    var upper: [UInt32] { switches.places(range) }
    var lower: [UInt32] { upper.map { $0 + UInt32(switches.distance) } }
}

private final class ChosenSwitches {
    var transfers: ReceivedOTs
    let choices: BitMatrix

    init(_ transfers: consuming ReceivedOTs, _ choices: BitMatrix) {
        self.transfers = transfers
        self.choices = choices
    }
}

/// How the columns of a row lie side by side in the pad of a switch.
private struct RowForm<R: Ring> {
    let ring: R
    let count: Int
    let numbers: Range<Int>
    let recordBits: Int

    init(_ shape: TranslationShape, _ ring: R) {
        self.ring = ring
        (count, numbers, recordBits) = (shape.rows, 0..<shape.numbers, shape.recordBits)
    }

    var recordColumn: Int? { recordBits > 0 ? numbers.count : nil }
    private var recordWords: Int { (recordBits + 63) / 64 }
    /// Blocks of a pad.
    var padBlocks: Int { numbers.count * ring.padBlocks + (recordWords + 1) / 2 }

    /// Column k's part of every pad.
    func pad(_ k: Int, _ pads: Blocks) -> [UInt64] {
        let width = 2 * ring.padBlocks
        return RowWords.columns(k * width..<(k + 1) * width, of: pads.words, width: 2 * padBlocks)
    }

    func records(_ pads: Blocks) -> BitMatrix {
        let start = 2 * numbers.count * ring.padBlocks
        return records(
            RowWords.columns(
                start..<start + recordWords, of: pads.words, width: 2 * padBlocks))
    }

    private func records(_ words: [UInt64]) -> BitMatrix {
        BitMatrix(
            maskingTails: words, rows: words.count / recordWords, count: recordBits)
    }

    func elements(_ k: Int, _ rows: RowWords, _ upper: [UInt32], _ lower: [UInt32], _ count: Int)
        -> (Vector<R>, Vector<R>)
    {
        (
            Vector(ring, canonical: rows.gathering(upper, count: count)),
            Vector(ring, canonical: rows.gathering(lower, count: count))
        )
    }

    func records(_ rows: RowWords, _ upper: [UInt32], _ lower: [UInt32], _ count: Int)
        -> (BitMatrix, BitMatrix)
    {
        (
            records(rows.gathering(upper, count: count)),
            records(rows.gathering(lower, count: count))
        )
    }

    var zeros: Columns<AdditiveShares<R>, XORShares> {
        Columns(
            numbers: numbers.map { _ in AdditiveShares(Vector(ring, zeros: count)) },
            records: XORShares(BitMatrix(rows: count, count: recordBits)))
    }

    func random(_ own: OwnStream) -> Columns<AdditiveShares<R>, XORShares> {
        Columns(
            numbers: numbers.map { _ in AdditiveShares(own.elements(ring, count)) },
            records: XORShares(own.bits(rows: count, count: recordBits)))
    }

    func rows(of columns: Columns<AdditiveShares<R>, XORShares>) -> [RowWords] {
        let words = columns.numbers.map {
            RowWords($0.share.limbs, width: ring.limbsPerElement)
        }
        guard recordBits > 0 else { return words }
        return words + [RowWords(columns.records.share.words, width: recordWords)]
    }

    func columns(of rows: [RowWords]) -> Columns<AdditiveShares<R>, XORShares> {
        Columns(
            numbers: numbers.map { AdditiveShares(Vector(ring, canonical: rows[$0].words)) },
            records: recordColumn.map {
                XORShares(BitMatrix(rows: count, count: recordBits, words: rows[$0].words))
            } ?? zeros.records)
    }

    func sum(_ parts: [Columns<AdditiveShares<R>, XORShares>])
        -> Columns<AdditiveShares<R>, XORShares>
    {
        Columns(
            numbers: numbers.map { k in
                parts.dropFirst().reduce(parts[0].numbers[k]) { $0 + $1.numbers[k] }
            },
            records: parts.dropFirst().reduce(parts[0].records) { $0 ^ $1.records })
    }
}
