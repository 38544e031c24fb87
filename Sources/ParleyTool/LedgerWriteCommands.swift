import ArgumentParser
import Foundation
import Ledger
import Primitives
import Runner

extension LedgerCommand {
    struct Sync: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Bring all parties' ledgers together once; every party runs it at the same time.",
            discussion: """
                Example: parley ledger sync --roster roster.json --directory bank-a

                An empty ledger is founded. Exit code 69 if a party does not come.

                Under a policy of k of n, the others can meet without a party that is lost; every \
                one of them names it. Without the party that orders the entries, the next one brings \
                in proposals and votes about it, such as another in its place, and nothing else:
                parley ledger sync --without bank-a --roster roster.json --directory bank-b
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Option(help: "How long to wait for the others to come, in seconds.")
        var connectTimeout = 60
        @Option(help: "A party that is not there; may be repeated.")
        var without: [String] = []

        func run() throws {
            var seat = Seat(
                roster: try RosterCommand.load(member.roster),
                directory: PartyDirectory(URL(filePath: member.directory)),
                protocolChoice: .replicated3)
            seat.connectTimeout = .seconds(connectTimeout)
            let count = try ProcessGuard.monitored {
                try LedgerSynchronization(seat, without: without, monitor: $0).run()
            }
            let who = without.isEmpty ? "all" : "the other"
            Console.print("\(who) parties have the same ledger of \(counted(count, "entry"))")
        }
    }

    struct Post: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Post a note; the ledger holds a salted digest, its recipients the text.",
            discussion: """
                Example: parley ledger post "case 4711 reported" --collection reports \\
                           --to bank-b --roster roster.json --directory bank-a

                Without --to, all parties get the text. The others see that there is a note, whose \
                it is and for whom, and nothing of its text or collection.
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Argument(help: "The text, at most 8192 bytes; - reads it from standard input.")
        var text: String
        @Option(help: "A name under which notes are listed together.")
        var collection = "notes"
        @Option(help: "A party that gets the text; may be repeated. All if none is named.")
        var to: [String] = []

        func run() throws {
            let ledger = try member.ledger()
            var text = text
            if text == "-" {
                let data = try FileHandle.standardInput.read(
                    upToCount: LedgerNote.maxContentsBytes + 1)
                text = String(decoding: data ?? Data(), as: UTF8.self)
            }
            let digest = try orFail {
                try ledger.post(text, collection: collection, to: to.isEmpty ? nil : to)
            }
            member.report(digest, "the note is")
        }
    }

    struct Notes: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the notes of a collection that this party can read.",
            discussion: """
                Examples: parley ledger notes --roster roster.json --directory bank-a
                          parley ledger notes --collection reports --roster roster.json \\
                            --directory bank-a
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Option(help: "The collection; without it, the collections are listed.")
        var collection: String?

        func run() throws {
            let node = LedgerNode(try member.ledger())
            try orFail {
                guard let collection else {
                    try node.collections(after: nil, limit: 10_000).forEach(Console.print)
                    return
                }
                for note in try node.notes(in: collection, from: 0, to: nil, limit: .max) {
                    Console.print("entry \(note.index): \(note.contents)")
                }
            }
        }
    }

    struct Put: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Store a file of up to 1 GiB beside the ledger, which commits to it.",
            discussion: """
                Example: parley ledger put model.bin --to bank-b --roster roster.json \\
                           --directory bank-a

                The content stays here. Recipients learn the name and how to verify the file; give \
                them the file as you like, and they take it with `parley ledger accept`.
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Argument(help: "The file.")
        var file: String
        @Option(help: "A party that can verify it; may be repeated. All if none is named.")
        var to: [String] = []

        func run() throws {
            let ledger = try member.ledger()
            let digest = try orFail {
                try ledger.put(URL(filePath: file), to: to.isEmpty ? nil : to)
            }
            member.report(digest, "\(file) is stored, its commitment")
        }
    }

    struct Get: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a stored file out again, verified against the ledger.",
            discussion: """
                Example: parley ledger get 5c1f… --out model.bin --roster roster.json \\
                           --directory bank-a
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Argument(help: "The digest of the file's statement.")
        var digest: String
        @Option(help: "The file to write; it must not exist.")
        var out: String

        func run() throws {
            let ledger = try member.ledger()
            let name = try orFail {
                try ledger.get(try statementDigest(digest), to: URL(filePath: out))
            }
            Console.print("\(out): \(name), as it was put")
        }
    }

    struct Accept: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verify a file that came from its author, store it, acknowledge it.",
            discussion: """
                Example: parley ledger accept 5c1f… model.bin --roster roster.json \\
                           --directory bank-b
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Argument(help: "The digest of the file's statement.")
        var digest: String
        @Argument(help: "The file.")
        var file: String

        func run() throws {
            let ledger = try member.ledger()
            try orFail { try ledger.accept(try statementDigest(digest), file: URL(filePath: file)) }
            Console.print("\(file) is what its author put; the receipt is recorded")
        }
    }

    struct Retain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say until when a note's or file's content must be kept.",
            discussion: """
                Example: parley ledger retain 5c1f… --until 2031-12-31 --lock \\
                           --hold "case 4711" --roster roster.json --directory bank-a

                The newest retention counts. A locked one can only be lengthened; holds are those \
                given now, and while there is one nothing is erased.
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Argument(help: "The digest of the note's or file's statement.")
        var digest: String
        @Option(help: "The last day, as 2031-12-31 (UTC).")
        var until: String
        @Flag(help: "From now on it can only be lengthened.")
        var lock = false
        @Option(help: "A reason for which it is not erased; may be repeated.")
        var hold: [String] = []

        func run() throws {
            guard
                let day = try? Date(
                    "\(until)T23:59:59Z", strategy: .iso8601)
            else { throw RunFailure(.usage, "\(until) is no day like 2031-12-31") }
            let ledger = try member.ledger()
            let recorded = try orFail {
                try ledger.retain(
                    try statementDigest(digest), until: Int64(day.timeIntervalSince1970),
                    isLocked: lock, holds: hold)
            }
            member.report(recorded, "the retention is")
        }
    }

    struct Erase: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have a note's or file's content deleted at every party; proofs stay valid.",
            discussion: """
                Example: parley ledger erase 5c1f… --roster roster.json --directory bank-a

                Only its author can; refused while its retention lasts or there is a hold. Honest \
                parties delete text and salt when the erasure is in their ledger; what a party has \
                copied elsewhere cannot be taken back.
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Argument(help: "The digest of the note's or file's statement.")
        var digest: String

        func run() throws {
            let ledger = try member.ledger()
            let recorded = try orFail { try ledger.erase(try statementDigest(digest)) }
            member.report(recorded, "the erasure is")
        }
    }

    struct Build: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "State which program this party runs: its hash, source commit, packages.",
            discussion: """
                Example: parley ledger build --commit 3f9c2ab --package GRDB=7.10.0 \\
                           --roster roster.json --directory bank-a

                The hash is that of the running program. A quote of an attesting processor is \
                carried as it is; nobody here interprets it.
                """)

        @OptionGroup var member: LedgerMemberOptions
        @Option(help: "The source's commit.")
        var commit: String
        @Option(help: "A package as NAME=VERSION; may be repeated.")
        var package: [String] = []
        @Option(help: "A file with an attestation quote, at most 3 KiB.")
        var quote: String?

        func run() throws {
            let packages = try package.map { item in
                let parts = item.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2 else {
                    throw RunFailure(.usage, "write --package NAME=VERSION, not \(item)")
                }
                return BuildEvidence.Package(name: parts[0], version: parts[1])
            }
            let quote = try quote.map { try Data(contentsOf: URL(filePath: $0)) }
            let ledger = try member.ledger()
            let digest = try orFail {
                try ledger.stateBuild(
                    program: URL(filePath: "/proc/self/exe"), commit: commit, packages: packages,
                    quote: quote)
            }
            member.report(digest, "the build evidence is")
        }
    }
}
