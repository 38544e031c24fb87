import Foundation
import GRDB
import Primitives

/// The files of one party's ledger.
struct LedgerFiles {
    /// The SQLite database.
    let database: URL
    /// The newest checkpoint's note, verbatim, as other tools read it.
    var checkpoint: URL { database.appendingPathExtension("checkpoint") }
    /// The SHA-256 of the whole database file after the last write, as `sha256sum` writes it; it
    /// finds damage also in bytes that SQLite does not use.
    var digest: URL { database.appendingPathExtension("sha256") }

    var expectedDigestText: [UInt8]? {
        guard let handle = try? FileHandle(forReadingFrom: database) else { return nil }
        defer { try? handle.close() }
        var hasher = SHA256()
        while let chunk = try? handle.read(upToCount: 1 << 20), !chunk.isEmpty {
            hasher.update(Array(chunk))
        }
        return Array("\(hasher.finalize().hex)  \(database.lastPathComponent)\n".utf8)
    }

    /// Whether no ledger has been here: there is no file, or an empty one without a checkpoint.
    var isNew: Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: database.path)
        let size = (attributes?[.size] as? NSNumber)?.intValue ?? 0
        return size == 0 && !FileManager.default.fileExists(atPath: checkpoint.path)
    }

    /// Whether the database file is byte for byte what it was after the last write.
    var isUnchanged: Bool {
        guard let recorded = try? Data(contentsOf: digest), let expected = expectedDigestText else {
            return false
        }
        return Array(recorded) == expected
    }
}

/// One party's copy of the log, in SQLite.
///
/// Every change is durable before its method returns (`synchronous = EXTRA`). The journal is
/// SQLite's rollback journal and not its write-ahead log, so that the one file is complete between
/// changes and can be hashed as a whole. One session at a time uses a ledger: a second one finds an
/// entry prepared or the size changed, and is refused.
package final class LedgerStore {
    package let files: LedgerFiles
    private let parties: LedgerParties
    private let database: DatabaseQueue
    /// The right edge of the tree over all entries.
    private(set) var frontier = MerkleFrontier()
    /// The newest checkpoint; nil in an empty ledger.
    private(set) var newest: CosignedCheckpoint?

    /// Opens the ledger in `file`, or makes an empty one that only its owner may read.
    ///
    /// A file that is not as the last write left it is verified in full first and refused if
    /// anything is wrong with it.
    package init(file: URL, parties: LedgerParties) throws(LedgerError) {
        files = LedgerFiles(database: file)
        self.parties = parties
        let isNew = files.isNew
        // A missing or old digest alone is what a power failure leaves.
        if !isNew, !files.isUnchanged { try Self.verify(file, parties) }
        do {
            if isNew,
                !FileManager.default.createFile(
                    atPath: file.path, contents: nil, attributes: [.posixPermissions: 0o600])
            {
                throw LedgerError.storage("\(file.path) cannot be made; check the folder")
            }
            var configuration = Configuration()
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA journal_mode = DELETE")
                try database.execute(sql: "PRAGMA synchronous = EXTRA")
                try database.execute(sql: "PRAGMA secure_delete = ON")
            }
            configuration.busyMode = .timeout(5)
            database = try DatabaseQueue(path: file.path, configuration: configuration)
        } catch {
            throw Self.failure(error, file)
        }
        try write { database in
            if try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0 {
                try LedgerSchema.create(database)
            }
        }
        let contents = try contents()
        for entry in contents.entries { frontier.append(MerkleTree.leafHash(entry.bytes)) }
        if let last = contents.checkpoints.last {
            newest = try CosignedCheckpoint(parsing: last.note, parties: parties)
        }
        guard newest?.checkpoint.size ?? 0 == frontier.count else {
            throw .storage("\(file.path) is damaged: its newest checkpoint covers not all entries")
        }
        // The checkpoint beside the ledger is not to be replaced by an older one.
        let recorded = (try? Data(contentsOf: files.checkpoint)).map { Array($0) }
        if recorded != newest?.bytes { try Self.verify(file, parties) }
        try writeSideFiles()
    }

    /// Refuses a file with anything wrong in it.
    private static func verify(_ file: URL, _ parties: LedgerParties) throws(LedgerError) {
        let report = LedgerVerifier.verify(file: file, parties: parties, mayBeInterrupted: true)
        if let finding = report.findings.first {
            throw .storage("\(file.path) is damaged: \(finding); restore it from a copy")
        }
    }

    package func contents() throws(LedgerError) -> LedgerContents {
        do { return try database.read { try LedgerContents($0) } } catch {
            throw Self.failure(error, files.database)
        }
    }

    /// The entry with this leaf hash.
    func entry(_ leafHash: Digest) throws(LedgerError) -> Entry? {
        let bytes: Data?
        do {
            bytes = try database.read {
                try Data.fetchOne(
                    $0, sql: "SELECT bytes FROM entries WHERE leaf_hash = ?",
                    arguments: [Data(leafHash.bytes)])
            }
        } catch { throw Self.failure(error, files.database) }
        guard let bytes else { return nil }
        return try Entry(Array(bytes), parties: parties)
    }

    /// The checkpoint of this log with one more entry.
    func checkpoint(appending entry: Entry) -> Checkpoint {
        var frontier = frontier
        frontier.append(entry.leafHash)
        return Checkpoint(origin: parties.origin, size: frontier.count, root: frontier.root)
    }

    /// Keeps the entry and our cosignature of its checkpoint, before the cosignature leaves.
    func prepare(_ entry: Entry, _ cosignature: Cosignature) throws(LedgerError) {
        let size = frontier.count
        try write { database in
            guard try Int.fetchOne(database, sql: "SELECT count(*) FROM entries") == size else {
                throw LedgerError.storage("another session uses the ledger; run one at a time")
            }
            guard try Int.fetchOne(database, sql: "SELECT count(*) FROM prepared") == 0 else {
                throw LedgerError.storage("an entry is not completed yet; synchronize first")
            }
            try database.execute(
                sql: "INSERT INTO prepared (only, bytes, cosignature) VALUES (0, ?, ?)",
                arguments: [Data(entry.bytes), Data(cosignature.bytes)])
        }
        try writeSideFiles()
    }

    /// Appends the entry and its cosigned checkpoint, and forgets what led to them.
    func commit(_ entry: Entry, _ cosigned: CosignedCheckpoint) throws(LedgerError) {
        let position = frontier.count
        precondition(cosigned.checkpoint == checkpoint(appending: entry), "not the next checkpoint")
        try write { database in
            try database.execute(
                sql: "INSERT INTO entries (position, leaf_hash, bytes) VALUES (?, ?, ?)",
                arguments: [position, Data(entry.leafHash.bytes), Data(entry.bytes)])
            try database.execute(
                sql: "INSERT INTO checkpoints (size, note) VALUES (?, ?)",
                arguments: [position + 1, Data(cosigned.bytes)])
            try database.execute(sql: "DELETE FROM prepared")
            try database.execute(
                sql: "DELETE FROM pending WHERE bytes = ?", arguments: [Data(entry.bytes)])
        }
        frontier.append(entry.leafHash)
        newest = cosigned
        try writeSideFiles()
    }

    /// Keeps a statement of our own until the others cosign it into the log.
    func addPending(_ entry: Entry) throws(LedgerError) {
        try write { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO pending (bytes) VALUES (?)",
                arguments: [Data(entry.bytes)])
        }
        try writeSideFiles()
    }

    /// Keeps two checkpoints that contradict each other, as evidence.
    func addFork(with party: String, mine: [UInt8], theirs: [UInt8]) throws(LedgerError) {
        try write { database in
            try database.execute(
                sql: "INSERT INTO forks (party, mine, theirs) VALUES (?, ?, ?)",
                arguments: [party, Data(mine), Data(theirs)])
        }
        try writeSideFiles()
    }

    private func write(_ body: (Database) throws -> Void) throws(LedgerError) {
        do { try database.write(body) } catch { throw Self.failure(error, files.database) }
    }

    private func writeSideFiles() throws(LedgerError) {
        do {
            if let newest {
                try AtomicFile.write(
                    newest.bytes, to: files.checkpoint, overwriting: true, mode: 0o600)
            }
            if let text = files.expectedDigestText {
                try AtomicFile.write(text, to: files.digest, overwriting: true, mode: 0o600)
            }
        } catch {
            throw .storage(error.description)
        }
    }

    private static func failure(_ error: any Error, _ file: URL) -> LedgerError {
        if let error = error as? LedgerError { return error }
        let reason = (error as? DatabaseError)?.message ?? error.localizedDescription
        return .storage("\(file.path): \(reason); check the file and the disk")
    }
}
