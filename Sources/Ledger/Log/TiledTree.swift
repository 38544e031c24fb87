package import Primitives

/// The Merkle tree of a log, read from tiles: C2SP tlog-tiles, <https://c2sp.org/tlog-tiles>.
///
/// A tile of level 0 is 256 leaf hashes; one of level L is the roots of 256 full tiles of level L − 1.
/// A proof reads at most one part of a tile for each of its hashes, whatever the log's size.
package struct TiledTree {
    package static let height = 8
    package static let width = 1 << height

    /// Reads leaf hashes (level 0) or roots of full subtrees of 256^level leaves.
    package typealias Reader = (_ level: Int, _ numbers: Range<Int>) throws(LedgerError) -> [Digest]

    package let size: Int
    private let read: Reader

    package init(size: Int, read: @escaping Reader) { (self.size, self.read) = (size, read) }

    /// The tree of a store's log, its first `size` entries.
    package init(_ store: some LedgerStore, size: Int) {
        self.init(size: size) { (level, numbers) throws(LedgerError) in
            level == 0
                ? try store.leafHashes(numbers) : try store.nodes(level: level, numbers)
        }
    }

    /// The root over the first `size` leaves.
    package func root(of size: Int? = nil) throws(LedgerError) -> Digest {
        try hash(0..<(size ?? self.size))
    }

    /// The right edge of the tree.
    package func frontier() throws(LedgerError) -> MerkleFrontier {
        var (subtrees, start) = ([Digest](), 0)
        for bit in stride(from: Int.bitWidth - 2, through: 0, by: -1) where size >> bit & 1 == 1 {
            subtrees.append(try hash(start..<start + (1 << bit)))
            start += 1 << bit
        }
        guard let frontier = MerkleFrontier(count: size, subtrees: subtrees) else {
            preconditionFailure("one subtree for each bit of the size")
        }
        return frontier
    }

    /// PATH(index, D[0:size]) of RFC 6962, 2.1.1.
    package func inclusionProof(of index: Int) throws(LedgerError) -> [Digest] {
        precondition((0..<size).contains(index), "a proof is for an entry of the log")
        var (range, proof) = (0..<size, [Digest]())
        while range.count > 1 {
            let (left, right) = Self.halves(range)
            proof.append(try hash(index < left.upperBound ? right : left))
            range = index < left.upperBound ? left : right
        }
        return proof.reversed()
    }

    /// PROOF(oldSize, D[0:size]) of RFC 6962, 2.1.2.
    package func consistencyProof(from oldSize: Int) throws(LedgerError) -> [Digest] {
        precondition((0...size).contains(oldSize), "the older log is not the longer")
        guard oldSize > 0, oldSize < size else { return [] }
        var (range, proof, isWhole) = (0..<size, [Digest](), true)
        while range.upperBound != oldSize {
            let (left, right) = Self.halves(range)
            if oldSize <= left.upperBound {
                proof.append(try hash(right))
                range = left
            } else {
                proof.append(try hash(left))
                (range, isWhole) = (right, false)
            }
        }
        if !isWhole || range.lowerBound > 0 { proof.append(try hash(range)) }
        return proof.reversed()
    }

    /// Splits at the largest power of two smaller than the number of leaves.
    private static func halves(_ range: Range<Int>) -> (left: Range<Int>, right: Range<Int>) {
        let width = 1 << (Int.bitWidth - 1 - (range.count - 1).leadingZeroBitCount)
        let middle = range.lowerBound + width
        return (range.lowerBound..<middle, middle..<range.upperBound)
    }

    /// MTH(D[range]) for a range that RFC 6962's recursion makes.
    private func hash(_ range: Range<Int>) throws(LedgerError) -> Digest {
        guard range.count > 1 else {
            return range.isEmpty ? MerkleTree.emptyRoot : try read(0, range)[0]
        }
        guard range.count.nonzeroBitCount == 1 else {
            let (left, right) = Self.halves(range)
            return MerkleTree.nodeHash(try hash(left), try hash(right))
        }
        // A full subtree: fold the hashes of its highest tile level.
        let bits = range.count.trailingZeroBitCount
        let level = bits / Self.height
        let shift = level * Self.height
        let hashes = try read(level, range.lowerBound >> shift..<range.upperBound >> shift)
        return MerkleTree.root(of: hashes)
    }
}

/// The new roots of full tiles that appending leaves to a log makes.
package struct TileBuilder {
    /// The hashes of the tile that is being filled, by level.
    private var open: [[Digest]]
    private var numbers: [Int]
    package private(set) var nodes: [TileNode] = []

    /// Continues the log of `tree`.
    package init(_ size: Int, _ read: TiledTree.Reader) throws(LedgerError) {
        (open, numbers) = ([], [])
        var count = size
        var level = 0
        while count > 0 {
            let start = count / TiledTree.width * TiledTree.width
            open.append(try read(level, start..<count))
            numbers.append(count / TiledTree.width)
            count /= TiledTree.width
            level += 1
        }
    }

    package mutating func append(_ leaf: Digest) {
        var (hash, level) = (leaf, 0)
        while true {
            if level == open.count {
                open.append([])
                numbers.append(0)
            }
            open[level].append(hash)
            guard open[level].count == TiledTree.width else { return }
            hash = MerkleTree.root(of: open[level])
            level += 1
            nodes.append(TileNode(level: level, number: numbers[level - 1], hash: hash))
            open[level - 1] = []
            numbers[level - 1] += 1
        }
    }
}

/// Names of tiles as C2SP spells them.
package enum TilePath {
    /// `tile/<level>/<number>` or `tile/entries/<number>`, with `.p/<width>` if it is not full.
    package static func path(_ level: Int?, number: Int, width: Int) -> String {
        let folder = level.map(String.init) ?? "entries"
        return "tile/\(folder)/\(digits(of: number))"
            + (width == TiledTree.width ? "" : ".p/\(width)")
    }

    /// A number in groups of three digits, such as `x001/x234/067`.
    static func digits(of number: Int) -> String {
        var (rest, path) = (number / 1000, digits(number % 1000))
        while rest > 0 {
            path = "x\(digits(rest % 1000))/\(path)"
            rest /= 1000
        }
        return path
    }

    private static func digits(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: 3 - text.count) + text
    }

    /// The entries of a bundle, each after its length in two big-endian bytes.
    package static func bundle(_ entries: [[UInt8]]) -> [UInt8] {
        entries.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 0xFF)] + $0 }
    }

    /// Reads a bundle of `count` entries; of any number if nil.
    package static func entries(
        of bundle: [UInt8], count: Int? = nil
    ) throws(LedgerError) -> [[UInt8]] {
        var (entries, rest) = ([[UInt8]](), bundle[...])
        while !rest.isEmpty {
            guard rest.count >= 2 else { throw .malformed("a bundle of entries is cut short") }
            let length = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            rest = rest.dropFirst(2)
            guard rest.count >= length else { throw .malformed("a bundle of entries is cut short") }
            entries.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        if let count, entries.count != count {
            throw .malformed("a bundle has \(entries.count) entries where \(count) belong")
        }
        return entries
    }
}
