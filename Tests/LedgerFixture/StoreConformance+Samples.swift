import Foundation
import Ledger
import Primitives
import TestSupport

extension StoreConformance {
    /// What is stored; a store looks at nothing of it but digests, kinds and contents.
    enum Sample {
        private static let key = SigningKey(using: SeededRandomness(seed: 7))

        static func digest(_ text: String) -> Digest { SHA256.hash(Array(text.utf8)) }

        /// A checkpoint's note, as it were.
        static func bytes(_ size: Int) -> [UInt8] { Array("checkpoint \(size)\u{0}".utf8) }

        static func batch(_ size: Int) -> PreparedBatch {
            PreparedBatch(size: size, note: bytes(size), cosignature: [UInt8(size)])
        }

        static func node(_ number: Int) -> TileNode {
            TileNode(level: 1, number: number, hash: digest("node \(number)"))
        }

        static func entry(_ statement: Statement) throws -> Entry {
            try Entry.signing([statement], by: "bank-a", key: key, origin: "store.invalid")[0]
        }

        /// A note to all; its content is in collection c0 or c1, as the number is even or odd.
        static func note(_ number: Int) throws -> NewEntry {
            let payload = try Payload(
                collection: "c\(number % 2)", contents: "text \(number)",
                using: SeededRandomness(seed: UInt64(number)))
            let entry = try entry(.note(claims: payload.claims))
            return NewEntry(
                entry, content: Content(statement: entry.statementDigest, payload: payload))
        }

        static func pending(_ number: Int) throws -> PendingStatement {
            let note = try note(number)
            return PendingStatement(note.entry, content: number % 3 == 0 ? nil : note.content)
        }

        static func sealed(_ number: Int) throws -> Outgoing {
            Outgoing(
                statement: try note(number).entry.statementDigest, recipient: "bank-b",
                sealed: [1, 0, 2])
        }

        /// A file's statement and content, and under which digest its chunks are.
        static func file(_ number: Int) throws -> (entry: Entry, content: Content, chunks: Digest) {
            let description = FileDescription(name: "f", secret: digest("secret \(number)"))
            let payload = try Payload(
                collection: FileDescription.collection,
                contents: String(decoding: CanonicalJSON.encode(description), as: UTF8.self),
                using: SeededRandomness(seed: UInt64(number)))
            let entry = try entry(
                .file(
                    StoredFile(
                        author: "bank-a", recipients: ["bank-a"], claims: payload.claims, bytes: 1,
                        chunkBytes: 1 << 20, content: digest("content"), time: 0)))
            return (
                entry, Content(statement: entry.statementDigest, payload: payload),
                description.chunks
            )
        }

        /// A kind of statement, of which there may be several.
        enum Kind {
            case proposal(Int), ballot(Int), note, retention
        }

        static func entries(_ kinds: [Kind]) throws -> [Entry] {
            try kinds.map { kind in
                switch kind {
                case .proposal(let number):
                    try entry(
                        .proposal(
                            Proposal(
                                author: "bank-a", base: digest("base"),
                                action: .setSequencer("bank-\(number)"), time: 0)))
                case .ballot(let number):
                    try entry(
                        .ballot(
                            Ballot(
                                author: "bank-a", proposal: digest("proposal \(number)"),
                                approves: true, time: 0)))
                case .note: try entry(.note(claims: digest("claims")))
                case .retention:
                    try entry(
                        .retention(
                            Retention(
                                author: "bank-a", subject: digest("subject"), until: 0,
                                isLocked: false, holds: [], time: 0)))
                }
            }
        }
    }

    /// What threads failed with.
    final class Failures: @unchecked Sendable {
        // Invariant: `errors` is touched only while `lock` is held.
        private let lock = NSLock()
        private var errors: [any Error] = []

        func collect(_ body: () throws -> Void) {
            do { try body() } catch { lock.withLock { errors.append(error) } }
        }

        var first: (any Error)? { lock.withLock { errors.first } }
    }
}

extension Statement {
    /// A note of bank-a to itself.
    static func note(claims: Digest) -> Statement {
        .note(Note(author: "bank-a", recipients: ["bank-a"], claims: claims, time: 0))
    }
}

extension LedgerStore {
    /// Adds the notes up to `size` as one batch.
    func grow(to size: Int, erasing: [Digest] = []) throws {
        let first = try newest()?.size ?? 0
        try extend(
            first: first, size: size, note: StoreConformance.Sample.bytes(size), nodes: [],
            (first..<size).map(StoreConformance.Sample.note), absent: [], erasing: erasing,
            prepared: nil, isReplacing: false)
    }
}
