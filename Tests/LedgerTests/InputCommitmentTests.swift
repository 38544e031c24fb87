import Ledger
import Primitives
import Testing

@Suite struct InputCommitmentTests {
    static let secret = SecretBytes(copying: Array(0..<32))

    static func row(_ index: Int) -> [UInt8] { Array("row \(index * index)".utf8) }

    static func commitment(_ count: Int, secret: SecretBytes = secret) -> InputCommitment {
        InputCommitment(rowCount: count, secret: secret) { $1.append(contentsOf: row($0)) }
    }

    @Test(
        "The root is that of the salted leaves, computed one by one", arguments: [0, 1, 2, 7, 100])
    func root(count: Int) {
        let leaves = (0..<count).map { index in
            let number = (0..<8).map { UInt8(truncatingIfNeeded: index >> (8 * $0)) }
            let salt = SHA256.hash(Array("parley row salt v1".utf8), Array(0..<32), number)
            return SHA256.hash([0], salt.bytes, Self.row(index))
        }
        #expect(Self.commitment(count).root == MerkleTree.root(of: leaves))
    }

    @Test("Every row opens, and to nothing else")
    func opening() {
        let commitment = Self.commitment(37)
        for index in 0..<37 {
            let opening = commitment.opening(row: index)
            #expect(opening.verify(row: Self.row(index), root: commitment.root))
            #expect(!opening.verify(row: Self.row(index + 1), root: commitment.root))
            #expect(!opening.verify(row: Self.row(index), root: Self.commitment(38).root))
            var salt = opening.salt
            salt[index % 32] ^= 1
            for wrong in [
                InputCommitment.Opening(
                    index: (index + 1) % 37, rowCount: 37, salt: opening.salt,
                    proof: opening.proof),
                .init(index: index, rowCount: 37, salt: salt, proof: opening.proof),
                .init(index: index, rowCount: 37, salt: [], proof: opening.proof),
                .init(index: index, rowCount: 37, salt: opening.salt, proof: []),
                .init(index: -1, rowCount: -1, salt: opening.salt, proof: opening.proof),
            ] {
                #expect(!wrong.verify(row: Self.row(index), root: commitment.root))
            }
        }
    }

    @Test("Equal rows have different leaves, equal tables under another secret another root")
    func hiding() {
        let equal = InputCommitment(rowCount: 2, secret: Self.secret) { $1.append(UInt8($0 * 0)) }
        #expect(equal.opening(row: 0).salt != equal.opening(row: 1).salt)
        #expect(equal.opening(row: 0).proof != equal.opening(row: 1).proof)
        let other = SecretBytes(copying: Array(1..<33))
        #expect(Self.commitment(5).root != Self.commitment(5, secret: other).root)
        #expect(!String(reflecting: Self.commitment(5)).contains("0, 1, 2, 3"))
    }
}
