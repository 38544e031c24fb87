import Foundation
import Ledger
import Primitives

/// What `Tests/Reference/ledger_vectors.py` computed from the written format.
struct FormatVectors: Decodable {
    struct Kind: Decodable {
        let entry: String
        let leafHash, statementDigest: Digest
    }

    let origin: String
    let time: Int64
    let members: [LedgerMember]
    let entries: [String]
    let leafHashes, statementDigests: [Digest]
    let checkpoints: [String]
    let proof: String
    /// An entry of every kind, in no log.
    let kinds: [Kind]

    static func load() throws -> FormatVectors {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Reference/ledger_vectors.json")
        return try JSONDecoder().decode(FormatVectors.self, from: Data(contentsOf: file))
    }

    var parties: LedgerParties {
        get throws { try LedgerParties(origin: origin, members: members) }
    }

    /// The keys of the party number `seed`.
    static func keys(_ seed: Int) -> LedgerKeys {
        func secret(_ purpose: Int) -> SecretBytes {
            SecretBytes(copying: Array(repeating: UInt8(16 * seed + purpose), count: 32))
        }
        return LedgerKeys(
            statement: SigningKey(seed: secret(1)), cosigner: SigningKey(seed: secret(2)),
            log: SigningKey(seed: secret(3)), delivery: DeliverySecret(secret(4)))
    }
}
