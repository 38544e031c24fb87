import ArgumentParser
import Foundation
import Ledger
import Primitives
import Runner

/// `parley ledger digest` and `parley ledger verify-tables`: the SQL tables of a party's ledger.
enum LedgerTablesCommand {
    struct Location: ParsableArguments {
        @Option(help: "The member's folder, with ledger.sqlite.")
        var directory: String?
        @Option(help: "The ledger's file, if it is not in a member's folder.")
        var file: String?

        func validate() throws {
            guard (directory == nil) != (file == nil) else {
                throw ValidationError("give either --directory or --file")
            }
        }

        var url: URL {
            file.map { URL(filePath: $0) }
                ?? PartyDirectory(URL(filePath: directory ?? ".")).ledgerFile
        }
    }

    struct Digest: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "digest",
            abstract: "Close the open block of the ledger tables; its digest goes into the log.",
            discussion: """
                Example: parley ledger digest --roster roster.json --directory bank-a \
                           --out digest.json

                In the log of all parties the database's keeper cannot change it. The JSON is that of \
                Azure SQL's database ledger, the hash our own.
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Option(help: "The file to write.")
        var out: String

        func run() throws {
            let ledger = try member.ledger()
            let file = PartyDirectory(URL(filePath: member.directory)).ledgerFile
            let tables = try orFail { try LedgerTables(file: file) }
            let digest = try orFail { try tables.digest() }
            let statement = try orFail { try ledger.state(tables: digest.json) }
            do {
                try AtomicFile.write(
                    Array((digest.json + "\n").utf8), to: URL(filePath: out), overwriting: false)
            } catch { throw RunFailure(.cannotCreate, "\(error)") }
            try orFail { try tables.record(digest, at: out) }
            member.report(statement, "the digest of block \(digest.blockID), in \(out), is")
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify-tables",
            abstract: "Re-hash the ledger tables and compare them with digests kept elsewhere.",
            discussion: """
                Example: parley ledger verify-tables --directory bank-a --digest digest.json

                Needs no network and no secret. Exit code 80 and every finding on any damage. Rows \
                written after the newest digest are consistent at most: make digests often.
                """)

        @OptionGroup var location: Location
        @Option(name: .customLong("digest"), help: "A file with a digest or a list; repeatable.")
        var digests: [String]
        @Option(help: "Check the rows of this table only, and all blocks.")
        var table: String?

        func run() throws {
            let report: TablesReport
            do {
                report = try LedgerTables.verify(
                    file: location.url, try digests.flatMap(Self.read), table: table)
            } catch let error as LedgerError {
                throw RunFailure(.badInput, "\(error)")
            }
            for finding in report.findings { Console.print("DAMAGED \(finding)") }
            guard report.isSound else {
                throw RunFailure(
                    .ledgerDamaged,
                    "the ledger tables do not verify: "
                        + "\(report.findings.count + report.furtherFindings) findings; compare them "
                        + "with a backup")
            }
            let last = report.lastVerifiedBlockID.map { "\($0)" } ?? "none"
            Console.print(
                "\(report.transactions) transactions, \(report.operations) row operations and "
                    + "\(report.blocks) blocks verified; last_verified_block_id \(last)")
        }

        private static func read(_ path: String) throws -> [TablesDigest] {
            guard let data = try? Data(contentsOf: URL(filePath: path)) else {
                throw RunFailure(
                    .badInput, "\(path) cannot be read; write it with `parley ledger digest`")
            }
            return try TablesDigest.parse(Array(data))
        }
    }
}
