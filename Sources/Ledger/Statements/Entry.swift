import Foundation
public import Primitives

/// A signed statement at its place in time: one leaf of the log.
///
/// Its bytes are the canonical JSON `{"batch":{"index":…,"proof":[…],"size":…},"signatures":[
/// {"party":…,"signature":…}…],"statement":{…},"time":…}`. A party signs statements in batches: the
/// RFC 6962 root over the digests of up to 256 statements, so that a signature costs the same for one
/// and for 256; `proof` leads from the statement to that root. `time` (seconds since 1970) is the
/// sequencer's, and never runs back in a log; a statement that is not in the log yet has its own.
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
    /// Who signed, in the ledger's order.
    public var signers: [String] { signatures.map(\.party) }

    let batch: Batch
    package let signatures: [PartySignature]
    /// Where the time begins in ``bytes``, which is all that ``retimed(to:)`` changes.
    private let timeStart: Int

    /// Reads an entry from anybody; its signatures are still to be verified.
    package init(parsing bytes: [UInt8]) throws(LedgerError) {
        guard bytes.count <= Entry.maxBytes else {
            throw .malformed("an entry has \(bytes.count) bytes; at most \(Entry.maxBytes)")
        }
        var reader = EntryReader(bytes)
        guard let parts = reader.read() else {
            throw .malformed("an entry is not the canonical JSON that its format asks for")
        }
        let stated = Array(bytes[parts.statement])
        try self.init(
            try CanonicalJSON.decode(Statement.self, from: stated, as: "a statement"),
            digest: MerkleTree.leafHash(stated), parts.batch, parts.signatures, time: parts.time,
            bytes: bytes, timeStart: parts.timeStart)
    }

    private init(
        _ statement: Statement, digest: Digest, _ batch: Batch, _ signatures: [PartySignature],
        time: Int64, bytes: [UInt8], timeStart: Int
    ) throws(LedgerError) {
        guard bytes.count <= Entry.maxBytes else {
            throw .malformed("an entry has \(bytes.count) bytes; at most \(Entry.maxBytes)")
        }
        guard (0...253_402_300_799).contains(time) else {
            throw .malformed("an entry's time is not between 1970 and 9999")
        }
        (self.statement, statementDigest) = (statement, digest)
        (self.batch, self.signatures, self.time) = (batch, signatures, time)
        (self.bytes, self.timeStart) = (bytes, timeStart)
        leafHash = MerkleTree.leafHash(bytes)
    }

    /// An entry whose statement has this canonical JSON.
    private init(
        _ statement: Statement, _ stated: [UInt8], digest: Digest, _ batch: Batch,
        _ signatures: [PartySignature]
    ) throws(LedgerError) {
        var bytes = EntryWriter.head(batch, signatures)
        bytes += stated
        let start = bytes.count
        bytes += EntryWriter.tail(statement.time)
        try self.init(
            statement, digest: digest, batch, signatures, time: statement.time, bytes: bytes,
            timeStart: start)
    }

    /// The same signed statement at another time.
    package func retimed(to time: Int64) throws(LedgerError) -> Entry {
        try Entry(
            statement, digest: statementDigest, batch, signatures, time: time,
            bytes: bytes.prefix(timeStart) + EntryWriter.tail(time), timeStart: timeStart)
    }

    // MARK: Signing

    /// What a party signs for all of a batch.
    static func message(origin: String, size: Int, root: Digest) -> [UInt8] {
        Array(
            "parley-statements/v1\n\(origin)\n\(size)\n\(Data(root.bytes).base64EncodedString())\n"
                .utf8)
    }

    /// The statements with one party's signature each, made by signing one root.
    package static func signing(
        _ statements: [Statement], by party: String, key: SigningKey, origin: String
    ) throws(LedgerError) -> [Entry] {
        precondition((1...Batch.maxCount).contains(statements.count), "at most 256 at once")
        var stated: [[UInt8]] = []
        for statement in statements { stated.append(try statement.bytes) }
        let leaves = stated.map(MerkleTree.leafHash)
        let signature = key.sign(
            message(origin: origin, size: leaves.count, root: MerkleTree.root(of: leaves)))
        let proofs = MerkleTree.inclusionProofs(in: leaves)
        var entries: [Entry] = []
        for (index, statement) in statements.enumerated() {
            entries.append(
                try Entry(
                    statement, stated[index], digest: leaves[index],
                    Batch(index: index, proof: proofs[index], size: leaves.count),
                    [PartySignature(party: party, signature: signature)]))
        }
        return entries
    }

    /// One statement that several parties signed, each alone.
    package static func joining(
        _ statement: Statement, _ signatures: [PartySignature]
    ) throws(LedgerError) -> Entry {
        let stated = try statement.bytes
        return try Entry(
            statement, stated, digest: MerkleTree.leafHash(stated),
            Batch(index: 0, proof: [], size: 1), signatures)
    }

    // MARK: Verifying

    /// Checks the statement's content and that those signed who must.
    ///
    /// - Parameter memo: remembers signatures of a batch that were verified for another entry.
    package func verify(
        _ parties: LedgerParties, _ memo: inout SignatureMemo
    ) throws(LedgerError) {
        try statement.body.check(parties)
        try checkSigners(parties)
        guard (1...Batch.maxCount).contains(batch.size),
            let root = MerkleTree.impliedRoot(
                of: statementDigest, index: batch.index, size: batch.size, proof: batch.proof)
        else { throw .malformed("a statement's place in its batch is wrong") }
        let message = Self.message(origin: parties.origin, size: batch.size, root: root)
        for signature in signatures {
            guard let index = parties.index(of: signature.party),
                memo.verify(
                    signature.signature, of: message, by: parties.members[index].statementKey)
            else {
                throw .malformed("the signature of \(signature.party) does not verify")
            }
        }
    }

    private func checkSigners(_ parties: LedgerParties) throws(LedgerError) {
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

/// Where a statement is among those that were signed at once.
package struct Batch: Hashable, Sendable {
    /// The most statements signed, and entries appended, at once.
    package static let maxCount = 256
    /// The longest path to the root of 256 statements.
    static let maxProof = 8

    package let index: Int
    package let proof: [Digest]
    package let size: Int
}

package struct PartySignature: Hashable, Sendable {
    package let party: String
    package let signature: [UInt8]

    package init(party: String, signature: [UInt8]) {
        (self.party, self.signature) = (party, signature)
    }
}

/// Signatures that were verified, as one serves a whole batch.
package struct SignatureMemo: Sendable {
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
