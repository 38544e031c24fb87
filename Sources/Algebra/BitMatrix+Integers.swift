import CKernels

/// Between integers and bit slices: transposes by one kernel, without a branch on data.
extension BitMatrix {
    /// Bit slices of n plain integers: row k holds bit k of each, one integer a lane.
    ///
    /// Shapes: n · limbsPerInteger little-endian limbs give `bits` rows of n lanes. Bits from `bits`
    /// on are dropped.
    ///
    /// - Precondition: `bits` is in 0 ... 64 · limbsPerInteger.
    public init(integers limbs: [UInt64], limbsPerInteger: Int, bits: Int) {
        precondition(limbsPerInteger > 0 && limbs.count.isMultiple(of: limbsPerInteger))
        precondition((0...64 * limbsPerInteger).contains(bits), "\(bits) bits of an integer")
        let count = limbs.count / limbsPerInteger
        let words = transposedBits(
            limbs, stride: limbsPerInteger, rows: count, columns: bits,
            resultStride: Self.wordsPerRow(count))
        self.init(rows: bits, count: count, words: words)
    }

    /// The plain integers whose bit slices these rows are; bits above the rows are zero.
    ///
    /// - Precondition: there are at most 64 · limbsPerInteger rows.
    public func integers(limbsPerInteger: Int) -> [UInt64] {
        precondition(rows <= 64 * limbsPerInteger, "\(rows) bits in \(limbsPerInteger) limbs")
        return transposedBits(
            words, stride: wordsPerRow, rows: rows, columns: count, resultStride: limbsPerInteger)
    }

    /// Lane j of row i becomes lane i of row j: shape r × n → n × r.
    public func transposed() -> Self {
        let result = transposedBits(
            words, stride: wordsPerRow, rows: rows, columns: count,
            resultStride: Self.wordsPerRow(rows))
        return Self(rows: count, count: rows, words: result)
    }
}

/// Bit j of row i becomes bit i of row j; words of the result beyond the last bit are zero.
///
/// Rows lie `stride` words apart, those of the result `resultStride`.
private func transposedBits(
    _ source: [UInt64], stride: Int, rows: Int, columns: Int, resultStride: Int
) -> [UInt64] {
    let needed = BitMatrix.wordsPerRow(rows)
    precondition(source.count >= rows * stride && stride * 64 >= columns && resultStride >= needed)
    return [UInt64](capacity: columns * resultStride) { output in
        unsafe output.append(count: columns * resultStride) { result in
            if let result = unsafe result, resultStride > needed {
                unsafe result.initialize(repeating: 0, count: columns * resultStride)
            }
            unsafe source.span.withPointer { source in
                guard let source = unsafe source, let result = unsafe result else { return }
                // Pieces of the longer side, in whole words of the other's rows: the precondition
                // and the result's size keep the kernel inside both.
                let chunk = 1 << 14
                if rows >= columns {
                    forEachChunk(of: rows, chunk: chunk) { part in
                        let (from, to) = (part.lowerBound * stride, part.lowerBound / 64)
                        unsafe ck_transpose_bits(
                            source + from, stride, part.count, columns, result + to, resultStride)
                    }
                } else {
                    forEachChunk(of: columns, chunk: chunk) { part in
                        let (from, to) = (part.lowerBound / 64, part.lowerBound * resultStride)
                        unsafe ck_transpose_bits(
                            source + from, stride, rows, part.count, result + to, resultStride)
                    }
                }
            }
        }
    }
}

extension UInt64 {
    /// 1 for true, without a branch.
    init(_ bit: Bool) { self = unsafe UInt64(unsafeBitCast(bit, to: UInt8.self)) }
}
