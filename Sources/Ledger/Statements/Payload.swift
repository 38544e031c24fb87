package import Foundation
public import Primitives

/// The content of a note, which is kept beside the log, and the key that makes its digest a
/// commitment.
///
/// The log holds ``claims`` alone: with the key unknown it says nothing about the content, also where
/// that could be guessed; with key and content deleted, it never will.
public struct Payload: Hashable, Sendable, Codable {
    /// The longest content, in bytes of UTF-8.
    public static let maxContentsBytes = 8192
    /// The longest name of a collection, in bytes of UTF-8.
    public static let maxCollectionBytes = 256

    public let collection: String
    public let contents: String
    /// 32 uniform bytes.
    package let secretKey: Data

    package init(
        collection: String, contents: String, using randomness: some RandomSource
    ) throws(LedgerError) {
        (self.collection, self.contents) = (collection, contents)
        secretKey = Data(randomness.secret(Digest.byteCount).copyBytes())
        try check()
    }

    func check() throws(LedgerError) {
        guard (1...Self.maxCollectionBytes).contains(collection.utf8.count) else {
            throw .malformed("a collection's name has 1 to \(Self.maxCollectionBytes) bytes")
        }
        guard contents.utf8.count <= Self.maxContentsBytes else {
            throw .malformed("a note has at most \(Self.maxContentsBytes) bytes")
        }
        guard secretKey.count == Digest.byteCount else {
            throw .malformed("a note's key has \(Digest.byteCount) bytes")
        }
    }

    /// The digest of a LedgerEntryV1 claim of Azure Confidential Ledger.
    ///
    /// SHA-256(LE32(1) ‖ SHA-256("LedgerEntryV1" ‖ SHA-256(HMAC(k, collection) ‖ HMAC(k, contents)))).
    public var claims: Digest {
        let key = Array(secretKey)
        let name = SHA256.hmac(Array(collection.utf8), key: key)
        let text = SHA256.hmac(Array(contents.utf8), key: key)
        let entry = SHA256.hash(
            Array("LedgerEntryV1".utf8), SHA256.hash(name.bytes, text.bytes).bytes)
        return SHA256.hash([1, 0, 0, 0], entry.bytes)
    }
}

extension Payload: CustomStringConvertible, CustomReflectable {
    public var description: String { "content in \(collection)" }
    public var customMirror: Mirror { Mirror(self, children: ["collection": collection]) }
}
