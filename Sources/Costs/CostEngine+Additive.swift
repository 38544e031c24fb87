import Algebra
import Circuits
import MPC
import Preprocessing
import Primitives
import SecretSharing

/// What the protocols of `SemiHonestAdditive` send online: one function for each of its own.
extension CostEngine {
    /// Whether two parties ask each other by oblivious transfers, instead of opening masked values.
    var comparesByLeaves: Bool { engine == .additiveOT(parties: 2) }

    /// Bits in a block of a mask.
    var maskBlockBits: Int {
        if case .additiveOT = engine { blockBits } else { 4 }
    }

    /// `Session.open`: directly, or by a king from three parties on where that saves enough.
    func open(_ sizes: [Int]) {
        _ = tally.nextOperation()
        let (bytes, peers) = (sizes.reduce(0, +), tally.parties - 1)
        guard Session.opensByKing(bytes: bytes, parties: tally.parties) else {
            tally.round()
            for party in tally.everyParty { tally.vectors(sizes, from: party, copies: peers) }
            return
        }
        tally.round(2)
        tally.asKing { king in
            for party in tally.everyParty {
                tally.vectors(sizes, from: party, copies: party == king ? peers : 1)
            }
        }
    }

    mutating func multiplyByTriples(_ count: Int) {
        take(.triples, count)
        open([byteCount(count), byteCount(count)])
    }

    mutating func fromBitsAdditive(_ rows: Int, _ lanes: Int) {
        guard rows > 0 else { return }
        for _ in 0..<rows { take(.daBits, wholeWords(lanes)) }
        open([byteCount(rows: rows, lanes: lanes)])
    }

    // MARK: By masks

    private mutating func openMasked(_ n: Int) -> MonomialShape {
        take(.edaBits, wholeWords(n))
        open([byteCount(n)])
        return MonomialShape(for: ring, blockBits: maskBlockBits)
    }

    /// A comparison of a public value with a shared one in so many blocks.
    private mutating func compareBlocks(_ blocks: Int, _ lanes: Int) throws(MPCError) -> Bits {
        let leaves = bits(blocks, lanes)
        return try comparisonTree(less: leaves, equal: leaves)
    }

    mutating func isNegativeAdditive(_ n: Int) throws(MPCError) {
        guard n == 0 || !comparesByLeaves else {
            let k = ring.bitWidth
            return try isGreaterByLeaves(n, bits: ring.isPowerOfTwo ? k - 1 : k)
        }
        let blocks = openMasked(n).blocks.count
        _ = try compareBlocks(ring.isPowerOfTwo ? blocks - 1 : blocks, n)
    }

    mutating func isZeroAdditive(_ n: Int) throws(MPCError) {
        guard n == 0 || !comparesByLeaves else {
            let blocks = compareLeaves(n, bits: ring.bitWidth)
            _ = try conjunction(ofRows: bits(blocks, n))
            return
        }
        _ = try conjunction(ofRows: bits(openMasked(n).blocks.count, n))
    }

    mutating func bitsAdditive(_ n: Int, _ count: Int) throws(MPCError) {
        let blocks = openMasked(n).blocks.count
        let selected = bits(count, n)
        guard !ring.isPowerOfTwo else {
            _ = try differences(selected, generates: selected, width: count)
            return
        }
        _ = try compareBlocks(blocks, n)
        _ = try subtract(selected, from: selected)
    }

    mutating func truncateAdditive(_ n: Int, by cut: Int) throws(MPCError) {
        let lanes = wholeWords(n)
        let shape = TruncationShape(for: ring, bits: cut, blockBits: maskBlockBits)
        take(.truncationMasks(bits: cut), lanes)
        open([byteCount(n)])
        if !shape.isWrapLocal { _ = try compareBlocks(shape.all.blocks.count, lanes) }
        if ring.order.modulo(BigInteger(1) << cut) == 0 {
            _ = try compareBlocks(shape.low.blocks.count, lanes)
        } else {
            _ = try compareBlocks(shape.low.blocks.count, 2 * lanes)
            let chosen = bits(1, lanes)
            _ = and(AndLayer(chosen, chosen))
        }
        _ = try fromBits(bits(2, n))
    }

    // MARK: By leaves

    mutating func isGreaterByLeaves(_ n: Int, bits width: Int) throws(MPCError) {
        _ = try compareBlocks(compareLeaves(n, bits: width), n)
    }

    /// - Returns: the number of blocks of four bits.
    private mutating func compareLeaves(_ n: Int, bits width: Int) -> Int {
        let blocks = (width + 3) / 4
        let words = (n + 63) / 64
        for piece in stride(from: 0, to: words, by: leafWords) {
            let count = min(leafWords, words - piece)
            let halves = [(count + 1) / 2, count / 2].enumerated().filter { $0.element > 0 }
            for (sender, half) in halves {
                let lanes = 64 * half * blocks
                take(.leafOTs(sender: Party(sender)), lanes)
                _ = tally.nextOperation()
                tally.vectors([byteCount(rows: 4, lanes: lanes)], from: 1 - sender)
                tally.vectors([byteCount(rows: 30, lanes: lanes)], from: sender)
            }
            tally.round(2)
        }
        return blocks
    }

    mutating func keysAsNumbers(_ n: Int, bits width: Int) throws(MPCError) {
        guard comparesByLeaves, (1...127).contains(width), n > 0 else { return }
        _ = try difference(bits(width, n), bits(width + 1, n))
        _ = tally.nextOperation()
        tally.round()
        tally.vectors([byteCount(rows: width + 1, lanes: n)], from: 0)
    }

    // MARK: Rearrangements

    /// One permutation by translation: all send their masked rows to its owner.
    mutating func translate(_ columns: Columns<Shares, Bits>, _ owner: Int) {
        guard columns.count > 0 else { return }
        take(.translations(TranslationShape(columns, owner: Party(owner))), 1)
        _ = tally.nextOperation()
        tally.round()
        let (numbers, records) = byteCounts(columns)
        for party in tally.everyParty where party != owner {
            if !numbers.isEmpty { tally.vectors(numbers, from: party) }
            if columns.records.count > 0 { tally.vectors([records], from: party) }
        }
    }
}
