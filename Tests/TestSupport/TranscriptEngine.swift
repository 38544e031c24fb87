package import Algebra
package import MPC
package import Primitives

/// The plaintext engine with shuffles that a test chooses, and a record of what any engine shows:
/// which operations run on which shapes, and every revealed value.
package struct TranscriptEngine: Engine, ~Copyable {
    package typealias R = Z64
    package typealias Shares = PlainEngine<Z64>.Shares
    package typealias Bits = PlainEngine<Z64>.Bits

    private var plain = PlainEngine(Z64())
    /// One for each shuffle, in the order of calls; none: as they come.
    private var shuffles: ArraySlice<Permutation>
    package private(set) var transcript: [String] = []
    /// What was released, to whom: by each release of numbers and bits together.
    package private(set) var released: [String] = []
    /// How many rows each shuffle had.
    package private(set) var shuffled: [Int] = []

    package init(shuffles: [Permutation]) { self.shuffles = shuffles[...] }

    package var ring: Z64 { plain.ring }

    private mutating func note(_ operation: String, _ shape: Int...) {
        transcript.append("\(operation) \(shape)")
    }

    package mutating func input(_ values: Vector<R>?, count: Int, from owner: Party)
        throws(MPCError)
        -> Shares
    {
        note("input", count)
        return try plain.input(values, count: count, from: owner)
    }
    package func constant(_ c: Vector<R>) -> Shares { plain.constant(c) }
    package func adding(_ c: @autoclosure () -> Vector<R>, to x: Shares) -> Shares {
        plain.adding(c(), to: x)
    }
    package mutating func multiply(_ x: Shares, _ y: Shares) throws(MPCError) -> Shares {
        note("multiply", x.count)
        return try plain.multiply(x, y)
    }
    package mutating func square(_ x: Shares) throws(MPCError) -> Shares {
        note("square", x.count)
        return try plain.square(x)
    }
    package mutating func innerProducts(_ x: Shares, _ y: Shares, length: Int) throws(MPCError)
        -> Shares
    {
        note("innerProducts", x.count, length)
        return try plain.innerProducts(x, y, length: length)
    }
    package mutating func matrixProduct(
        _ x: Shares, _ y: Shares, rows: Int, inner: Int, columns: Int
    ) throws(MPCError) -> Shares {
        note("matrixProduct", rows, inner, columns)
        return try plain.matrixProduct(x, y, rows: rows, inner: inner, columns: columns)
    }
    package mutating func open(_ x: [Shares]) throws(MPCError) -> [Opened<Vector<R>>] {
        preconditionFailure("gadgets open nothing")
    }
    package mutating func reveal(_ x: Shares) throws(MPCError) -> Revealed<Vector<R>> {
        let revealed = try plain.reveal(x)
        transcript.append("reveal \(revealed.value.decoded())")
        return revealed
    }
    package mutating func output(_ x: Shares, to recipients: Recipients) throws(MPCError) -> Vector<
        R
    >? {
        note("output", x.count)
        return try plain.output(x, to: recipients)
    }

    package mutating func input(bits: BitMatrix?, rows: Int, count: Int, from owner: Party)
        throws(MPCError) -> Bits
    {
        note("input bits", rows, count)
        return try plain.input(bits: bits, rows: rows, count: count, from: owner)
    }
    package func constant(bits: BitMatrix) -> Bits { plain.constant(bits: bits) }
    package func xoring(_ c: BitMatrix, into x: Bits) -> Bits { plain.xoring(c, into: x) }
    package mutating func and(_ layer: AndLayer<Bits>) throws(MPCError) -> (
        plain: Bits, fork: (Bits, Bits)?
    ) {
        note("and", layer.x.rows, layer.x.count, layer.fork?.x.rows ?? 0)
        return try plain.and(layer)
    }
    package mutating func and(_ gates: [(Bits, Bits)], into rows: [Int]) throws(MPCError) -> Bits {
        note("and into", rows.count, gates[0].0.count)
        return try plain.and(gates, into: rows)
    }
    package mutating func open(bits: Bits) throws(MPCError) -> Opened<BitMatrix> {
        preconditionFailure("gadgets open nothing")
    }
    package mutating func reveal(bits: Bits) throws(MPCError) -> Revealed<BitMatrix> {
        let revealed = try plain.reveal(bits: bits)
        transcript.append("reveal \(bits.rows)x\(bits.count) \(revealed.value.words)")
        return revealed
    }
    package mutating func outputs(bits parts: [(bits: Bits, to: Recipients)]) throws(MPCError)
        -> [BitMatrix?]
    {
        try parts.map { (part) throws(MPCError) in try output(bits: part.bits, to: part.to) }
    }
    package mutating func output(bits: Bits, to recipients: Recipients) throws(MPCError)
        -> BitMatrix?
    {
        note("output bits", bits.rows, bits.count)
        return try plain.output(bits: bits, to: recipients)
    }

    package mutating func outputs(_ parts: [ReleasedPart<Shares, Bits>]) throws(MPCError)
        -> [(numbers: Vector<R>, bits: BitMatrix)?]
    {
        for part in parts { note("outputs", part.numbers.count, part.bits.rows, part.bits.count) }
        let values = try plain.outputs(parts)
        for (part, value) in zip(parts, values) {
            guard let (numbers, bits) = value else { continue }
            released.append("\(part.recipients): \(numbers.decoded()), \(bits.words)")
        }
        return values
    }

    package mutating func isNegative(_ x: Shares) throws(MPCError) -> Bits {
        note("isNegative", x.count)
        return try plain.isNegative(x)
    }
    package mutating func isZero(_ x: Shares) throws(MPCError) -> Bits {
        note("isZero", x.count)
        return try plain.isZero(x)
    }
    package mutating func bits(of x: Shares, count: Int) throws(MPCError) -> Bits {
        note("bits", x.count, count)
        return try plain.bits(of: x, count: count)
    }
    package mutating func fromBits(_ b: Bits) throws(MPCError) -> Shares {
        note("fromBits", b.rows, b.count)
        return try plain.fromBits(b)
    }
    package mutating func truncate(_ x: Shares, by bits: Int) throws(MPCError) -> Shares {
        note("truncate", x.count, bits)
        return try plain.truncate(x, by: bits)
    }
    package mutating func isLess(_ x: Bits, than y: Bits) throws(MPCError) -> Bits {
        note("isLess", x.rows, x.count)
        return try plain.isLess(x, than: y)
    }
    package mutating func isLess(_ x: Bits, than y: Bits, rows bits: [UInt32]) throws(MPCError)
        -> Bits
    {
        note("isLess", bits.count, x.count)
        return try plain.isLess(x, than: y, rows: bits)
    }
    package mutating func isEqual(_ x: Bits, to y: Bits) throws(MPCError) -> Bits {
        note("isEqual", x.rows, x.count)
        return try plain.isEqual(x, to: y)
    }

    package mutating func shuffle(_ columns: Columns<Shares, Bits>) throws(MPCError)
        -> Columns<Shares, Bits>
    {
        note("shuffle", columns.count, columns.numbers.count, columns.records.count)
        shuffled.append(columns.count)
        guard let order = shuffles.popFirst() else { return columns }
        return columns.gathering(order.indices)
    }
    package mutating func permute(
        _ columns: Columns<Shares, Bits>, by permutation: Permutation?, knownTo owner: Party
    ) throws(MPCError) -> Columns<Shares, Bits> {
        note("permute", columns.count)
        return try plain.permute(columns, by: permutation, knownTo: owner)
    }
    package mutating func permute(
        _ columns: Columns<Shares, Bits>, by permutation: Permutation?,
        knownTo owners: (Party, Party)
    ) throws(MPCError) -> Columns<Shares, Bits> {
        note("permute", columns.count)
        return try plain.permute(columns, by: permutation, knownTo: owners)
    }
}
