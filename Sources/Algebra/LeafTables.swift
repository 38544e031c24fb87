import CKernels

/// Comparisons of four bits by a table of sixteen messages, bit-sliced.
extension BitMatrix {
    /// The sender's table and its share of [own > v], or [own < v], and of [own = v].
    ///
    /// Shapes: pads 32 rows (row 2v + m is bit m of value v), `places` and `own` 4 rows; the table
    /// has 30 rows, none for v = 0: this side's share, 2 rows, is what makes its messages zero.
    ///
    /// - Parameters:
    ///   - pads: for each value v.
    ///   - places: the message of v goes under the pad of v ⊕ places.
    package static func leafTable(pads: Self, places: Self, own: Self, less: Bool)
        -> (table: Self, share: Self)
    {
        let count = own.count
        precondition(
            pads.rows == 32 && places.rows == 4 && own.rows == 4 && pads.count == count
                && places.count == count && count.isMultiple(of: 64), "a leaf of another shape")
        let width = own.wordsPerRow
        var share = [UInt64](repeating: 0, count: 2 * width)
        let table = [UInt64](capacity: 30 * width) { output in
            unsafe output.append(count: 30 * width) { table in
                // The shapes above are what the kernel reads and writes.
                unsafe pads.words.span.withPointer { pads in
                    unsafe places.words.span.withPointer { places in
                        unsafe own.words.span.withPointer { own in
                            unsafe share.withUnsafeMutableBufferPointer { share in
                                unsafe ck_leaf_table(
                                    pads, places, own, less, table, share.baseAddress, width)
                            }
                        }
                    }
                }
            }
        }
        return (
            Self(rows: 30, count: count, words: table), Self(rows: 2, count: count, words: share)
        )
    }

    /// The receiver's share: the table's message for its own value, without the pad.
    package static func leafChoice(table: Self, own: Self, pad: Self) -> Self {
        precondition(
            table.rows == 30 && own.rows == 4 && pad.rows == 2 && table.count == own.count
                && pad.count == own.count && own.count.isMultiple(of: 64), "a leaf of another shape"
        )
        let width = own.wordsPerRow
        let words = [UInt64](capacity: 2 * width) { output in
            unsafe output.append(count: 2 * width) { share in
                // The shapes above are what the kernel reads and writes.
                unsafe table.words.span.withPointer { table in
                    unsafe own.words.span.withPointer { own in
                        unsafe pad.words.span.withPointer { pad in
                            unsafe ck_leaf_choose(table, own, pad, share, width)
                        }
                    }
                }
            }
        }
        return Self(rows: 2, count: own.count, words: words)
    }
}
