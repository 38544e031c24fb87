import CKernels

/// One row of Gilboa products: bit i of many factors y times the factors x, in additive shares.
///
/// The sender of an oblivious transfer has the pads p₀ and p₁, the receiver p_y for its bit y. The
/// correction τ = p₀ − p₁ + x makes p_y + y · τ = p₀ + y · x. Rows are handled from the highest
/// weight to the lowest, so that sums of 2ⁱ · (p₀ + yᵢ · x) are made by doubling.
///
/// Spans are whole rows of n elements, n a multiple of 64: pads of ``Ring/padBlocks`` blocks,
/// choices of a bit, corrections of ``Ring/correctionBytes(weight:)`` bytes one after the other.
extension Ring {
    public var padBlocks: Int { (bitWidth + 64 + 127) / 128 }

    public func correctionBytes(weight: Int) -> Int { 8 * limbsPerElement }

    public func gilboaOffer(
        _ zero: Span<UInt64>, _ one: Span<UInt64>, _ x: Span<UInt64>,
        sum: inout MutableSpan<UInt64>, corrections: inout MutableSpan<UInt64>
    ) {
        let (mine, other) = (elements(ofPads: zero), elements(ofPads: one))
        let difference = [UInt64](capacity: x.count) {
            subtract(mine.span, other.span, into: &$0)
        }
        let shifted = [UInt64](capacity: x.count) { add(difference.span, x, into: &$0) }
        updateWords(&corrections, shifted.span) { $1 }
        doubleAndAdd(mine, into: &sum)
    }

    public func gilboaTake(
        _ pads: Span<UInt64>, _ choices: Span<UInt64>, _ corrections: Span<UInt64>,
        sum: inout MutableSpan<UInt64>
    ) {
        let limbs = limbsPerElement
        let chosen = [UInt64](capacity: corrections.count) { output in
            for i in 0..<corrections.count {
                let lane = i / limbs
                let mask = 0 &- (choices[lane / 64] >> UInt64(lane % 64) & 1)
                output.append(corrections[i] & mask)
            }
        }
        let mine = elements(ofPads: pads)
        doubleAndAdd(
            [UInt64](capacity: mine.count) {
                add(mine.span, chosen.span, into: &$0)
            }, into: &sum)
    }

    private func doubleAndAdd(_ a: [UInt64], into sum: inout MutableSpan<UInt64>) {
        let before = [UInt64](capacity: sum.count) { output in
            for i in sum.indices { output.append(sum[i]) }
        }
        accumulate(before.span, into: &sum)
        accumulate(a.span, into: &sum)
    }

    /// Pads, each an integer of 128 · ``padBlocks`` bits, modulo the order.
    private func elements(ofPads words: Span<UInt64>) -> [UInt64] {
        let (limbs, width) = (limbsPerElement, 2 * padBlocks)
        let pieces = (width + limbs - 1) / limbs
        // Horner over pieces of as many words as an element has, the highest first.
        let radix = Vector(self, big: [BigInteger(1) << (64 * limbs)])
        var sum = Vector(self, zeros: words.count / width)
        for piece in (0..<pieces).reversed() {
            let plain = [UInt64](capacity: sum.limbs.count) { output in
                for start in stride(from: 0, to: words.count, by: width) {
                    for limb in piece * limbs..<(piece + 1) * limbs {
                        output.append(limb < width ? words[start + limb] : 0)
                    }
                }
            }
            sum = sum.scaled(by: radix) + Vector(self, plain: plain)
        }
        return sum.limbs
    }
}

/// Many rows of Gilboa products at one end of an oblivious transfer: local work, row after row.
package struct GilboaRows<R: Ring>: ~Copyable {
    let ring: R
    package let rows, count: Int
    /// Whether every row has a sum of its own; otherwise they add up with weights 2^(rows − 1), …, 1.
    let separate: Bool
    private var sums: [UInt64]

    /// - Parameter count: a multiple of 64.
    package init(_ ring: R, rows: Int, count: Int, separate: Bool) {
        precondition(count.isMultiple(of: 64), "lanes come in whole words")
        (self.ring, self.rows, self.count, self.separate) = (ring, rows, count, separate)
        sums = Array(repeating: 0, count: (separate ? rows : 1) * count * ring.limbsPerElement)
    }

    /// Σ 2ⁱ · (p₀ of row i), or those of each row: the sender's share is its negative.
    package var result: Vector<R> { Vector(ring, canonical: sums) }

    /// The words of the corrections of all rows.
    package static func correctionWords(_ ring: R, rows: Int, count: Int) -> Int {
        (0..<rows).reduce(0) { $0 + ring.correctionBytes(weight: $1) * count / 8 }
    }

    /// The place of a row's corrections.
    private func correctionRange(_ row: Int) -> Range<Int> {
        let start = (0..<row).reduce(0) { $0 + correctionWords($1) }
        return start..<start + correctionWords(row)
    }

    private func correctionWords(_ row: Int) -> Int {
        ring.correctionBytes(weight: rows - 1 - row) * count / 8
    }

    private func range(_ row: Int, in words: Int) -> Range<Int> {
        let size = count * ring.limbsPerElement
        return words == size ? 0..<size : row * size..<(row + 1) * size
    }

    /// The sender's part of a row.
    ///
    /// - Parameters:
    ///   - zero, one: the pads, `count` of them.
    ///   - x: `count` elements, or `count` for each row.
    package mutating func offer(
        row: Int, zero: [UInt64], one: [UInt64], x: Vector<R>, corrections: inout [UInt64]
    ) {
        let place = correctionRange(row)
        let factor = x.limbs.span.extracting(range(row, in: x.limbs.count))
        let own = range(row, in: sums.count)
        // Both ranges lie within their arrays.
        unsafe sums.withUnsafeMutableBufferPointer { sums in
            unsafe corrections.withUnsafeMutableBufferPointer { corrections in
                var sum = unsafe MutableSpan(
                    _unsafeElements: UnsafeMutableBufferPointer(rebasing: sums[own]))
                var correction = unsafe MutableSpan(
                    _unsafeElements: UnsafeMutableBufferPointer(rebasing: corrections[place]))
                ring.gilboaOffer(
                    zero.span, one.span, factor, sum: &sum, corrections: &correction)
            }
        }
    }

    /// The receiver's part of a row.
    ///
    /// - Parameter choices: as many bits as there are elements.
    package mutating func take(
        row: Int, pads: [UInt64], choices: Span<UInt64>, corrections: [UInt64]
    ) {
        let place = correctionRange(row)
        let own = range(row, in: sums.count)
        // The range lies within the array.
        unsafe sums.withUnsafeMutableBufferPointer { sums in
            var sum = unsafe MutableSpan(
                _unsafeElements: UnsafeMutableBufferPointer(rebasing: sums[own]))
            ring.gilboaTake(
                pads.span, choices, corrections.span.extracting(place), sum: &sum)
        }
    }

    /// Whether these are the words of corrections that a sender makes.
    package static func isCorrection(_ words: [UInt64], _ ring: R) -> Bool {
        ring.isCanonical(words.span)
    }
}

// MARK: - Kernels of C

private typealias Offer = (
    WordPointer, WordPointer, WordPointer, MutableWordPointer, MutableWordPointer, Int
) -> Void
private typealias Take = (WordPointer, WordPointer, WordPointer, MutableWordPointer, Int) -> Void

@inline(__always)
private func offerRow(
    _ zero: Span<UInt64>, _ one: Span<UInt64>, _ x: Span<UInt64>, limbs: Int,
    sum: inout MutableSpan<UInt64>, corrections: inout MutableSpan<UInt64>, _ kernel: Offer
) {
    let count = x.count / limbs
    precondition(count.isMultiple(of: 64) && x.count == count * limbs, "part of a row")
    precondition(zero.count == 2 * count && one.count == 2 * count, "pads of another row")
    precondition(sum.count == x.count, "sums of another row")
    // The preconditions keep the kernel inside the five buffers.
    unsafe sum.withUnsafeMutableBufferPointer { sum in
        unsafe corrections.withUnsafeMutableBufferPointer { corrections in
            unsafe zero.withPointer { zero in
                unsafe one.withPointer { one in
                    unsafe x.withPointer { x in
                        guard let zero = unsafe zero, let one = unsafe one, let x = unsafe x,
                            let sum = sum.baseAddress, let corrections = corrections.baseAddress
                        else { return }
                        unsafe kernel(zero, one, x, sum, corrections, count)
                    }
                }
            }
        }
    }
}

@inline(__always)
private func takeRow(
    _ pads: Span<UInt64>, _ choices: Span<UInt64>, _ corrections: Span<UInt64>, limbs: Int,
    sum: inout MutableSpan<UInt64>, _ kernel: Take
) {
    let count = sum.count / limbs
    precondition(count.isMultiple(of: 64) && sum.count == count * limbs, "part of a row")
    precondition(pads.count == 2 * count && choices.count == count / 64, "pads of another row")
    // The preconditions keep the kernel inside the four buffers.
    unsafe sum.withUnsafeMutableBufferPointer { sum in
        unsafe pads.withPointer { pads in
            unsafe choices.withPointer { choices in
                unsafe corrections.withPointer { corrections in
                    guard let pads = unsafe pads, let choices = unsafe choices,
                        let corrections = unsafe corrections, let sum = sum.baseAddress
                    else { return }
                    unsafe kernel(pads, choices, corrections, sum, count)
                }
            }
        }
    }
}

/// Bytes of each of `count` corrections that fill `words`.
private func bytesEach(_ words: Int, _ count: Int, limit: Int) -> Int {
    let bytes = count > 0 ? 8 * words / count : limit
    precondition(bytes * count == 8 * words && bytes <= limit, "corrections of another row")
    return bytes
}

/// Modulo 2⁶⁴ a correction that counts 2ⁱ times has 64 − i live bits.
extension Z64 {
    public func correctionBytes(weight: Int) -> Int { (64 - weight + 7) / 8 }

    public func gilboaOffer(
        _ zero: Span<UInt64>, _ one: Span<UInt64>, _ x: Span<UInt64>,
        sum: inout MutableSpan<UInt64>, corrections: inout MutableSpan<UInt64>
    ) {
        let bytes = bytesEach(corrections.count, x.count, limit: 8)
        unsafe offerRow(zero, one, x, limbs: 1, sum: &sum, corrections: &corrections) {
            let place = unsafe UnsafeMutableRawPointer($4).assumingMemoryBound(to: UInt8.self)
            unsafe ck_z64_gilboa_offer($0, $1, $2, $3, place, bytes, $5)
        }
    }

    public func gilboaTake(
        _ pads: Span<UInt64>, _ choices: Span<UInt64>, _ corrections: Span<UInt64>,
        sum: inout MutableSpan<UInt64>
    ) {
        let bytes = bytesEach(corrections.count, sum.count, limit: 8)
        unsafe takeRow(pads, choices, corrections, limbs: 1, sum: &sum) {
            let place = unsafe UnsafeRawPointer($2).assumingMemoryBound(to: UInt8.self)
            unsafe ck_z64_gilboa_take($0, $1, place, bytes, $3, $4)
        }
    }
}

/// Modulo 2¹²⁸ a correction that counts 2ⁱ times has 128 − i live bits.
extension Z128 {
    /// 128 bits are an element as they are.
    public var padBlocks: Int { 1 }

    public func correctionBytes(weight: Int) -> Int { (128 - weight + 7) / 8 }

    public func gilboaOffer(
        _ zero: Span<UInt64>, _ one: Span<UInt64>, _ x: Span<UInt64>,
        sum: inout MutableSpan<UInt64>, corrections: inout MutableSpan<UInt64>
    ) {
        let bytes = bytesEach(corrections.count, x.count / 2, limit: 16)
        unsafe offerRow(zero, one, x, limbs: 2, sum: &sum, corrections: &corrections) {
            let place = unsafe UnsafeMutableRawPointer($4).assumingMemoryBound(to: UInt8.self)
            unsafe ck_z128_gilboa_offer($0, $1, $2, $3, place, bytes, $5)
        }
    }

    public func gilboaTake(
        _ pads: Span<UInt64>, _ choices: Span<UInt64>, _ corrections: Span<UInt64>,
        sum: inout MutableSpan<UInt64>
    ) {
        let bytes = bytesEach(corrections.count, sum.count / 2, limit: 16)
        unsafe takeRow(pads, choices, corrections, limbs: 2, sum: &sum) {
            let place = unsafe UnsafeRawPointer($2).assumingMemoryBound(to: UInt8.self)
            unsafe ck_z128_gilboa_take($0, $1, place, bytes, $3, $4)
        }
    }
}

extension Prime62 {
    public func gilboaOffer(
        _ zero: Span<UInt64>, _ one: Span<UInt64>, _ x: Span<UInt64>,
        sum: inout MutableSpan<UInt64>, corrections: inout MutableSpan<UInt64>
    ) {
        precondition(corrections.count == x.count, "corrections of another row")
        unsafe offerRow(
            zero, one, x, limbs: 1, sum: &sum, corrections: &corrections, ck_p62_gilboa_offer)
    }

    public func gilboaTake(
        _ pads: Span<UInt64>, _ choices: Span<UInt64>, _ corrections: Span<UInt64>,
        sum: inout MutableSpan<UInt64>
    ) {
        precondition(corrections.count == sum.count, "corrections of another row")
        unsafe takeRow(pads, choices, corrections, limbs: 1, sum: &sum, ck_p62_gilboa_take)
    }
}

extension Prime126 {
    /// 128 bits modulo p are 2⁻¹⁰⁸ from uniform, since 2¹²⁸ mod p is below 2²⁰.
    public var padBlocks: Int { 1 }

    public func gilboaOffer(
        _ zero: Span<UInt64>, _ one: Span<UInt64>, _ x: Span<UInt64>,
        sum: inout MutableSpan<UInt64>, corrections: inout MutableSpan<UInt64>
    ) {
        precondition(corrections.count == x.count, "corrections of another row")
        unsafe offerRow(
            zero, one, x, limbs: 2, sum: &sum, corrections: &corrections, ck_p126_gilboa_offer)
    }

    public func gilboaTake(
        _ pads: Span<UInt64>, _ choices: Span<UInt64>, _ corrections: Span<UInt64>,
        sum: inout MutableSpan<UInt64>
    ) {
        precondition(corrections.count == sum.count, "corrections of another row")
        unsafe takeRow(pads, choices, corrections, limbs: 2, sum: &sum, ck_p126_gilboa_take)
    }
}
