public import Algebra
public import Primitives

/// The same programs over public values: the oracle that every engine must equal bit for bit.
///
/// Protects nothing. It shows that sharing and protocols compute what the gadgets say; that the
/// gadgets say the right thing is tested against independent computations.
public struct PlainEngine<R: Ring>: Engine, ~Copyable {
    public let ring: R

    public init(_ ring: R) { self.ring = ring }

    /// A "sharing" that is the value itself.
    public struct Shares: ShareVector {
        package var value: Vector<R>
        init(_ value: Vector<R>) { self.value = value }

        public var count: Int { value.count }
        public static func + (x: Self, y: Self) -> Self { Self(x.value + y.value) }
        public static func - (x: Self, y: Self) -> Self { Self(x.value - y.value) }
        public static func * (c: Vector<R>, x: Self) -> Self { Self(c * x.value) }
        public func scaled(by c: Vector<R>) -> Self { Self(value.scaled(by: c)) }
        public mutating func accumulate(_ c: Vector<R>, times x: Self) {
            value.accumulateProduct(c, x.value)
        }
        public func sums(ofEvery length: Int) -> Self { Self(value.sums(ofEvery: length)) }
        public subscript(range: Range<Int>) -> Self { Self(value[range]) }
        public func gathering(_ indices: [UInt32]) -> Self { Self(value.gathering(indices)) }
        public func prefixSums() -> Self { Self(value.prefixSums()) }
        public static func concatenating(_ parts: [Self]) -> Self {
            Self(.concatenating(parts.map(\.value)))
        }
    }

    public struct Bits: BitShares {
        package var value: BitMatrix
        init(_ value: BitMatrix) { self.value = value }

        public var rows: Int { value.rows }
        public var count: Int { value.count }
        public static func ^ (x: Self, y: Self) -> Self { Self(x.value ^ y.value) }
        public static func & (c: BitMatrix, x: Self) -> Self { Self(c & x.value) }
        public subscript(rows: Range<Int>) -> Self { Self(value[rows]) }
        public func xorRows(inGroups sizes: [Int]) -> Self { Self(value.xorRows(inGroups: sizes)) }
        public func xoringRows(into targets: [Int]) -> Self {
            Self(value.xoringRows(into: targets))
        }
        public func lanes(_ range: Range<Int>) -> Self { Self(value.lanes(range)) }
        public func gatheringRows(_ indices: [UInt32]) -> Self {
            Self(value.gatheringRows(indices))
        }
        public func prefixXORs() -> Self { Self(value.prefixXORs()) }
        public func shiftedLanes(by distance: Int) -> Self {
            Self(value.shiftedLanes(by: distance))
        }
        public func transposed() -> Self { Self(value.transposed()) }
        public static func concatenating(rows parts: [Self]) -> Self {
            Self(.concatenating(rows: parts.map(\.value)))
        }
        public static func concatenating(lanes parts: [Self]) -> Self {
            Self(.concatenating(lanes: parts.map(\.value)))
        }
    }

    // MARK: 𝓕_ABB

    public mutating func input(_ values: Vector<R>?, count: Int, from owner: Party)
        throws(MPCError) -> Shares
    {
        guard let values, values.count == count else {
            preconditionFailure("the plaintext engine needs every party's \(count) values")
        }
        return Shares(values)
    }

    public func constant(_ c: Vector<R>) -> Shares { Shares(c) }
    public func adding(_ c: @autoclosure () -> Vector<R>, to x: Shares) -> Shares {
        Shares(x.value + c())
    }
    public mutating func multiply(_ x: Shares, _ y: Shares) throws(MPCError) -> Shares {
        Shares(x.value * y.value)
    }
    public mutating func square(_ x: Shares) throws(MPCError) -> Shares {
        Shares(x.value * x.value)
    }
    public mutating func innerProducts(_ x: Shares, _ y: Shares, length: Int) throws(MPCError)
        -> Shares
    {
        Shares((x.value * y.value).sums(ofEvery: length))
    }
    public mutating func matrixProduct(
        _ x: Shares, _ y: Shares, rows: Int, inner: Int, columns: Int
    ) throws(MPCError) -> Shares {
        Shares(
            .matrixProduct(x.value, y.value, rows: rows, inner: inner, columns: columns))
    }
    public mutating func open(_ x: [Shares]) throws(MPCError) -> [Opened<Vector<R>>] {
        x.map { Opened(masked: $0.value) }
    }
    public mutating func reveal(_ x: Shares) throws(MPCError) -> Revealed<Vector<R>> {
        Revealed(x.value)
    }
    public mutating func output(_ x: Shares, to recipients: Recipients) throws(MPCError)
        -> Vector<R>?
    {
        x.value
    }

    // MARK: Boolean circuits

    public mutating func input(bits: BitMatrix?, rows: Int, count: Int, from owner: Party)
        throws(MPCError) -> Bits
    {
        guard let bits, bits.rows == rows, bits.count == count else {
            preconditionFailure("the plaintext engine needs every party's \(rows) × \(count) bits")
        }
        return Bits(bits)
    }

    public func constant(bits: BitMatrix) -> Bits { Bits(bits) }
    public func xoring(_ c: BitMatrix, into x: Bits) -> Bits { Bits(x.value ^ c) }
    public mutating func and(_ layer: AndLayer<Bits>) throws(MPCError) -> (
        plain: Bits, fork: (Bits, Bits)?
    ) {
        (
            Bits(layer.x.value & layer.y.value),
            layer.fork.map { (Bits($0.x.value & $0.y.value), Bits($0.x.value & $0.z.value)) }
        )
    }
    public mutating func and(_ gates: [(Bits, Bits)], into rows: [Int]) throws(MPCError) -> Bits {
        Bits(
            BitMatrix.concatenating(rows: gates.map { $0.0.value & $0.1.value })
                .xoringRows(into: rows))
    }
    public mutating func open(bits: Bits) throws(MPCError) -> Opened<BitMatrix> {
        Opened(masked: bits.value)
    }
    public mutating func reveal(bits: Bits) throws(MPCError) -> Revealed<BitMatrix> {
        Revealed(bits.value)
    }
    public mutating func output(bits: Bits, to recipients: Recipients) throws(MPCError)
        -> BitMatrix?
    {
        bits.value
    }

    public mutating func outputs(bits parts: [(bits: Bits, to: Recipients)]) throws(MPCError)
        -> [BitMatrix?]
    {
        parts.map { $0.bits.value }
    }

    public mutating func outputs(_ parts: [ReleasedPart<Shares, Bits>]) throws(MPCError)
        -> [(numbers: Vector<R>, bits: BitMatrix)?]
    {
        parts.map { ($0.numbers.value, $0.bits.value) }
    }

    // MARK: Conversions

    public mutating func isNegative(_ x: Shares) throws(MPCError) -> Bits {
        // Modulo 2ᵏ the sign is the top bit; modulo an odd p, x < 0 exactly when 2x mod p is odd.
        let k = ring.bitWidth
        return ring.isPowerOfTwo
            ? Bits(bits(x.value)[k - 1..<k]) : Bits(bits(x.value + x.value)[0..<1])
    }

    public mutating func isZero(_ x: Shares) throws(MPCError) -> Bits {
        var any = BitMatrix(rows: 1, count: x.count)
        let bits = bits(x.value)
        for row in 0..<bits.rows { any = any | bits[row..<row + 1] }
        return Bits(~any)
    }

    public mutating func bits(of x: Shares, count: Int) throws(MPCError) -> Bits {
        Bits(bits(x.value)[0..<count])
    }

    public mutating func fromBits(_ b: Bits) throws(MPCError) -> Shares {
        Shares(Vector(ring, bits: b.value))
    }

    public mutating func truncate(_ x: Shares, by bits: Int) throws(MPCError) -> Shares {
        // With an offset that 2^bits divides all are positive: ⌊(x + o) / 2^bits⌋ − o / 2^bits.
        let offset = BigInteger(1) << (ring.numberBound.bitWidth)
        func every(_ value: BigInteger) -> Vector<R> {
            Vector(repeating: Vector(ring, big: [value]), count: x.count)
        }
        return Shares((x.value + every(offset)).shiftedRight(by: bits) - every(offset >> bits))
    }

    private func bits(_ x: Vector<R>) -> BitMatrix {
        BitMatrix(
            integers: x.decoded(), limbsPerInteger: ring.limbsPerElement, bits: ring.bitWidth)
    }

    // MARK: Keys

    public mutating func isLess(_ x: Bits, than y: Bits) throws(MPCError) -> Bits {
        // From the lowest bit up: at the highest place where they differ, y has the one.
        var less = BitMatrix(rows: 1, count: x.count)
        for row in 0..<x.rows {
            let (a, b) = (x.value.row(row), y.value.row(row))
            less = (~(a ^ b) & less) | (~a & b)
        }
        return Bits(less)
    }

    public mutating func isLess(_ x: Bits, than y: Bits, rows bits: [UInt32]) throws(MPCError)
        -> Bits
    {
        try isLess(x.gatheringRows(bits), than: y.gatheringRows(bits))
    }

    public mutating func isEqual(_ x: Bits, to y: Bits) throws(MPCError) -> Bits {
        var differ = BitMatrix(rows: 1, count: x.count)
        for row in 0..<x.rows { differ = differ | (x.value.row(row) ^ y.value.row(row)) }
        return Bits(~differ)
    }

    /// Sorted at once: nobody need be shown comparisons.
    public mutating func sorted(
        _ rows: consuming Columns<Shares, Bits>, by keys: consuming RecordKeys<Bits>,
        first wanted: Int, batch: Int
    ) throws(MPCError) -> Columns<Shares, Bits> {
        let records = keys.records.transposed().gatheringRows(keys.bits).transposed()
        return rows.gathering(Array(records.value.ascendingRows().prefix(wanted)))
    }

    // MARK: Rearrangements

    /// Any order will do: what a gadget returns must not depend on it.
    public mutating func shuffle(_ columns: Columns<Shares, Bits>) throws(MPCError)
        -> Columns<Shares, Bits>
    {
        columns.gathering((0..<UInt32(columns.count)).reversed())
    }

    public mutating func permute(
        _ columns: Columns<Shares, Bits>, by permutation: Permutation?, knownTo owner: Party
    ) throws(MPCError) -> Columns<Shares, Bits> {
        guard let permutation else {
            preconditionFailure("the plaintext engine needs every party's permutation")
        }
        return columns.gathering(permutation.indices)
    }

    public mutating func permute(
        _ columns: Columns<Shares, Bits>, by permutation: Permutation?,
        knownTo owners: (Party, Party)
    ) throws(MPCError) -> Columns<Shares, Bits> {
        try permute(columns, by: permutation, knownTo: owners.0)
    }
}
