public import Foundation
public import Primitives

/// One entry of a ledger, to be shown.
public struct LedgerRecord: Hashable, Sendable {
    /// The entry's number in the log, from 0; nil if it is not yet in it.
    public let index: Int?
    public let leafHash: Digest?
    public let statement: Statement
    public let signers: [String]
    /// The sequencer's time; nil if it is not yet in the log.
    public let time: Int64?
    /// Whether this copy has the content of a note or a file; nil for other statements.
    public let hasContent: Bool?

    /// Who can read the content of a note or a file; nobody for other statements.
    public var recipients: [String] { statement.claims?.recipients ?? [] }

    /// Reads the entries of the log, then this party's statements that are not yet in it.
    ///
    /// Nothing is verified: see ``LedgerAuditor``.
    public static func read(file: URL, _ body: (LedgerRecord) throws -> Void) throws {
        try read(file: file, kinds: nil, body)
    }

    /// As ``read(file:_:)``, of some kinds alone: no other entry is parsed.
    ///
    /// - Parameter kinds: not notes and files; nil for all.
    package static func read(
        file: URL, kinds: Set<Statement.Kind>?, _ body: (LedgerRecord) throws -> Void
    ) throws {
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw LedgerError.storage("there is no ledger at \(file.path)")
        }
        let store = try SQLiteLedgerStore(file: file)
        let size = try store.newest()?.size ?? 0
        var position = 0
        if let kinds {
            for (index, stored) in try store.entries(of: kinds, below: size) {
                let entry = try Entry(parsing: stored.bytes)
                try body(
                    LedgerRecord(
                        index: index, leafHash: entry.leafHash, statement: entry.statement,
                        signers: entry.signers, time: entry.time, hasContent: nil))
            }
            position = size
        }
        while position < size {
            let entries = try store.entries(position..<min(size, position + Batch.maxCount))
            guard !entries.isEmpty else {
                throw LedgerError.storage("the ledger is damaged: entry \(position) is missing")
            }
            for stored in entries {
                let entry = try Entry(parsing: stored.bytes)
                try body(
                    LedgerRecord(
                        index: position, leafHash: entry.leafHash, statement: entry.statement,
                        signers: entry.signers, time: entry.time,
                        hasContent: entry.statement.claims == nil
                            ? nil : try store.content(of: entry.statementDigest) != nil))
                position += 1
            }
        }
        for pending in try store.pending(limit: .max)
        where kinds?.contains(pending.entry.statement.kind) ?? true {
            try body(
                LedgerRecord(
                    index: nil, leafHash: nil, statement: pending.entry.statement,
                    signers: pending.entry.signers, time: nil,
                    hasContent: pending.entry.statement.claims == nil
                        ? nil : pending.content != nil))
        }
    }
}
