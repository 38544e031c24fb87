package import Algebra
package import MPC
package import Primitives

/// SoftSpokenOT (Roy, eprint 2022/192), one direction of one pair.
///
/// S holds Δ ∈ GF(2)¹²⁸ and gets rows q_e, R chooses bits u_e and gets rows t_e = q_e ⊕ u_e Δ.
/// One message a batch, from R to S: 128/k bits an OT, or 128/k − 1 if the choices may be random.
/// The code of the paper's subspace VOLE is the repetition code: every instance has the same u.
///
/// Batches come in frames of at most ``frameColumns`` OTs, made piece by piece as they leave or
/// arrive; within a frame, columns lie in pieces of ``LeafStreams/chunk``, instance after instance.
package enum SoftSpoken {
    package static let frameColumns = 1 << 20

    /// Consecutive parts of `count`, at most `size` long.
    fileprivate static func parts(of range: Range<Int>, size: Int) -> [Range<Int>] {
        stride(from: range.lowerBound, to: range.upperBound, by: size).map {
            $0..<min($0 + size, range.upperBound)
        }
    }

    /// Bytes of the corrections of `columns` OTs.
    package static func byteCount(columns: Int, depth: Int, randomChoices: Bool) -> Int {
        (BaseOT.count / depth - (randomChoices ? 1 : 0)) * columns / 8
    }
}

/// R's end of one direction.
package final class SoftSpokenReceiver {
    private let leaves: LeafStreams
    private var index: UInt64 = 0

    package init(leaves: LeafStreams) { self.leaves = leaves }

    /// The next OTs, with the given choices or random ones.
    ///
    /// - Parameters:
    ///   - sacrificed: how many OTs with random choices come after the batch, for its check.
    ///   - send: sends one frame of so many bytes, which its closure writes.
    package func choose(
        _ order: OTOrder, choices: BitMatrix?, sacrificed: Int = 0,
        send: (Int, (inout OutputSpan<UInt8>) -> Void) throws(MPCError) -> Void
    ) throws(MPCError) -> (choices: [UInt64], rows: OTRows) {
        let total = order.total + sacrificed
        var chosen = choices?.words ?? []
        chosen.reserveCapacity(total / 64)
        var rows = [UInt64](repeating: 0, count: 2 * total)
        for frame in SoftSpoken.parts(of: 0..<total, size: SoftSpoken.frameColumns) {
            let bytes = SoftSpoken.byteCount(
                columns: frame.count, depth: leaves.depth, randomChoices: choices == nil)
            try send(bytes) { output in
                for part in SoftSpoken.parts(of: frame, size: LeafStreams.chunk) {
                    // 1. u_i and the rows V.
                    leaves.advance(columns: part.count)
                    // 2. u, or u := u_0 where it may be random; c_i = u_i ⊕ u.
                    let words = part.lowerBound / 64..<part.upperBound / 64
                    if chosen.count < words.upperBound {
                        chosen += leaves.sum(0, columns: part.count)
                            .dropFirst(chosen.count - words.lowerBound)
                    }
                    leaves.appendCorrections(
                        from: choices == nil ? 1 : 0, choices: chosen[words], to: &output)
                    // 3. The columns of V.
                    leaves.writeBlocks(columns: part.count, to: &rows, at: part.lowerBound)
                }
            }
        }
        defer { index += UInt64(order.total) }
        return (chosen, OTRows(order: order, first: index, words: rows))
    }
}

/// S's end of one direction.
package final class SoftSpokenSender {
    private let leaves: LeafStreams
    package let delta: PuncturePoint
    private var masks: [UInt64]
    private var index: UInt64 = 0

    package init(leaves: LeafStreams, delta: PuncturePoint) {
        self.leaves = leaves
        self.delta = delta
        let block = delta.block
        masks = (0..<LeafStreams.rowCount).map { row in
            let word = row < 64 ? block.low : block.high
            return 0 &- (word >> UInt64(row % 64) & 1)
        }
    }

    deinit { masks.wipe() }

    /// The next OTs.
    ///
    /// - Parameter receive: waits for one frame of so many bytes.
    package func offer(
        _ order: OTOrder, randomChoices: Bool, sacrificed: Int = 0,
        receive: (Int) throws(MPCError) -> ArraySlice<UInt8>
    ) throws(MPCError) -> OTRows {
        let total = order.total + sacrificed
        var rows = [UInt64](repeating: 0, count: 2 * total)
        for frame in SoftSpoken.parts(of: 0..<total, size: SoftSpoken.frameColumns) {
            func bytes(_ columns: Int) -> Int {
                SoftSpoken.byteCount(
                    columns: columns, depth: leaves.depth, randomChoices: randomChoices)
            }
            let corrections = try receive(bytes(frame.count))
            var position = corrections.startIndex
            for part in SoftSpoken.parts(of: frame, size: LeafStreams.chunk) {
                // 1. The rows W, and W ⊕ c_i Δ_i = V ⊕ u Δ.
                leaves.advance(columns: part.count)
                let end = position + bytes(part.count)
                leaves.correct(
                    from: randomChoices ? 1 : 0, with: corrections[position..<end],
                    masks: masks.span, columns: part.count)
                position = end
                // 2. Its columns.
                leaves.writeBlocks(columns: part.count, to: &rows, at: part.lowerBound)
            }
        }
        defer { index += UInt64(order.total) }
        return OTRows(order: order, first: index, words: rows)
    }
}

/// The rows of one batch at one end: two words an OT, sacrificed ones last, and the index of the
/// first OT.
package struct OTRows {
    let order: OTOrder
    package let first: UInt64
    package let words: [UInt64]
    private var taken = 0

    init(order: OTOrder, first: UInt64, words: [UInt64]) {
        (self.order, self.first, self.words) = (order, first, words)
    }

    /// The place of the next `count` OTs, which nobody gets again.
    mutating func take(_ count: Int) -> Range<Int> {
        precondition(count <= order.total - taken, "\(count) pads of \(order.total - taken) left")
        defer { taken += count }
        return taken..<taken + count
    }

    /// Takes all OTs as 1-of-16 OTs.
    mutating func takeLeaves() -> Range<Int> {
        precondition(order.rows == 4 && taken == 0, "1-of-16 OTs are four rows, whole")
        return take(order.total)
    }

    /// Lends the rows of a place.
    func withWords<T>(_ place: Range<Int>, _ body: (Span<UInt64>) -> T) -> T {
        body(words.span.extracting(2 * place.lowerBound..<2 * place.upperBound))
    }

    func index(_ place: Range<Int>) -> UInt64 { first + UInt64(place.lowerBound) }
}
