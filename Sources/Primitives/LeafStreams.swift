import Algebra
import CKernels

/// The strings of the leaves of small GGM trees, and sums of them: the small-field VOLE of
/// SoftSpokenOT (Roy, eprint 2022/192), 128/k instances side by side.
///
/// Leaf x of instance i has a pseudo-random string r_{i,x}: AES-128 in counter mode under the leaf.
/// Whoever has all leaves makes u_i = ⊕_x r_{i,x} and the rows V_{ik+j} = ⊕_{x_j=1} r_{i,x}; who
/// lacks leaf Δ_i, and has the others in the order x ⊕ Δ_i, makes the same rows without leaf 0:
/// W_{ik+j} = V_{ik+j} ⊕ Δ_{i,j} u_i. Both come in pieces of columns, in step with each other.
package final class LeafStreams {
    package static let rowCount = 128
    /// Columns that are made at a time: rows, sums and blocks of that many stay in the cache.
    package static let chunk = 8192
    // A cache line beyond the columns, so that rows do not fall into the same sets.
    private static let stride = chunk / 64 + 8

    package let depth: Int
    private let hasAllLeaves: Bool
    private let keys: CipherKeys
    private var counter: UInt64 = 0

    // The columns made last; rows and sums begin `stride` words apart.
    private var rows: [UInt64]
    private var sums: [UInt64]

    package var instances: Int { Self.rowCount / depth }

    /// - Parameter keys: 16 bytes a leaf, instance after instance, 128/`depth` · 2^`depth` of them.
    package init(keys: SecretBytes, depth: Int, hasAllLeaves: Bool) {
        precondition(keys.count == ((Self.rowCount / depth) << depth) * 16, "keys of other trees")
        self.depth = depth
        self.hasAllLeaves = hasAllLeaves
        self.keys = CipherKeys(keys)
        rows = [UInt64](repeating: 0, count: Self.rowCount * Self.stride)
        sums = [UInt64](
            repeating: 0, count: hasAllLeaves ? Self.rowCount / depth * Self.stride : 0)
    }

    deinit {
        rows.wipe()
        sums.wipe()
    }

    /// Makes the next `columns` columns of all rows, and sums where all leaves are known.
    ///
    /// - Precondition: at most ``chunk`` columns, a multiple of 64.
    package func advance(columns: Int) {
        precondition((1...Self.chunk).contains(columns) && columns.isMultiple(of: 64))
        let groupWords = Int(ck_ot_group_words)
        let groups = (columns / 64 + groupWords - 1) / groupWords
        let (depth, stride, counter) = (depth, Self.stride, counter)
        // Whole groups fit, since a chunk is a multiple of them: instance i has rows from i · depth
        // on and, with all leaves, sum i.
        unsafe keys.withCiphers { leaves in
            for i in 0..<instances {
                unsafe rows.withPointer { rows in
                    if hasAllLeaves {
                        unsafe sums.withPointer {
                            unsafe ck_ot_sum_leaves(
                                leaves + i << depth, depth, counter, groups, $0 + i * stride,
                                rows + i * depth * stride, stride)
                        }
                    } else {
                        unsafe ck_ot_sum_leaves(
                            leaves + i << depth, depth, counter, groups, nil,
                            rows + i * depth * stride, stride)
                    }
                }
            }
        }
        self.counter += UInt64(groups * groupWords / 2)
    }

    /// The sum of one instance in the columns made last, as words.
    package func sum(_ instance: Int, columns: Int) -> ArraySlice<UInt64> {
        sums[instance * Self.stride..<instance * Self.stride + columns / 64]
    }

    /// Appends the corrections u_i ⊕ `choices` of the columns made last, for each instance from
    /// `first` on.
    package func appendCorrections(
        from first: Int, choices: ArraySlice<UInt64>, to output: inout OutputSpan<UInt8>
    ) {
        var correction = [UInt64](repeating: 0, count: choices.count)
        for i in first..<instances {
            let sum = sum(i, columns: choices.count * 64)
            for (w, (a, b)) in zip(sum, choices).enumerated() { correction[w] = a ^ b }
            appendLittleEndian(correction[...], to: &output)
        }
    }

    /// Adds corrections c_i to the rows of each instance from `first` on where Δ has a one.
    ///
    /// - Parameter masks: a word a row, all ones where Δ has a one.
    package func correct(
        from first: Int, with corrections: ArraySlice<UInt8>, masks: Span<UInt64>, columns: Int
    ) {
        let (depth, stride, bytes) = (depth, Self.stride, columns / 8)
        precondition(corrections.count == (instances - first) * bytes, "other corrections")
        precondition(masks.count == Self.rowCount, "a mask a row")
        unsafe corrections.withUnsafeBufferPointer { corrections in
            unsafe masks.withUnsafeBufferPointer { masks in
                unsafe rows.withPointer { rows in
                    guard let masks = masks.baseAddress,
                        let corrections = corrections.baseAddress
                    else { return }
                    // Each instance has `depth` rows and masks and `bytes` bytes of corrections.
                    for i in first..<instances {
                        unsafe ck_ot_correct(
                            rows + i * depth * stride, stride, depth, masks + i * depth,
                            corrections + (i - first) * bytes, columns / 64)
                    }
                }
            }
        }
    }

    /// The columns made last, one block each from block `first` on: bit r of a block is its column
    /// of row r.
    package func writeBlocks(columns: Int, to blocks: inout [UInt64], at first: Int) {
        precondition(blocks.count >= 2 * (first + columns) && columns <= Self.chunk, "no room")
        // A block is two words; the precondition keeps the columns inside.
        unsafe rows.withPointer { rows in
            unsafe blocks.withPointer {
                unsafe ck_transpose_bits(
                    rows, Self.stride, Self.rowCount, columns, $0 + 2 * first, 2)
            }
        }
    }
}
