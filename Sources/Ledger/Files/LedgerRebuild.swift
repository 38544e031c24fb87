public import Foundation
public import Primitives

/// Makes a party's copy of the ledger from another copy, which nobody needs to be reached for.
///
/// The other copy is believed nothing: it is audited whole, then every batch goes through the same checks
/// as one that another party hands over. The new file appears when all of it is there and on the disk;
/// whatever goes wrong before leaves nothing.
public struct LedgerRebuild: Sendable {
    /// What was rebuilt.
    public struct Result: Hashable, Sendable {
        /// The number of entries, and of the checkpoints that cosign them.
        public let entries, checkpoints: Int
    }

    private let parties: LedgerParties
    private let me: Party
    private let keys: LedgerKeys
    /// How many entries are read at once.
    private static let chunk = 4096

    /// - Parameters:
    ///   - parties: as the party's roster has them; they must have founded the ledger.
    ///   - keys: must be those of `me` in the roster.
    public init(parties: LedgerParties, me: Party, keys: LedgerKeys) {
        (self.parties, self.me, self.keys) = (parties, me, keys)
    }

    /// Rebuilds the ledger of `source` in `file`.
    ///
    /// Memory: one hash an entry, and one chunk of entries.
    ///
    /// - Parameters:
    ///   - file: must not exist yet.
    ///   - source: a folder that ``SharedLedger/export(to:)`` made, or a download of it; or another
    ///     party's database, whose contents for this party come along.
    ///   - progress: is told how many entries of how many are done.
    /// - Throws: ``LedgerError``; nothing is left in `file` then.
    public func rebuild(
        _ file: URL, from source: URL, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws(LedgerError) -> Result {
        // SQLite would take what it finds beside a new file for a part of it.
        for path in Self.suffixes.map({ file.path + $0 })
        where FileManager.default.fileExists(atPath: path) {
            throw .storage("\(path) exists; a ledger is never overwritten: move it away first")
        }
        // 1. The whole copy is sound, and founded by the roster's parties.
        let report = LedgerAuditor(.parties(parties)).audit(source)
        if let finding = report.findings.first {
            throw .malformed("\(source.path) does not verify: \(finding); take another copy")
        }
        guard report.entries > 0 else { throw .malformed("\(source.path) holds no entries") }
        // 2. Its batches, one after the other, in a file of another name.
        let temporary = file.appendingPathExtension("part")
        Self.remove(temporary)
        defer { Self.remove(temporary) }
        do {
            try take(source, report.entries, temporary, progress)
            // 3. On the disk, and only then under its name.
            let handle = try FileHandle(forUpdating: temporary)
            try handle.synchronize()
            try handle.close()
            try FileManager.default.moveItem(at: temporary, to: file)
            return Result(entries: report.entries, checkpoints: report.checkpoints)
        } catch let error as LedgerError {
            throw error
        } catch {
            throw .storage("\(file.path) cannot be made from \(source.path): \(error)")
        }
    }

    private static let suffixes = ["", "-wal", "-shm"]

    private static func remove(_ temporary: URL) {
        for suffix in suffixes {
            try? FileManager.default.removeItem(atPath: temporary.path + suffix)
        }
    }

    private func take(
        _ source: URL, _ count: Int, _ file: URL, _ progress: (Int, Int) -> Void
    ) throws {
        let store = try SQLiteLedgerStore(file: file, isDurable: false)
        defer { store.close() }
        let replica = try SharedLedger(store, parties: parties, me: me, keys: keys).replica
        if Self.isFolder(source) {
            try Self.batches(TileFolderSource(source), count, replica, progress)
        } else {
            try Self.batches(SQLiteAuditSource(source), count, replica, progress)
        }
        guard try replica.head().size == count else {
            throw LedgerError.storage("\(source.path) was changed while it was read; try again")
        }
    }

    private static func isFolder(_ url: URL) -> Bool {
        (try? url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
    }

    private static func batches(
        _ source: some AuditSource, _ count: Int, _ replica: Replica, _ progress: (Int, Int) -> Void
    ) throws {
        guard source.hasAllCheckpoints else {
            throw LedgerError.malformed(
                "the folder has no \(CheckpointFiles.folder)/: make it with `parley ledger export`, or "
                    + "take another party's ledger.sqlite")
        }
        var source = source
        var (waiting, size) = (ArraySlice<FoundEntry>(), 0)
        while case let found = try source.next(chunk), !found.isEmpty {
            waiting += found
            let read = size + waiting.count
            for (end, note) in try source.checkpoints(size + 1..<read + 1) {
                let entries = try waiting.prefix(end - size).map { found in
                    let payload = found.content.flatMap { content in
                        content.isErased
                            ? nil
                            : try? Payload(parsing: content.bytes)
                    }
                    return CarriedEntry(entry: try Entry(parsing: found.bytes), payload: payload)
                }
                try replica.extend(
                    [CommittedBatch(entries: entries, note: Data(note), sealed: nil)],
                    from: "the copy")
                waiting = waiting.dropFirst(end - size)
                size = end
            }
            progress(size, count)
        }
    }
}
