import Foundation
import Ledger
import LedgerFixture
import Primitives
import TestSupport
import Testing

@Suite struct TlogProofTests {
    private func ledger(_ count: Int) -> MemoryLedger {
        let ledger = MemoryLedger()
        for index in 0..<count { ledger.append(Array("entry \(index)".utf8)) }
        return ledger
    }

    @Test(arguments: [1, 2, 5, 256, 300])
    func proofsIncludeTheirEntries(_ count: Int) throws {
        let ledger = ledger(count)
        for index in Set([0, count / 3, count - 1]) {
            let proof = try #require(try ledger.inclusionProof(at: index))
            let read = try TlogProof(parsing: proof.text)
            #expect(read == proof)
            #expect(read.includes(MerkleTree.leafHash(Array("entry \(index)".utf8))))
            #expect(!read.includes(MerkleTree.leafHash(Array("entry x".utf8))))
        }
    }

    @Test func extraDataIsCarried() throws {
        let proof = try #require(try ledger(5).inclusionProof(at: 3))
        let carrying = try TlogProof(
            index: 3, hashes: proof.hashes, checkpoint: proof.checkpoint, extra: [1, 2, 3])
        #expect(String(decoding: carrying.text, as: UTF8.self).contains("\nextra AQID\nindex 3\n"))
        #expect(try TlogProof(parsing: carrying.text) == carrying)
        #expect(throws: LedgerError.self) {
            try TlogProof(
                index: 3, hashes: proof.hashes, checkpoint: proof.checkpoint,
                extra: .init(repeating: 0, count: 4097))
        }
    }

    @Test func otherSpellingsAreRefused() throws {
        let proof = try #require(try ledger(5).inclusionProof(at: 3))
        let text = String(decoding: proof.text, as: UTF8.self)
        let changes: [(String, String)] = [
            ("@v1", "@v2"), ("index 3", "index 03"), ("index 3", "index +3"),
            ("index 3", "Index 3"),
            ("index 3", "index 5"), ("index 3", "index -1"), ("index 3\n", ""),
            ("index 3", "index 99999999999999999999"), ("\n\n", "\n"),
            ("index 3\n", "extra !!\nindex 3\n"), ("index 3\n", "index 3\nindex 3\n"),
            ("index 3\n", "index 3\n\n"), ("@v1\n", "@v1\r\n"), ("\n5\n", "\n05\n"),
            ("index 3\n", "index 3\nAAAA\n"),
        ]
        for (from, to) in changes {
            let changed = text.replacingOccurrences(of: from, with: to)
            #expect(changed != text)
            #expect(throws: LedgerError.self, "\(from) -> \(to)") {
                try TlogProof(parsing: Array(changed.utf8))
            }
        }
        #expect(throws: LedgerError.self) {
            try TlogProof(parsing: proof.text + .init(repeating: 0x41, count: 40_000))
        }
    }

    /// A proof that reads and includes its entry after a mutation differs in signatures only.
    @Test func mutations() throws {
        let proof = try #require(try ledger(300).inclusionProof(at: 17))
        let leaf = MerkleTree.leafHash(Array("entry 17".utf8))
        var random = SeededGenerator(seed: 4)
        for _ in 0..<MutationCounts.proofs {
            var text = proof.text
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                text[Int.random(in: text.indices, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            }
            guard let read = try? TlogProof(parsing: text), read.includes(leaf) else { continue }
            #expect(read.index == 17 && read.hashes == proof.hashes && read.root == proof.root)
        }
    }
}
