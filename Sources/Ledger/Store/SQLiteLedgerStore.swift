package import Foundation
package import GRDB
import Synchronization

/// One party's copy of the log, in SQLite.
///
/// Write-ahead log with `synchronous = FULL`: one flush of the disk a prepared batch. A commit does
/// not wait for the disk: if a power failure loses it, the prepared batch is still there, and is
/// completed by the next synchronization.
package final class SQLiteLedgerStore: LedgerStore {
    package let file: URL
    /// Also the home of the party's ledger tables.
    package let database: DatabaseQueue
    /// Whether an erased content may still be in the write-ahead log.
    let isWiping = Mutex(true)

    /// How long to wait for another process that writes, in milliseconds.
    static let patience = 10_000

    /// Opens the ledger in `file`, or makes an empty one that only its owner may read.
    ///
    /// - Parameter isDurable: false for a file that is made anew and worth nothing before it is whole:
    ///   then nothing waits for the disk.
    package init(file: URL, isDurable: Bool = true) throws(LedgerError) {
        self.file = file
        do {
            if !FileManager.default.fileExists(atPath: file.path),
                !FileManager.default.createFile(
                    atPath: file.path, contents: nil, attributes: [.posixPermissions: 0o600])
            {
                throw LedgerError.storage("\(file.path) cannot be made; check the folder")
            }
            var configuration = Configuration()
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA journal_mode = WAL")
                try database.execute(sql: "PRAGMA synchronous = \(isDurable ? "FULL" : "OFF")")
                try database.execute(sql: "PRAGMA secure_delete = ON")
                // Batches touch pages all over the indices of digests: 32 MiB of them stay in memory,
                // and 16 MiB gather in the write-ahead log before they go to their places.
                try database.execute(sql: "PRAGMA cache_size = -32768")
                try database.execute(sql: "PRAGMA wal_autocheckpoint = 4096")
            }
            configuration.busyMode = .timeout(TimeInterval(Self.patience) / 1000)
            database = try DatabaseQueue(path: file.path, configuration: configuration)
        } catch {
            throw Self.failure(error, file)
        }
        try write { database in
            if try Int.fetchOne(database, sql: "PRAGMA user_version") == 0,
                try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
            {
                try SQLiteSchema.create(database)
            }
            guard try Int.fetchOne(database, sql: "PRAGMA user_version") == SQLiteSchema.version
            else {
                throw LedgerError.storage(
                    "\(file.path) is a ledger of another version; this one reads version "
                        + "\(SQLiteSchema.version): keep it, and begin a new one")
            }
        }
    }

    /// Ends the connection, so that the file is complete by itself.
    package func close() { try? database.close() }

    // MARK: Parts of calls

    func write(_ body: (Database) throws -> Void) throws(LedgerError) {
        defer { wipe() }
        do { try database.write(body) } catch { throw Self.failure(error, file) }
    }

    func rows<Value>(
        _ sql: String, _ arguments: StatementArguments = [],
        _ read: (HostileRow) throws -> Value
    ) throws(LedgerError) -> [Value] {
        do {
            // One statement, which is a transaction by itself; it is prepared once.
            return try database.inDatabase { database in
                try Row.fetchAll(try database.cachedStatement(sql: sql), arguments: arguments).map {
                    try read(HostileRow($0))
                }
            }
        } catch { throw Self.failure(error, file) }
    }

    func missing(_ what: String) -> LedgerError {
        .storage("\(file.path) is damaged: \(what) is missing; rebuild it from another party's")
    }

    static func failure(_ error: any Error, _ path: String) -> LedgerError {
        failure(error, URL(filePath: path))
    }

    static func failure(_ error: any Error, _ file: URL) -> LedgerError {
        if let error = error as? LedgerError { return error }
        if let error = error as? DatabaseError, error.resultCode == .SQLITE_BUSY {
            return .busy("\(file.path) is in use by another process for too long; try again")
        }
        let reason = (error as? DatabaseError)?.message ?? error.localizedDescription
        return .storage("\(file.path): \(reason); check the file and the disk")
    }
}
