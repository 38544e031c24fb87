import Foundation
import Ledger
import Primitives
import Testing

/// The frozen encoding, against vectors and a verifier that a separate program in Python makes.
@Suite struct TablesEncodingTests {
    private static let reference = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Reference")

    private struct Vectors: Decodable {
        struct Value: Decodable {
            var integer: Int64?
            var real: Double?
            var text, blob: String?

            func value() throws -> LedgerValue {
                if let integer { return .integer(integer) }
                if let real { return .real(real) }
                if let text { return .text(text) }
                return .blob(try #require(blob.flatMap { [UInt8](hex: $0) }))
            }
        }
        struct Row: Decodable {
            let operation: UInt8
            let table: UInt32
            let place, start: [Int64]
            let values: [Value?]
            let encoding, leaf: String
        }
        struct Hashes: Decodable {
            let roots: [String: Digest]
            let encoding: String
        }
        struct Transaction: Decodable {
            let transaction_id, block_id, transactional_ordinal: Int64
            let commit_time, principal_name, salt, encoding, leaf: String
        }
        struct Block: Decodable {
            let database_name: String
            let block_id, size: Int64
            let root, previous, hash: Digest
        }
        let rows: [Row]
        let table_hashes: Hashes
        let transaction: Transaction
        let block: Block
    }

    private static func vectors() throws -> Vectors {
        let file = reference.appendingPathComponent("ledger_tables_vectors.json")
        return try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
    }

    @Test("Rows are encoded as the vectors say: every type, NULL, the extremes, deletions")
    func rows() throws {
        let rows = try Self.vectors().rows
        #expect(rows.count == 5)
        for row in rows {
            let operation = try #require(LedgerOperation(rawValue: row.operation))
            func place(_ numbers: [Int64]) -> OperationPlace {
                OperationPlace(transaction: numbers[0], sequence: numbers[1])
            }
            let bytes = TablesEncoding.row(
                operation, table: row.table, place: place(row.place),
                start: operation == .delete ? place(row.start) : nil,
                cells: try row.values.map { LedgerCell(try $0?.value() ?? .null) })
            #expect(bytes.hex == row.encoding)
            #expect(MerkleTree.leafHash(bytes).hex == row.leaf)
        }
    }

    @Test("Transactions, their table hashes and blocks are encoded as the vectors say")
    func chain() throws {
        let vectors = try Self.vectors()
        var roots: [UInt32: Digest] = [:]
        for (table, root) in vectors.table_hashes.roots {
            roots[try #require(UInt32(table))] = root
        }
        let hashes = TableHashes(roots)
        #expect(hashes.bytes.hex == vectors.table_hashes.encoding)
        let transaction = vectors.transaction
        let bytes = TablesEncoding.transaction(
            id: transaction.transaction_id, block: transaction.block_id,
            ordinal: transaction.transactional_ordinal,
            commitTime: Array(transaction.commit_time.utf8),
            principal: Array(transaction.principal_name.utf8),
            salt: try #require([UInt8](hex: transaction.salt)), tableHashes: hashes.bytes)
        #expect(bytes.hex == transaction.encoding)
        #expect(MerkleTree.leafHash(bytes).hex == transaction.leaf)
        let block = vectors.block
        #expect(
            TablesEncoding.blockHash(
                database: block.database_name, id: block.block_id, root: block.root,
                size: block.size, previous: block.previous) == block.hash)
    }

    @Test(
        "Table hashes have one form: what is cut, too long, unordered or of a later version is none"
    )
    func tableHashes() throws {
        let hash = SHA256.hash([1])
        let bytes = TableHashes([3: hash, 258: hash]).bytes
        #expect(TableHashes(bytes)?.roots.map(\.table) == [3, 258])
        let swapped = Array(bytes[0..<2] + bytes[38..<74] + bytes[2..<38])
        let twice = Array(bytes[0..<2] + bytes[2..<38] + bytes[2..<38])
        for wrong in [
            [], [1], [1, 0], Array(bytes.dropLast()), bytes + [0], [2] + bytes.dropFirst(), swapped,
            twice, [1, 255] + [UInt8](repeating: 0, count: 255 * 36),
        ] as [[UInt8]] {
            #expect(TableHashes(wrong) == nil)
        }
    }

    @Test("Another salt makes other digests of the same rows")
    func salted() throws {
        let digests = try (0..<2).map { seed in
            let fixture = try TablesFixture(seed: UInt64(seed))
            try fixture.createTables()
            return try fixture.tables.digest().hash
        }
        #expect(digests[0] != digests[1])
    }

    @Test(
        "A separate program in Python verifies a database and prints the vectors",
        .enabled(if: TablesEncodingTests.run(["python3", "-c", "import sqlite3"]) == 0))
    func python() throws {
        let fixture = try TablesFixture()
        _ = try fixture.fill()
        try fixture.tables.add(
            LedgerColumn("country", .text, isNullable: true), to: "accounts", principal: "admin")
        try fixture.tables.transaction(principal: "clerk") { transaction throws(LedgerError) in
            let row = TablesFixture.account(9, nil, -0.0) + [.text("CH")]
            try transaction.insert([row], into: "accounts")
        }
        try fixture.tables.drop("alerts", principal: "admin")
        let digest = fixture.folder.appendingPathComponent("digest.json")
        try Data(try fixture.tables.digest().json.utf8).write(to: digest)
        let script = Self.reference.appendingPathComponent("ledger_tables_reference.py").path
        #expect(Self.run(["python3", script, fixture.file.path, digest.path]) == 0)
        try fixture.tamper("UPDATE accounts SET country = 'DE' WHERE id = 9")
        #expect(Self.run(["python3", script, fixture.file.path, digest.path]) == 1)

        let vectors = Self.reference.appendingPathComponent("ledger_tables_vectors.json")
        let printed = fixture.folder.appendingPathComponent("vectors.json")
        #expect(Self.run(["python3", script, "--vectors"], output: printed) == 0)
        #expect(try Data(contentsOf: printed) == Data(contentsOf: vectors))
    }

    /// Runs a program; -1 if there is none.
    static func run(_ arguments: [String], output: URL? = nil) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do {
            if let output {
                try Data().write(to: output)
                process.standardOutput = try FileHandle(forWritingTo: output)
            }
            try process.run()
        } catch { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
