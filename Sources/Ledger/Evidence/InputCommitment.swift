public import Primitives

/// A party's commitment to its rows: the root of a Merkle tree over salted rows.
///
/// A leaf is SHA-256(0x00 ‖ salt ‖ row) with a salt of 32 bytes for each row, the hash of a secret and
/// the row's number; inner nodes are those of RFC 6962. The root hides every row from those who lack
/// the secret, and single rows can be opened to an auditor without a word about the others.
///
/// A tree may be declared for more rows than there are: the root of a subtree without rows is then a
/// hash of the secret, like any other to those who lack it, so that the number of rows is hidden too
/// (an opening shows only that there are at least as many as its row's number).
public struct InputCommitment: Sendable {
    /// What opens one row: keep the secret, hand out openings.
    public struct Opening: Hashable, Sendable {
        public let index, rowCount: Int
        /// 32 bytes.
        public let salt: [UInt8]
        /// The hashes from the leaf's level to the root.
        public let proof: [Digest]

        public init(index: Int, rowCount: Int, salt: [UInt8], proof: [Digest]) {
            (self.index, self.rowCount) = (index, rowCount)
            (self.salt, self.proof) = (salt, proof)
        }

        /// Whether these are the bytes of row ``index`` of the ``rowCount`` under `root`.
        ///
        /// Anything may be handed over by anybody: wrong lengths are simply false.
        public func verify(row: [UInt8], root: Digest) -> Bool {
            guard salt.count == Digest.byteCount else { return false }
            return MerkleTree.verifyInclusion(
                of: SHA256.hash([0], salt, row), index: index, size: rowCount, root: root,
                proof: proof)
        }
    }

    public let root: Digest
    private let leaves: [Digest]
    private let size: Int
    private let secret: SecretBytes

    /// Commits to `rowCount` rows.
    ///
    /// - Parameters:
    ///   - size: how many there may be, at least `rowCount`; nil for exactly as many.
    ///   - secret: 32 uniform bytes, used for no other commitment.
    ///   - appendRow: appends the canonical bytes of a row, by its number.
    package init(
        rowCount: Int, paddedTo size: Int? = nil, secret: SecretBytes,
        appendRow: (Int, inout [UInt8]) -> Void
    ) {
        precondition(secret.count == 32, "an input commitment needs a secret of 32 bytes")
        precondition(rowCount <= size ?? rowCount, "more rows than were declared")
        var hasher = SHA256()
        var row: [UInt8] = []
        leaves = (0..<rowCount).map { index in
            row.removeAll(keepingCapacity: true)
            appendRow(index, &row)
            let salt = Self.salt(index, secret, &hasher)
            hasher.update([0])
            hasher.update(salt)
            hasher.update(row)
            return hasher.finalize()
        }
        self.size = size ?? rowCount
        self.secret = secret
        root = MerkleTree.root(of: leaves, paddedTo: self.size) { [secret] in
            Self.padding($0, $1, secret)
        }
    }

    /// Opens one row to whoever is given its bytes and the opening.
    public func opening(row index: Int) -> Opening {
        var hasher = SHA256()
        return Opening(
            index: index, rowCount: size,
            salt: Self.salt(index, secret, &hasher).bytes,
            proof: MerkleTree.inclusionProof(of: index, in: leaves, paddedTo: size) {
                Self.padding($0, $1, secret)
            })
    }

    private static let domain = Array("parley row salt v1".utf8)
    private static let paddingDomain = Array("parley no rows v1".utf8)

    /// The root of a subtree without rows.
    private static func padding(_ start: Int, _ count: Int, _ secret: SecretBytes) -> Digest {
        var hasher = SHA256()
        var place: [UInt8] = []
        place.append(littleEndian: UInt64(start))
        place.append(littleEndian: UInt64(count))
        hasher.update(paddingDomain)
        hasher.update(secret)
        hasher.update(place)
        return hasher.finalize()
    }

    private static func salt(
        _ index: Int, _ secret: SecretBytes, _ hasher: inout SHA256
    ) -> Digest {
        var number: [UInt8] = []
        number.append(littleEndian: UInt64(index))
        hasher.update(domain)
        hasher.update(secret)
        hasher.update(number)
        return hasher.finalize()
    }
}
