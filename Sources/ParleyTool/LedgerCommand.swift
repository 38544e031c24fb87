import ArgumentParser
import Foundation
import Ledger
import Networking
import Primitives
import Runner

/// `parley ledger`: read, verify and write a member's copy of the common ledger.
struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "Read, verify and write the ledger that all parties sign.",
        discussion: """
            Examples: parley ledger show --roster roster.json --directory bank-a
                      parley ledger verify --roster roster.json --directory bank-a
                      parley ledger post "case 4711 reported" --roster roster.json \\
                        --directory bank-a
                      parley ledger sync --roster roster.json --directory bank-a

            What a party states alone (post, put, accept, retain, erase, build, propose, vote, digest) \
            is kept in its ledger and goes into the common one with the next run, with `sync`, or at \
            once if the parties' nodes are up. `parley ledger COMMAND --help` has an example of each.
            """,
        subcommands: [
            Show.self, Verify.self, Sync.self, Post.self, Notes.self, Put.self, Get.self,
            Accept.self, Retain.self, Erase.self, Build.self, Propose.self, Vote.self,
            Policy.self, Export.self, Rebuild.self, Checkpoint.self, Prove.self, Evidence.self,
            Digest.self,
        ])

    struct Location: ParsableArguments {
        @Option(help: "The roster whose keys sign.")
        var roster: String
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

        func parties() throws -> LedgerParties { try LedgerParties(try RosterCommand.load(roster)) }

        /// The name of the member whose folder was given; nil for a copy of a ledger.
        func member() throws -> String? {
            guard let directory,
                let keys = try? PartyDirectory(URL(filePath: directory)).ledgerKeys()
            else { return nil }
            let key = keys.statement.publicKey
            return try parties().members.first { $0.statementKey == key }?.name
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the entries, oldest first.",
            discussion: """
                Examples: parley ledger show --roster roster.json --directory bank-a
                          parley ledger show --roster roster.json --file copy.sqlite --json

                Nothing is verified: see `parley ledger verify`. Own statements that are not in the \
                log yet come last.
                With --directory it also tells which contents for that member are not there.
                """)

        @OptionGroup var location: Location
        @Flag(help: "One JSON object a line instead of text.")
        var json = false

        func run() throws {
            var isEmpty = true
            do {
                let (member, erased) = (try location.member(), try self.erased())
                try LedgerRecord.read(file: location.url) { record in
                    isEmpty = false
                    Console.print(json ? try record.jsonLine() : record.summary)
                    guard !json, let member, record.recipients.contains(member),
                        record.hasContent == false,
                        !erased.contains(try record.statement.digest)
                    else { return }
                    Console.print("    its content for \(member) was not delivered: ask its author")
                }
            } catch let error as LedgerError {
                throw RunFailure(.ledgerDamaged, "\(error)")
            }
            if isEmpty { Console.error("the ledger is empty") }
        }

        private func erased() throws -> Set<Primitives.Digest> {
            var erased: Set<Primitives.Digest> = []
            try LedgerRecord.read(file: location.url) { record in
                if case .erasure(let erasure) = record.statement { erased.insert(erasure.subject) }
            }
            return erased
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Re-hash everything and check every signature.",
            discussion: """
                Examples: parley ledger verify --roster roster.json --directory bank-a
                          parley ledger verify --roster roster.json --file copy.sqlite \\
                            --checkpoint kept/*.tlog-proof --digest digest.json

                Needs no network and no secret. Exit code 80 and the entry's number on any damage. \
                Checkpoints or proofs kept elsewhere (--checkpoint) show that the file was not \
                replaced by an older copy; those in the member's folder receipts/ are checked too. \
                The report says which of the files are checkpoints and which proofs.
                """)

        @OptionGroup var location: Location
        @Option(
            parsing: .upToNextOption,
            help: "Checkpoints and .tlog-proofs kept elsewhere, which the ledger must contain.")
        var checkpoint: [String] = []
        @Option(help: "A digest of its ledger tables kept elsewhere; may be repeated.")
        var digest: [String] = []

        func run() throws {
            let digests = try digest.flatMap(LedgerCommand.digests)
            let kept = checkpoint.map { URL(filePath: $0) } + receipts
            let report = LedgerAuditor(.parties(try location.parties()))
                .audit(location.url, checkpoints: kept, digests: digests)
            for finding in report.findings { Console.print("DAMAGED \(finding)") }
            guard report.isSound else {
                throw RunFailure(
                    .ledgerDamaged,
                    "\(location.url.path) does not verify: \(counted(report.findings.count, "finding")); "
                        + "compare it with another party's copy")
            }
            Console.print(report.summary(of: location.url.path))
        }

        private var receipts: [URL] {
            guard let directory = location.directory else { return [] }
            return PartyDirectory(URL(filePath: directory)).receipts
        }
    }
}
