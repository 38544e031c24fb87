package import Foundation
public import Primitives

/// The content of a note, which is kept beside the log, and the key that makes its digest a
/// commitment.
///
/// The log holds ``claims`` alone: with the key unknown it says nothing about the content, also where
/// that could be guessed; with key and content deleted, it never will.
public struct Payload: Hashable, Sendable {
    public let collection: String
    public let contents: String
    /// 32 uniform bytes.
    package let secretKey: Data
    /// The canonical JSON `{"collection":…,"contents":…,"secretKey":…}`, as it is stored and sent.
    package let bytes: [UInt8]

    private struct Fields: Codable {
        let collection, contents: String
        let secretKey: Data
    }

    package init(
        collection: String, contents: String, using randomness: some RandomSource
    ) throws(LedgerError) {
        let secretKey = Data(randomness.secret(Digest.byteCount).copyBytes())
        try self.init(
            Fields(collection: collection, contents: contents, secretKey: secretKey),
            CanonicalJSON.encode(
                Fields(collection: collection, contents: contents, secretKey: secretKey)))
    }

    /// Reads what ``bytes`` holds, from anybody.
    package init(parsing bytes: [UInt8]) throws(LedgerError) {
        try self.init(
            try CanonicalJSON.read(Fields.self, from: bytes, as: "a note's content"), bytes)
    }

    private init(_ fields: Fields, _ bytes: [UInt8]) throws(LedgerError) {
        (collection, contents) = (fields.collection, fields.contents)
        (secretKey, self.bytes) = (fields.secretKey, bytes)
        try check()
    }

    private func check() throws(LedgerError) {
        guard (1...LedgerNote.maxCollectionBytes).contains(collection.utf8.count) else {
            throw .malformed("a collection's name has 1 to \(LedgerNote.maxCollectionBytes) bytes")
        }
        guard !collection.utf8.contains(0) else {
            throw .malformed("a collection's name has no zero bytes")
        }
        guard contents.utf8.count <= LedgerNote.maxContentsBytes else {
            throw .malformed("a note has at most \(LedgerNote.maxContentsBytes) bytes")
        }
        guard secretKey.count == Digest.byteCount else {
            throw .malformed("a note's key has \(Digest.byteCount) bytes")
        }
    }

    /// The claims digest of Azure Confidential Ledger, of one claim of kind LedgerEntryV1.
    public var claims: Digest {
        ConfidentialReceipt.claimsDigest(
            collection: collection, contents: contents, secretKey: Array(secretKey))
    }
}

extension Payload: CustomStringConvertible, CustomReflectable {
    public var description: String { "content in \(collection)" }
    public var customMirror: Mirror { Mirror(self, children: ["collection": collection]) }
}

/// In a message a content is its bytes.
extension Payload: Codable {
    public init(from decoder: any Decoder) throws {
        try self.init(parsing: Array(try decoder.singleValueContainer().decode(Data.self)))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Data(bytes))
    }
}
