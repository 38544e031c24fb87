import Foundation
public import Primitives

/// A proof that an entry is in the log, with the checkpoint that it leads to.
///
/// The format is C2SP's tlog-proof, <https://c2sp.org/tlog-proof>, in files named `.tlog-proof`.
public struct TlogProof: Hashable, Sendable {
    private static let header = "c2sp.org/tlog-proof@v1"
    private static let maxBytes = 32_768
    private static let maxExtraBytes = 4096
    /// A log has fewer than 2⁶³ entries.
    private static let maxHashes = 63

    /// The entry's number in the log, from 0.
    public let index: Int
    /// From the leaf's sibling upwards, as `MerkleTree` lists them.
    public let hashes: [Digest]
    /// The checkpoint's note, verbatim, with its signatures, which are still to be verified.
    public let checkpoint: [UInt8]
    /// Bytes for the application, of which the format knows nothing; at most 4,096.
    public let extra: [UInt8]?
    /// The number of entries and the root that the checkpoint names.
    public let size: Int
    public let root: Digest

    /// Takes at most 63 hashes, and a note whose text is a checkpoint of more than `index` entries.
    public init(
        index: Int, hashes: [Digest], checkpoint: [UInt8], extra: [UInt8]? = nil
    ) throws(LedgerError) {
        let tree = try Checkpoint(parsing: SignedNote(parsing: checkpoint).text)
        guard (0..<tree.size).contains(index) else {
            throw .malformed("a proof's entry \(index) is not under its checkpoint")
        }
        guard hashes.count <= Self.maxHashes else {
            throw .malformed("a proof has \(hashes.count) hashes; at most \(Self.maxHashes)")
        }
        guard (extra?.count ?? 0) <= Self.maxExtraBytes else {
            throw .malformed("a proof's extra data exceeds \(Self.maxExtraBytes) bytes")
        }
        (self.index, self.hashes) = (index, hashes)
        (self.checkpoint, self.extra) = (checkpoint, extra)
        (size, root) = (tree.size, tree.root)
    }

    /// Reads the text from anybody; any other spelling of the same proof is refused.
    public init(parsing text: [UInt8]) throws(LedgerError) {
        guard text.count <= Self.maxBytes else { throw .malformed("a proof is too long") }
        let border = text.indices.dropLast().first { text[$0] == 0x0A && text[$0 + 1] == 0x0A }
        guard let border, let head = String(validating: text[..<border], as: UTF8.self) else {
            throw .malformed("a proof is not lines, a blank line and a checkpoint")
        }
        var lines = head.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard lines.popFirst() == Self.header[...] else {
            throw .malformed("a proof does not begin with \(Self.header)")
        }
        var extra: [UInt8]?
        if let line = lines.first, line.hasPrefix("extra ") {
            extra = Data(base64Encoded: String(line.dropFirst(6))).map(Array.init) ?? []
            lines = lines.dropFirst()
        }
        guard let line = lines.popFirst(), line.hasPrefix("index "),
            let index = Int(line.dropFirst(6))
        else { throw .malformed("a proof names no index") }
        let hashes = lines.compactMap { line in
            Data(base64Encoded: String(line)).flatMap { Digest(Array($0)) }
        }
        try self.init(
            index: index, hashes: hashes, checkpoint: Array(text[(border + 2)...]), extra: extra)
        // This also refuses lines that are no hash: they are missing here.
        guard self.text == text else { throw .malformed("a proof is not canonical") }
    }

    /// The proof as it is stored and sent.
    public var text: [UInt8] {
        let extraLine = extra.map { "extra \(Data($0).base64EncodedString())\n" } ?? ""
        let lines = hashes.map { Data($0.bytes).base64EncodedString() + "\n" }.joined()
        return Array("\(Self.header)\n\(extraLine)index \(index)\n\(lines)\n".utf8) + checkpoint
    }

    /// Whether these are the bytes of the entry.
    public func includes(entry: [UInt8]) -> Bool { includes(MerkleTree.leafHash(entry)) }

    /// Whether the hashes lead from the entry's leaf hash to the checkpoint's root.
    ///
    /// Who signed the checkpoint is another question.
    public func includes(_ leafHash: Digest) -> Bool {
        MerkleTree.verifyInclusion(
            of: leafHash, index: index, size: size, root: root, proof: hashes)
    }
}
