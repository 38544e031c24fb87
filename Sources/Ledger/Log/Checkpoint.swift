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
package struct Cosignature: Hashable, Sendable {
    /// Seconds since 1970 by the cosigner's clock.
    package let time: UInt64
    package let signature: [UInt8]

    package init(_ checkpoint: Checkpoint, key: SigningKey, time: UInt64) {
        self.time = time
        signature = key.sign(Self.message(checkpoint, time))
    }

    /// Reads what a note's line holds after the key's identifier: the time, 8 bytes and big-endian,
    /// and the signature.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 8 + VerifyingKey.signatureByteCount else { return nil }
        time = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        signature = Array(bytes[8...])
    }

    package var bytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: time >> (56 - 8 * UInt64($0))) } + signature
    }

    package static func message(_ checkpoint: Checkpoint, _ time: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n\(checkpoint.text)".utf8)
    }

    func isValid(_ checkpoint: Checkpoint, by key: NoteKey) -> Bool {
        key.key.verify(signature, of: Self.message(checkpoint, time))
    }
}

/// A checkpoint with the log's signature: what the sequencer asks the others to cosign.
package struct SequencedCheckpoint: Hashable, Sendable {
    package let checkpoint: Checkpoint
    package let bytes: [UInt8]

    package init(_ checkpoint: Checkpoint, key: SigningKey) {
        self.checkpoint = checkpoint
        let name = NoteKey(name: checkpoint.origin, type: .ed25519, key: key.publicKey)
        let signature = key.sign(Array(checkpoint.text.utf8))
        bytes =
            SignedNote(text: checkpoint.text, lines: [.init(name, signature: signature)]).bytes
    }

    /// Reads a note that one of `keys` alone signed.
    package init(parsing bytes: [UInt8], keys: [NoteKey]) throws(LedgerError) {
        let note = try SignedNote(parsing: bytes)
        checkpoint = try Checkpoint(parsing: note.text)
        self.bytes = bytes
        guard note.lines.count == 1, keys.contains(where: { note.isSigned(asLog: $0) }),
            note.bytes == bytes
        else { throw .malformed("a checkpoint is not signed by the ledger's sequencer alone") }
    }
}

extension SignedNote {
    /// Whether the first line is the signature by a log's key.
    fileprivate func isSigned(asLog key: NoteKey) -> Bool {
        guard let line = lines.first else { return false }
        return line.name == key.name && line.id == key.id
            && key.key.verify(line.signature, of: Array(text.utf8))
    }
}

extension LedgerParties {
    /// The member whose log key signed a note; nil if it is none's.
    func logSigner(of note: [UInt8]) -> String? {
        guard let note = try? SignedNote(parsing: note) else { return nil }
        return members.first { note.isSigned(asLog: logKey(of: $0)) }?.name
    }
}

/// A checkpoint that the log and as many parties signed as the policy asks for.
///
/// Its note has the log's line and those of the cosigners in the ledger's order, and no other; a
/// foreign or wrong signature is refused.
package struct CosignedCheckpoint: Hashable, Sendable {
    package let checkpoint: Checkpoint
    package let cosignatures: [Int: Cosignature]
    package let bytes: [UInt8]

    /// Puts verified cosignatures together, by member index.
    package init(
        _ sequenced: SequencedCheckpoint, _ cosignatures: [Int: Cosignature],
        parties: LedgerParties
    ) throws(LedgerError) {
        let note = try SignedNote(parsing: sequenced.bytes)
        let keys = parties.cosignerKeys
        let lines = cosignatures.sorted { $0.key < $1.key }.map {
            SignedNote.Line(keys[$0.key], signature: $0.value.bytes)
        }
        checkpoint = sequenced.checkpoint
        self.cosignatures = cosignatures
        bytes = SignedNote(text: note.text, lines: note.lines + lines).bytes
    }

    /// Reads a note from anybody and verifies every signature.
    ///
    /// - Parameter isSuccession: as in ``LedgerParties/logKeys(isSuccession:)``.
    package init(
        parsing bytes: [UInt8], parties: LedgerParties, isSuccession: Bool = false
    ) throws(LedgerError) {
        let note = try SignedNote(parsing: bytes)
        let checkpoint = try Checkpoint(parsing: note.text)
        guard checkpoint.origin == parties.origin else {
            throw .malformed("a checkpoint belongs to another ledger, \(checkpoint.origin)")
        }
        guard let log = note.lines.first,
            parties.logKeys(isSuccession: isSuccession).contains(where: note.isSigned(asLog:))
        else { throw .malformed("a checkpoint lacks the signature of the ledger's sequencer") }
        var cosignatures: [Int: Cosignature] = [:]
        let keys = parties.cosignerKeys
        for line in note.lines.dropFirst() {
            guard let index = keys.firstIndex(where: { $0.name == line.name && $0.id == line.id })
            else { throw .malformed("a checkpoint has a signature of a stranger, \(line.name)") }
            guard let read = Cosignature(line.signature), read.isValid(checkpoint, by: keys[index])
            else {
                throw .malformed(
                    "a checkpoint's signature of \(parties.names[index]) does not verify")
            }
            cosignatures[index] = read
        }
        guard parties.suffices(Set(cosignatures.keys)) else {
            let missing = parties.missing(Set(cosignatures.keys))
            throw .malformed(
                "a checkpoint lacks the signature of \(missing.joined(separator: ", "))")
        }
        self.checkpoint = checkpoint
        self.cosignatures = cosignatures
        let lines = cosignatures.sorted { $0.key < $1.key }.map {
            SignedNote.Line(keys[$0.key], signature: $0.value.bytes)
        }
        self.bytes = bytes
        guard SignedNote(text: note.text, lines: [log] + lines).bytes == bytes else {
            throw .malformed("a checkpoint's note is not canonical")
        }
    }
}
