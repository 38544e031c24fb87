public import Algebra
public import Primitives

/// n multiplication triples (⟦a⟧, ⟦b⟧, ⟦ab⟧) with a and b uniform.
public struct Triples<Shares: ShareVector>: Sendable {
    public var a, b, c: Shares
    public init(a: Shares, b: Shares, c: Shares) { (self.a, self.b, self.c) = (a, b, c) }
}

/// n pairs (⟦a⟧, ⟦a²⟧) with a uniform.
public struct Squares<Shares: ShareVector>: Sendable {
    public var a, c: Shares
    public init(a: Shares, c: Shares) { (self.a, self.c) = (a, c) }
}

/// Bit triples (⟦a⟧, ⟦b⟧, ⟦a ∧ b⟧).
public struct BitTriples<Bits: BitShares>: Sendable {
    public var a, b, c: Bits
    public init(a: Bits, b: Bits, c: Bits) { (self.a, self.b, self.c) = (a, b, c) }
}

/// Vector bit triples (⟦a⟧, ⟦b⟧, ⟦b′⟧, ⟦a ∧ b⟧, ⟦a ∧ b′⟧) for forked gates.
public struct ForkedBitTriples<Bits: BitShares>: Sendable {
    public var a: Bits
    public var b: (Bits, Bits)
    public var c: (Bits, Bits)
    public init(a: Bits, b: (Bits, Bits), c: (Bits, Bits)) { (self.a, self.b, self.c) = (a, b, c) }
}

/// n uniform bits, each shared in both worlds.
public struct DaBits<Shares: ShareVector, Bits: BitShares>: Sendable {
    public var arithmetic: Shares
    public var bits: Bits  // 1 row
    public init(arithmetic: Shares, bits: Bits) {
        (self.arithmetic, self.bits) = (arithmetic, bits)
    }
}

/// n ring elements ⟦r⟧, exactly uniform, with the monomials of their bits.
///
/// edaBits of Escudero et al., <https://eprint.iacr.org/2020/338>, over the whole ring, and with the
/// products of neighbouring bits that make the first layers of a comparison local.
public struct EdaBits<Shares: ShareVector, Bits: BitShares>: Sendable {
    public var r: Shares
    public var monomials: Bits  // shape.rowCount rows
    public let shape: MonomialShape

    public init(r: Shares, monomials: Bits, shape: MonomialShape) {
        (self.r, self.monomials, self.shape) = (r, monomials, shape)
    }
}

/// How the bits of an edaBit are cut into blocks, and where each monomial stands.
///
/// A block of m bits has 2ᵐ − 1 rows; row s − 1 is the product of the bits whose positions are set
/// in s. Over ℤ modulo 2ᵏ the top bit is a block of its own, because a comparison treats it apart.
public struct MonomialShape: Hashable, Sendable {
    /// Bit ranges, lowest first.
    public let blocks: [Range<Int>]

    public init(bitWidth: Int, separateTopBit: Bool, blockBits: Int) {
        let low = separateTopBit ? bitWidth - 1 : bitWidth
        var blocks = stride(from: 0, to: low, by: blockBits).map { $0..<min($0 + blockBits, low) }
        if separateTopBit { blocks.append(low..<bitWidth) }
        self.blocks = blocks
    }

    /// The shape for masks of a ring.
    ///
    /// With blocks of four bits a 62-bit comparison takes 26 AND gates on 4 levels.
    public init(for ring: some Ring, blockBits: Int = 4) {
        self.init(
            bitWidth: ring.bitWidth, separateTopBit: ring.isPowerOfTwo, blockBits: blockBits)
    }

    public var bitWidth: Int { blocks.last?.upperBound ?? 0 }
    /// The rows of each block.
    public var rowCounts: [Int] { blocks.map { 1 << $0.count - 1 } }
    public var rowCount: Int { rowCounts.reduce(0, +) }

    /// The shape of the lowest `count` blocks.
    public func prefix(_ count: Int) -> MonomialShape { MonomialShape(Array(blocks.prefix(count))) }

    package init(_ blocks: [Range<Int>]) { self.blocks = blocks }

    /// The row that holds each single bit, lowest first.
    public var bitRows: [Int] {
        var rows: [Int] = []
        var start = 0
        for block in blocks {
            rows += block.indices.map { start + (1 << ($0 - block.lowerBound)) - 1 }
            start += 1 << block.count - 1
        }
        return rows
    }
}

/// n uniform bits ρ, in both worlds, and their products with uniform ring elements:
/// (⟦ρ⟧, ⟦a⟧, ⟦ρ · a⟧).
public struct BitProducts<Shares: ShareVector, Bits: BitShares>: Sendable {
    public var bits: Bits  // 1 row
    public var number, a, product: Shares
    public init(bits: Bits, number: Shares, a: Shares, product: Shares) {
        (self.bits, self.number, self.a, self.product) = (bits, number, a, product)
    }
}

/// Random 1-of-16 oblivious transfers of two bits each, one in every lane, between parties 0 and 1.
///
/// The lanes are a multiple of 64. Lane by lane the receiver's pad is the sender's pad of the value
/// that the receiver chose, uniformly; the sender does not know which, the receiver no other.
public enum LeafOTs: Sendable {
    /// Row 2v + m is bit m of the pad of value v: 32 rows.
    case sender(pads: BitMatrix)
    /// The chosen value, 4 rows, and its pad, 2 rows.
    case receiver(choice: BitMatrix, pad: BitMatrix)
}

/// (⟦A⟧, ⟦B⟧, ⟦A · B⟧) with A and B uniform, row by row.
public struct MatrixTriple<Shares: ShareVector>: Sendable {
    public var a, b, c: Shares
    public init(a: Shares, b: Shares, c: Shares) { (self.a, self.b, self.c) = (a, b, c) }
}

/// The shape of a product of matrices, rows × inner by inner × columns.
public struct MatrixShape: Hashable, Sendable {
    public let rows, inner, columns: Int

    public init(rows: Int, inner: Int, columns: Int) {
        (self.rows, self.inner, self.columns) = (rows, inner, columns)
    }
}

/// How an engine with a certain source of correlated randomness compares.
public enum ComparisonMethod: Hashable, Sendable {
    /// By opening a masked value; the mask's bits come in blocks of `blockBits` with monomials.
    case masked(blockBits: Int)
    /// By oblivious transfers on the shares of two parties; where a mask is needed after all, its
    /// bits come in blocks of `blockBits`.
    case leafOTs(blockBits: Int)

    /// Bits in a block of a mask.
    public var blockBits: Int {
        switch self {
        case .masked(let blockBits), .leafOTs(let blockBits): blockBits
        }
    }
}

/// Where an engine takes correlated randomness from.
///
/// Not copyable: whoever owns the source can spend each item once. Taking more than was prepared
/// makes the difference on the spot.
public protocol CorrelationSource: ~Copyable {
    associatedtype Shares: ShareVector
    associatedtype Bits: BitShares

    /// How comparisons are made with what this source offers.
    var comparing: ComparisonMethod { get }

    /// Makes what a program needs ahead of its online phase.
    mutating func prepare(_ budget: Budget) throws(MPCError)
    /// Says that nothing more will be taken.
    mutating func finish() throws(MPCError)

    mutating func takeTriples(_ count: Int) throws(MPCError) -> Triples<Shares>
    mutating func takeSquares(_ count: Int) throws(MPCError) -> Squares<Shares>
    mutating func takeDaBits(_ count: Int) throws(MPCError) -> DaBits<Shares, Bits>
    mutating func takeEdaBits(_ count: Int) throws(MPCError) -> EdaBits<Shares, Bits>
    mutating func takeBitTriples(rows: Int, count: Int) throws(MPCError) -> BitTriples<Bits>
    mutating func takeForkedBitTriples(rows: Int, count: Int) throws(MPCError)
        -> ForkedBitTriples<Bits>
    mutating func takeTruncationMasks(_ count: Int, by bits: Int) throws(MPCError)
        -> TruncationMasks<Shares, Bits>
    mutating func takeTranslation(_ shape: TranslationShape) throws(MPCError)
        -> RowTranslation<Shares, Bits>
    /// Nil if the source makes none: then a daBit and a triple do.
    mutating func takeBitProducts(_ count: Int) throws(MPCError) -> BitProducts<Shares, Bits>?
    /// Nil if the source makes none.
    ///
    /// - Parameter count: a multiple of 64.
    mutating func takeLeafOTs(_ count: Int, sender: Party) throws(MPCError) -> LeafOTs?
    /// Nil if the source makes none: then a triple a product does.
    mutating func takeMatrixTriple(_ shape: MatrixShape) throws(MPCError) -> MatrixTriple<Shares>?
}
