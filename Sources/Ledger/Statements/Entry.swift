package import Foundation
public import Primitives

/// A signed statement at its place in time: one leaf of the log.
///
/// Its bytes are the canonical JSON `{"batch":{"index":…,"proof":[…],"size":…},"signatures":[
/// {"party":…,"signature":…}…],"statement":{…},"time":…}`. A party signs statements in batches: the
/// RFC 6962 root over the digests of ``Batch/size`` statements, so that a signature costs the same for
/// one and for 256; `proof` leads from the statement to that root. `time` (seconds since 1970) is the
/// sequencer's, and never runs back in a log.
public struct Entry: Hashable, Sendable {
    /// The largest entry, in bytes.
    public static let maxBytes = 8192

    public let statement: Statement
    public let time: Int64
    public let bytes: [UInt8]
    /// The statement's digest, by which other statements name it.
    public let statementDigest: Digest
    /// SHA-256(0x00 ‖ bytes), the leaf of RFC 6962.
    public let leafHash: Digest

    private let batch: Batch
    private let signatures: [PartySignature]

    /// Who signed, in the ledger's order.
    public var signers: [String] { signatures.map(\.party) }

    private struct Envelope: Codable {
        let batch: Batch
        let signatures: [PartySignature]
        let statement: Statement
        let time: Int64
    }

    /// An entry of a signed statement.
    package init(_ signed: SignedStatement, time: Int64) throws(LedgerError) {
        let envelope = Envelope(
            batch: signed.batch, signatures: signed.signatures, statement: signed.statement,
            time: time)
        try self.init(envelope, try CanonicalJSON.encode(envelope))
    }

    /// Reads an entry from anybody; its signatures are still to be verified.
    package init(parsing bytes: [UInt8]) throws(LedgerError) {
        let envelope = try CanonicalJSON.decode(Envelope.self, from: bytes, as: "an entry")
        try self.init(envelope, bytes)
    }

    private init(_ envelope: Envelope, _ bytes: [UInt8]) throws(LedgerError) {
        guard bytes.count <= Entry.maxBytes else {
            throw .malformed("an entry has \(bytes.count) bytes; at most \(Entry.maxBytes)")
        }
        guard (0...253_402_300_799).contains(envelope.time) else {
            throw .malformed("an entry's time is not between 1970 and 9999")
        }
        (statement, time) = (envelope.statement, envelope.time)
        (batch, signatures) = (envelope.batch, envelope.signatures)
        statementDigest = try statement.digest
        leafHash = MerkleTree.leafHash(bytes)
        self.bytes = bytes
    }

    /// The statement and its signatures, without the place in time.
    package var signed: SignedStatement {
        SignedStatement(statement: statement, batch: batch, signatures: signatures)
    }

    /// Checks the statement's content and that those signed who must.
    ///
    /// - Parameter memo: remembers signatures of a batch that were verified for another entry.
    package func verify(
        _ parties: LedgerParties, _ memo: inout SignatureMemo
    ) throws(LedgerError) {
        try signed.verify(statementDigest, parties, &memo)
    }
}

/// Where a statement is among those that were signed at once.
package struct Batch: Hashable, Sendable, Codable {
    /// The most statements signed, and entries appended, at once.
    package static let maxCount = 256

    package let index: Int
    package let proof: [Digest]
    package let size: Int
}

package struct PartySignature: Hashable, Sendable, Codable {
    package let party: String
    package let signature: Data
}

/// A statement with the signatures that it needs.
package struct SignedStatement: Hashable, Sendable, Codable {
    package let statement: Statement
    package let batch: Batch
    package let signatures: [PartySignature]

    package init(statement: Statement, batch: Batch, signatures: [PartySignature]) {
        (self.statement, self.batch, self.signatures) = (statement, batch, signatures)
    }

    /// What a party signs for all of a batch.
    static func message(origin: String, size: Int, root: Digest) -> [UInt8] {
        Array(
            "parley-statements/v1\n\(origin)\n\(size)\n\(Data(root.bytes).base64EncodedString())\n"
                .utf8)
    }

    /// The statements with one party's signature each, made by signing one root.
    package static func sign(
        _ statements: [Statement], by party: String, key: SigningKey, origin: String
    ) throws(LedgerError) -> [SignedStatement] {
        precondition((1...Batch.maxCount).contains(statements.count), "at most 256 at once")
        var leaves: [Digest] = []
        for statement in statements { leaves.append(try statement.digest) }
        let signature = key.sign(
            message(origin: origin, size: leaves.count, root: MerkleTree.root(of: leaves)))
        return statements.enumerated().map { index, statement in
            SignedStatement(
                statement: statement,
                batch: Batch(
                    index: index, proof: MerkleTree.inclusionProof(of: index, in: leaves),
                    size: leaves.count),
                signatures: [PartySignature(party: party, signature: Data(signature))])
        }
    }

    /// The same statement, signed alone by several parties.
    package static func joining(
        _ statement: Statement, _ signatures: [PartySignature]
    ) -> SignedStatement {
        SignedStatement(
            statement: statement, batch: Batch(index: 0, proof: [], size: 1),
            signatures: signatures)
    }

    /// Checks the statement's content and that those signed who must.
    func verify(
        _ digest: Digest, _ parties: LedgerParties, _ memo: inout SignatureMemo
    ) throws(LedgerError) {
        try statement.body.check(parties)
        try checkSigners(parties)
        guard (1...Batch.maxCount).contains(batch.size), batch.proof.count <= 8,
            let root = MerkleTree.impliedRoot(
                of: digest, index: batch.index, size: batch.size, proof: batch.proof)
        else { throw .malformed("a statement's place in its batch is wrong") }
        let message = Self.message(origin: parties.origin, size: batch.size, root: root)
        for signature in signatures {
            guard let index = parties.index(of: signature.party),
                memo.verify(
                    Array(signature.signature), of: message,
                    by: parties.members[index].statementKey)
            else {
                throw .malformed("the signature of \(signature.party) does not verify")
            }
        }
    }

    private func checkSigners(_ parties: LedgerParties) throws(LedgerError) {
        let signers = signatures.map(\.party)
        let fits =
            switch statement.signers {
            case .all: signers == parties.names
            case .author(let author): signers == [author]
            case .anyOne: signers.count == 1
            }
        guard fits else {
            throw .malformed(
                statement.signers == .all
                    ? "a statement lacks the signature of a party, or has one too many"
                    : "a statement is not signed by its author alone")
        }
    }
}

/// Signatures that were verified, as one serves a whole batch.
package struct SignatureMemo {
    private struct Item: Hashable {
        let key: VerifyingKey
        let message, signature: [UInt8]
    }

    private var verified: Set<Item> = []

    package init() {}

    mutating func verify(
        _ signature: [UInt8], of message: [UInt8], by key: VerifyingKey
    ) -> Bool {
        let item = Item(key: key, message: message, signature: signature)
        if verified.contains(item) { return true }
        guard key.verify(signature, of: message) else { return false }
        if verified.count >= 64 { verified.removeAll(keepingCapacity: true) }
        verified.insert(item)
        return true
    }
}
