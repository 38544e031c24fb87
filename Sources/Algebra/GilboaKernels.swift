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
        sum: inout MutableSpan<UInt64>, corrections: inout MutableSpan<UInt8>
    ) {
        let (mine, other) = (elements(ofPads: zero), elements(ofPads: one))
        let difference = [UInt64](capacity: x.count) {
            subtract(mine.span, other.span, into: &$0)
        }
        let shifted = [UInt64](capacity: x.count) { add(difference.span, x, into: &$0) }
        precondition(corrections.count == 8 * shifted.count, "corrections of another row")
        // Both are as many bytes.
        unsafe corrections.withUnsafeMutableBytes { bytes in
            unsafe shifted.withUnsafeBytes { unsafe bytes.copyMemory(from: $0) }
        }
        doubleAndAdd(mine, into: &sum)
    }

    public func gilboaTake(
        _ pads: Span<UInt64>, _ choices: Span<UInt64>, _ corrections: Span<UInt8>,
        sum: inout MutableSpan<UInt64>
    ) -> Bool {
        let limbs = limbsPerElement
        precondition(corrections.count == 8 * sum.count, "corrections of another row")
        // Both are as many bytes.
        let words = unsafe [UInt64](unsafeUninitializedCapacity: sum.count) { words, filled in
            unsafe corrections.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(words).copyMemory(from: $0)
            }
            filled = words.count
        }
        let chosen = [UInt64](capacity: words.count) { output in
            for i in words.indices {
                let lane = i / limbs
                let mask = 0 &- (choices[lane / 64] >> UInt64(lane % 64) & 1)
                output.append(words[i] & mask)
            }
        }
        let mine = elements(ofPads: pads)
        doubleAndAdd(
            [UInt64](capacity: mine.count) {
                add(mine.span, chosen.span, into: &$0)
            }, into: &sum)
        return isCanonical(words.span)
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

// MARK: - Kernels of C

private typealias Offer = (
    WordPointer, WordPointer, WordPointer, MutableWordPointer, UnsafeMutablePointer<UInt8>, Int
) -> Void
private typealias Take = (
    WordPointer, WordPointer, UnsafePointer<UInt8>, MutableWordPointer, Int
) -> Bool

@inline(__always)
private func offerRow(
    _ zero: Span<UInt64>, _ one: Span<UInt64>, _ x: Span<UInt64>, limbs: Int,
    sum: inout MutableSpan<UInt64>, corrections: inout MutableSpan<UInt8>, _ kernel: Offer
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
    _ pads: Span<UInt64>, _ choices: Span<UInt64>, _ corrections: Span<UInt8>, limbs: Int,
    sum: inout MutableSpan<UInt64>, _ kernel: Take
) -> Bool {
    let count = sum.count / limbs
    precondition(count.isMultiple(of: 64) && sum.count == count * limbs, "part of a row")
    precondition(pads.count == 2 * count && choices.count == count / 64, "pads of another row")
    // The preconditions keep the kernel inside the four buffers.
    return unsafe sum.withUnsafeMutableBufferPointer { sum in
        unsafe pads.withUnsafeBufferPointer { pads in
            unsafe choices.withUnsafeBufferPointer { choices in
                unsafe corrections.withUnsafeBufferPointer { corrections in
                    guard let pads = pads.baseAddress, let choices = choices.baseAddress,
                        let corrections = corrections.baseAddress, let sum = sum.baseAddress
                    else { return true }
                    return unsafe kernel(pads, choices, corrections, sum, count)
                }
            }
        }
    }
}

/// Bytes of each of `count` corrections that fill `bytes`.
private func bytesEach(_ bytes: Int, _ count: Int, limit: Int) -> Int {
    let each = count > 0 ? bytes / count : limit
    precondition(each * count == bytes && each <= limit, "corrections of another row")
    return each
}

/// Modulo 2⁶⁴ a correction that counts 2ⁱ times has 64 − i live bits.
extension Z64 {
    public func correctionBytes(weight: Int) -> Int { (64 - weight + 7) / 8 }

    public func gilboaOffer(
        _ zero: Span<UInt64>, _ one: Span<UInt64>, _ x: Span<UInt64>,
        sum: inout MutableSpan<UInt64>, corrections: inout MutableSpan<UInt8>
    ) {
        let bytes = bytesEach(corrections.count, x.count, limit: 8)
        unsafe offerRow(zero, one, x, limbs: 1, sum: &sum, corrections: &corrections) {
            unsafe ck_z64_gilboa_offer($0, $1, $2, $3, $4, bytes, $5)
        }
    }

    public func gilboaTake(
        _ pads: Span<UInt64>, _ choices: Span<UInt64>, _ corrections: Span<UInt8>,
        sum: inout MutableSpan<UInt64>
    ) -> Bool {
        let bytes = bytesEach(corrections.count, sum.count, limit: 8)
        return unsafe takeRow(pads, choices, corrections, limbs: 1, sum: &sum) {
            unsafe ck_z64_gilboa_take($0, $1, $2, bytes, $3, $4)
            return true
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
        sum: inout MutableSpan<UInt64>, corrections: inout MutableSpan<UInt8>
    ) {
        let bytes = bytesEach(corrections.count, x.count / 2, limit: 16)
        unsafe offerRow(zero, one, x, limbs: 2, sum: &sum, corrections: &corrections) {
            unsafe ck_z128_gilboa_offer($0, $1, $2, $3, $4, bytes, $5)
        }
    }

    public func gilboaTake(
        _ pads: Span<UInt64>, _ choices: Span<UInt64>, _ corrections: Span<UInt8>,
        sum: inout MutableSpan<UInt64>
    ) -> Bool {
        let bytes = bytesEach(corrections.count, sum.count / 2, limit: 16)
        return unsafe takeRow(pads, choices, corrections, limbs: 2, sum: &sum) {
            unsafe ck_z128_gilboa_take($0, $1, $2, bytes, $3, $4)
            return true
        }
    }
}

extension Prime62 {
    public func gilboaOffer(
        _ zero: Span<UInt64>, _ one: Span<UInt64>, _ x: Span<UInt64>,
        sum: inout MutableSpan<UInt64>, corrections: inout MutableSpan<UInt8>
    ) {
        precondition(corrections.count == 8 * x.count, "corrections of another row")
        unsafe offerRow(
            zero, one, x, limbs: 1, sum: &sum, corrections: &corrections, ck_p62_gilboa_offer)
    }

    public func gilboaTake(
        _ pads: Span<UInt64>, _ choices: Span<UInt64>, _ corrections: Span<UInt8>,
        sum: inout MutableSpan<UInt64>
    ) -> Bool {
        precondition(corrections.count == 8 * sum.count, "corrections of another row")
        return unsafe takeRow(pads, choices, corrections, limbs: 1, sum: &sum, ck_p62_gilboa_take)
    }
}

extension Prime126 {
    /// 128 bits modulo p are 2⁻¹⁰⁸ from uniform, since 2¹²⁸ mod p is below 2²⁰.
    public var padBlocks: Int { 1 }

    public func gilboaOffer(
        _ zero: Span<UInt64>, _ one: Span<UInt64>, _ x: Span<UInt64>,
        sum: inout MutableSpan<UInt64>, corrections: inout MutableSpan<UInt8>
    ) {
        precondition(corrections.count == 8 * x.count, "corrections of another row")
        unsafe offerRow(
            zero, one, x, limbs: 2, sum: &sum, corrections: &corrections, ck_p126_gilboa_offer)
    }

    public func gilboaTake(
        _ pads: Span<UInt64>, _ choices: Span<UInt64>, _ corrections: Span<UInt8>,
        sum: inout MutableSpan<UInt64>
    ) -> Bool {
        precondition(corrections.count == 8 * sum.count, "corrections of another row")
        return unsafe takeRow(pads, choices, corrections, limbs: 2, sum: &sum, ck_p126_gilboa_take)
    }
}
