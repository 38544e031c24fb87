/// The Merkle tree of RFC 6962 (section 2.1) over the hashes of a log's entries.
///
/// Values only: who stores the hashes is not its business. Proofs list hashes from the leaf's level
/// upwards; a proof of a tree of n leaves has at most ⌈log₂ n⌉ + 1 of them. The verifiers take
/// anything from anybody: wrong sizes, indices or lengths are simply false.
public enum MerkleTree {
    /// SHA-256(0x00 ‖ entry).
    public static func leafHash(_ entry: [UInt8]) -> Digest { SHA256.hash([0], entry) }

    /// SHA-256(0x01 ‖ left ‖ right).
    public static func nodeHash(_ left: Digest, _ right: Digest) -> Digest {
        var hasher = SHA256()
        return nodeHash(left, right, &hasher)
    }

    /// As ``nodeHash(_:_:)``, with a hasher that serves many.
    private static func nodeHash(
        _ left: Digest, _ right: Digest, _ hasher: inout SHA256
    ) -> Digest {
        hasher.update(nodePrefix)
        hasher.update(left)
        hasher.update(right)
        return hasher.finalize()
    }

    private static let nodePrefix: [UInt8] = [1]

    /// The root of a tree without leaves: SHA-256 of nothing.
    public static var emptyRoot: Digest { SHA256.hash() }

    /// The root over leaf hashes.
    public static func root(of leaves: [Digest]) -> Digest {
        var frontier = MerkleFrontier()
        for leaf in leaves { frontier.append(leaf) }
        return frontier.root
    }

    /// PATH(index, leaves): the hashes that lead from a leaf to the root (RFC 6962, 2.1.1).
    public static func inclusionProof(of index: Int, in leaves: [Digest]) -> [Digest] {
        precondition(leaves.indices.contains(index), "a proof is for a leaf of the tree")
        return path(index, leaves[...])
    }

    private static func path(_ index: Int, _ leaves: ArraySlice<Digest>) -> [Digest] {
        guard leaves.count > 1 else { return [] }
        let (left, right) = halves(leaves)
        return index < left.endIndex
            ? path(index, left) + [root(of: Array(right))]
            : path(index, right) + [root(of: Array(left))]
    }

    /// PATH(i, leaves) of every leaf i, by one hash a node of the tree.
    package static func inclusionProofs(in leaves: [Digest]) -> [[Digest]] {
        var proofs = [[Digest]](repeating: [], count: leaves.count)
        var (level, height) = (leaves, 0)
        var hasher = SHA256()
        while level.count > 1 {
            for index in leaves.indices where (index >> height) ^ 1 < level.count {
                proofs[index].append(level[(index >> height) ^ 1])
            }
            // A node without a right sibling rises unchanged.
            level = stride(from: 0, to: level.count, by: 2).map { left in
                left + 1 < level.count
                    ? nodeHash(level[left], level[left + 1], &hasher) : level[left]
            }
            height += 1
        }
        return proofs
    }

    /// The root over `size` leaves of which only the first are known.
    ///
    /// - Parameter unknown: the hash of a largest subtree without any known leaf, by its first leaf
    ///   and its size.
    package static func root(
        of leaves: [Digest], paddedTo size: Int, unknown: (_ start: Int, _ size: Int) -> Digest
    ) -> Digest {
        padded(leaves, 0, size, unknown)
    }

    /// PATH(index, leaves) in the tree of ``root(of:paddedTo:unknown:)``, of a known leaf.
    package static func inclusionProof(
        of index: Int, in leaves: [Digest], paddedTo size: Int,
        unknown: (_ start: Int, _ size: Int) -> Digest
    ) -> [Digest] {
        precondition(leaves.indices.contains(index), "a proof is for a leaf of the tree")
        var (start, count) = (0, size)
        var proof: [Digest] = []
        while count > 1 {
            let left = leftWidth(count)
            if index < start + left {
                proof.append(padded(leaves, start + left, count - left, unknown))
                count = left
            } else {
                proof.append(padded(leaves, start, left, unknown))
                (start, count) = (start + left, count - left)
            }
        }
        return proof.reversed()
    }

    private static func padded(
        _ leaves: [Digest], _ start: Int, _ count: Int, _ unknown: (Int, Int) -> Digest
    ) -> Digest {
        if start + count <= leaves.count {
            return root(of: Array(leaves[start..<start + count]))
        }
        guard start < leaves.count else { return unknown(start, count) }
        let left = leftWidth(count)
        return nodeHash(
            padded(leaves, start, left, unknown),
            padded(leaves, start + left, count - left, unknown))
    }

    /// PROOF(size, leaves): that the tree of the first `size` leaves is the beginning of this one
    /// (RFC 6962, 2.1.2).
    ///
    /// Empty for `size` 0 and for the whole tree.
    public static func consistencyProof(from size: Int, in leaves: [Digest]) -> [Digest] {
        precondition((0...leaves.count).contains(size), "the older tree is not the larger")
        guard size > 0 else { return [] }
        return subproof(size, leaves[...], isWhole: true)
    }

    private static func subproof(
        _ size: Int, _ leaves: ArraySlice<Digest>, isWhole: Bool
    ) -> [Digest] {
        if size == leaves.count { return isWhole ? [] : [root(of: Array(leaves))] }
        let (left, right) = halves(leaves)
        return size <= left.count
            ? subproof(size, left, isWhole: isWhole) + [root(of: Array(right))]
            : subproof(size - left.count, right, isWhole: false) + [root(of: Array(left))]
    }

    /// Splits at the largest power of two smaller than the number of leaves.
    private static func halves(
        _ leaves: ArraySlice<Digest>
    ) -> (left: ArraySlice<Digest>, right: ArraySlice<Digest>) {
        let width = leftWidth(leaves.count)
        return (leaves.prefix(width), leaves.dropFirst(width))
    }

    /// The largest power of two smaller than a number of leaves above 1.
    private static func leftWidth(_ count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }

    /// Whether `proof` shows that `leaf` is number `index` of the `size` leaves under `root`
    /// (RFC 9162, 2.1.3.2).
    public static func verifyInclusion(
        of leaf: Digest, index: Int, size: Int, root: Digest, proof: [Digest]
    ) -> Bool {
        impliedRoot(of: leaf, index: index, size: size, proof: proof) == root
    }

    /// The only root under which `proof` can show that `leaf` is number `index` of `size` leaves; nil
    /// if it shows that under none.
    package static func impliedRoot(
        of leaf: Digest, index: Int, size: Int, proof: [Digest]
    ) -> Digest? {
        guard index >= 0, index < size else { return nil }
        var (position, last) = (index, size - 1)
        var hash = leaf
        var hasher = SHA256()
        for sibling in proof {
            guard last > 0 else { return nil }
            if position & 1 == 1 || position == last {
                hash = nodeHash(sibling, hash, &hasher)
                // A node without a right sibling rises unchanged.
                while position & 1 == 0 && position > 0 {
                    (position, last) = (position >> 1, last >> 1)
                }
            } else {
                hash = nodeHash(hash, sibling, &hasher)
            }
            (position, last) = (position >> 1, last >> 1)
        }
        return last == 0 ? hash : nil
    }

    /// Whether `proof` shows that the tree of `oldSize` leaves under `oldRoot` is the beginning of
    /// the tree of `size` leaves under `root` (RFC 9162, 2.1.4.2).
    public static func verifyConsistency(
        from oldSize: Int, oldRoot: Digest, to size: Int, root: Digest, proof: [Digest]
    ) -> Bool {
        guard oldSize >= 0, oldSize <= size else { return false }
        if oldSize == size { return proof.isEmpty && oldRoot == root }
        if oldSize == 0 { return proof.isEmpty && oldRoot == emptyRoot }
        // A power of two is a whole subtree of the new tree: the verifier knows its root already.
        var nodes = (oldSize & (oldSize - 1) == 0 ? [oldRoot] : []) + proof
        guard !nodes.isEmpty else { return false }
        var (position, last) = (oldSize - 1, size - 1)
        while position & 1 == 1 { (position, last) = (position >> 1, last >> 1) }
        let first = nodes.removeFirst()
        var (oldHash, hash) = (first, first)
        for node in nodes {
            guard last > 0 else { return false }
            if position & 1 == 1 || position == last {
                oldHash = nodeHash(node, oldHash)
                hash = nodeHash(node, hash)
                while position & 1 == 0 && position > 0 {
                    (position, last) = (position >> 1, last >> 1)
                }
            } else {
                hash = nodeHash(hash, node)
            }
            (position, last) = (position >> 1, last >> 1)
        }
        return last == 0 && oldHash == oldRoot && hash == root
    }
}

/// The right edge of a growing Merkle tree: enough to append leaves and to know the root.
///
/// It holds one hash for each bit that is 1 in ``count``.
public struct MerkleFrontier: Hashable, Sendable {
    public private(set) var count = 0
    /// The roots of the full subtrees, largest first.
    public private(set) var subtrees: [Digest] = []

    public init() {}

    /// Continues a stored frontier; nil if the number of subtrees does not fit the count.
    public init?(count: Int, subtrees: [Digest]) {
        guard count >= 0, subtrees.count == count.nonzeroBitCount else { return nil }
        self.count = count
        self.subtrees = subtrees
    }

    public mutating func append(_ leaf: Digest) {
        var hash = leaf
        // Each 1 at the low end of the count is a full subtree that the new leaf doubles.
        for _ in 0..<(~count).trailingZeroBitCount {
            hash = MerkleTree.nodeHash(subtrees.removeLast(), hash)
        }
        subtrees.append(hash)
        count += 1
    }

    public var root: Digest {
        guard var hash = subtrees.last else { return MerkleTree.emptyRoot }
        for subtree in subtrees.dropLast().reversed() { hash = MerkleTree.nodeHash(subtree, hash) }
        return hash
    }
}
