import Algebra
import Circuits
import MPC
import ObliviousTransfer
import Preprocessing
import Primitives

/// Correlated randomness: what is taken is made ahead or on the spot.
extension CostEngine {
    mutating func take(_ kind: CorrelationKind, _ count: Int) {
        guard count > 0 else { return }
        guard !tally.isMaking else { return makeByTransfers(kind, count) }
        tally.take(kind, count)
        if preparation == .onTheSpot { make(kind, count) }
    }

    /// All that has been taken.
    mutating func makeAhead() {
        guard preparation == .ahead else { return }
        for (kind, count) in tally.budget.amounts { make(kind, count) }
    }

    mutating func make(_ kind: CorrelationKind, _ count: Int) {
        let tally = tally
        let (work, units) = work(kind, count)
        tally.making(work, units) {
            if engine.hasDealer { deal(kind, count) } else { makeByTransfers(kind, count) }
        }
    }

    func work(_ kind: CorrelationKind, _ count: Int) -> (Work, Int) {
        switch kind {
        case .triples: (.triples, count)
        case .squares: (.squares, count)
        case .daBits: (.daBits, count)
        case .edaBits: (.edaBits, count)
        case .bitProducts: (.bitProducts, count)
        case .bitTriples: (.bitTriples, count / 64)
        case .forkedBitTriples: (.forkedBitTriples, count / 64)
        case .truncationMasks: (.truncationMasks, count)
        case .leafOTs: (.leafOTs, count)
        case .translations(let shape):
            (
                .translations,
                count
                    * (shape.numbers * byteCount(shape.rows)
                        + byteCount(rows: shape.rows, lanes: shape.recordBits))
                    * (engine.hasDealer ? 1 : SwitchingNetwork.layers(shape.rows).count)
            )
        case .matrixTriples(let shape):
            (.matrixTriples, count * shape.rows * shape.inner * shape.columns)
        }
    }
}

// MARK: - By oblivious transfers

/// What the protocols of `ObliviousRandomness` send: one function for each of its own.
extension CostEngine {
    private mutating func makeByTransfers(_ kind: CorrelationKind, _ count: Int) {
        setUpTransfers()
        switch kind {
        case .triples: makeTriples(wholeWords(count))
        case .squares: makeSquares(wholeWords(count))
        case .daBits: compose(rows: 1, count)
        case .edaBits:
            makeMonomials(MonomialShape(for: ring, blockBits: blockBits), count)
            compose(rows: ring.bitWidth, count)
        case .truncationMasks(let bits):
            let shape = TruncationShape(for: ring, bits: bits, blockBits: blockBits)
            makeMonomials(shape.made(bitWidth: ring.bitWidth), count)
            compose(rows: bits, count)
            compose(rows: ring.bitWidth - bits, count)
        case .bitProducts:
            multiplyByChoices(count, size: chunkTransfers, rows: 1) { _ in [(0, 1), (1, 0)] }
            compose(rows: 1, count)
        case .bitTriples: makeBitTriples(count, width: 1)
        case .forkedBitTriples: makeBitTriples(count, width: 2)
        case .leafOTs(let sender): makeLeafOTs(count, sender.index)
        case .translations(let shape): for _ in 0..<count { makeTranslation(shape) }
        case .matrixTriples(let shape): for _ in 0..<count { makeMatrixTriple(shape) }
        }
    }

    private mutating func setUpTransfers() {
        guard !hasTransfers else { return }
        hasTransfers = true
        _ = tally.nextOperation()
        tally.addOnce(.transferSetUp)
        tally.round(3)
        for bytes in [
            BaseOT.pointByteCount, BaseOT.responseByteCount, PuncturedTrees.byteCount,
        ] {
            for party in tally.everyParty {
                tally.frame(bytes, from: party, copies: tally.parties - 1)
            }
        }
    }

    /// The chooser's frame for a batch of transfers.
    private func choose(_ transfers: Int, _ chooser: Int, random: Bool = false, copies: Int = 1) {
        for start in stride(from: 0, to: transfers, by: SoftSpoken.frameColumns) {
            tally.frame(
                SoftSpoken.byteCount(
                    columns: min(SoftSpoken.frameColumns, transfers - start), depth: 4,
                    randomChoices: random), from: chooser, copies: copies)
        }
    }

    /// Gilboa's products: each chunk's choices and corrections of its pairs of sender and chooser.
    private func multiplyByChoices(
        _ count: Int, size: Int, rows: Int, random: Bool = false,
        pairs: (Int) -> [(sender: Int, chooser: Int)]
    ) {
        for (index, lanes) in laneChunks(count, size: size).enumerated() {
            _ = tally.nextOperation()
            let corrections = GilboaRows.correctionBytes(ring, rows: rows, count: lanes.count)
            for (sender, chooser) in pairs(index) {
                choose(rows * lanes.count, chooser, random: random)
                tally.frame(corrections, from: sender)
            }
        }
        tally.round(2)
    }

    private func makeTriples(_ count: Int) {
        let parties = tally.everyParty
        let pairs = parties.flatMap { i in parties.filter { $0 != i }.map { (i, $0) } }
        multiplyByChoices(
            count, size: chunkTransfers / ring.bitWidth, rows: ring.bitWidth,
            random: ring.isPowerOfTwo && tally.parties == 2
        ) { _ in pairs }
    }

    private func makeSquares(_ count: Int) {
        let parties = tally.everyParty
        multiplyByChoices(count, size: chunkTransfers / ring.bitWidth, rows: ring.bitWidth) {
            chunk in
            parties.flatMap { i in
                parties.filter { i < $0 }.map { j in
                    (i + j + chunk).isMultiple(of: 2) ? (i, j) : (j, i)
                }
            }
        }
    }

    /// Bits in XOR shares as elements: one party after the other is folded in.
    private func compose(rows: Int, _ count: Int) {
        let (parties, lanes) = (tally.parties, chunkTransfers / max(1, rows))
        for group in laneChunks(count, size: 8 * parties * lanes) {
            for step in 1..<parties {
                multiplyByChoices(group.count, size: lanes, rows: rows) { chunk in
                    (0..<step).map { ((chunk + $0) % parties, (chunk + step) % parties) }
                }
            }
        }
    }

    private func makeBitTriples(_ count: Int, width: Int) {
        let (isPair, peers) = (tally.parties == 2, tally.parties - 1)
        for lanes in laneChunks(count, size: chunkTransfers) {
            _ = tally.nextOperation()
            for party in tally.everyParty {
                choose(lanes.count, party, random: isPair, copies: peers)
                if isPair { continue }
                tally.vector(
                    byteCount(rows: width, lanes: lanes.count), from: party, copies: peers)
            }
        }
        tally.round(isPair ? 1 : 2)
    }

    private func makeLeafOTs(_ count: Int, _ sender: Int) {
        for lanes in laneChunks(count, size: chunkTransfers / 4) {
            _ = tally.nextOperation()
            choose(4 * lanes.count, 1 - sender, random: true)
        }
        tally.round()
    }

    // MARK: Masks

    /// The bits of uniform elements and their products.
    ///
    /// Over a prime as many as are expected to make one batch do: seldom a second one is needed.
    private mutating func makeMonomials(_ shape: MonomialShape, _ count: Int) {
        guard count > 0 else { return }
        guard !ring.isPowerOfTwo else { return multiplyPairs(shape, count) }
        let candidates = ring.candidates(for: count)
        multiplyPairs(shape, candidates)
        let leaves = bits(shape.blocks.count, candidates)
        // Gates alone are taken: an `and` of shapes throws nothing.
        _ = try? comparisonTree(less: leaves, equal: leaves)
        _ = tally.nextOperation()
        open([byteCount(rows: 1, lanes: candidates)])
    }

    private mutating func multiplyPairs(_ shape: MonomialShape, _ count: Int) {
        let pairs = bits(shape.blocks.count { $0.count == 2 }, count)
        if pairs.rows > 0 { _ = and(AndLayer(pairs, pairs)) }
    }

    // MARK: Rows and matrices

    private func makeTranslation(_ shape: TranslationShape) {
        let others = tally.everyParty.filter { $0 != shape.owner.index }
        for layer in SwitchingNetwork.layers(shape.rows) {
            let (whole, rest) = layer.count.quotientAndRemainder(dividingBy: switchesAtOnce)
            for (count, times) in [(switchesAtOnce, whole), (rest, 1)] where count * times > 0 {
                let lanes = wholeWords(count)
                for _ in 0..<times { _ = tally.nextOperation() }
                choose(lanes, shape.owner.index, copies: times * others.count)
                for party in others {
                    if shape.numbers > 0 {
                        tally.vectors(
                            Array(repeating: byteCount(lanes), count: shape.numbers), from: party,
                            copies: times)
                    }
                    if shape.recordBits > 0 {
                        tally.vectors(
                            [byteCount(rows: lanes, lanes: shape.recordBits)], from: party,
                            copies: times)
                    }
                }
            }
        }
        tally.round(2)
    }

    private func makeMatrixTriple(_ shape: MatrixShape) {
        let inner = shape.inner
        let (length, columns) =
            shape.columns <= shape.rows
            ? (shape.rows, shape.columns) : (shape.columns, shape.rows)
        _ = tally.nextOperation()
        let work = StretchedProducts(ring: ring, length: length, inner: inner, columns: columns)
        let peers = tally.parties - 1
        for party in tally.everyParty {
            choose(ring.bitWidth * wholeWords(inner * columns), party, copies: peers)
            for message in work.messages {
                tally.frame(work.bytes(message), from: party, copies: peers)
            }
        }
        tally.round(2)
    }
}
