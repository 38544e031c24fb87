package import MPC
package import Primitives

/// One kind of correlated randomness: what pools and files keep apart.
package enum CorrelationKind: Hashable, Sendable {
    case triples, squares, daBits, edaBits, bitProducts
    /// One row of bit triples, counted in lanes.
    case bitTriples, forkedBitTriples
    case truncationMasks(bits: Int)
    case leafOTs(sender: Party)
    /// One item is a translation of whole rows.
    case translations(TranslationShape)
    /// One item is a product of matrices.
    case matrixTriples(MatrixShape)
}

/// The lanes of whole words that hold `count` lanes.
package func wholeWords(_ count: Int) -> Int { (count + 63) / 64 * 64 }

extension Budget {
    /// What is not zero, in the order in which every party makes it: lanes in whole words where a
    /// kind has bits, and single items where it has shapes.
    package var amounts: [(kind: CorrelationKind, count: Int)] {
        var amounts: [(kind: CorrelationKind, count: Int)] = [
            (.triples, triples), (.squares, squares), (.daBits, wholeWords(daBits)),
            (.edaBits, wholeWords(edaBits)), (.bitProducts, wholeWords(bitProducts)),
            (.bitTriples, 64 * bitTripleWords),
            (.forkedBitTriples, 64 * forkedBitTripleWords),
        ]
        amounts += truncationMasks.sorted { $0.key < $1.key }
            .map { (.truncationMasks(bits: $0.key), wholeWords($0.value)) }
        amounts += translations.sorted { $0.key.order < $1.key.order }
            .map { (.translations($0.key), $0.value) }
        amounts += leafOTs.sorted { $0.key.index < $1.key.index }
            .map { (.leafOTs(sender: $0.key), wholeWords($0.value)) }
        amounts += matrixTriples.sorted { $0.key.order < $1.key.order }
            .map { (.matrixTriples($0.key), $0.value) }
        return amounts.filter { $0.count > 0 }
    }
}

extension TranslationShape {
    fileprivate var order: (Int, Int, Int, Int) { (rows, numbers, recordBits, owner.index) }
}

extension MatrixShape {
    fileprivate var order: (Int, Int, Int) { (rows, inner, columns) }
}
