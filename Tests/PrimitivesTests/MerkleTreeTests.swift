import Primitives
import Testing

struct MerkleTreeTests {
    /// The entries and roots that Certificate Transparency implementations share as a test.
    static let entries: [[UInt8]] = [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
        Array(0x50...0x57), Array(0x60...0x6f),
    ]
    static let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    private let leaves = (0..<130).map { MerkleTree.leafHash([UInt8($0)]) }

    private let stranger = MerkleTree.leafHash([200, 1])

    /// Straight from the definition of MTH.
    private func naiveRoot(_ leaves: [Digest]) -> Digest {
        guard leaves.count > 1 else { return leaves.first ?? SHA256.hash() }
        var width = 1
        while width * 2 < leaves.count { width *= 2 }
        let (left, right) = (leaves[..<width], leaves[width...])
        return SHA256.hash([1], naiveRoot(Array(left)).bytes, naiveRoot(Array(right)).bytes)
    }

    @Test func knownRoots() {
        let leaves = Self.entries.map(MerkleTree.leafHash)
        for size in 1...8 {
            #expect(MerkleTree.root(of: Array(leaves[..<size])).hex == Self.roots[size - 1])
        }
        #expect(
            MerkleTree.root(of: []).hex
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test func frontierAgreesWithTheDefinition() {
        var frontier = MerkleFrontier()
        for size in 0...leaves.count {
            #expect(frontier.count == size)
            #expect(frontier.root == naiveRoot(Array(leaves[..<size])))
            #expect(MerkleFrontier(count: size, subtrees: frontier.subtrees) == frontier)
            #expect(MerkleFrontier(count: size, subtrees: frontier.subtrees + leaves[..<1]) == nil)
            if size < leaves.count { frontier.append(leaves[size]) }
        }
    }

    @Test func inclusionOfEveryLeaf() {
        for size in Array(1...33) + [64, 65, 130] {
            let tree = Array(leaves[..<size])
            let root = MerkleTree.root(of: tree)
            for index in 0..<size {
                let proof = MerkleTree.inclusionProof(of: index, in: tree)
                func holds(_ leaf: Digest, _ index: Int, _ proof: [Digest]) -> Bool {
                    MerkleTree.verifyInclusion(
                        of: leaf, index: index, size: size, root: root, proof: proof)
                }
                #expect(holds(tree[index], index, proof))
                #expect(!holds(stranger, index, proof))
                #expect(!holds(tree[index], index, proof + [root]))
                #expect(!holds(tree[index], -1, proof))
                #expect(!holds(tree[index], size, proof))
                guard size > 1 else { continue }
                #expect(!holds(tree[index], index, Array(proof.dropLast())))
                #expect(!holds(tree[index], (index + 1) % size, proof))
            }
        }
    }

    @Test func consistencyOfEveryPair() {
        for size in Array(0...20) + [64, 65, 130] {
            let tree = Array(leaves[..<size])
            let root = MerkleTree.root(of: tree)
            for oldSize in 0...size {
                let oldRoot = MerkleTree.root(of: Array(tree[..<oldSize]))
                let proof = MerkleTree.consistencyProof(from: oldSize, in: tree)
                func holds(_ old: Digest, _ new: Digest, _ proof: [Digest]) -> Bool {
                    MerkleTree.verifyConsistency(
                        from: oldSize, oldRoot: old, to: size, root: new, proof: proof)
                }
                #expect(holds(oldRoot, root, proof))
                #expect(!holds(oldRoot, root, proof + [root]))
                #expect(!holds(stranger, root, proof))
                // Nothing is promised about what follows an empty tree.
                #expect(holds(oldRoot, stranger, proof) == (oldSize == 0 && size > 0))
                for index in proof.indices {
                    var other = proof
                    other[index] = stranger
                    #expect(!holds(oldRoot, root, other))
                    other.remove(at: index)
                    #expect(!holds(oldRoot, root, other))
                }
            }
        }
    }

    @Test func nonsenseSizesAreFalse() {
        let root = MerkleTree.root(of: leaves)
        for (old, new) in [(-1, 5), (6, 5), (Int.min, Int.max), (Int.max, Int.max - 1)] {
            #expect(
                !MerkleTree.verifyConsistency(
                    from: old, oldRoot: root, to: new, root: root, proof: leaves))
            #expect(
                !MerkleTree.verifyInclusion(
                    of: leaves[0], index: old, size: new, root: root, proof: leaves))
        }
    }
}
