import CKernels

/// Rows of equally many words each, of which some are replaced at a time.
package struct RowWords: Sendable {
    /// Of a row.
    package let width: Int
    package private(set) var words: [UInt64]

    package init(_ words: [UInt64], width: Int) {
        precondition(width > 0 && words.count.isMultiple(of: width), "part of a row")
        (self.words, self.width) = (words, width)
    }

    package var count: Int { words.count / width }

    /// Row i of the result is row `indices[i]`, then rows of zeros up to `count` rows.
    package func gathering(_ indices: [UInt32], count: Int) -> [UInt64] {
        let rows = gatheredRows(words, width: width, indices)
        guard count > indices.count else { return rows }
        return rows + [UInt64](repeating: 0, count: (count - indices.count) * width)
    }

    /// Row `indices[i]` becomes row i of `rows`; rows beyond the indices are ignored.
    package mutating func replace(_ indices: [UInt32], with rows: [UInt64]) {
        let largest = indices.reduce(0) { max($0, $1) }
        precondition(indices.isEmpty || Int(largest) < count, "row \(largest) of \(count)")
        precondition(rows.count >= indices.count * width, "too few rows")
        // Every index is below the number of rows, and every source row is there.
        unsafe words.withUnsafeMutableBufferPointer { target in
            unsafe rows.withUnsafeBufferPointer { rows in
                unsafe indices.withUnsafeBufferPointer { indices in
                    guard let target = target.baseAddress, let rows = rows.baseAddress,
                        let first = indices.baseAddress
                    else { return }
                    unsafe ck_scatter_rows(rows, width, first, indices.count, target)
                }
            }
        }
    }

    /// Columns `range` of the words of every row, one row after the other.
    package static func columns(_ range: Range<Int>, of words: [UInt64], width: Int) -> [UInt64] {
        let count = words.count / width
        precondition(range.lowerBound >= 0 && range.upperBound <= width, "words beyond a row")
        return [UInt64](capacity: count * range.count) { output in
            unsafe output.append(count: count * range.count) { result in
                // The range lies within each row.
                unsafe words.span.withPointer { source in
                    guard let source = unsafe source, let result = unsafe result else { return }
                    unsafe ck_copy_rows(
                        source + range.lowerBound, width, range.count, count, result, range.count)
                }
            }
        }
    }
}

extension BitMatrix {
    /// The rows whose bit is set; zeros for the others.
    ///
    /// - Parameter bits: one row, at least as many lanes as there are rows.
    package func selectingRows(_ bits: BitMatrix) -> BitMatrix {
        precondition(bits.count >= rows, "too few bits")
        var words = words
        let width = wordsPerRow
        unsafe words.withUnsafeMutableBufferPointer { words in
            // A bit for every row, by the precondition.
            unsafe bits.words.span.withPointer { bits in
                if let first = words.baseAddress, let bits = unsafe bits {
                    unsafe ck_select_rows(bits, width, first, rows)
                }
            }
        }
        return BitMatrix(rows: rows, count: count, words: words)
    }
}
