import CKernels

/// What one party of three computes of a product in replicated sharing.
///
/// With x = x₀ + x₁ + x₂ and party i holding xᵢ and xᵢ₊₁, the party's part of x · y is
/// xᵢ · (yᵢ + yᵢ₊₁) + xᵢ₊₁ · yᵢ: the three parts together are all nine products (T. Araki, J.
/// Furukawa, Y. Lindell, A. Nof, K. Ohara, *High-Throughput Semi-Honest Secure Three-Party
/// Computation with an Honest Majority*, eprint 2016/768).

/// Over GF(2), 64 gates a word: `output[i] = (x0[i] & (y0[i] ^ y1[i])) ^ (x1[i] & y0[i])`.
package func andCrossTerms(
    _ x0: Span<UInt64>, _ x1: Span<UInt64>, _ y0: Span<UInt64>, _ y1: Span<UInt64>,
    into output: inout OutputSpan<UInt64>
) {
    unsafe runKernel(x0, x1, y0, y1, into: &output, ck_and_cross_terms)
}

extension Ring {
    public func crossTerms(
        _ x0: Span<UInt64>, _ x1: Span<UInt64>, _ y0: Span<UInt64>, _ y1: Span<UInt64>,
        into output: inout OutputSpan<UInt64>
    ) {
        // In blocks, so that what lies between stays in the cache.
        let block = 4096 / limbsPerElement * limbsPerElement
        for start in stride(from: 0, to: x0.count, by: block) {
            let part = start..<min(start + block, x0.count)
            let sums = [UInt64](capacity: part.count) {
                add(y0.extracting(part), y1.extracting(part), into: &$0)
            }
            var terms = [UInt64](capacity: part.count) {
                multiply(x0.extracting(part), sums.span, into: &$0)
            }
            var span = terms.mutableSpan
            multiplyAccumulate(x1.extracting(part), y0.extracting(part), into: &span)
            mapWords(terms.span, into: &output) { $0 }
        }
    }
}

extension Vector {
    /// This party's part of x · y, element by element.
    package static func crossTerms(_ x0: Self, _ x1: Self, _ y0: Self, _ y1: Self) -> Self {
        let ring = x0.ring
        precondition(
            [x1, y0, y1].allSatisfy { $0.ring == ring && $0.count == x0.count },
            "factors of different lengths")
        return Self(
            ring,
            canonical: Array(capacity: x0.limbs.count) {
                ring.crossTerms(
                    x0.limbs.span, x1.limbs.span, y0.limbs.span, y1.limbs.span, into: &$0)
            })
    }
}

extension BitMatrix {
    /// This party's part of x ∧ y, wire by wire, for several pairs one after the other: there is at
    /// least one.
    package static func crossTerms(_ pairs: [(x0: Self, x1: Self, y0: Self, y1: Self)]) -> Self {
        let count = pairs[0].x0.count
        precondition(
            pairs.allSatisfy { pair in
                [pair.x0, pair.x1, pair.y0, pair.y1].allSatisfy {
                    $0.rows == pair.x0.rows && $0.count == count
                }
            }, "factors of different shapes")
        return Self(
            rows: pairs.reduce(0) { $0 + $1.x0.rows }, count: count,
            words: Array(capacity: pairs.reduce(0) { $0 + $1.x0.words.count }) { output in
                for (x0, x1, y0, y1) in pairs {
                    andCrossTerms(
                        x0.words.span, x1.words.span, y0.words.span, y1.words.span, into: &output)
                }
            })
    }
}
