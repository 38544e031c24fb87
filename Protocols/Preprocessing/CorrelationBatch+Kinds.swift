import Algebra
import MPC
import SecretSharing

/// Each kind's values as the parts of a batch.
extension CorrelationBatch {
    init(_ t: Triples<AdditiveShares<R>>) {
        self.init(count: t.a.count, numbers: [t.a.share, t.b.share, t.c.share])
    }
    var triples: Triples<AdditiveShares<R>> {
        Triples(a: element(0), b: element(1), c: element(2))
    }

    init(_ s: Squares<AdditiveShares<R>>) {
        self.init(count: s.a.count, numbers: [s.a.share, s.c.share])
    }
    var squares: Squares<AdditiveShares<R>> { Squares(a: element(0), c: element(1)) }

    init(_ d: DaBits<AdditiveShares<R>, XORShares>) {
        self.init(count: d.bits.count, numbers: [d.arithmetic.share], bits: [d.bits.share])
    }
    var daBits: DaBits<AdditiveShares<R>, XORShares> {
        DaBits(arithmetic: element(0), bits: XORShares(bits[0]))
    }

    init(_ e: EdaBits<AdditiveShares<R>, XORShares>) {
        self.init(count: e.r.count, numbers: [e.r.share], bits: [e.monomials.share])
    }
    func edaBits(_ shape: MonomialShape) -> EdaBits<AdditiveShares<R>, XORShares> {
        EdaBits(r: element(0), monomials: XORShares(bits[0]), shape: shape)
    }

    init(_ m: TruncationMasks<AdditiveShares<R>, XORShares>) {
        self.init(
            count: m.r.count, numbers: [m.r.share, m.high.share], bits: [m.monomials.share])
    }
    func truncationMasks(_ shape: TruncationShape) -> TruncationMasks<AdditiveShares<R>, XORShares>
    {
        TruncationMasks(
            r: element(0), high: element(1), monomials: XORShares(bits[0]), shape: shape)
    }

    init(_ t: BitTriples<XORShares>) {
        self.init(count: t.a.count, bits: [t.a.share, t.b.share, t.c.share])
    }
    /// The one row of lanes as `rows` of `count` lanes each.
    func bitTriples(rows: Int, count: Int) -> BitTriples<XORShares> {
        BitTriples(
            a: reshaped(0, rows, count), b: reshaped(1, rows, count), c: reshaped(2, rows, count))
    }

    init(_ t: ForkedBitTriples<XORShares>) {
        self.init(
            count: t.a.count,
            bits: [t.a.share, t.b.0.share, t.b.1.share, t.c.0.share, t.c.1.share])
    }
    /// The one row of lanes as `rows` of `count` lanes each.
    func forkedBitTriples(rows: Int, count: Int) -> ForkedBitTriples<XORShares> {
        ForkedBitTriples(
            a: reshaped(0, rows, count), b: (reshaped(1, rows, count), reshaped(2, rows, count)),
            c: (reshaped(3, rows, count), reshaped(4, rows, count)))
    }

    init(_ p: BitProducts<AdditiveShares<R>, XORShares>) {
        self.init(
            count: p.a.count, numbers: [p.number.share, p.a.share, p.product.share],
            bits: [p.bits.share])
    }
    var bitProducts: BitProducts<AdditiveShares<R>, XORShares> {
        BitProducts(
            bits: XORShares(bits[0]), number: element(0), a: element(1), product: element(2))
    }

    init(_ ots: LeafOTs) {
        switch ots {
        case .sender(let pads): self.init(count: pads.count, bits: [pads])
        case .receiver(let choice, let pad): self.init(count: pad.count, bits: [choice, pad])
        }
    }
    var leafOTs: LeafOTs {
        bits.count == 1 ? .sender(pads: bits[0]) : .receiver(choice: bits[0], pad: bits[1])
    }

    init(_ translation: RowTranslation<AdditiveShares<R>, XORShares>) {
        switch translation {
        case .permutes(let permutation, let difference):
            self.init(
                count: 1, numbers: difference.numbers.map(\.share),
                bits: [difference.records.share], permutation: permutation)
        case .masks(let before, let after):
            self.init(
                count: 1, numbers: (before.numbers + after.numbers).map(\.share),
                bits: [before.records.share, after.records.share])
        }
    }
    var translation: RowTranslation<AdditiveShares<R>, XORShares> {
        let columns = numbers.map { AdditiveShares($0) }
        guard let permutation else {
            let half = columns.count / 2
            return .masks(
                before: Columns(numbers: Array(columns[..<half]), records: XORShares(bits[0])),
                after: Columns(numbers: Array(columns[half...]), records: XORShares(bits[1])))
        }
        return .permutes(
            permutation, difference: Columns(numbers: columns, records: XORShares(bits[0])))
    }

    init(_ t: MatrixTriple<AdditiveShares<R>>) {
        self.init(count: 1, numbers: [t.a.share, t.b.share, t.c.share])
    }
    var matrixTriple: MatrixTriple<AdditiveShares<R>> {
        MatrixTriple(a: element(0), b: element(1), c: element(2))
    }

    private func element(_ i: Int) -> AdditiveShares<R> { AdditiveShares(numbers[i]) }

    private func reshaped(_ i: Int, _ rows: Int, _ count: Int) -> XORShares {
        XORShares(BitMatrix(maskingTails: bits[i].words, rows: rows, count: count))
    }
}

extension CorrelationGenerator where Self: ~Copyable {
    /// `count` lanes or items of one kind; nil if this generator makes none.
    ///
    /// - Parameter count: a multiple of 64 for a kind with bits; 1 for items.
    mutating func make(_ kind: CorrelationKind, _ count: Int) throws(MPCError)
        -> CorrelationBatch<R>?
    {
        switch kind {
        case .triples: try CorrelationBatch(makeTriples(count))
        case .squares: try CorrelationBatch(makeSquares(count))
        case .daBits: try CorrelationBatch(makeDaBits(count))
        case .edaBits: try CorrelationBatch(makeEdaBits(count))
        case .bitProducts: try makeBitProducts(count).map { CorrelationBatch($0) }
        case .bitTriples: try CorrelationBatch(makeBitTriples(words: count / 64))
        case .forkedBitTriples: try CorrelationBatch(makeForkedBitTriples(words: count / 64))
        case .truncationMasks(let bits): try CorrelationBatch(makeTruncationMasks(count, by: bits))
        case .leafOTs(let sender):
            try makeLeafOTs(count, sender: sender).map { CorrelationBatch($0) }
        case .translations(let shape): try CorrelationBatch(makeTranslation(shape))
        case .matrixTriples(let shape): try makeMatrixTriple(shape).map { CorrelationBatch($0) }
        }
    }
}
