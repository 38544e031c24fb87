package import Primitives

/// The consistency check of the puncturable PRFs of SoftSpokenOT (Roy, eprint 2022/192).
///
/// A receiver that sends wrong level sums would learn from an abort later whether S took them, for
/// all of Δ. Here it is caught unless S took none of them: a guess of one bit of Δ costs 1/2.
///
/// Each leaf gives a check value s_x = SHA-256(leaf) and, apart from it, the key that is used from
/// then on: its first block of AES. R sends, for each tree, t = ⊕ s_x and SHA-256(s₀ ‖ s₁ ‖ …); S
/// fills in its missing s from t and compares. Were t a sum of the leaves or of their keys, S would
/// compute the leaf that it must not have.
///
/// Compared with libOTe's implementation of that check (two blocks of a hash of the leaf as check
/// value, the third as key; sum and hash a tree): the same, but for the functions.
package enum PuncturingCheck {
    /// Of one tree: the sum, then the hash.
    package static let treeByteCount = 2 * Digest.byteCount

    package static func byteCount(trees: Int) -> Int { trees * treeByteCount }

    /// The keys that leaves stand for.
    private static func keys(of leaves: SecretBytes) -> SecretBytes {
        GGMTree.streams(of: leaves, blocks: 1)
    }

    /// R's end: the keys of its trees' leaves, and what it sends.
    package static func prove(leaves: SecretBytes, depth: Int) -> (
        keys: SecretBytes, proof: [UInt8]
    ) {
        let size = GGMTree.nodeByteCount << depth
        let proof = (0..<leaves.count / size).flatMap { tree in
            let values = checkValues(leaves.part(from: tree * size, count: size))
            return sum(of: values).copyBytes() + hash(of: values).bytes
        }
        return (keys(of: leaves), proof)
    }

    /// S's end: the keys of its leaves y ⊕ Δ_i, from y = 1 on in each tree.
    ///
    /// Nil unless all trees fit.
    package static func verify(
        leaves: SecretBytes, delta: PuncturePoint, proof: ArraySlice<UInt8>
    ) -> SecretBytes? {
        precondition(proof.count == byteCount(trees: delta.trees), "a proof of another size")
        let size = GGMTree.nodeByteCount << delta.depth
        var allFit = true
        for tree in 0..<delta.trees {
            let start = proof.startIndex + tree * treeByteCount
            let middle = start + Digest.byteCount
            let given = checkValues(leaves.part(from: tree * size, count: size))
            let values = completed(
                given, sum: proof[start..<middle],
                path: delta.path.part(from: tree * delta.depth, count: delta.depth))
            // All trees are compared, whatever the first ones gave.
            let fits = hash(of: values) == Digest(Array(proof[middle..<start + treeByteCount]))
            allFit = fits && allFit
        }
        return allFit ? keys(of: leaves) : nil
    }

    private static func checkValues(_ leaves: SecretBytes) -> SecretBytes {
        var hasher = SHA256()
        let values = (0..<leaves.count / GGMTree.nodeByteCount).map { leaf in
            hasher.update(Array("parley/leaf-check/v1".utf8))
            hasher.update(
                leaves.part(from: leaf * GGMTree.nodeByteCount, count: GGMTree.nodeByteCount))
            return hasher.finalizeSecret()
        }
        return SecretBytes(joining: values)
    }

    private static func hash(of values: SecretBytes) -> Digest {
        var hasher = SHA256()
        hasher.update(values)
        return hasher.finalize()
    }

    private static func sum(of values: SecretBytes) -> SecretBytes {
        SecretBytes(count: Digest.byteCount) { sum in
            values.withBytes { values in
                for i in values.indices { sum[i % sum.count] ^= values[i] }
            }
        }
    }

    /// The check values in the tree's own order, the missing one filled in.
    ///
    /// Value y of `values` is that of leaf y ⊕ Δ_i, and value 0 is not known. Nothing branches on
    /// the path or indexes by it.
    private static func completed(
        _ values: SecretBytes, sum: ArraySlice<UInt8>, path: SecretBytes
    ) -> SecretBytes {
        let size = Digest.byteCount
        return SecretBytes(count: values.count) { output in
            values.withBytes { values in
                for i in 0..<size {
                    var missing = sum[sum.startIndex + i]
                    for other in stride(from: size, to: values.count, by: size) {
                        missing ^= values[other + i]
                        output[other + i] = values[other + i]
                    }
                    output[i] = missing
                }
            }
            path.withBytes { path in
                for level in path.indices {
                    let distance = size << (path.count - 1 - level)
                    let mask = 0 &- path[level]
                    for i in output.indices where i & distance == 0 {
                        let difference = mask & (output[i] ^ output[i + distance])
                        output[i] ^= difference
                        output[i + distance] ^= difference
                    }
                }
            }
        }
    }
}
