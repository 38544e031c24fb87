package import Primitives

/// 1-of-2ᵏ OTs of keys, all but one, from 1-of-2 OTs: the puncturable PRF at the beginning of
/// SoftSpokenOT (Roy, eprint 2022/192), 128/k trees of depth k.
///
/// The extension's receiver R has all leaves of every tree and the extension's sender S all but leaf
/// Δ_i of tree i. R is sender of the base OTs: number ik + l carries the two sums of level l of tree
/// i, and S takes the one that is away from its path. One message, 32 bytes a base OT.
package enum PuncturedTrees {
    package static let byteCount = 2 * GGMTree.nodeByteCount * BaseOT.count

    /// R's end: leaves of 128/`depth` trees, and both sums of each level under the base OT's keys.
    package static func make(
        depth: Int, baseKeys: SecretBytes, randomness: some RandomSource
    ) -> (leaves: SecretBytes, offer: [UInt8]) {
        var leaves: [SecretBytes] = []
        var sums: [SecretBytes] = []
        for _ in 0..<BaseOT.count / depth {
            let tree = GGMTree.expand(
                root: randomness.secret(GGMTree.nodeByteCount), depth: depth)
            leaves.append(tree.leaves)
            sums.append(tree.sums)
        }
        let plain = SecretBytes(joining: sums)
        let offer = plain.withBytes { sums in
            baseKeys.withBytes { keys in sums.indices.map { sums[$0] ^ keys[$0] } }
        }
        return (SecretBytes(joining: leaves), offer)
    }

    /// S's end: every tree's leaf y ⊕ Δ_i at place y, from y = 1 on.
    ///
    /// - Parameters:
    ///   - delta: what S punctures at.
    ///   - baseKeys: of ``PuncturePoint/baseChoices``, 16 bytes each.
    ///   - offer: ``byteCount`` bytes.
    package static func puncture(
        at delta: PuncturePoint, baseKeys: SecretBytes, offer: ArraySlice<UInt8>
    ) -> SecretBytes {
        precondition(offer.count == byteCount, "an offer of another size")
        let (depth, size) = (delta.depth, GGMTree.nodeByteCount)
        // The sums taken: of each pair the one of the base OT's choice.
        let sums = SecretBytes(count: size * BaseOT.count) { output in
            delta.baseChoices.withBytes { choices in
                baseKeys.withBytes { keys in
                    for i in output.indices {
                        let left = offer.startIndex + i / size * 2 * size + i % size
                        let mask = 0 &- choices[i / size]
                        output[i] =
                            keys[i] ^ offer[left] ^ mask & (offer[left] ^ offer[left + size])
                    }
                }
            }
        }
        let trees = (0..<BaseOT.count / depth).map { tree in
            GGMTree.punctured(
                path: delta.path.part(from: tree * depth, count: depth),
                sums: sums.part(from: tree * depth * size, count: depth * size))
        }
        return SecretBytes(joining: trees)
    }
}

/// The secret Δ ∈ GF(2)¹²⁸ of an extension's sender, as 128/k numbers Δ_i of k bits.
///
/// Bit j of Δ_i is bit ik + j of Δ; the path to leaf Δ_i begins with its highest bit.
package struct PuncturePoint {
    package let depth: Int
    /// A byte a base OT, level by level and tree by tree: 1 where the path turns right.
    package let path: SecretBytes
    /// The sides away from the path: what S chooses in the base OTs.
    package let baseChoices: SecretBytes

    /// Uniform.
    package init(depth: Int, randomness: some RandomSource) {
        let bytes = randomness.secret(BaseOT.count / 8)
        self.init(
            depth: depth,
            path: SecretBytes(count: BaseOT.count) { path in
                bytes.withBytes { bytes in
                    for i in path.indices { path[i] = bytes[i / 8] >> UInt8(i % 8) & 1 }
                }
            })
    }

    /// Of any number of trees, given by their paths.
    package init(depth: Int, path: SecretBytes) {
        precondition(path.count.isMultiple(of: depth), "part of a path")
        (self.depth, self.path) = (depth, path)
        baseChoices = SecretBytes(count: path.count) { choices in
            path.withBytes { path in
                for i in path.indices { choices[i] = 1 ^ path[i] }
            }
        }
    }

    var trees: Int { path.count / depth }

    /// Δ as a block.
    package var block: Block {
        path.withBytes { path in
            var words: (low: UInt64, high: UInt64) = (0, 0)
            for row in 0..<64 {
                words.low |= UInt64(path[position(row)]) << UInt64(row)
                words.high |= UInt64(path[position(64 + row)]) << UInt64(row)
            }
            return Block(low: words.low, high: words.high)
        }
    }

    /// The place in ``path`` of bit `row` of Δ.
    private func position(_ row: Int) -> Int { row / depth * depth + depth - 1 - row % depth }
}
