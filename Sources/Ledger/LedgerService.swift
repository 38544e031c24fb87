public import Primitives

/// A note that a party posted, with the key that opens the commitment to it in receipts.
public struct LedgerNote: Hashable, Sendable {
    /// The largest contents, in bytes of UTF-8.
    public static let maxContentsBytes = 8192
    /// The longest name of a collection, in bytes of UTF-8.
    public static let maxCollectionBytes = 256

    /// The entry's number in the log, from 0.
    public let index: Int
    public let contents: String
    public let collection: String
    /// 32 bytes; who has them can show, or try out, what the receipt commits to.
    public let secretKey: [UInt8]

    public init(index: Int, contents: String, collection: String, secretKey: [UInt8]) {
        (self.index, self.contents) = (index, contents)
        (self.collection, self.secretKey) = (collection, secretKey)
    }
}

extension LedgerNote: CustomStringConvertible, CustomReflectable {
    public var description: String { "note \(index) in \(collection)" }
    public var customMirror: Mirror {
        Mirror(self, children: ["index": index, "collection": collection])
    }
}

/// Parties whose cosignature a posted note still waits for; it stays pending.
public struct WaitingForCosigners: Error, Hashable, Sendable, CustomStringConvertible {
    public let parties: [String]

    public init(parties: [String]) { self.parties = parties }

    public var description: String {
        "waiting for \(parties.joined(separator: ", ")) to cosign; the note is kept and will be "
            + "committed when they do"
    }
}

/// What a server needs of a party's ledger.
///
/// All but ``post(_:collection:within:)`` answer from this party's own copy, may block on its disk,
/// and may be called from several threads at once.
public protocol LedgerService: Sendable {
    /// Posts a note, whose author is this party, and waits until it is in the cosigned log.
    ///
    /// - Returns: the entry's index.
    /// - Throws: ``WaitingForCosigners`` when the time is over: the note stays pending.
    func post(_ contents: String, collection: String, within: Duration) async throws -> Int
    /// The number of committed entries.
    var count: Int { get throws }
    /// A note; nil if there is no such entry, or it is not a note, or not one that is readable here.
    func note(at index: Int) throws -> LedgerNote?
    /// At most `limit` notes of a collection with indices from `from` to `to`, both included,
    /// ascending.
    func notes(in collection: String, from: Int, to: Int?, limit: Int) throws -> [LedgerNote]
    func newestNote(in collection: String) throws -> LedgerNote?
    /// At most `limit` names of collections, ascending, that come after `after`.
    func collections(after: String?, limit: Int) throws -> [String]
    /// The receipt's tree for an entry; nil if no checkpoint covers the entry yet.
    func receiptWindow(at index: Int) throws -> ReceiptWindow?
    /// The proof of an entry against the newest checkpoint; nil if that does not cover it yet.
    func inclusionProof(at index: Int) throws -> TlogProof?
    /// The note of the newest cosigned checkpoint.
    func checkpoint() throws -> [UInt8]?
    /// `width` hashes of a tile of C2SP tlog-tiles; nil if the log does not have them.
    func tile(level: Int, number: Int, width: Int) throws -> [UInt8]?
    /// `width` entries of C2SP tlog-tiles, each after its length; nil if the log does not have them.
    func entryBundle(number: Int, width: Int) throws -> [UInt8]?
    /// The parties: name and PEM certificate.
    func members() throws -> [(name: String, certificate: String)]
    /// The text of the rule by which members decide.
    func constitution() throws -> String
}

/// The part of the log that one receipt's tree covers.
///
/// That is: the entries of the 256-aligned tile that holds the entry, as far as the newest
/// checkpoint reaches.
public struct ReceiptWindow: Sendable {
    /// The largest number of entries.
    public static let maxCount = 256

    /// The index of the window's first entry, a multiple of 256.
    public let first: Int
    /// The RFC 6962 leaf hash of each entry, its writeSetDigest.
    public let leafHashes: [Digest]
    /// The claims digest of each note; nil, 32 zero bytes in the receipt, for other entries.
    public let claims: [Digest?]
    /// The newest cosigned checkpoint's note, verbatim.
    public let checkpoint: [UInt8]

    /// Takes as many claims as leaf hashes, 1 to 256 of each.
    public init(first: Int, leafHashes: [Digest], claims: [Digest?], checkpoint: [UInt8]) {
        precondition(
            (1...ReceiptWindow.maxCount).contains(leafHashes.count)
                && leafHashes.count == claims.count,
            "a receipt's tree has 1 to 256 leaves, each with claims or none")
        (self.first, self.leafHashes, self.claims) = (first, leafHashes, claims)
        self.checkpoint = checkpoint
    }
}
