import ArgumentParser
import Foundation
import Ledger
import Primitives
import Runner

extension LedgerCommand {
    struct Digest: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close the open block of the ledger tables and write its digest.",
            discussion: """
                Example: parley ledger digest --out digest.json --roster roster.json \\
                           --directory bank-a

                The digest also goes into the ledger, where the others cosign it. A copy kept \
                elsewhere serves `parley ledger verify --digest`. The JSON is that of Azure SQL's \
                database ledger, the hash our own.
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Option(help: "The file to write; standard output without it.")
        var out: String?

        func run() throws {
            let ledger = try member.ledger()
            let digest = try orFail { try ledger.digestTables() }
            guard let out else { return Console.print(digest.json) }
            do {
                try AtomicFile.write(
                    Array((digest.json + "\n").utf8), to: URL(filePath: out), overwriting: false)
            } catch { throw RunFailure(.cannotCreate, "\(error)") }
            Console.print("\(out): block \(digest.blockID), \(digest.hash)")
        }
    }

    /// The digests in a file.
    static func digests(_ path: String) throws -> [TablesDigest] {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw RunFailure(
                .badInput, "\(path) cannot be read; write it with `parley ledger digest`")
        }
        do { return try TablesDigest.parse(Array(data)) } catch {
            throw RunFailure(.badInput, "\(path): \(error)")
        }
    }
}
