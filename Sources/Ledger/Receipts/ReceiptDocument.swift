import Foundation
public import Primitives

/// The fields of a receipt, named as Azure Confidential Ledger names them.
struct ReceiptDocument: Hashable, Codable {
    struct Claim: Hashable, Codable {
        let kind: String
        let ledgerEntry: OpenedNote
    }

    struct OpenedNote: Hashable, Codable {
        let collectionId, contents: String
        let `protocol`: String
        /// 32 bytes.
        let secretKey: Data
    }

    struct Receipt: Hashable, Codable {
        let cert: String
        /// The text of a `.tlog-proof`; Azure's client passes over it.
        let cosignatures: String?
        let leafComponents: LeafComponents
        let nodeId: Digest
        let proof: [Step]
        let serviceEndorsements: [String]
        let signature: Data
    }

    struct LeafComponents: Hashable, Codable {
        let claimsDigest: Digest
        let commitEvidence: String
        let writeSetDigest: Digest
    }

    /// Exactly one of both.
    struct Step: Hashable, Codable {
        let left, right: Digest?

        init(_ step: ReceiptTree.Step) {
            switch step {
            case .left(let sibling): (left, right) = (sibling, nil)
            case .right(let sibling): (left, right) = (nil, sibling)
            }
        }

        var step: ReceiptTree.Step? {
            switch (left, right) {
            case (let sibling?, nil): .left(sibling)
            case (nil, let sibling?): .right(sibling)
            default: nil
            }
        }
    }

    let applicationClaims: [Claim]?
    let receipt: Receipt
    let state: String
    let transactionId: String
}

// MARK: Claims

private let entryKind = "LedgerEntry"
private let entryProtocol = "LedgerEntryV1"

extension ReceiptDocument.Claim {
    init(_ note: LedgerNote) {
        kind = entryKind
        ledgerEntry = .init(
            collectionId: note.collection, contents: note.contents, protocol: entryProtocol,
            secretKey: Data(note.secretKey))
    }
}

extension ConfidentialReceipt {
    /// The commitment to one note that an entry and its receipt carry, hiding under a secret key.
    ///
    /// With k the key and H SHA-256:
    /// H(LE32(1) ‖ H("LedgerEntryV1" ‖ H(HMAC(k, collection) ‖ HMAC(k, contents)))).
    ///
    /// - Parameter secretKey: 32 random bytes, fresh for each note.
    public static func claimsDigest(
        collection: String, contents: String, secretKey: [UInt8]
    ) -> Digest {
        var hasher = SHA256()
        let named = SHA256.hmac(Array(collection.utf8), key: secretKey, &hasher)
        let told = SHA256.hmac(Array(contents.utf8), key: secretKey, &hasher)
        hasher.update(named)
        hasher.update(told)
        let opened = hasher.finalize()
        hasher.update(Array(entryProtocol.utf8))
        hasher.update(opened)
        let claim = hasher.finalize()
        hasher.update([1, 0, 0, 0])
        hasher.update(claim)
        return hasher.finalize()
    }

    /// The digest of a receipt's claims; nil unless they open exactly one note.
    func claimsDigest(_ claims: [ReceiptDocument.Claim]) -> Digest? {
        guard claims.count == 1, claims[0].kind == entryKind,
            claims[0].ledgerEntry.protocol == entryProtocol,
            claims[0].ledgerEntry.secretKey.count == 32
        else { return nil }
        return Self.claimsDigest(
            collection: claims[0].ledgerEntry.collectionId,
            contents: claims[0].ledgerEntry.contents,
            secretKey: Array(claims[0].ledgerEntry.secretKey))
    }
}
