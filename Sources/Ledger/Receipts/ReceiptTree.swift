import Primitives

/// The Merkle tree of CCF's receipts.
///
/// It has the shape of RFC 6962's tree, but its nodes are SHA-256(left ‖ right): no byte tells a
/// leaf from a node. What makes up for it is that a leaf hashes 96 bytes and a node 64.
enum ReceiptTree {
    /// A sibling on the way to the root, and its side.
    enum Step: Hashable {
        case left(Digest)
        case right(Digest)
    }

    /// SHA-256(writeSetDigest ‖ SHA-256(commitEvidence) ‖ claimsDigest).
    static func leaf(writeSet: Digest, evidence: String, claims: Digest) -> Digest {
        SHA256.hash(writeSet.bytes, SHA256.hash(Array(evidence.utf8)).bytes, claims.bytes)
    }

    static func node(_ left: Digest, _ right: Digest) -> Digest {
        SHA256.hash(left.bytes, right.bytes)
    }

    /// The root over at least one leaf, and the way to it from the leaf at `index`.
    static func path(_ index: Int, _ leaves: [Digest]) -> (root: Digest, steps: [Step]) {
        var (level, position) = (leaves, index)
        var steps: [Step] = []
        while level.count > 1 {
            // 1. The sibling; a last node of an odd level has none and rises as it is.
            let sibling = position ^ 1
            if sibling < level.count {
                steps.append(sibling < position ? .left(level[sibling]) : .right(level[sibling]))
            }
            // 2. The next level.
            level = stride(from: 0, to: level.count, by: 2).map { left in
                left + 1 < level.count ? node(level[left], level[left + 1]) : level[left]
            }
            position >>= 1
        }
        return (level[0], steps)
    }

    /// Where the steps lead from a leaf.
    static func root(from leaf: Digest, _ steps: [Step]) -> Digest {
        steps.reduce(leaf) { hash, step in
            switch step {
            case .left(let sibling): node(sibling, hash)
            case .right(let sibling): node(hash, sibling)
            }
        }
    }
}
