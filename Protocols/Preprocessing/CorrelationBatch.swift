package import Algebra
import MPC
package import Primitives
package import SecretSharing

/// A party's part of one batch of one kind, in the form that a pool cuts and a store writes.
///
/// What the parts of each kind are is said by its conversions.
package struct CorrelationBatch<R: Ring>: Sendable {
    /// Lanes; 1 for an item that is not cut.
    package let count: Int
    package var numbers: [Vector<R>]
    package var bits: [BitMatrix]
    /// Of the party that permutes the rows of a translation.
    package var permutation: Permutation?

    package init(
        count: Int, numbers: [Vector<R>] = [], bits: [BitMatrix] = [],
        permutation: Permutation? = nil
    ) {
        (self.count, self.numbers, self.bits) = (count, numbers, bits)
        self.permutation = permutation
    }

    /// A batch of no lanes.
    init(nothingOf layout: CorrelationLayout, over ring: R) {
        self.init(
            count: 0, numbers: layout.numbers.map { _ in Vector(ring, zeros: 0) },
            bits: layout.bits.map { BitMatrix(rows: $0.rows, count: 0) })
    }

    /// A part of the lanes; the range begins at a multiple of 64 where there are bits.
    func slice(_ range: Range<Int>) -> Self {
        range == 0..<count
            ? self
            : Self(
                count: range.count, numbers: numbers.map { $0.slice(range) },
                bits: bits.map { $0.slice(range) })
    }

    /// Batches of lanes one after the other, all but the last of whole words where there are bits.
    ///
    /// - Precondition: at least one.
    static func joining(_ batches: [Self]) -> Self {
        guard batches.count > 1 else { return batches[0] }
        return Self(
            count: batches.reduce(0) { $0 + $1.count },
            numbers: batches[0].numbers.indices.map { i in
                .joining(batches.map { $0.numbers[i] })
            },
            bits: batches[0].bits.indices.map { i in .joining(batches.map { $0.bits[i] }) })
    }

    mutating func wipe() {
        for i in numbers.indices { numbers[i].wipe() }
        for i in bits.indices { bits[i].wipe() }
        permutation = nil
    }
}

extension CorrelationBatch: CustomStringConvertible, CustomReflectable {
    package var description: String { "CorrelationBatch(count: \(count))" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The sizes of a batch's parts, which its kind, count and the party determine.
package struct CorrelationLayout: Hashable, Sendable {
    package let count: Int
    /// Elements of each vector.
    package var numbers: [Int] = []
    package var bits: [BitShape] = []
    /// Rows that this party permutes.
    package var permuted: Int?

    package init(
        _ kind: CorrelationKind, count: Int, over ring: some Ring, blockBits: Int, party: Party
    ) {
        self.count = count
        func row(_ rows: Int = 1) -> BitShape { BitShape(rows: rows, count: count) }
        switch kind {
        case .triples: numbers = [count, count, count]
        case .squares: numbers = [count, count]
        case .daBits: (numbers, bits) = ([count], [row()])
        case .edaBits:
            numbers = [count]
            bits = [row(MonomialShape(for: ring, blockBits: blockBits).rowCount)]
        case .bitProducts: (numbers, bits) = ([count, count, count], [row()])
        case .bitTriples: bits = Array(repeating: row(), count: 3)
        case .forkedBitTriples: bits = Array(repeating: row(), count: 5)
        case .truncationMasks(let cut):
            numbers = [count, count]
            bits = [row(TruncationShape(for: ring, bits: cut, blockBits: blockBits).all.rowCount)]
        case .leafOTs(let sender):
            bits = party == sender ? [row(32)] : [row(4), row(2)]
        case .translations(let shape):
            let records = BitShape(rows: shape.rows, count: shape.recordBits)
            let isOwner = party == shape.owner
            numbers = Array(repeating: shape.rows, count: (isOwner ? 1 : 2) * shape.numbers)
            bits = Array(repeating: records, count: isOwner ? 1 : 2)
            permuted = isOwner ? shape.rows : nil
        case .matrixTriples(let shape):
            numbers = [
                shape.rows * shape.inner, shape.inner * shape.columns, shape.rows * shape.columns,
            ]
        }
    }
}
