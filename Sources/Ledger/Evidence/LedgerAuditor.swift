public import Foundation
import GRDB
import Primitives
import Synchronization

/// Audits a ledger's files from nothing but who its parties are.
///
/// Everything is computed again: the canonical form of every entry and its hash, every signature of a
/// statement, every rule about what may follow what, the membership at every point, the root at every
/// checkpoint and all signatures of it, the stored hashes, the digests of contents. Damage of any kind
/// ends in a finding, never in a crash. It needs no network and no secret, and memory for one hash an
/// entry.
public struct LedgerAuditor: Sendable {
    private let anchor: LedgerAnchor
    /// How many entries are read at once.
    private static let chunk = 4096

    public init(_ anchor: LedgerAnchor) { self.anchor = anchor }

    /// Audits a party's database, or a folder of tiles.
    ///
    /// - Parameters:
    ///   - checkpoints: files with newer checkpoints or proofs that were kept elsewhere: the log must
    ///     contain them, which one replaced by an older copy does not.
    ///   - digests: of its ledger tables, kept elsewhere; those in the log are taken in any case.
    public func audit(
        _ file: URL, checkpoints: [URL] = [], digests: [TablesDigest] = []
    ) -> LedgerReport {
        var report = LedgerReport()
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder)
        else {
            report.find(nil, "there is no ledger at \(file.path)")
            return report
        }
        var kept: [KeptCheckpoint] = []
        for file in checkpoints {
            do { kept.append(try KeptCheckpoint(file)) } catch {
                report.find(nil, "\(file.path) is no checkpoint and no .tlog-proof: \(error)")
            }
        }
        do {
            if isFolder.boolValue {
                try audit(TileFolderSource(file), &kept, digests, &report)
            } else {
                try audit(SQLiteAuditSource(file), &kept, digests, &report)
            }
        } catch {
            let reason = (error as? DatabaseError)?.message ?? "\(error)"
            report.find(nil, "\(file.lastPathComponent) cannot be read as a ledger: \(reason)")
        }
        return report
    }

    private func audit(
        _ source: some AuditSource, _ kept: inout [KeptCheckpoint], _ digests: [TablesDigest],
        _ report: inout LedgerReport
    ) throws {
        var source = source
        var audit = AuditedLog(hasAllCheckpoints: source.hasAllCheckpoints)
        while case let found = try source.next(Self.chunk), !found.isEmpty {
            let first = audit.head.size
            let notes = try source.checkpoints(first + 1..<first + found.count + 1)
            let parsed = Self.parse(found)
            var next = 0
            for (offset, entry) in parsed.enumerated() {
                if let position = found[offset].claimed?.position, position != first + offset {
                    report.find(
                        first + offset, "is missing: the next one has the number \(position)")
                    return
                }
                audit.take(
                    entry, found[offset],
                    { (position) throws(LedgerError) in
                        try Self.statement(at: position, of: source)
                    }, &report)
                let (signers, isSuccession) = (audit.signers, audit.isSuccession)
                while next < notes.count, notes[next].size == audit.head.size {
                    audit.close(notes[next].note, &report)
                    next += 1
                }
                for index in kept.indices {
                    kept[index].compare(
                        audit.head, signers, isSuccession: isSuccession, &report)
                }
            }
        }
        let later = try source.checkpoints(audit.head.size + 1..<Int.max)
        if let newer = later.last {
            report.find(
                audit.head.size,
                "is missing: the newest checkpoint has \(newer.size) entries, the file "
                    + "\(audit.head.size)")
        }
        try source.finish(audit.rest(digests), &report)
        audit.finish(anchor, try source.prepared(), mustHold: source.mustHold, &report)
        for checkpoint in kept {
            checkpoint.finish(audit.head, &report) { try source.entry(at: $0) }
        }
    }

    private static func statement(
        at position: Int, of source: some AuditSource
    ) throws(LedgerError) -> Statement? {
        let bytes: [UInt8]?
        do { bytes = try source.entry(at: position) } catch {
            throw .storage("entry \(position) cannot be read")
        }
        guard let bytes else { return nil }
        return try Entry(parsing: bytes).statement
    }

    /// Reads entries on all cores.
    private static func parse(_ found: [FoundEntry]) -> [Result<ParsedEntry, LedgerError>] {
        let parts = max(1, min(ProcessInfo.processInfo.activeProcessorCount, found.count / 64))
        let results = Mutex([Int: [Result<ParsedEntry, LedgerError>]]())
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let range = found.count * part / parts..<found.count * (part + 1) / parts
            let parsed = found[range].map { found in
                Result { () throws(LedgerError) in try ParsedEntry(found) }
            }
            results.withLock { $0[part] = parsed }
        }
        return results.withLock { results in (0..<parts).flatMap { results[$0] ?? [] } }
    }
}
