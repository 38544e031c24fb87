/// The tree of Goldreich, Goldwasser and Micali as a puncturable PRF on `depth` bits.
///
/// The children of a node are the first blocks of AES-128 in counter mode under the node as the
/// key; so is everything drawn from a leaf. The only assumption is that AES is a PRF.
package enum GGMTree {
    package static let nodeByteCount = 16

    /// All leaves of the tree of `root`, in order, and the level sums that puncture it elsewhere.
    ///
    /// `sums` has, for each level from the top, the XOR of all left and that of all right nodes.
    package static func expand(root: SecretBytes, depth: Int) -> (
        leaves: SecretBytes, sums: SecretBytes
    ) {
        var level = root
        var sums: [SecretBytes] = []
        for _ in 0..<depth {
            level = streams(of: level, blocks: 2)
            sums += [xor(of: level, from: 0), xor(of: level, from: 1)]
        }
        return (level, SecretBytes(joining: sums))
    }

    /// All leaves but one, from one sum a level: that of the side where the path to it is *not*.
    ///
    /// `path` has one byte a level from the top, 1 where the missing leaf is to the right. Leaf y
    /// of the result is leaf y ⊕ path of the tree: the missing one is leaf 0, and holds nothing of
    /// use. Nothing branches on the path or indexes by it.
    package static func punctured(path: SecretBytes, sums: SecretBytes) -> SecretBytes {
        var level = SecretBytes(count: nodeByteCount) { _ in }
        for depth in 0..<path.count {
            let children = streams(of: level, blocks: 2)
            let turned = SecretBytes(count: children.count) { output in
                children.withBytes { children in
                    path.withBytes { path in
                        turn(children, by: path[depth], into: &output)
                    }
                }
            }
            // In this order every right node is on the side away from the path. The first is the
            // one whose parent is missing: the sum without the others.
            level = SecretBytes(count: turned.count) { output in
                turned.withBytes { turned in
                    sums.withBytes { sums in
                        for i in turned.indices { output[i] = turned[i] }
                        for i in 0..<nodeByteCount {
                            var sibling = sums[depth * nodeByteCount + i]
                            for node in stride(
                                from: 3 * nodeByteCount, to: turned.count, by: 2 * nodeByteCount)
                            { sibling ^= turned[node + i] }
                            output[nodeByteCount + i] = sibling
                        }
                    }
                }
            }
        }
        return level
    }

    /// The first `blocks` blocks of each node's stream, node after node.
    package static func streams(of nodes: SecretBytes, blocks: Int) -> SecretBytes {
        SecretBytes(count: nodes.count * blocks) { output in
            nodes.withBytes { nodes in
                for node in 0..<nodes.count / nodeByteCount {
                    let key = SecretBytes(count: nodeByteCount) { key in
                        for i in key.indices { key[i] = nodes[node * nodeByteCount + i] }
                    }
                    var generator = CounterGenerator(key: key)
                    let size = blocks * nodeByteCount
                    generator.secret(size).withBytes { stream in
                        for i in stream.indices { output[node * size + i] = stream[i] }
                    }
                }
            }
        }
    }

    /// The XOR of every second node, from the left-most or the one beside it on.
    private static func xor(of level: SecretBytes, from first: Int) -> SecretBytes {
        SecretBytes(count: nodeByteCount) { sum in
            level.withBytes { level in
                for i in level.indices where i / nodeByteCount % 2 == first {
                    sum[i % nodeByteCount] ^= level[i]
                }
            }
        }
    }

    /// Swaps the two children of every node if `bit` is 1, without a branch.
    private static func turn(
        _ children: Span<UInt8>, by bit: UInt8, into output: inout MutableSpan<UInt8>
    ) {
        let mask = 0 &- bit
        for i in children.indices {
            let other = i ^ nodeByteCount
            output[i] = children[i] ^ mask & (children[i] ^ children[other])
        }
    }
}
