/// Many rows of Gilboa products at one end of an oblivious transfer: local work, row after row, from
/// the highest weight to the lowest.
package struct GilboaRows<R: Ring>: ~Copyable {
    let ring: R
    package let rows, count: Int
    /// Whether every row has a sum of its own; otherwise they add up with weights 2^(rows − 1), …, 1.
    let separate: Bool
    private var sums: [UInt64]
    private var row = 0
    private var position = 0

    /// - Parameter count: a multiple of 64.
    package init(_ ring: R, rows: Int, count: Int, separate: Bool) {
        precondition(count.isMultiple(of: 64), "lanes come in whole words")
        (self.ring, self.rows, self.count, self.separate) = (ring, rows, count, separate)
        sums = Array(repeating: 0, count: (separate ? rows : 1) * count * ring.limbsPerElement)
    }

    /// Σ 2ⁱ · (p₀ of row i), or those of each row: the sender's share is its negative.
    package var result: Vector<R> { Vector(ring, canonical: sums) }

    /// The bytes of the corrections of all rows.
    package static func correctionBytes(_ ring: R, rows: Int, count: Int) -> Int {
        (0..<rows).reduce(0) { $0 + ring.correctionBytes(weight: $1) } * count
    }

    /// The words of this row in words that are one row or all rows.
    private func place(in words: Int) -> Range<Int> {
        let size = count * ring.limbsPerElement
        return words == size ? 0..<size : row * size..<(row + 1) * size
    }

    /// The sender's part of the next row.
    ///
    /// - Parameters:
    ///   - zero, one: the pads, `count` of them.
    ///   - x: `count` elements, or `count` for each row.
    package mutating func offer(
        zero: [UInt64], one: [UInt64], x: Vector<R>, corrections: inout OutputSpan<UInt8>
    ) {
        let bytes = ring.correctionBytes(weight: rows - 1 - row) * count
        let factor = x.limbs.span.extracting(place(in: x.limbs.count))
        let own = place(in: sums.count)
        precondition(corrections.freeCapacity >= bytes, "no room for the corrections")
        // The range lies within the sums, the bytes within the room for them.
        unsafe sums.withUnsafeMutableBufferPointer { sums in
            unsafe corrections.withUnsafeMutableBufferPointer { buffer, filled in
                var sum = unsafe MutableSpan(
                    _unsafeElements: UnsafeMutableBufferPointer(rebasing: sums[own]))
                var correction = unsafe MutableSpan(
                    _unsafeElements: UnsafeMutableBufferPointer(
                        rebasing: buffer[filled..<filled + bytes]))
                ring.gilboaOffer(
                    zero.span, one.span, factor, sum: &sum, corrections: &correction)
                filled += bytes
            }
        }
        row += 1
    }

    /// The receiver's part of the next row.
    ///
    /// - Parameters:
    ///   - choices: as many bits as there are elements.
    ///   - corrections: of all rows.
    /// - Returns: false if a correction is none that a sender makes.
    package mutating func take(
        pads: [UInt64], choices: Span<UInt64>, corrections: Span<UInt8>
    ) -> Bool {
        let bytes = ring.correctionBytes(weight: rows - 1 - row) * count
        let own = place(in: sums.count)
        let correction = corrections.extracting(position..<position + bytes)
        position += bytes
        row += 1
        // The range lies within the sums.
        return unsafe sums.withUnsafeMutableBufferPointer { sums in
            var sum = unsafe MutableSpan(
                _unsafeElements: UnsafeMutableBufferPointer(rebasing: sums[own]))
            return ring.gilboaTake(pads.span, choices, correction, sum: &sum)
        }
    }
}

/// One row whose corrections are vectors: they count once, so that all their bits are live.
extension GilboaRows {
    package mutating func offer(zero: [UInt64], one: [UInt64], x: Vector<R>) -> Vector<R> {
        precondition(rows == 1, "corrections of several rows")
        let bytes = [UInt8](capacity: 8 * x.limbs.count) {
            offer(zero: zero, one: one, x: x, corrections: &$0)
        }
        guard let corrections = Vector(ring, received: bytes[...], count: count) else {
            preconditionFailure("corrections are elements")
        }
        return corrections
    }

    package mutating func take(pads: [UInt64], choices: Span<UInt64>, corrections: Vector<R>) {
        precondition(rows == 1, "corrections of several rows")
        let bytes = [UInt8](capacity: corrections.wireByteCount) {
            corrections.appendWire(to: &$0)
        }
        let isSound = take(pads: pads, choices: choices, corrections: bytes.span)
        assert(isSound, "corrections are elements")
    }
}
