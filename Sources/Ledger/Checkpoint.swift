import Foundation
public import Primitives

/// The state of a log in three lines: C2SP tlog-checkpoint, <https://c2sp.org/tlog-checkpoint>.
public struct Checkpoint: Hashable, Sendable {
    public let origin: String
    /// The number of entries.
    public let size: Int
    public let root: Digest

    package init(origin: String, size: Int, root: Digest) {
        (self.origin, self.size, self.root) = (origin, size, root)
    }

    /// Reads the three lines; extension lines are refused, as we write none.
    package init(parsing text: String) throws(LedgerError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 4, lines[3].isEmpty,
            let size = Int(lines[1]), size >= 0, size < 1 << 40,
            let data = Data(base64Encoded: String(lines[2])), let root = Digest(Array(data))
        else { throw .malformed("a checkpoint is not an origin, a size and a root") }
        self.init(origin: String(lines[0]), size: size, root: root)
        guard self.text == text else { throw .malformed("a checkpoint is not canonical") }
    }

    package var text: String { "\(origin)\n\(size)\n\(Data(root.bytes).base64EncodedString())\n" }
}

/// One party's word for a checkpoint: C2SP tlog-cosignature v1 with Ed25519.
package struct Cosignature: Hashable {
    /// The time, and for the first party also the log's signature.
    package let time: UInt64
    package let signature: [UInt8]
    package let logSignature: [UInt8]?

    /// Cosigns, as the log too if this is the first party.
    package init(_ checkpoint: Checkpoint, keys: LedgerKeys, isFirst: Bool, time: UInt64) {
        self.time = time
        signature = keys.cosigner.sign(Self.message(checkpoint, time))
        logSignature = isFirst ? keys.log.sign(Array(checkpoint.text.utf8)) : nil
    }

    /// Reads a peer's cosignature: the time, 8 bytes and big-endian, and one or two signatures.
    package init?(_ bytes: [UInt8], isFirst: Bool) {
        let length = VerifyingKey.signatureByteCount
        guard bytes.count == 8 + (isFirst ? 2 : 1) * length else { return nil }
        time = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        signature = Array(bytes[8..<8 + length])
        logSignature = isFirst ? Array(bytes[(8 + length)...]) : nil
    }

    package var bytes: [UInt8] { line + (logSignature ?? []) }

    /// What a note's line holds after the key's identifier.
    package var line: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: time >> (56 - 8 * UInt64($0))) } + signature
    }

    package static func message(_ checkpoint: Checkpoint, _ time: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n\(checkpoint.text)".utf8)
    }
}

/// A checkpoint that the log and every party signed.
///
/// Its note has exactly these lines, in this order; one missing, foreign or wrong signature is
/// refused: nothing counts that not all stand behind.
package struct CosignedCheckpoint: Hashable {
    package let checkpoint: Checkpoint
    package let bytes: [UInt8]

    /// Puts verified cosignatures together, in party order; the index of the first party whose
    /// signature does not verify is handed to `refuse`.
    package init(
        _ checkpoint: Checkpoint, _ cosignatures: [Cosignature], parties: LedgerParties,
        refuse: (Int) -> LedgerError
    ) throws(LedgerError) {
        let text = Array(checkpoint.text.utf8)
        let logSignature = cosignatures[0].logSignature ?? []
        guard parties.logKey.key.verify(logSignature, of: text) else { throw refuse(0) }
        var lines = [SignedNote.Line(parties.logKey, signature: logSignature)]
        for (index, (key, cosignature)) in zip(parties.cosignerKeys, cosignatures).enumerated() {
            let message = Cosignature.message(checkpoint, cosignature.time)
            guard key.key.verify(cosignature.signature, of: message) else { throw refuse(index) }
            lines.append(.init(key, signature: cosignature.line))
        }
        self.checkpoint = checkpoint
        bytes = SignedNote(text: checkpoint.text, lines: lines).bytes
    }

    /// Reads a note from anybody and verifies every signature.
    package init(parsing bytes: [UInt8], parties: LedgerParties) throws(LedgerError) {
        let note = try SignedNote(parsing: bytes)
        let checkpoint = try Checkpoint(parsing: note.text)
        guard checkpoint.origin == parties.origin else {
            throw .malformed("a checkpoint belongs to another ledger, \(checkpoint.origin)")
        }
        let keys = [parties.logKey] + parties.cosignerKeys
        guard note.lines.count == keys.count else {
            throw .malformed(
                "a checkpoint has not exactly the signatures of the log and all parties")
        }
        var cosignatures: [Cosignature] = []
        for (line, key) in zip(note.lines, keys) {
            guard line.name == key.name, line.id == key.id else {
                throw .malformed("a checkpoint lacks the signature of \(key.name)")
            }
            if key == keys[0] { continue }
            let isFirst = cosignatures.isEmpty
            let logSignature = isFirst ? note.lines[0].signature : []
            guard let read = Cosignature(line.signature + logSignature, isFirst: isFirst) else {
                throw .malformed("a checkpoint's signature of \(key.name) has a wrong length")
            }
            cosignatures.append(read)
        }
        try self.init(checkpoint, cosignatures, parties: parties) { index in
            .malformed("a checkpoint's signature of \(parties.names[index]) does not verify")
        }
        guard self.bytes == bytes else { throw .malformed("a checkpoint's note is not canonical") }
    }
}
