public import Algebra
public import Primitives

/// An engine: arithmetic and boolean sharing, the ways between them, and rearrangements of rows.
///
/// Every engine implements these by the cheapest way that it knows; gadgets compose them.
public protocol Engine: ArithmeticProtocol, BooleanProtocol, ~Copyable {
    associatedtype Keys: SortKeys = RecordKeys<Bits>

    /// Runs `body` as one operator of a program: in the costs all of it goes by `name`.
    ///
    /// An operator inside another counts for the outer one.
    mutating func measuring<Result, Failure: Error>(
        _ name: String, _ body: (inout Self) throws(Failure) -> Result
    ) throws(Failure) -> Result

    /// [x < 0] for numbers |x| ≤ (order − 1) / 2, exactly. Shape n → 1 row, n lanes.
    mutating func isNegative(_ x: Shares) throws(MPCError) -> Bits
    /// [x = 0] for every ring element. Shape n → 1 row, n lanes.
    mutating func isZero(_ x: Shares) throws(MPCError) -> Bits
    /// The lowest `count` bits of the plain integer x in [0, order), lowest first.
    ///
    /// Shape n → `count` rows. A negative number x is the integer order + x.
    mutating func bits(of x: Shares, count: Int) throws(MPCError) -> Bits
    /// Each bit as the ring element 0 or 1, row after row. Shape r rows × n lanes → r · n.
    mutating func fromBits(_ b: Bits) throws(MPCError) -> Shares
    /// b · x: x where the bit is 1, else 0. Shape 1 row × n lanes, n → n.
    mutating func multiply(bits b: Bits, _ x: Shares) throws(MPCError) -> Shares
    /// ⌊x / 2^bits⌋, rounded towards −∞, exactly, for |x| ≤ ``Ring/numberBound`` and
    /// 1 ≤ bits ≤ 32 (40 on rings of more than one word).
    mutating func truncate(_ x: Shares, by bits: Int) throws(MPCError) -> Shares

    /// [x < y] of unsigned integers, given by equally many bits each, lowest first. 1 row.
    mutating func isLess(_ x: Bits, than y: Bits) throws(MPCError) -> Bits
    /// As ``isLess(_:than:)`` of the integers whose bits, lowest first, are these rows.
    mutating func isLess(_ x: Bits, than y: Bits, rows bits: [UInt32]) throws(MPCError) -> Bits
    /// [x = y] of integers given by equally many bits. 1 row.
    mutating func isEqual(_ x: Bits, to y: Bits) throws(MPCError) -> Bits

    /// Keys that will be compared many times: unsigned integers whose bits, lowest first, are
    /// these lanes of the records, one record a row.
    mutating func sortKeys(_ records: Bits, bits: [UInt32]) throws(MPCError) -> Keys
    /// [x < y], key by key. Shape n rows → 1 row, n lanes.
    mutating func isLess(_ x: Keys, than y: Keys) throws(MPCError) -> Bits

    /// The ascending order of `count` distinct keys of shuffled rows, by comparisons that are
    /// revealed: row i of the sorted rows is row `order[i]`, as far as wanted. The keys move along.
    ///
    /// - Parameter batch: comparisons at once.
    mutating func sortedOrder(_ keys: inout Keys, count: Int, wanted: Int, batch: Int)
        throws(MPCError) -> [UInt32]
    /// The order that brings shuffled rows to their places: row i is row `order[i]` then.
    ///
    /// - Throws: ``MPCError/cheating(_:by:)`` if the places are no permutation.
    mutating func revealedOrder(_ places: Shares) throws(MPCError) -> [UInt32]
    /// The same of places given as records, one a row, lowest bit first.
    mutating func revealedOrder(_ places: Bits) throws(MPCError) -> [UInt32]

    /// A number of rows, one element, that is revealed to all because what follows takes its size
    /// from it.
    ///
    /// - Throws: ``MPCError/cheating(_:by:)`` if it is not in 0 ... bound.
    mutating func revealedCount(_ count: Shares, atMost bound: Int) throws(MPCError) -> Int

    /// Releases several results at once, each of numbers and bits: nobody has any before all
    /// parties have committed to all.
    ///
    /// - Returns: one for each; nil where this party is no recipient.
    mutating func outputs(_ parts: [ReleasedPart<Shares, Bits>]) throws(MPCError)
        -> [(numbers: Vector<R>, bits: BitMatrix)?]

    /// The rows in a uniformly random order that no party knows.
    mutating func shuffle(_ columns: consuming Columns<Shares, Bits>) throws(MPCError)
        -> Columns<Shares, Bits>
    /// The rows rearranged by a permutation that only `owner` knows and passes.
    mutating func permute(
        _ columns: Columns<Shares, Bits>, by permutation: Permutation?, knownTo owner: Party
    ) throws(MPCError) -> Columns<Shares, Bits>
    /// The rows rearranged by a permutation that only the two `owners` know and pass.
    mutating func permute(
        _ columns: Columns<Shares, Bits>, by permutation: Permutation?,
        knownTo owners: (Party, Party)
    ) throws(MPCError) -> Columns<Shares, Bits>
}

/// What one of several results released together consists of, and who receives it.
public struct ReleasedPart<Shares: ShareVector, Bits: BitShares>: Sendable {
    public let numbers: Shares
    public let bits: Bits
    public let recipients: Recipients

    public init(numbers: Shares, bits: Bits, to recipients: Recipients) {
        (self.numbers, self.bits, self.recipients) = (numbers, bits, recipients)
    }
}

extension Engine where Self: ~Copyable {
    /// For an engine that counts no costs.
    public mutating func measuring<Result, Failure: Error>(
        _ name: String, _ body: (inout Self) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(&self)
    }

    /// A conversion and a product.
    public mutating func multiply(bits b: Bits, _ x: Shares) throws(MPCError) -> Shares {
        try multiply(fromBits(b), x)
    }

    /// All bits of the plain integer x in [0, order), lowest first.
    ///
    /// Shape n → bitWidth rows.
    public mutating func bits(of x: Shares) throws(MPCError) -> Bits {
        try bits(of: x, count: ring.bitWidth)
    }
}
