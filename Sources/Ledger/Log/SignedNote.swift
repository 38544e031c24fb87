import Foundation
import Primitives

/// A key that signs notes, with the name that its lines carry.
package struct NoteKey: Hashable {
    /// The signature types of C2SP's signed-note that are used here.
    enum Kind: UInt8 {
        case ed25519 = 1
        case cosignature = 4
    }

    let name: String
    let type: Kind
    let key: VerifyingKey

    init(name: String, type: Kind, key: VerifyingKey) {
        (self.name, self.type, self.key) = (name, type, key)
    }

    /// Reads ``text``.
    init(parsing text: String, type: Kind) throws(LedgerError) {
        let parts = text.split(separator: "+", maxSplits: 2).map(String.init)
        guard parts.count == 3, let data = Data(base64Encoded: parts[2]),
            data.first == type.rawValue, let key = try? VerifyingKey(Array(data.dropFirst())),
            SignedNote.isKeyName(parts[0])
        else { throw .malformed("\(text) is not a verifier key") }
        self.init(name: parts[0], type: type, key: key)
        guard self.text == text else { throw .malformed("\(text) is not a verifier key") }
    }

    /// The first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key).
    package var id: [UInt8] {
        Array(SHA256.hash(Array(name.utf8), [0x0A, type.rawValue], key.bytes).bytes.prefix(4))
    }

    /// The key as text: `name+id+base64(type ‖ key)`.
    package var text: String {
        "\(name)+\(id.hex)+" + Data([type.rawValue] + key.bytes).base64EncodedString()
    }
}

/// A text and signature lines: C2SP signed-note, <https://c2sp.org/signed-note>.
struct SignedNote: Hashable {
    /// One line `— name base64(id ‖ signature)`.
    struct Line: Hashable {
        let name: String
        let id: [UInt8]
        let signature: [UInt8]

        init(_ key: NoteKey, signature: [UInt8]) {
            (name, id, self.signature) = (key.name, key.id, signature)
        }

        fileprivate init?(parsing line: some StringProtocol) {
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "\u{2014}", SignedNote.isKeyName(parts[1]),
                let data = Data(base64Encoded: String(parts[2])), data.count > 4,
                data.base64EncodedString() == parts[2]
            else { return nil }
            name = String(parts[1])
            id = Array(data.prefix(4))
            signature = Array(data.dropFirst(4))
        }

        fileprivate var text: String {
            "\u{2014} \(name) " + Data(id + signature).base64EncodedString() + "\n"
        }
    }

    static let maxBytes = 16_384
    private static let maxLines = 16

    /// The signed text, with the line break at its end.
    let text: String
    let lines: [Line]

    init(text: String, lines: [Line]) { (self.text, self.lines) = (text, lines) }

    /// Reads a note; its signatures are still to be verified.
    init(parsing bytes: [UInt8]) throws(LedgerError) {
        guard bytes.count <= Self.maxBytes,
            let note = String(validating: bytes, as: UTF8.self),
            note.unicodeScalars.allSatisfy({ $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7F }),
            note.hasSuffix("\n"), let border = note.range(of: "\n\n", options: .backwards)
        else { throw .malformed("a note is not text, a blank line and signatures") }
        text = note[..<border.lowerBound] + "\n"
        let signatures = note[border.upperBound...].dropLast()
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard signatures.count <= Self.maxLines else {
            throw .malformed("a note has too many lines")
        }
        var lines: [Line] = []
        for line in signatures {
            guard let line = Line(parsing: line) else {
                throw .malformed("a note has a line that is no signature")
            }
            lines.append(line)
        }
        self.lines = lines
    }

    var bytes: [UInt8] { Array((text + "\n" + lines.map(\.text).joined()).utf8) }

    /// Whether a text may name a key: not empty, no space, no plus sign.
    static func isKeyName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.count <= 200
            && name.unicodeScalars.allSatisfy {
                $0 != "+" && $0.value > 0x20 && $0.value != 0x7F && !$0.properties.isWhitespace
            }
    }
}
