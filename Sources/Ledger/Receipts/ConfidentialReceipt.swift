import Foundation
public import Primitives

/// A receipt in the JSON of Azure Confidential Ledger, which that service's client verifies.
///
/// The node signs the root of a tree over a ``ReceiptWindow``. A leaf binds three things:
/// the entry's RFC 6962 leaf hash, which a `.tlog-proof` proves too; the newest cosigned checkpoint,
/// by its hash in the commit evidence; and, for a note, a salted commitment to its contents. The
/// receipt so says: this node holds this entry under that checkpoint. That all parties stand behind
/// the checkpoint is said by the proof in `cosignatures`, which Azure's client ignores.
public struct ConfidentialReceipt: Hashable, Sendable {
    private static let maxBytes = 131_072
    private static let maxSteps = 8
    private static let maxEndorsements = 8

    let document: ReceiptDocument

    /// The receipt of an entry.
    ///
    /// - Parameters:
    ///   - index: an entry of the window.
    ///   - note: opens the entry's commitment; nil keeps it closed.
    ///   - proof: that the entry is in the cosigned log, under the window's checkpoint.
    public init(
        of index: Int, note: LedgerNote?, in window: ReceiptWindow, proof: TlogProof?,
        identity: ServiceIdentity
    ) {
        let position = index - window.first
        precondition(window.leafHashes.indices.contains(position), "the window holds the entry")
        // 1. A leaf of every entry in the window.
        let claims = window.claims.map { $0 ?? .zero }
        let evidence = SHA256.hash(window.checkpoint)
        let leaves = window.leafHashes.indices.map { position in
            ReceiptTree.leaf(
                writeSet: window.leafHashes[position],
                evidence: Self.evidence(window.first + position, evidence),
                claims: claims[position])
        }
        // 2. The way to the root, and the node's signature of it.
        let (root, steps) = ReceiptTree.path(position, leaves)
        document = ReceiptDocument(
            applicationClaims: note.map { [.init($0)] },
            receipt: .init(
                cert: identity.node.pem,
                cosignatures: proof.map { String(decoding: $0.text, as: UTF8.self) },
                leafComponents: .init(
                    claimsDigest: claims[position],
                    commitEvidence: Self.evidence(index, evidence),
                    writeSetDigest: window.leafHashes[position]),
                nodeId: identity.nodeID, proof: steps.map { .init($0) }, serviceEndorsements: [],
                signature: Data(identity.sign(root))),
            state: "Ready", transactionId: Self.transactionID(index))
    }

    /// Reads a receipt of at most 128 KiB from anybody; it is still to be verified.
    public init(parsing json: [UInt8]) throws(LedgerError) {
        guard json.count <= Self.maxBytes else { throw .malformed("a receipt is too long") }
        do {
            document = try JSONDecoder().decode(ReceiptDocument.self, from: Data(json))
        } catch {
            throw .malformed("a receipt is not the JSON of a ledger receipt")
        }
    }

    /// The receipt as the REST interface answers it, keys sorted.
    public var json: [UInt8] {
        get throws(LedgerError) { try CanonicalJSON.encode(document) }
    }

    /// The number of the entry in the log, from 0; nil if the transaction id is none of ours.
    public var index: Int? {
        let parts = document.transactionId.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[1]), number > 0,
            Self.transactionID(number - 1) == document.transactionId
        else { return nil }
        return number - 1
    }

    /// The entry's RFC 6962 leaf hash.
    public var leafHash: Digest { document.receipt.leafComponents.writeSetDigest }

    /// Verifies everything that the receipt says, in the order of Azure's client, and then what
    /// that client does not look at: names, dates and the proof in `cosignatures`.
    ///
    /// - Parameters:
    ///   - service: the certificate of the party's service, from its identity endpoint.
    ///   - wallSeconds: the time at which the certificates must be valid, since 1970.
    /// - Returns: the proof, whose checkpoint's signatures are the caller's to verify.
    /// - Throws: `malformed` with what does not hold.
    @discardableResult
    public func verify(
        service: Certificate, at wallSeconds: Int64
    ) throws(LedgerError) -> TlogProof? {
        let (receipt, components) = (document.receipt, document.receipt.leafComponents)
        // 1. The claims are what the leaf commits to.
        if let claims = document.applicationClaims {
            guard let digest = claimsDigest(claims), digest == components.claimsDigest else {
                throw .malformed("a receipt's claims are not what its entry commits to")
            }
        }
        // 2. The service endorses the node, through former services if there are any.
        let node = try verifyEndorsements(service, wallSeconds)
        // 3. The path leads from the leaf to a root that the node signed.
        let leaf = ReceiptTree.leaf(
            writeSet: components.writeSetDigest, evidence: components.commitEvidence,
            claims: components.claimsDigest)
        let steps = receipt.proof.compactMap(\.step)
        guard steps.count == receipt.proof.count, steps.count <= Self.maxSteps else {
            throw .malformed("a receipt's path is not left and right siblings, at most 8")
        }
        guard receipt.nodeId == node.keyDigest else {
            throw .malformed("a receipt's node id is not the digest of its certificate's key")
        }
        let root = ReceiptTree.root(from: leaf, steps)
        guard node.verify(Array(receipt.signature), of: root) else {
            throw .malformed("a receipt's signature does not verify")
        }
        return try verifyEvidence()
    }

    private func verifyEndorsements(
        _ service: Certificate, _ wallSeconds: Int64
    ) throws(LedgerError) -> Certificate {
        let texts = [document.receipt.cert] + document.receipt.serviceEndorsements
        guard texts.count <= Self.maxEndorsements + 1 else {
            throw .malformed("a receipt has more than \(Self.maxEndorsements) endorsements")
        }
        let chain = texts.compactMap { try? Certificate(pem: $0) } + [service]
        guard chain.count == texts.count + 1 else {
            throw .malformed("a receipt's certificate is not one")
        }
        guard chain.allSatisfy({ $0.isValid(at: wallSeconds) }) else {
            throw .malformed("a certificate of a receipt is not valid at this time")
        }
        guard zip(chain, chain.dropFirst()).allSatisfy({ $0.isIssued(by: $1) }) else {
            throw .malformed("a receipt's certificate does not lead to the service's")
        }
        return chain[0]
    }

    /// The transaction id, commit evidence and proof speak of one entry and one checkpoint.
    private func verifyEvidence() throws(LedgerError) -> TlogProof? {
        guard let index else { throw .malformed("a receipt's transaction id is not 2.N") }
        let evidence = document.receipt.leafComponents.commitEvidence
        guard let checkpoint = Digest(hex: String(evidence.suffix(64))),
            evidence == Self.evidence(index, checkpoint)
        else { throw .malformed("a receipt's commit evidence is not of its transaction") }
        guard let text = document.receipt.cosignatures else { return nil }
        let proof = try TlogProof(parsing: Array(text.utf8))
        guard proof.index == index, SHA256.hash(proof.checkpoint) == checkpoint,
            proof.includes(leafHash)
        else { throw .malformed("a receipt's cosignatures do not prove its entry") }
        return proof
    }

    /// Transaction ids are in view 2, as a new service's are, and count from 1.
    public static func transactionID(_ index: Int) -> String { "2.\(index + 1)" }

    private static func evidence(_ index: Int, _ checkpoint: Digest) -> String {
        "ce:\(transactionID(index)):\(checkpoint)"
    }
}
