package import Primitives

/// The consistency check of SoftSpokenOT's subspace VOLE (Roy, eprint 2022/192) for the repetition
/// code: R used the same choices in every instance.
///
/// 1. After all corrections have come, S draws the key of a linear universal hash h over blocks of
///    128 OTs and sends it.
/// 2. R answers h(u) and h(V_r) for all 128 rows.
/// 3. S accepts if h(W_r) = h(V_r) ⊕ Δ_r h(u) for all rows.
///
/// h is linear, so an honest R passes. Corrections that are wrong in instance i by e make
/// W_r = V_r ⊕ Δ_r (u ⊕ e): R must then guess the k bits of Δ_i, unless h(e) = 0, which n blocks
/// make happen with probability (n − 1)/2¹²⁸. Each batch ends with at least 128 OTs that are
/// sacrificed: with uniform choices and unknown rows as the last block, h tells nothing of the
/// others. What a cheating R has learnt when it passes are the bits it guessed, at the price
/// 2⁻ᵏ an instance.
///
/// Compared with libOTe's implementation: that hashes in GF(2⁶⁴), rekeyed every 2²⁰ blocks, and
/// then to 40 bits; this is one hash of 128 bits. Both are linear over GF(2) and of the same form.
package enum SubspaceCheck {
    package static let keyByteCount = UniversalHash.keyByteCount
    /// h(u), then h(V_r) by rows.
    package static let responseByteCount = 16 * (1 + LeafStreams.rowCount)

    /// How many OTs are sacrificed beside `count`: whole blocks, the last one for hiding.
    package static func sacrifice(beside count: Int) -> Int { 128 + (128 - count % 128) % 128 }

    /// R's answer, in words.
    package static func respond(choices: [UInt64], rows: [UInt64], key: Block) -> [UInt64] {
        let hash = UniversalHash(key: key)
        let blocks = [hash.hash(choices.span)] + hash.hashRows(ofColumns: rows.span)
        return blocks.flatMap { [$0.low, $0.high] }
    }

    /// S's decision, in a time that depends on the number of OTs alone.
    package static func accepts(
        _ response: [UInt64], rows: [UInt64], key: Block, delta: Block
    ) -> Bool {
        precondition(response.count * 8 == responseByteCount, "a response of another size")
        let own = UniversalHash(key: key).hashRows(ofColumns: rows.span)
        var difference: UInt64 = 0
        for row in own.indices {
            let word = row < 64 ? delta.low : delta.high
            let mask = 0 &- (word >> UInt64(row % 64) & 1)
            difference |= own[row].low ^ response[2 * row + 2] ^ mask & response[0]
            difference |= own[row].high ^ response[2 * row + 3] ^ mask & response[1]
        }
        return difference == 0
    }
}
