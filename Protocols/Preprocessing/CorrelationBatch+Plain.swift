import Algebra
import MPC
import SecretSharing

/// A batch as plain bytes, for a file: integers less than the order, then rows of bits, then the
/// permutation's indices, all in little-endian words.
extension CorrelationBatch {
    func appendPlain(to output: inout OutputSpan<UInt8>) {
        for vector in numbers { appendLittleEndian(vector.decoded()[...], to: &output) }
        for rows in bits { appendLittleEndian(rows.words[...], to: &output) }
        permutation?.appendWire(to: &output)
    }

    /// Nil if the bytes are not exactly such a batch.
    init?(plain bytes: ArraySlice<UInt8>, layout: CorrelationLayout, over ring: R) {
        guard bytes.count == layout.plainByteCount(over: ring) else { return nil }
        var rest = bytes
        func next(_ count: Int) -> ArraySlice<UInt8> {
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        self.init(count: layout.count)
        for count in layout.numbers {
            let shape = VectorShape(ring: ring, count: count)
            guard let words = littleEndianWords(next(Vector.wireByteCount(shape))) else {
                return nil
            }
            numbers.append(Vector(ring, plain: words))
        }
        for shape in layout.bits {
            guard let rows = BitMatrix(received: next(BitMatrix.wireByteCount(shape)), shape: shape)
            else { return nil }
            bits.append(rows)
        }
        guard let rows = layout.permuted else { return }
        guard let permutation = Permutation(received: rest, count: rows) else { return nil }
        self.permutation = permutation
    }
}

extension CorrelationLayout {
    func plainByteCount<R: Ring>(over ring: R) -> Int {
        numbers.reduce(0) { $0 + Vector.wireByteCount(VectorShape(ring: ring, count: $1)) }
            + bits.reduce(0) { $0 + BitMatrix.wireByteCount($1) } + 4 * (permuted ?? 0)
    }
}
