package import Algebra
import MPC
import ObliviousTransfer
import Primitives
import SecretSharing

/// Triples of matrices (A, B, A · B) from products with whole columns.
///
/// Of the products of two parties Aᵢ · Bⱼ the smaller matrix is chosen bit by bit, once: the pads of
/// each transfer are stretched to as many as the other matrix has rows (or columns), so that one
/// transfer serves them all and only corrections are sent for each. (Gilboa's product with a fixed
/// factor, as M. Keller, E. Orsini and P. Scholl, *MASCOT*, <https://eprint.iacr.org/2016/505>,
/// uses it.)
extension ObliviousSession {
    /// Shares of (A, B, A · B), row by row.
    func matrixTriple<R: Ring>(_ ring: R, _ shape: MatrixShape) throws(MPCError) -> (
        a: Vector<R>, b: Vector<R>, c: Vector<R>
    ) {
        let (rows, inner, columns) = (shape.rows, shape.inner, shape.columns)
        let a = own.elements(ring, rows * inner)
        let b = own.elements(ring, inner * columns)
        var c = Vector.matrixProduct(a, b, rows: rows, inner: inner, columns: columns)
        guard rows * inner * columns > 0 else { return (a, b, c) }
        // C = A · B or, with the smaller matrix on the right, Cᵗ = Bᵗ · Aᵗ.
        if columns <= rows {
            let cross = try crossProducts(
                left: a.transposed(rows: rows, columns: inner), length: rows, right: b,
                inner: inner, columns: columns)
            c.accumulate(cross.transposed(rows: columns, columns: rows))
        } else {
            let right = a.transposed(rows: rows, columns: inner)
            c.accumulate(
                try crossProducts(
                    left: b, length: columns, right: right, inner: inner, columns: rows))
        }
        return (a, b, c)
    }

    /// Shares of Σ_{i≠j} Lᵢ · Rⱼ, column by column.
    ///
    /// - Parameters:
    ///   - left: the columns of L one after the other, `inner` of them of `length` elements.
    ///   - right: R row by row, `inner` × `columns`: the matrix whose bits are chosen.
    private func crossProducts<R: Ring>(
        left: Vector<R>, length: Int, right: Vector<R>, inner: Int, columns: Int
    ) throws(MPCError) -> Vector<R> {
        let ring = left.ring
        let factors = right.count
        let order = OTOrder(rows: ring.bitWidth, count: wholeWords(factors))
        let padded = right.appending(Vector(ring, zeros: order.count - factors))
        let operation = session.nextOperation()

        // 1. All bits of R, from every peer.
        let choices = bits(of: padded)
        var chosen: [(peer: Party, pads: PadRows)] = []
        for peer in session.otherParties {
            var received = try transfers.choose(choices, from: peer, operation: operation)
            chosen.append((peer, PadRows(order) { received.nextPads(order.count) }))
        }
        var offered: [(peer: Party, zero: PadRows, one: PadRows)] = []
        for peer in session.otherParties {
            var sent = try transfers.offer(
                order, to: peer, operation: operation, randomChoices: false)
            let (zero, one) = PadRows.pairs(order) { sent.nextPads(order.count) }
            offered.append((peer, zero, one))
        }

        // 2. Corrections for blocks of lanes, some factors a message.
        let work = StretchedProducts(
            ring: ring, length: length, inner: inner, columns: columns)
        var sum = Vector(ring, zeros: columns * length)
        try pipelined(work.messages.count) { (_) throws(MPCError) in
        } serve: { (m) throws(MPCError) in
            let message = work.messages[m]
            for (peer, zero, one) in offered {
                try session.sendCorrections(work.bytes(message), to: peer, operation) { frame in
                    for (factor, lanes) in message {
                        let x = work.part(of: left, factor, lanes)
                        var rows = work.rows(lanes)
                        for row in 0..<ring.bitWidth {
                            let place = (rows.count, lanes.lowerBound, ring.padBlocks)
                            rows.offer(
                                zero: zero.stretched(row, factor, place),
                                one: one.stretched(row, factor, place), x: x, corrections: &frame)
                        }
                        work.add(-rows.result, factor, lanes, to: &sum)
                    }
                }
            }
        } collect: { (m) throws(MPCError) in
            let message = work.messages[m]
            for (peer, pads) in chosen {
                var payload = try session.receive(
                    .otPayload, from: .party(peer), operation: operation,
                    byteCount: work.bytes(message))
                var isSound = true
                for (factor, lanes) in message {
                    var rows = work.rows(lanes)
                    for row in 0..<ring.bitWidth {
                        let bit = choices.words[row * choices.wordsPerRow + factor / 64]
                        let mask = 0 &- (bit >> UInt64(factor % 64) & 1)
                        let same = [UInt64](repeating: mask, count: rows.count / 64)
                        let place = (rows.count, lanes.lowerBound, ring.padBlocks)
                        isSound =
                            rows.take(
                                pads: pads.stretched(row, factor, place), choices: same.span,
                                corrections: payload.span) && isSound
                    }
                    payload = payload.dropFirst(work.bytes([(factor, lanes)]))
                    work.add(rows.result, factor, lanes, to: &sum)
                }
                guard isSound else {
                    throw .cheating(.malformedMessage(step: session.step), by: peer)
                }
            }
        }
        session.countRound()
        session.countRound()
        try session.flush()
        return sum
    }
}

/// How products of columns are cut into messages: factor k · columns + c with lanes of a column.
package struct StretchedProducts<R: Ring> {
    let ring: R
    let length, inner, columns: Int
    package let messages: [[(factor: Int, lanes: Range<Int>)]]

    package init(ring: R, length: Int, inner: Int, columns: Int) {
        (self.ring, self.length, self.inner, self.columns) = (ring, length, inner, columns)
        // Stretched pads stay in the cache; a message has about 2²⁰ bytes, and one of elements of
        // 1024 bits at most 2²⁴, where 4096 lanes would not fit into a frame.
        let laneBytes = GilboaRows.correctionBytes(ring, rows: ring.bitWidth, count: 1)
        let most = min(4096, max(64, (1 << 24) / laneBytes / 64 * 64))
        let lanes = stride(from: 0, to: length, by: most).map { $0..<min($0 + most, length) }
        var messages: [[(factor: Int, lanes: Range<Int>)]] = []
        for lanes in lanes {
            let bytes = GilboaRows.correctionBytes(
                ring, rows: ring.bitWidth, count: wholeWords(lanes.count))
            let each = max(1, (1 << 20) / bytes)
            for start in stride(from: 0, to: inner * columns, by: each) {
                messages.append(
                    (start..<min(start + each, inner * columns)).map { ($0, lanes) })
            }
        }
        self.messages = messages
    }

    package func bytes(_ message: [(factor: Int, lanes: Range<Int>)]) -> Int {
        message.reduce(0) {
            $0
                + GilboaRows.correctionBytes(
                    ring, rows: ring.bitWidth, count: wholeWords($1.lanes.count))
        }
    }

    func rows(_ lanes: Range<Int>) -> GilboaRows<R> {
        GilboaRows(
            ring, rows: ring.bitWidth, count: wholeWords(lanes.count), separate: false)
    }

    /// The lanes of column k of L, filled up with zeros to whole words.
    func part(of left: Vector<R>, _ factor: Int, _ lanes: Range<Int>) -> Vector<R> {
        let start = factor / columns * length
        let part = left[start + lanes.lowerBound..<start + lanes.upperBound]
        return part.appending(Vector(ring, zeros: wholeWords(lanes.count) - lanes.count))
    }

    /// Adds a product to the lanes of its column.
    func add(_ product: Vector<R>, _ factor: Int, _ lanes: Range<Int>, to sum: inout Vector<R>) {
        sum.accumulate(product[0..<lanes.count], at: factor % columns * length + lanes.lowerBound)
    }
}

/// The pads of a batch of transfers as keys of streams, which give as many pads as are wanted.
private final class PadRows {
    private var keys: [[UInt64]] = []

    init(_ order: OTOrder, _ next: () -> Blocks) {
        for _ in 0..<order.rows { keys.append(next().words) }
    }

    private init() {}

    deinit {
        for row in keys.indices { keys[row].wipe() }
    }

    static func pairs(_ order: OTOrder, _ next: () -> (zero: Blocks, one: Blocks))
        -> (zero: PadRows, one: PadRows)
    {
        let (zero, one) = (PadRows(), PadRows())
        for _ in 0..<order.rows {
            let pads = next()
            zero.keys.append(pads.zero.words)
            one.keys.append(pads.one.words)
        }
        return (zero, one)
    }

    /// Pads `first` ..< `first` + `count` of one transfer, `width` blocks each.
    func stretched(_ row: Int, _ lane: Int, _ place: (count: Int, first: Int, width: Int))
        -> [UInt64]
    {
        let words = keys[row]
        let key = SecretBytes(count: 16) { bytes in
            for k in 0..<16 {
                bytes[k] = UInt8(truncatingIfNeeded: words[2 * lane + k / 8] >> UInt64(8 * (k % 8)))
            }
        }
        var stream = CounterGenerator(key: key, counter: UInt128(place.first * place.width))
        var pads = [UInt64](repeating: 0, count: 2 * place.count * place.width)
        var span = pads.mutableSpan
        stream.fill(&span)
        return pads
    }
}
