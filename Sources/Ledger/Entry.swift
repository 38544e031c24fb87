import Foundation
public import Primitives

/// A statement with its signatures: one leaf of the log.
///
/// Its bytes are the canonical JSON `{"body":…,"signatures":[{"party":…,"signature":…}…]}`, the
/// signatures base64 and in the roster's order. All parties sign, but for an aborted run: what each
/// survivor says about it needs that survivor's signature only.
public struct Entry: Hashable, Sendable {
    /// The largest entry, in bytes.
    public static let maxBytes = 8192

    public let statement: Statement
    /// Who signed, in the roster's order.
    public var signers: [String] { signatures.map(\.party) }
    public let bytes: [UInt8]

    private let signatures: [Signature]

    private struct Signature: Hashable, Codable {
        let party: String
        let signature: Data
    }

    private struct Envelope: Codable {
        let body: Statement
        let signatures: [Signature]
    }

    /// SHA-256(0x00 ‖ bytes), the leaf of RFC 6962.
    public var leafHash: Digest { MerkleTree.leafHash(bytes) }

    /// An entry from signatures by party index, all of which are verified.
    package init(
        _ statement: Statement, signatures: [Int: [UInt8]], parties: LedgerParties
    ) throws(LedgerError) {
        let ordered = signatures.sorted { $0.key < $1.key }.map {
            Signature(party: parties.names[$0.key], signature: Data($0.value))
        }
        let bytes = try CanonicalJSON.encode(Envelope(body: statement, signatures: ordered))
        try self.init(bytes, parties: parties)
    }

    /// Reads an entry from anybody: its form, its statement and every signature are checked.
    package init(_ bytes: [UInt8], parties: LedgerParties) throws(LedgerError) {
        guard bytes.count <= Entry.maxBytes else {
            throw .malformed("an entry has \(bytes.count) bytes; at most \(Entry.maxBytes)")
        }
        let envelope = try CanonicalJSON.decode(Envelope.self, from: bytes, as: "an entry")
        (statement, signatures) = (envelope.body, envelope.signatures)
        self.bytes = bytes
        try statement.check(parties)
        try checkSigners(parties)
        let message = try statement.message
        for signature in signatures {
            guard let member = parties.members.first(where: { $0.name == signature.party }),
                member.statementKey.verify(Array(signature.signature), of: message)
            else {
                throw .malformed("the signature of \(signature.party) does not verify")
            }
        }
    }

    private func checkSigners(_ parties: LedgerParties) throws(LedgerError) {
        guard parties.names.filter(signers.contains) == signers else {
            throw .malformed("an entry's signers are not parties in the roster's order")
        }
        guard signers.count == parties.members.count || isAborted && !signers.isEmpty else {
            throw .malformed("an entry lacks the signature of a party")
        }
    }

    /// Whether the statement is about an aborted run, which one party may make alone.
    var isAborted: Bool {
        if case .outcome(let outcome) = statement { outcome.status == .aborted } else { false }
    }
}
