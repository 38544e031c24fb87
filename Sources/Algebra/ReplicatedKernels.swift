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
