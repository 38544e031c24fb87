import Foundation
import GRDB
import Ledger
import Primitives
import TestSupport

/// A database with two ledger tables in a folder of its own, and tampering with it.
final class TablesFixture {
    let folder: URL
    let file: URL
    let queue: DatabaseQueue
    let tables: LedgerTables
    let clock = ManualClock(wallSeconds: 1_790_000_000)
    let randomness: SeededRandomness

    init(seed: UInt64 = 7, transactionsPerBlock: Int64 = 100_000) throws {
        randomness = SeededRandomness(seed: seed)
        let memory = URL(fileURLWithPath: "/dev/shm")
        let place =
            FileManager.default.isWritableFile(atPath: memory.path)
            ? memory : FileManager.default.temporaryDirectory
        folder = place.appendingPathComponent("tables-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        file = folder.appendingPathComponent("bank-a.sqlite")
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        queue = try DatabaseQueue(path: file.path, configuration: configuration)
        tables = LedgerTables(
            queue, clock: clock, randomness: randomness,
            transactionsPerBlock: transactionsPerBlock)
        try tables.prepare(databaseName: "bank-a")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    static let accounts = "accounts"
    static let alerts = "alerts"

    /// `accounts` (updatable) and `alerts` (append-only), in transactions 1 and 2.
    func createTables() throws {
        try tables.create(
            LedgerTable(
                name: Self.accounts, kind: .updatable,
                columns: [
                    .init("id", .integer), .init("owner", .text, isNullable: true),
                    .init("balance", .real), .init("key", .blob, isNullable: true),
                ], primaryKey: ["id"]), principal: "admin")
        try tables.create(
            LedgerTable(
                name: Self.alerts, kind: .appendOnly,
                columns: [.init("account", .text), .init("total", .integer)], primaryKey: []),
            principal: "admin")
    }

    static func account(
        _ id: Int64, _ owner: String?, _ balance: Double, _ key: [UInt8]? = nil
    ) -> [LedgerValue] {
        [
            .integer(id), owner.map { .text($0) } ?? .null, .real(balance),
            key.map { .blob($0) } ?? .null,
        ]
    }

    /// Transactions 3 to 8 in blocks 0 and 1, with the digests of both.
    func fill() throws -> [TablesDigest] {
        try createTables()
        try tables.transaction(principal: "clerk") { transaction throws(LedgerError) in
            try transaction.insert(
                [
                    Self.account(1, "Ann", 10, [1]), Self.account(2, "Bob", 20),
                    Self.account(3, nil, 30),
                ], into: Self.accounts)
        }
        clock.advance(seconds: 10)
        try tables.transaction(principal: "clerk") { transaction throws(LedgerError) in
            try transaction.update([Self.account(2, "Bob", 25)], in: Self.accounts)
            try transaction.insert([[.text("A-1"), .integer(700)]], into: Self.alerts)
        }
        let first = try tables.digest()
        clock.advance(seconds: 10)
        try tables.transaction(principal: "auditor") { transaction throws(LedgerError) in
            try transaction.delete(keys: [[.integer(3)]], from: Self.accounts)
        }
        try tables.transaction(principal: "clerk") { transaction throws(LedgerError) in
            try transaction.insert(
                [[.text("A-2"), .integer(5)], [.text("A-3"), .integer(6)]], into: Self.alerts)
        }
        try tables.transaction(principal: "clerk") { transaction throws(LedgerError) in
            try transaction.insert([Self.account(4, "Dan", 40)], into: Self.accounts)
        }
        try tables.transaction(principal: "clerk") { transaction throws(LedgerError) in
            try transaction.update([Self.account(2, "Bob", 26)], in: Self.accounts)
        }
        return [first, try tables.digest()]
    }

    /// Changes the database as somebody with all means does: triggers are put back afterwards.
    func tamper(_ statements: String...) throws {
        let other = try DatabaseQueue(path: file.path)
        try other.write { database in
            let triggers = try Row.fetchAll(
                database, sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            for trigger in triggers {
                try database.execute(sql: "DROP TRIGGER \"\(trigger[0] as String)\"")
            }
            for statement in statements { try database.execute(sql: statement) }
            for trigger in triggers { try database.execute(sql: trigger[1]) }
        }
    }

    /// Runs statements on a connection of its own, triggers in force.
    func write(_ statements: String...) throws {
        let other = try DatabaseQueue(path: file.path)
        try other.write { database in
            for statement in statements { try database.execute(sql: statement) }
        }
    }

    /// The rows of a query as texts, columns separated by bars.
    func query(_ sql: String) throws -> [String] {
        try queue.read { database in
            try Row.fetchAll(database, sql: sql).map { row in
                row.databaseValues.map { $0.isNull ? "NULL" : "\($0.storage.value ?? "")" }
                    .joined(separator: "|")
            }
        }
    }
}
