package import Foundation
package import GRDB
package import Primitives

/// Tables whose every change is hashed into a chain of blocks, in a party's own ledger database.
///
/// Named and shaped as the ledger tables of Azure SQL, with hashes of our own that the article
/// *Ledger tables* specifies byte for byte. They show that rows were altered, given a digest kept
/// elsewhere; they do not prevent it.
public struct LedgerTables: Sendable {
    private let database: any DatabaseWriter
    private let clock: any ParleyClock
    private let randomness: any RandomSource
    private let transactionsPerBlock: Int64

    /// The ledger tables of an open database, whose connections write durably.
    ///
    /// - Parameter transactionsPerBlock: a block closes with this many, or at a digest.
    package init(
        _ database: any DatabaseWriter, clock: any ParleyClock = SystemClock(),
        randomness: any RandomSource = SystemRandomness(),
        transactionsPerBlock: Int64 = TablesBlocks.transactionsPerBlock
    ) {
        (self.database, self.clock, self.randomness) = (database, clock, randomness)
        self.transactionsPerBlock = transactionsPerBlock
    }

    /// The ledger tables in an existing file.
    package init(file: URL) throws(LedgerError) {
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw .storage("there is no ledger at \(file.path); give its file or folder")
        }
        var configuration = Configuration()
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        configuration.busyMode = .timeout(5)
        do {
            self.init(try DatabaseQueue(path: file.path, configuration: configuration))
        } catch { throw Self.failure(error) }
    }

    /// Verifies the ledger tables in a file, which stays as it is; see ``verify(_:table:)``.
    package static func verify(
        file: URL, _ digests: [TablesDigest], table: String? = nil
    ) throws(LedgerError) -> TablesReport {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA trusted_schema = OFF") }
        do {
            return try DatabaseQueue(path: file.path, configuration: configuration).read {
                TablesVerifier.verify($0, digests, table: table)
            }
        } catch { throw failure(error) }
    }

    // MARK: Writing

    /// Makes the catalogue, unless it is there.
    ///
    /// - Parameter databaseName: what digests call the database: 1 to 64 letters, digits, dots,
    ///   hyphens and underscores. It is part of every block's hash and never changes.
    public func prepare(databaseName: String) throws(LedgerError) {
        try write { try Self.prepare(databaseName: databaseName, in: $0) }
    }

    /// Does what `body` says in one transaction: everything, or nothing if it throws.
    ///
    /// - Parameter principal: who changes the rows; 1 to 128 bytes.
    public func transaction<Value>(
        principal: String, _ body: (inout TablesTransaction) throws(LedgerError) -> Value
    ) throws(LedgerError) -> Value {
        try write {
            try Self.transaction(
                in: $0, principal: principal, clock: clock, randomness: randomness,
                transactionsPerBlock: transactionsPerBlock, body)
        }
    }

    /// Makes a table.
    public func create(_ table: LedgerTable, principal: String) throws(LedgerError) {
        try transaction(principal: principal) { transaction throws(LedgerError) in
            try transaction.create(table)
        }
    }

    /// Adds a nullable column at the end; the hashes of old rows stay what they are.
    public func add(
        _ column: LedgerColumn, to table: String, principal: String
    ) throws(LedgerError) {
        try transaction(principal: principal) { transaction throws(LedgerError) in
            try transaction.add(column, to: table)
        }
    }

    /// Renames a table, its rows and its history to `ParleyDropped_…`; nothing is erased.
    public func drop(_ table: String, principal: String) throws(LedgerError) {
        try transaction(principal: principal) { transaction throws(LedgerError) in
            try transaction.drop(table)
        }
    }

    /// Closes the open block and returns the digest to keep elsewhere.
    public func digest() throws(LedgerError) -> TablesDigest {
        try write { try Self.digest(in: $0, clock: clock) }
    }

    /// Notes in `database_ledger_digest_locations` where a digest was put.
    public func record(_ digest: TablesDigest, at location: String) throws(LedgerError) {
        try write { try TablesBlocks.record(digest, at: location, in: $0) }
    }

    // MARK: Reading

    /// Computes every hash again; see ``TablesReport``.
    ///
    /// - Parameters:
    ///   - digests: digests kept elsewhere, in any order.
    ///   - table: checks the rows of this table only, and the whole chain.
    public func verify(
        _ digests: [TablesDigest], table: String? = nil
    ) throws(LedgerError) -> TablesReport {
        do {
            return try database.read { TablesVerifier.verify($0, digests, table: table) }
        } catch { throw Self.failure(error) }
    }

    private func write<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
        do { return try database.write(body) } catch { throw Self.failure(error) }
    }
}

/// The same within a transaction of the caller, who rolls it back if anything throws: what is written
/// to ledger tables and what else is written are then there together or not at all.
extension LedgerTables {
    package static func prepare(databaseName: String, in database: Database) throws {
        try check(databaseName: databaseName)
        guard try !TablesSchema.exists(in: database) else { return }
        try TablesSchema.create(in: database, databaseName: databaseName)
    }

    package static func transaction<Value>(
        in database: Database, principal: String, clock: any ParleyClock,
        randomness: any RandomSource,
        transactionsPerBlock: Int64 = TablesBlocks.transactionsPerBlock,
        _ body: (inout TablesTransaction) throws -> Value
    ) throws -> Value {
        guard try TablesSchema.exists(in: database) else {
            throw LedgerError.malformed("the database has no ledger tables; prepare it first")
        }
        return try TablesTransaction.run(
            in: database, principal: principal, time: LedgerTime(clock),
            salt: randomness.bytes(TablesEncoding.saltByteCount),
            transactionsPerBlock: transactionsPerBlock, body)
    }

    /// Inserts rows into one table, as one transaction of the ledger's.
    package static func insert(
        _ rows: [[LedgerValue]], into table: String, principal: String, in database: Database,
        clock: any ParleyClock, randomness: any RandomSource
    ) throws {
        try transaction(
            in: database, principal: principal, clock: clock, randomness: randomness
        ) { try $0.insert(rows, into: table) }
    }

    package static func digest(
        in database: Database, clock: any ParleyClock
    ) throws -> TablesDigest {
        guard try TablesSchema.exists(in: database) else {
            throw LedgerError.malformed("the database has no ledger tables: nothing to digest")
        }
        return try TablesBlocks.digest(in: database, time: LedgerTime(clock))
    }

    package static func verify(
        in database: Database, _ digests: [TablesDigest], table: String? = nil
    ) -> TablesReport {
        TablesVerifier.verify(database, digests, table: table)
    }

    static func check(databaseName name: String) throws(LedgerError) {
        let allowed = Set(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_".utf8)
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(allowed.contains) else {
            throw .malformed(
                "\(name.debugDescription) cannot name a database: take 1 to 64 letters, digits, "
                    + "dots, hyphens and underscores")
        }
    }

    static func failure(_ error: any Error) -> LedgerError {
        if let error = error as? LedgerError { return error }
        let reason = (error as? DatabaseError)?.message ?? "\(error)"
        return .storage("the ledger tables: \(reason); check the ledger's file and the disk")
    }
}
